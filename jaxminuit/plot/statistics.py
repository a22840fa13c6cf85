"""Distributions of a test statistic, and confidence belts."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxminuit.plot.axes import COLOURS, DATA, get_axes, vector


def draw_statistic(
    toys: Mapping[str, Any], observed: float | None = None, *, name: str = "q", bins: int = 50, ax: Any = None
) -> Any:
    """Histograms of a test statistic on a logarithmic scale, and a line at the observed value.

    Parameters
    ----------
    toys
        Values by label, each (n,).
    observed
        The value in the data. Default: none.
    name
        Of the statistic, for the axis.
    bins
        Number of bins. Default 50.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        Values that are not vectors.
    ImportError
        If matplotlib is not installed.
    """
    values = {label: vector(label, x) for label, x in toys.items()}
    ax = get_axes(ax)
    highest = max([x.max() for x in values.values() if x.size] + [0.0 if observed is None else observed, 1e-9])
    edges = np.linspace(0.0, 1.02 * highest, bins + 1)
    for k, (label, x) in enumerate(values.items()):
        colour = COLOURS[k % len(COLOURS)]
        n, _ = np.histogram(x, edges)
        density = n / max(x.size, 1) / np.diff(edges)
        ax.stairs(density, edges, color=colour, lw=1.6, label=label)
        ax.stairs(density, edges, color=colour, alpha=0.12, fill=True, lw=0)
    if observed is not None:
        ax.axvline(observed, color=DATA, lw=1.4, ls="--", label=f"data: {observed:.4g}")
    ax.set_yscale("log")
    ax.set_xlim(0.0, edges[-1])
    ax.set_xlabel(name)
    ax.set_ylabel("probability density")
    ax.legend(frameon=False)
    return ax


def draw_belt(
    grid: Any,
    low: Any,
    high: Any,
    *,
    observed: float | None = None,
    interval: Any = None,
    name: str = "parameter",
    ax: Any = None,
) -> Any:
    """A confidence belt: for every true value the accepted estimates, and the interval where the data cross it.

    Parameters
    ----------
    grid
        (m,) True values, on the vertical axis.
    low, high
        (m,) Ends of the accepted estimates.
    observed
        The estimate in the data: a vertical line. Default: none.
    interval
        Lower and upper end of the interval of the data: marked on that line. Default: none.
    name
        Of the parameter, for the axes.
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
    grid = vector("grid", grid)
    low, high = vector("low", low, grid.size), vector("high", high, grid.size)
    ax = get_axes(ax)
    ax.fill_betweenx(grid, low, high, color=COLOURS[0], alpha=0.15, lw=0)
    ax.hlines(grid, low, high, color=COLOURS[0], lw=0.9)
    ax.plot(low, grid, color=COLOURS[0], lw=1.6)
    ax.plot(high, grid, color=COLOURS[0], lw=1.6)
    if observed is not None:
        ax.axvline(observed, color=DATA, lw=1.2, ls="--")
        if interval is not None:
            ax.plot([observed] * 2, vector("interval", interval, 2), color=COLOURS[1], lw=3.5, solid_capstyle="butt")
    ax.set_xlabel(f"{name}, estimated")
    ax.set_ylabel(f"{name}, true")
    return ax


def draw_thresholds(
    grid: Any, statistic: Any, thresholds: Any, errors: Any, *, level: float | None = None, name: str, ax: Any = None
) -> Any:
    """The statistic of the data along a parameter and the thresholds below which its values are accepted.

    Parameters
    ----------
    grid
        (m,) Values of the parameter.
    statistic
        (m,) The statistic of the data there.
    thresholds, errors
        (m,) Thresholds and their errors from the number of toys: points.
    level
        The threshold for large samples: a dotted line. Default: none.
    name
        Of the parameter, for the axis.
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
    grid = vector("grid", grid)
    t, c, e = (vector(n, x, grid.size) for n, x in (("t", statistic), ("thresholds", thresholds), ("errors", errors)))
    ax = get_axes(ax)
    ax.errorbar(grid, c, yerr=e, fmt="o", ms=3, lw=1.2, color=COLOURS[1], label="threshold from toys")
    ax.plot(grid, t, color=COLOURS[0], lw=1.8, label="data")
    if level is not None:
        ax.axhline(level, color=DATA, lw=1, ls=":", label="threshold for large samples")
    top = np.nanmax(c + e)
    ax.set_ylim(0.0, 1.6 * top if np.isfinite(top) else None)
    ax.set_xlabel(name)
    ax.set_ylabel(r"$-2\,\ln\,\lambda$")
    ax.legend(frameon=False)
    return ax


def draw_distribution(x: Any, value: float, interval: Any, *, name: str = "x", ax: Any = None) -> Any:
    """Histogram of a quantity over toys, with a line at one value and a band for an interval.

    Parameters
    ----------
    x
        (n,) Values.
    value
        Where the line stands.
    interval
        Lower and upper end of the band.
    name
        Of the quantity, for the axis.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit.
    ImportError
        If matplotlib is not installed.
    """
    x, (low, high) = vector("x", x), vector("interval", interval, 2)
    ax = get_axes(ax)
    n, edges = np.histogram(x, bins=max(10, min(60, int(np.sqrt(x.size)))))
    ax.axvspan(low, high, color=COLOURS[1], alpha=0.15, lw=0, label=f"[{low:.4g}, {high:.4g}]")
    ax.stairs(n, edges, color=COLOURS[0], lw=1.6)
    ax.axvline(value, color=DATA, lw=1.2, ls="--", label=f"fit: {value:.4g}")
    ax.set_xlabel(name)
    ax.set_ylabel("toys")
    ax.legend(frameon=False)
    return ax
