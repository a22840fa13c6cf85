"""Parameter definitions, and what FIX, RELEASE, RESTORE, SET PARAMETER and SET LIMITS say."""

from jaxminuit.command.report.fortran import general, integer, text

HEADER = ("", " PARAMETER DEFINITIONS:", "    NO.   NAME         VALUE      STEP SIZE      LIMITS")
ERROR = (" ERROR IN PARAMETER DEFINITION",)
TRY_AGAIN = (" FORMAT ERROR.  IGNORED.  ENTER AGAIN.",)
LIMITS_EQUAL = ("", " USER ERROR IN MINUIT PARAMETER DEFINITION", " UPPER AND LOWER LIMITS EQUAL.", "")
UNDEFINED = (" UNDEFINED PARAMETER NUMBER.  IGNORED.", "")
NONE_FIXED = (" CALL TO MNFREE IGNORED.  THERE ARE NO FIXED PARAMETERS", "")
NOT_FIXED_WORDS = {
    "undefined": " IS UNDEFINED.     IGNORED.",
    "constant": " IS CONSTANT.      IGNORED.",
    "fixed": " ALREADY FIXED.    IGNORED.",
    "variable": " ALREADY VARIABLE. IGNORED.",
}


def definition(row):
    """Print level 0: one definition; the error of the row is its step."""
    line = f" {integer(row.number, 5)} '{text(row.name, 10)}' {general(row.value, 13, 5)}"
    if row.kind == "constant":
        return [line + "  constant"]
    line += general(row.error, 13, 5)
    if row.limits is None:
        return [line + "     no limits"]
    lower, upper = row.limits
    return [f"{line}  {general(lower, 13, 5)}{general(upper, 13, 5)}"]


def number_out_of_range(number, highest):
    """A parameter number outside 1 to ``highest``."""
    return [
        "",
        f" MINUIT USER ERROR.  PARAMETER NUMBER IS{integer(number, 11)}",
        f",  ALLOWED RANGE IS ONE TO{integer(highest, 4)}",
        "",
    ]


def too_many_variable(most):
    """More variable parameters than there is room for."""
    return [
        "",
        " MINUIT USER ERROR.   TOO MANY VARIABLE PARAMETERS.",
        f" THIS VERSION OF MINUIT DIMENSIONED FOR{integer(most, 4)}",
        "",
        "",
    ]


def not_changed(number, why):
    """FIX or RELEASE of a parameter that is ``"undefined"``, ``"constant"``, ``"fixed"`` or ``"variable"``."""
    return [f" PARAMETER{integer(number, 4)}{NOT_FIXED_WORDS[why]}"]


def restored(number, name):
    """Print level 1: RELEASE or RESTORE made a parameter variable."""
    return [f"{' ' * 20}PARAMETER{integer(number, 4)}, {text(name, 10)} RESTORED TO VARIABLE."]


def unknown_argument(argument):
    """RESTORE with a code that is neither 0 nor 1."""
    return [f" IGNORED.  UNKNOWN ARGUMENT:{integer(argument, 4)}"]


def limits_set(number, lower, upper):
    """Print level 1: SET LIMITS."""
    return [f" PARAMETER{integer(number, 3)} LIMITS SET TO{general(lower, 15, 5)}{general(upper, 15, 5)}"]


def limits_removed(number):
    """Print level 1: SET LIMITS without limits."""
    return [f" LIMITS REMOVED FROM PARAMETER{integer(number, 4)}"]


def no_limits(number):
    """SET LIMITS without limits for a parameter that has none."""
    return [f" NO LIMITS SPECIFIED.  PARAMETER{integer(number, 4)}", " IS ALREADY UNLIMITED.  NO CHANGE."]


def limits_of_fixed(number):
    """SET LIMITS names a fixed parameter."""
    return [f" REQUEST TO CHANGE LIMITS ON FIXED PARAMETER:{integer(number, 3)}"]


def limits_not_variable(number):
    """SET LIMITS names a constant or undefined parameter."""
    return [f" PARAMETER {integer(number, 3)} IS NOT VARIABLE."]
