"""What MINOS, MNCONTOUR and SCAN print around their tables and plots."""

from jaxminuit.command.report.fortran import general, integer, scientific, text

NO_ERRORS = (" THERE ARE NO MINOS ERRORS TO CALCULATE.",)
NONE_VALID = ("       THERE ARE NO MINOS ERRORS CURRENTLY VALID.",)
INVALID_PARAMETERS = (" INVALID PARAMETER NUMBERS.",)
TOO_FEW_POINTS = (" LESS THAN FOUR POINTS REQUESTED.",)
NO_FOUR_POINTS = (" MNCONT UNABLE TO FIND FOUR POINTS.",)
NEW_MINIMUM = (
    "",
    " NEW MINIMUM FOUND.  GO BACK TO MINIMIZATION STEP.",
    " " + "=" * 60,
    *[" " * 60 + "V"] * 3,
    " " * 57 + "VVVVVVV",
    " " * 58 + "VVVVV",
    " " * 59 + "VVV",
    " " * 60 + "V",
    "",
    "",
)


def not_variable(number):
    """MINOS was asked for a parameter that is not variable."""
    return [f" PARAMETER NUMBER {integer(number, 5)} NOT VARIABLE. IGNORED."]


def search_begins(side, number, name):
    """Print level 2: the search for one end (``side`` is ``"POSITIVE"`` or ``"NEGATIVE"``) begins."""
    return ["", f" DETERMINATION OF {side} MINOS ERROR FOR PARAMETER{integer(number, 3)}  {text(name, 10)}"]


def parameter_set(number, value, change):
    """Print level 2: the parameter was moved by its first step."""
    moved = f"{scientific(value, 11, 3)} + {scientific(change, 10, 3)} = {scientific(value + change, 12, 3)}"
    return ["", f" PARAMETER{integer(number, 4)} SET TO{moved}"]


def end_found(side, number, name, error):
    """Print level 2: the error, and a line of stars."""
    found = f"         THE {side} MINOS ERROR OF PARAMETER{integer(number, 3)} ,{text(name, 10)}"
    return ["", f"{found}, IS{scientific(error, 12, 4)}", " " * 5 + "*" * 74]


def beyond_limit(side, number, name):
    """Print level 1: the error ends beyond a limit."""
    found = f"     THE {side} MINOS ERROR OF PARAMETER{integer(number, 3)}, {text(name, 10)}"
    return [f"{found}, EXCEEDS ITS LIMIT.", ""]


def not_calculated(side, number):
    """Print level 1: no error was found."""
    return [f"{' ' * 25}{side} MINOS ERROR NOT CALCULATED FOR PARAMETER{integer(number, 4)}", ""]


def contour_begins(points, parameters, others):
    """Print level 0: MNCONTOUR begins.

    Parameters
    ----------
    points : int
        Points that are wanted.
    parameters : int
        Number of variable parameters.
    others : sequence of (number, name)
        Those that are minimised at every point; printed when there is one.
    """
    lines = [f" START MNCONTOUR CALCULATION OF{integer(points, 4)} POINTS ON CONTOUR."]
    if parameters == 3:
        number, name = others[0]
        what = f"PARAMETER {integer(number, 3)}  {text(name, 10)}"
    elif parameters > 3:
        what = f"THE OTHER{integer(parameters - 2, 3)} VARIABLE PARAMETERS."
    else:
        return lines
    return [*lines, f" EACH POINT IS A MINIMUM WITH RESPECT TO {what}"]


def contour_axes(horizontal, vertical):
    """The lines above and below the plot of MNCONTOUR; each axis is (number, name)."""
    above = f" Y-AXIS: PARAMETER {integer(vertical[0], 3)}  {text(vertical[1], 10)}"
    below = f"{' ' * 25}X-AXIS: PARAMETER {integer(horizontal[0], 3)}  {text(horizontal[1], 10)}"
    return above, below


def contour_points(xs, ys, names, fmin, up):
    """Print level 1: the coordinates of the points, in two columns that run down."""
    total = len(xs)
    titles = f"{text(names[0], 10)}   {text(names[1], 10)}"
    begin = f"{integer(total, 5)} POINTS ON CONTOUR.   FMIN={general(fmin, 13, 5)}   ERRDEF={general(up, 11, 3)}"
    lines = ["", begin, " " * 9 + titles + " " * 18 + titles]
    entries = [
        f"{integer(i, 5)}{general(x, 13, 5)}{general(y, 13, 5)}" for i, (x, y) in enumerate(zip(xs, ys, strict=True), 1)
    ]
    half = (total + 1) // 2
    for i in range(half):
        right = " " * 10 + entries[half + i] if half + i < total else ""
        lines.append(" " + entries[i] + right)
    return lines


def next_point_lost(points):
    """MNCONTOUR stops early with so many points."""
    return [f" MNCONT CANNOT FIND NEXT POINT ON CONTOUR.  ONLY {integer(points, 3)} POINTS FOUND."]


def scan_heading(number, name, page_throw=1):
    """The line above the plot of a scan, with the page-throw code in its first column."""
    return [f"{integer(page_throw, 1)}SCAN OF PARAMETER NO.{integer(number, 3)},  {text(name, 10)}"]


def scan_not_variable(number):
    """SCAN was asked for a parameter that is not variable."""
    return [f" PARAMETER{integer(number, 4)} NOT VARIABLE."]


def scan_outside_limits(number):
    """The range that SCAN was asked for lies outside the limits."""
    return [f" REQUESTED RANGE OUTSIDE LIMITS FOR PARAMETER{integer(number, 4)}", ""]
