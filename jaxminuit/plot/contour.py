"""Confidence regions of two parameters: contour points, or the function on a grid."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaxminuit.plot.axes import COLOURS, DATA, get_axes, vector


def draw_contour(
    points: Any,
    *,
    minimum: ArrayLike | None = None,
    errors: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    label: str | None = None,
    colour: str = COLOURS[0],
    ax: Any = None,
) -> Any:
    """One contour as a closed line, with the minimum and its one-sigma cross.

    Parameters
    ----------
    points
        (n, 2) Points in order around the contour, whether or not the first one is repeated at the end. Rows with NaN
        (points that were not found) interrupt the line.
    minimum
        The two values at the minimum. Default: not drawn.
    errors
        Two errors, drawn as the arms of a cross through the minimum, or (2, 2) lower and upper ones of each.
    names
        Names of the two parameters for the axes.
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
        If `points` is not (n, 2), or errors are given without a minimum.
    ImportError
        If matplotlib is not installed.
    """
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"points must have the shape (n, 2), not {points.shape}")
    cross = _cross(minimum, errors)
    ax = get_axes(ax)
    closed = np.vstack([points, points[:1]])
    ax.plot(closed[:, 0], closed[:, 1], color=colour, lw=1.8, label=label, zorder=2)
    return _finish(ax, cross, names)


def draw_grid(
    x: Any,
    y: Any,
    values: Any,
    *,
    fval: float | None = None,
    errordef: float = 1.0,
    sigmas: Sequence[float] = (1.0, 2.0, 3.0),
    minimum: ArrayLike | None = None,
    errors: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    ax: Any = None,
) -> Any:
    """Lines on which the function is n^2 errordef above its minimum, from its values on a grid.

    Parameters
    ----------
    x, y
        (nx,) and (ny,) Values of the two parameters.
    values
        (nx, ny) Function: ``values[i, j]`` at ``x[i], y[j]``. NaN is left out.
    fval
        Function at the minimum. Default: the smallest of the grid.
    errordef
        UP. Default: 1.
    sigmas
        The n of the lines, ascending.
    minimum, errors, names, ax
        As in `draw_contour`.

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
    x, y, values = vector("x", x), vector("y", y), np.asarray(values, dtype=float)
    if values.shape != (x.size, y.size):
        raise ValueError(f"values must have the shape {(x.size, y.size)}, not {values.shape}")
    cross = _cross(minimum, errors)
    ax = get_axes(ax)
    fval = np.nanmin(values) if fval is None else fval
    rise = np.ma.masked_invalid((values - fval) / errordef).T
    levels = [n**2 for n in sigmas]
    drawn = ax.contour(x, y, rise, levels=levels, colors=[COLOURS[k % len(COLOURS)] for k in range(len(levels))])
    ax.clabel(drawn, fmt={level: rf"{n:g}$\sigma$" for level, n in zip(levels, sigmas, strict=True)}, fontsize=8)
    return _finish(ax, cross, names)


def _cross(minimum: Any, errors: Any) -> tuple[np.ndarray, np.ndarray | None] | None:
    """Centre and arms ((2, 2): parameter, then down and up) of the cross."""
    if minimum is None:
        if errors is not None:
            raise ValueError("errors are drawn through the minimum, but no minimum was given")
        return None
    centre = vector("minimum", minimum, 2)
    if errors is None:
        return centre, None
    arms = np.abs(np.asarray(errors, dtype=float))
    if arms.shape not in ((2,), (2, 2)):
        raise ValueError(f"errors must be two numbers or have the shape (2, 2), not {arms.shape}")
    return centre, np.stack([arms, arms], axis=1) if arms.ndim == 1 else arms


def _finish(ax: Any, cross: tuple[np.ndarray, np.ndarray | None] | None, names: Sequence[str] | None) -> Any:
    if cross is not None:
        centre, arms = cross
        bars = {} if arms is None else {"xerr": arms[0][:, None], "yerr": arms[1][:, None]}
        ax.errorbar(*centre, **bars, fmt="+", ms=8, mew=1.4, lw=1, capsize=2, color=DATA, zorder=3)
    if names is not None:
        ax.set_xlabel(names[0])
        ax.set_ylabel(names[1])
    return ax
