"""Data and the fitted curve: points with errors, or a histogram."""

from typing import Any

import numpy as np

from jaxminuit.plot.axes import COLOURS, DATA, errors, get_axes, vector


def draw_points(
    x: Any, y: Any, yerr: Any = None, *, xerr: Any = None, label: str | None = "data", ax: Any = None
) -> Any:
    """Data points with error bars.

    Parameters
    ----------
    x, y
        (n,) Positions and values.
    yerr, xerr
        Errors: a number, (n,), or (2, n) for lower and upper ones. Default: none.
    label
        Entry of the legend.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    ImportError
        If matplotlib is not installed.
    """
    x = vector("x", x)
    y = vector("y", y, x.size)
    yerr = None if yerr is None else errors("yerr", yerr, x.size)
    xerr = None if xerr is None else errors("xerr", xerr, x.size)
    ax = get_axes(ax)
    ax.errorbar(x, y, yerr, xerr, fmt="o", ms=4, lw=1, capsize=0, color=DATA, label=label, zorder=3)
    return ax


def draw_curve(
    x: Any, y: Any, *, band: Any = None, label: str | None = "fit", colour: str = COLOURS[0], ax: Any = None
) -> Any:
    """A fitted curve, with its one-sigma band if its errors are given.

    Parameters
    ----------
    x, y
        (n,) Points of the curve.
    band
        Error of the curve: a number, (n,) or (2, n) for down and up. Default: no band.
    label, colour
        Entry of the legend and colour.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    ImportError
        If matplotlib is not installed.
    """
    x = vector("x", x)
    y = vector("y", y, x.size)
    band = None if band is None else np.broadcast_to(errors("band", band, x.size), (2, x.size))
    ax = get_axes(ax)
    if band is not None:
        ax.fill_between(x, y - band[0], y + band[1], color=colour, alpha=0.2, lw=0, zorder=1)
    ax.plot(x, y, color=colour, lw=1.8, label=label, zorder=2)
    return ax


def draw_histogram(
    counts: Any,
    edges: Any,
    prediction: Any = None,
    *,
    error: Any = None,
    band: Any = None,
    label: str | None = "data",
    ax: Any = None,
) -> Any:
    """A histogram as points with errors, and the fitted content of its bins as steps.

    Parameters
    ----------
    counts
        (n,) Contents of the bins.
    edges
        (n + 1,) Edges of the bins, ascending.
    prediction
        (n,) Fitted contents. Default: not drawn.
    error
        Errors of the contents, a number, (n,) or (2, n). Default: the square root of the counts.
    band
        Error of the fitted contents, a number, (n,) or (2, n), drawn as boxes. Default: none.
    label
        Entry of the legend for the data.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit together, the edges do not ascend, or there is a band without a prediction.
    ImportError
        If matplotlib is not installed.
    """
    counts = vector("counts", counts)
    edges = vector("edges", edges, counts.size + 1)
    if not np.all(np.diff(edges) > 0):
        raise ValueError(f"edges must ascend, but they are {edges}")
    prediction = None if prediction is None else vector("prediction", prediction, counts.size)
    if band is not None:
        if prediction is None:
            raise ValueError("a band is drawn around the prediction, but no prediction was given")
        band = np.broadcast_to(errors("band", band, counts.size), (2, counts.size))
    error = np.sqrt(np.abs(counts)) if error is None else errors("error", error, counts.size)
    ax = get_axes(ax)
    centres = 0.5 * (edges[1:] + edges[:-1])
    draw_points(centres, counts, error, xerr=0.5 * np.diff(edges), label=label, ax=ax)
    if band is not None:
        low, up = prediction - band[0], prediction + band[1]
        ax.stairs(up, edges, baseline=low, fill=True, color=COLOURS[0], alpha=0.3, lw=0, zorder=1)
    if prediction is not None:
        ax.stairs(prediction, edges, color=COLOURS[0], lw=1.8, label="fit", zorder=2)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]) if np.any(counts < 0) else 0.0)
    return ax
