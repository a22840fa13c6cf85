"""The function along one parameter."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaxminuit.plot.axes import COLOURS, DATA, get_axes, vector


def draw_profile(
    x: Any,
    values: Any,
    *,
    value: float | None = None,
    interval: ArrayLike | None = None,
    fval: float | None = None,
    errordef: float | None = None,
    valid: Any = None,
    name: str | None = None,
    ax: Any = None,
) -> Any:
    """A scan or profile of the function as a line, with the best value, its error interval and the height of errordef.

    Parameters
    ----------
    x, values
        (n,) Parameter and function (minimised over the others, or not).
    value
        The best value: a vertical line. Default: none.
    interval
        Negative and positive error of it: a band. Default: none.
    fval
        Function at the minimum; the height of `errordef` counts from it. Default: the smallest of `values`.
    errordef
        UP: a horizontal line this far above the minimum. Default: none.
    valid
        (n,) Which points were found; the others are marked with a cross. Default: all.
    name
        Name of the parameter for the axis, and for the title if there are value and interval.
    ax
        matplotlib Axes. Default: the current ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit together, or an interval is given without a value.
    ImportError
        If matplotlib is not installed.
    """
    x = vector("x", x)
    values = vector("values", values, x.size)
    valid = np.ones(x.size, bool) if valid is None else vector("valid", valid, x.size).astype(bool)
    if interval is not None and value is None:
        raise ValueError("an interval is drawn around the best value, but no value was given")
    ax = get_axes(ax)
    if interval is not None:
        low, up = vector("interval", interval, 2)
        ax.axvspan(value + low, value + up, color=COLOURS[0], alpha=0.15, lw=0)
        if name is not None:
            ax.set_title(f"{name} = {value:.4g} {low:+.2g} {up:+.2g}", fontsize="medium")
    if value is not None:
        ax.axvline(value, color=DATA, lw=1, ls="--")
    if errordef is not None:
        base = np.nanmin(values) if fval is None else fval
        ax.axhline(base + errordef, color=COLOURS[1], lw=1, ls=":")
    ax.plot(x, np.where(valid, values, np.nan), color=COLOURS[0], lw=1.8)
    if not np.all(valid):
        ax.plot(x[~valid], values[~valid], "x", color=COLOURS[1], label="not converged")
    if name is not None:
        ax.set_xlabel(name)
    ax.set_ylabel("FCN")
    return ax
