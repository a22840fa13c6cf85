"""The ranking of parameters by their impact on another one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxminuit.plot.axes import COLOURS, DATA, get_axes, vector


def draw_impacts(
    names: Sequence[str], impacts: Any, *, pulls: Any = None, poi: str = "parameter", axes: Any = None
) -> Any:
    """Rows of parameters: bars of what moving each down and up does to `poi`; to the left, their pulls.

    Parameters
    ----------
    names
        (m,) From the top.
    impacts
        (m, 2) Changes with the parameter moved down and up.
    pulls
        Pulls (m,) and constraints (m,): errors after the fit over those before. Default: none.
    poi
        Name of the parameter of interest, for the axis.
    axes
        matplotlib Axes for the impacts, or a pair for pulls and impacts. Default: new ones in the current figure, which
        is emptied.

    Returns
    -------
    matplotlib.axes.Axes or a pair of them

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    ImportError
        If matplotlib is not installed.
    """
    impacts = np.asarray(impacts, float)
    if impacts.shape != (len(names), 2):
        raise ValueError(f"impacts must have the shape ({len(names)}, 2), not {impacts.shape}")
    if axes is None:
        axes = _panels(len(names), pulls is not None)
    left, right = axes if isinstance(axes, Sequence | np.ndarray) else (None, axes)
    rows = -np.arange(len(names))
    for side, (label, colour) in enumerate((("moved down", COLOURS[1]), ("moved up", COLOURS[0]))):
        right.barh(rows, impacts[:, side], height=0.7, color=colour, alpha=0.75, label=label)
    right.axvline(0.0, color=DATA, lw=1)
    largest = np.nanmax(np.abs(impacts), initial=0.0)
    right.set_xlim(np.array([-1.15, 1.15]) * (largest if largest > 0 else 1.0))
    right.set_xlabel(rf"$\Delta$ {poi}")
    right.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)
    if left is not None and pulls is not None:
        values, constraints = (
            vector(name, x, len(names)) for name, x in zip(("pulls", "constraints"), pulls, strict=True)
        )
        left.axvspan(-1.0, 1.0, color=DATA, alpha=0.08, lw=0)
        left.axvline(0.0, color=DATA, lw=1)
        left.errorbar(values, rows, xerr=constraints, fmt="o", ms=4, lw=1.4, color=DATA)
        reach = max(1.5, 1.15 * np.nanmax(np.abs(values) + constraints, initial=0.0))
        left.set_xlim(-reach, reach)
        left.set_xlabel("pull")
        right.tick_params(labelleft=False)
    for ax in (right,) if left is None else (left, right):
        ax.set_ylim(0.6 - len(names), 0.6)
        ax.set_yticks(rows, list(names) if ax is left or left is None else [])
    return right if left is None else (left, right)


def _panels(rows: int, pulls: bool) -> Any:
    """New Axes in the current figure, as high as the rows need."""
    figure = get_axes().figure
    figure.clear()
    figure.set_figheight(1.2 + 0.28 * max(rows, 4))
    figure.set_layout_engine("constrained")
    return figure.subplots(1, 2, width_ratios=(1, 2)) if pulls else figure.subplots()
