"""Warnings, printed at once or listed later, and their wording."""

from jaxminuit.command.report.fortran import general, integer, scientific, text

KEPT = 10  # messages that are remembered
REVERSED_LIMITS = "PARAMETER LIMITS WERE REVERSED."
OUTSIDE_LIMITS = "STARTING VALUE OUTSIDE LIMITS."
STARTS_AT_LIMIT = "STARTING VALUE IS AT LIMIT."
REDEFINES_FIXED = "REDEFINING A FIXED PARAMETER."
INVERSION_FAILS = "Matrix inversion fails."


def warning(origin, message):
    """A warning at once; ``origin`` as it stands (a word of the FROM field has 8 characters)."""
    return [f" MINUIT WARNING IN {origin}", f" ============== {message}"]


def held_back(messages, total=None, kind="WARNING"):
    """SHOW WARNINGS, SET WARNINGS, SET DEBUG: the messages that were kept back.

    Parameters
    ----------
    messages : sequence of Message
        The last ten or fewer, oldest first.
    total : int, optional
        How many there were in all (default: as many as ``messages``).
    kind : str
        ``"WARNING"`` or ``"*DEBUG*"``.
    """
    total = len(messages) if total is None else total
    if not total:
        return []
    ending = " WAS SUPPRESSED." if total == 1 else "S WERE SUPPRESSED."
    lines = ["", f" {integer(total, 5)} MINUIT {kind} MESSAGE{text(ending, 20)}", ""]
    if total > KEPT:
        lines.append(f" ONLY THE MOST RECENT{integer(KEPT, 3)} WILL BE LISTED BELOW.")
    lines.append("  CALLS  ORIGIN         MESSAGE")
    for entry in messages[-KEPT:]:
        lines.append(f" {integer(entry.calls, 6)} {text(entry.origin, 10)} {text(entry.message, 60)}")
    return [*lines, " "]


def too_far_apart(number):
    """Limits more than 1e7 apart."""
    return f"LIMITS ON PARAM{integer(number, 4)} TOO FAR APART."


def at_limit(number, side):
    """A variable at its ``"LOWER"`` or ``"UPPER"`` limit, cut to the buffer of the original."""
    return f"VARIABLE{integer(number, 4)} IS AT ITS {side} ALLOWED LIMIT"


def brought_back(number):
    """A value outside its limits was moved inside."""
    return f"VARIABLE{integer(number, 4)} BROUGHT BACK INSIDE LIMITS.  "


def forced_positive(added):
    """HESSE added ``added`` to the diagonal."""
    return f"MATRIX FORCED POS-DEF BY ADDING {general(added, 12, 5)} TO DIAGONAL."


def negative_diagonal(number):
    """A diagonal element of the error matrix is negative."""
    return f"Negative diagonal element{integer(number, 3)} in Error Matrix"


def added_to_diagonal(added):
    """What was added to the diagonal of the error matrix then."""
    return f"{scientific(added, 12, 2)} added to diagonal of error matrix"


def no_second_derivative(number):
    """A second derivative is zero from the start."""
    return f"Second derivative zero for parameter{integer(number, 4)}"
