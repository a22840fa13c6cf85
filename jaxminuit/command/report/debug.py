"""What SET DEBUG adds: derivatives, second derivatives, the working matrix of MIGRAD, searches for crossings."""

from jaxminuit.command.report.fortran import fixed, general, integer, scientific, text
from jaxminuit.command.report.plot import point_plot

SHOWN = 10  # elements of the working matrix
DERIVATIVES = (
    "",
    "  FIRST DERIVATIVE DEBUG PRINTOUT.  MNDERI",
    " PAR    DERIV     STEP      MINSTEP   OPTSTEP  D1-D2    2ND DRV",
)
SECOND_DERIVATIVES = (" PAR D   GSTEP           D          G2         GRD         SAG    ",)
TOO_HIGH = '          POINTS LABELLED "+" WERE TOO HIGH TO PLOT.'
AT_LIMIT = "          RIGHTMOST POINT IS UP AGAINST LIMIT."
NO_IMPROVEMENT = " LINE SEARCH FINDS NO IMPROVEMENT "
NOT_DESCENT = " NEWTON STEP NOT DESCENT."
INCREASING = "FIRST DERIVATIVES INCREASING ALONG SEARCH LINE"
NEGATIVE_CURVATURE = "Negative G2 line search"
NO_MATRIX = "NO COVARIANCE MATRIX."


def derivative(number, slope, step, least, best, change, curvature):
    """Option 2: one trial of a first derivative by differences; the internal number comes first."""
    steps = f"{general(slope, 11, 3)}{general(step, 11, 3)}{general(least, 10, 2)}{general(best, 10, 2)}"
    return [f" {integer(number, 3)}{steps}{general(change, 10, 2)}{general(curvature, 10, 2)}"]


def second_derivative(number, trial, last_step, step, curvature, slope, sag):
    """Option 3: one trial of a diagonal second derivative."""
    fields = "".join(general(value, 12, 5) for value in (last_step, step, curvature, slope, sag))
    return [f" {integer(number, 3)}{integer(trial, 2)}{fields}"]


def working_matrix(which, elements):
    """Option 4: the first ten elements of the lower triangle before (1) and after (2) an update."""
    shown = [*elements, *[0.0] * SHOWN][:SHOWN]
    return [f" VHMAT{integer(which, 2)} = {''.join(general(element, 10, 3) for element in shown)}"]


def negative_curvature(number, before, after):
    """Option 0: a step along a parameter in which the function bends downwards."""
    return [f" Negative G2 line search, param {integer(number, 3)}{general(before, 13, 3)}{general(after, 13, 3)}"]


def differs_from_best(difference):
    """Message: the value at the best point has changed."""
    return f"function value differs from AMIN by {scientific(difference, 12, 3)}"


def not_converged(slope, before):
    """Message: two trials of a first derivative disagree."""
    return f"First derivative not converged. {scientific(slope, 11, 3)}{scientific(before, 11, 3)}"


def second_difference(number, sag, aim):
    """Message: the difference that a second derivative is taken from is far from the one aimed at."""
    return f"Second Deriv. SAG,AIM={integer(number, 3)}{scientific(sag, 10, 2)}{scientific(aim, 10, 2)}"


def many_iterations(slope, before):
    """Message: a first derivative and its uncertainty do not settle."""
    return f"Too many iterations on D1.{scientific(slope, 11, 3)}{scientific(before, 11, 3)}"


def line_search(trials, why, points, width=120, length=56):
    """Option 1: a line search, its end in words and a plot of its trials."""
    return [f" AFTER{integer(trials, 3)} POINTS,{text(' ' + why, 60)}", *point_plot(points, width, length)]


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
