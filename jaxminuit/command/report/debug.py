"""What SET DEBUG adds: the searches for crossings of MINOS."""

from jaxminuit.command.report.fortran import fixed, integer
from jaxminuit.command.report.plot import point_plot

TOO_HIGH = '          POINTS LABELLED "+" WERE TOO HIGH TO PLOT.'
AT_LIMIT = "          RIGHTMOST POINT IS UP AGAINST LIMIT."


def crossing(calls, aim, value, place):
    """Option 6: one trial in the search for a crossing."""
    found = f"AIM={fixed(aim, 10, 5)}  F,A={fixed(value, 10, 5)}{fixed(place, 10, 5)}"
    return [f" MNCROS: calls={integer(calls, 8)}   {found}"]


def crossing_plot(points, aim, heading=(), *, at_limit=False, width=120, length=56):
    """Option 6: a plot of the trials of one search.

    Parameters
    ----------
    points : sequence of Point
        The trials; those higher than ``aim`` + 1 are drawn there as plus signs.
    aim : float
        The value of the FCN that is looked for.
    heading : sequence of str
        Lines above, such as those of ``side``.
    at_limit : bool, default False
        Whether the search was stopped by a limit.
    """
    top = aim + 1.0
    lines = [*heading]
    if any(point.y > top for point in points):
        lines.append(TOO_HIGH)
    if at_limit:
        lines.append(AT_LIMIT)
    lowered = [point if point.y <= top else point._replace(y=top, character="+") for point in points]
    return [*lines, *point_plot(lowered, width, length)]


def side(side_, number):
    """Option 6: whose Minos error the plot is about; ``"POSITIVE"`` or ``"NEGATIVE"``."""
    return [f"  {side_} MINOS ERROR, PARAMETER{integer(number, 4)}"]
