"""Pulls of named quantities, one below the other."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxminuit.plot.axes import COLOURS, DATA, get_axes, vector


def draw_pulls(names: Sequence[str], pulls: Any, *, error: Any = 1.0, ax: Any = None) -> Any:
    """One row for each quantity: its pull as a point with an error bar, and lines at 0 and at one standard deviation.

    Parameters
    ----------
    names
        Names of the rows, from the top.
    pulls
        (n,) Deviations in standard deviations.
    error
        Length of the bars, a number or (n,). Default: 1.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is not one name for each pull.
    ImportError
        If matplotlib is not installed.
    """
    pulls = vector("pulls", pulls, len(names))
    error = np.broadcast_to(np.asarray(error, float), pulls.shape)
    ax = get_axes(ax)
    rows = -np.arange(len(names))
    ax.axvspan(-1.0, 1.0, color=COLOURS[0], alpha=0.1, lw=0)
    ax.axvline(0.0, color=DATA, lw=1)
    ax.errorbar(pulls, rows, xerr=error, fmt="o", ms=4, lw=1.4, color=COLOURS[0], zorder=3)
    finite = np.abs(pulls[np.isfinite(pulls)])
    reach = (finite.max() if finite.size else 0.0) + 1.1
    ax.set_xlim(-reach, reach)
    ax.set_ylim(0.5 - len(names), 0.5)
    ax.set_yticks(rows, list(names))
    ax.set_xlabel("pull")
    return ax
