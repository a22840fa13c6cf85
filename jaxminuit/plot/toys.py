"""Pulls of many toys as histograms beside the unit Gaussian."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxminuit.plot.axes import COLOURS, get_panels, vector
from jaxminuit.plot.fit import draw_curve, draw_points

REACH = 5.0


def draw_pull_histogram(pulls: Any, *, name: str = "", note: str = "", bins: int | None = None, ax: Any = None) -> Any:
    """The pulls of one parameter as a histogram, and the unit Gaussian with as many entries.

    Parameters
    ----------
    pulls
        (toys,) Those that are not finite are left out.
    name
        Name of the parameter, for the axis.
    note
        A text in the upper left corner. How many pulls lie beyond +-5 is added to it.
    bins
        Number of bins between -5 and 5. Default: from 10 to 50, as the number of toys allows.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the pulls are not a vector, or the number of bins is not positive.
    ImportError
        If matplotlib is not installed.
    """
    pulls = vector("pulls", pulls)
    pulls = pulls[np.isfinite(pulls)]
    if bins is None:
        bins = 2 * int(np.clip(2.0 * pulls.size ** (1.0 / 3.0), 5, 25))
    if bins < 1:
        raise ValueError(f"the number of bins must be positive, but it is {bins}")
    counts, edges = np.histogram(pulls, bins, (-REACH, REACH))
    width = edges[1] - edges[0]
    centres, filled = 0.5 * (edges[1:] + edges[:-1]), counts > 0
    ax = draw_points(centres[filled], counts[filled], np.sqrt(counts[filled]), xerr=0.5 * width, label="toys", ax=ax)
    x = np.linspace(-REACH, REACH, 201)
    gauss = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)
    draw_curve(x, pulls.size * width * gauss, label="unit Gaussian", colour=COLOURS[0], ax=ax)
    outside = pulls.size - counts.sum()
    note = "\n".join(part for part in (note, f"{outside} beyond 5" if outside else "") if part)
    ax.text(0.03, 0.97, note, transform=ax.transAxes, va="top", fontsize="small")
    ax.legend(loc="upper right", fontsize="small", frameon=False)
    ax.set_xlim(-REACH, REACH)
    ax.set_ylim(0.0, 1.35 * max(pulls.size * width * gauss.max(), np.max(counts + np.sqrt(counts))) + 1e-9)
    ax.set_xlabel(f"pull of {name}" if name else "pull")
    ax.set_ylabel("toys")
    return ax


def draw_pull_histograms(names: Sequence[str], pulls: Any, notes: Sequence[str], *, ax: Any = None) -> list[Any]:
    """One panel for each parameter; `pulls` is (toys, n). `ax`: Axes or a sequence of n of them; default: new ones."""
    panels = get_panels(len(names)) if ax is None else list(np.ravel(ax))
    if len(panels) != len(names):
        raise ValueError(f"there are {len(names)} parameters to draw, but ax holds {len(panels)} Axes")
    pulls = np.asarray(pulls, float)
    return [draw_pull_histogram(pulls[:, i], name=name, note=notes[i], ax=panels[i]) for i, name in enumerate(names)]
