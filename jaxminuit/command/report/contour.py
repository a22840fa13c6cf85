"""The line-printer map that CONTOUR draws."""

from typing import NamedTuple

import numpy as np

from jaxminuit.command.report.fortran import general, integer, text

SYMBOLS = "0123456789ABCDEFGHIJ"
INVALID = (" INVALID PARAMETER NUMBER(S) REQUESTED.  IGNORED.", "")
DEFAULT_GRID, LEAST_GRID, MOST_COLUMNS = 25, 11, 114
FIRST_LEVEL = float(np.float32(0.01))  # of UP, above the minimum: where contour 0 is drawn


class Map(NamedTuple):
    """The grid of a map: the FCN is wanted at all pairs of ``x`` (nx + 1,) and ``y`` (ny + 1,), y from the top down."""

    x: np.ndarray
    y: np.ndarray
    ends: tuple[float, float]  # of x


def map_grid(values, errors, limits=(None, None), devs=0.0, ngrid=0, width=120, length=56):
    """The grid that CONTOUR evaluates.

    Parameters
    ----------
    values, errors : (2,) floats
        Values and errors of the two parameters; an error that is not a positive number counts as 1.
    limits : pair of (lower, upper) or None
        Their limits, at which the grid ends.
    devs : float, default 0
        Half size of the map in errors; 2 unless positive.
    ngrid : int, default 0
        Rows and columns; unless positive 25, or what fits the page.
    width, length : int, default 120 and 56
        Page size.
    """
    devs = devs if devs > 0 else 2.0
    columns, rows = (ngrid, ngrid) if ngrid > 0 else (min(width - 15, DEFAULT_GRID), min(length - 7, DEFAULT_GRID))
    columns, rows = min(max(columns, LEAST_GRID), MOST_COLUMNS), max(rows, LEAST_GRID)
    ends = []
    for value, error, bounds in zip(values, errors, limits, strict=True):
        lower, upper = bounds if bounds is not None else (-np.inf, np.inf)
        error = error if 0 < error < np.inf else 1.0
        ends.append((max(value - devs * error, lower), min(value + devs * error, upper)))
    (left, right), (bottom, top) = ends
    x = left + np.arange(columns + 1) * ((right - left) / columns)
    y = np.subtract.accumulate([top, *[(top - bottom) / rows] * rows])  # so that rounding is that of the original
    return Map(x, y, (left, right))


def contour_map(grid, heights, parameters, values, fmin, up):
    """The map.

    Parameters
    ----------
    grid : Map
        From ``map_grid``.
    heights : (ny + 1, nx + 1) array
        The FCN on the grid, first row at ``grid.y[0]``.
    parameters : pair of (number, name)
        Of the horizontal and of the vertical axis.
    values : (2,) floats
        Current values of the two parameters.
    fmin, up : float
        Best value of the FCN, and the error definition: contour I is drawn at fmin + up * I**2.
    """
    (x_number, x_name), (y_number, y_name) = parameters
    columns, rows = len(grid.x) - 1, len(grid.y) - 1
    left, right = grid.ends
    # an error can be too small to be seen beside the value
    place = (values[0] - left) * columns / (right - left) if right > left else 0.0
    middle = min(max(int(place) + 1, 1), columns) if np.isfinite(place) else 1
    zero = _zero_column(grid.x)
    lines = [f" Y-AXIS: PARAMETER {integer(y_number, 3)}: {text(y_name, 10)}"]
    if zero:
        lines.append(" " * (12 + zero) + "X=0")
    background = [_background(grid.y[i], grid.y[i + 1], values[1], columns, middle, zero) for i in range(rows)]
    drawn = _symbols(np.asarray(heights), fmin, up)
    for i in range(rows):
        line = "".join(symbol or blank for symbol, blank in zip(drawn[i], background[i], strict=True))
        lines.append(f" {general(0.5 * (grid.y[i] + grid.y[i + 1]), 12, 4)} {line}")
    lines += _scale(left, right, values[0], columns, middle)
    step = general((right - left) / columns, 12, 4)
    lines.append(f"       X-AXIS: PARAMETER{integer(x_number, 3)}: {text(x_name, 10)}  ONE COLUMN={step}")
    lines.append(f" FUNCTION VALUES: F(I)={general(fmin, 12, 4)} +{general(up, 12, 4)} *I**2")
    return lines


def _zero_column(x):
    """The column, counted from 1, within which x passes zero upwards; 0 if none does."""
    crossings = np.flatnonzero((x[:-1] < 0) & (x[1:] > 0))
    return int(crossings[-1]) + 1 if crossings.size else 0


def _background(above, below, y, columns, middle, zero):
    """What shows where no contour is drawn: the lines through the current point, the axes."""
    line = [" "] * columns
    line[middle - 1] = "*"
    if zero:
        line[zero - 1] = ":"
    if above > y > below:
        line = ["*"] * columns
    if above > 0 > below:
        line = ["-"] * columns
        if zero:
            line[zero - 1] = "+"
    return line


def _symbols(heights, fmin, up):
    """(ny, nx) characters: the lowest contour that crosses each cell, or an empty string."""
    levels = fmin + up * np.arange(len(SYMBOLS)) ** 2.0
    levels[0] += FIRST_LEVEL * up
    corners = np.stack([heights[:-1, :-1], heights[:-1, 1:], heights[1:, :-1], heights[1:, 1:]])
    low, high = corners.min(axis=0), corners.max(axis=0)
    lowest = np.searchsorted(levels, low, side="right")
    crossed = (lowest < len(levels)) & (levels[np.minimum(lowest, len(levels) - 1)] < high)
    return np.where(crossed, np.array([*SYMBOLS, ""])[lowest], "")


def _scale(left, right, x, columns, middle):
    """The marks below the map and the values of x there."""
    marks = [" "] * columns
    for place in (1, middle, columns):
        marks[place - 1] = "I"
    ends, centre = (general(left, 12, 4), general(right, 12, 4)), general(x, 12, 4)
    lines = [" " * 14 + "".join(marks)]
    if columns <= 26:
        gap = max(columns - 12, 2)
        return [*lines, " " * 8 + ends[0] + " " * gap + ends[1], " " * (14 + gap // 2) + centre]
    gap = max(columns - 24, 2) // 2
    after = gap - 6 if gap > 10 else gap
    return [*lines, " " * 8 + ends[0] + " " * gap + centre + " " * after + ends[1]]
