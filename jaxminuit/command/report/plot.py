"""Line-printer plots of points: scans, MNCONTOUR, searches."""

from jaxminuit.command.report.axis import HUGE, above, round_axis
from jaxminuit.command.report.fortran import general

LARGEST, SMALLEST = 100, 10  # columns and rows
LEGEND = "   Overprint character is &"


def point_plot(points, width=120, length=56):
    """A plot of points.

    Parameters
    ----------
    points : sequence of Point
        If the first has a blank character, a dotted cross goes through it; else through the middle of the picture.
        Points that are not finite (or beyond 1e290) are left out.
    width, length : int, default 120 and 56
        Page size in columns and lines.

    Returns
    -------
    list[str]
        Its lines; none for fewer than two points.
    """
    points = [point for point in points if abs(point.x) < HUGE and abs(point.y) < HUGE]
    if len(points) <= 1:
        return []
    first, points = points[0], _by_falling_height(points)
    across = _axis([p.x for p in points], max(min(width - 20, LARGEST), SMALLEST))
    up = _axis([p.y for p in points], max(length, SMALLEST), widened=True)
    origin = first if first.character == " " else None
    cross_x = origin.x if origin else 0.5 * (across.high + across.low)
    cross_y = origin.y if origin else 0.5 * (up.high + up.low)

    per_x, per_y = 1.0 / across.width, 1.0 / up.width
    begin_x, begin_y = 2.0 - per_x * across.low, -per_y * up.low - 2.0

    def column(x):  # counted from 1, the frame included
        return int(per_x * x + begin_x)

    def row(y):
        return int(up.bins - per_y * y - begin_y)

    canvas = _frame(up.bins + 2, across.bins + 2, row(cross_y), column(cross_x))
    overprinted = _draw(canvas, points, row, column)
    return [*_rows(canvas, up), *_foot(across, overprinted)]


def _by_falling_height(points):
    """By decreasing y; points of one height change places as the exchange sort of the original lets them."""
    points = list(points)
    for unsorted in range(len(points) - 1, 0, -1):
        moved = False
        for j in range(unsorted):
            if points[j].y <= points[j + 1].y:
                points[j], points[j + 1] = points[j + 1], points[j]
                moved = True
        if not moved:
            break
    return points


def _axis(values, bins, *, widened=False):
    """Bins that cover the values and a thousandth of their range on either side."""
    low, high = min(values), max(values)
    if widened and low == high:
        high = above(low)
    margin = 0.001 * (high - low)
    return round_axis(low - margin, high + margin, bins)


def _frame(rows, columns, cross_row, cross_column):
    """Blanks within a dotted border and a dotted cross."""
    canvas = [[" "] * columns for _ in range(rows)]
    for number, line in enumerate(canvas, 1):
        for column in (1, columns, cross_column):
            if 1 <= column <= columns:
                line[column - 1] = "."
        if number in (1, cross_row, rows):
            line[:] = "." * columns
    return canvas


def _draw(canvas, points, row, column):
    """Put the characters of the points on the canvas; whether different ones met (their place gets ``&``)."""
    overprinted = False
    for point in points:
        number, place = max(row(point.y), 1), column(point.x) - 1
        if number > len(canvas) or not 0 <= place < len(canvas[0]):
            continue
        line = canvas[number - 1]
        if line[place] in (".", " "):
            line[place] = point.character
        elif line[place] != point.character:
            line[place] = "&"
            overprinted = True
    return overprinted


def _rows(canvas, up):
    """Every second row, and the last, has the height of its upper edge before it."""
    lines = []
    for number, line in enumerate(canvas):
        labelled = number % 2 == 0 or number == len(canvas) - 1
        label = f" {general(up.high - number * up.width, 14, 7)} .." if labelled else " " * 18
        lines.append(label + "".join(line))
    return lines


def _foot(across, overprinted):
    """Ticks every ten columns, their values, the width of a column."""
    columns = across.bins + 2
    ticks = "".join("/" if place % 10 == 0 else " " for place in range(columns))
    values = [general(across.low + 10.0 * tick * across.width, 10, 4) for tick in range(min((columns + 9) // 10, 12))]
    legend = (LEGEND if overprinted else "").ljust(30)
    return [
        " " * 18 + ticks,
        " " * 12 + "".join(values),
        " " * 25 + "ONE COLUMN=" + general(across.width, 13, 7) + legend,
    ]
