"""What MIGRAD, HESSE, SIMPLEX, SEEK and IMPROVE say, and from which print level on.

Messages without numbers are tuples of lines. The tables that belong to them are in ``table``: MIGRAD prints its first
one at print level 1 and its last at 0, intermediate ones at 3 (every iteration) or 2 (every tenth). Within MINOS and
MNCONTOUR all these levels are higher by 2.
"""

from jaxminuit.command.report.fortran import fixed, integer, scientific, text

MIGRAD_CONVERGED = ("", " MIGRAD MINIMIZATION HAS CONVERGED.")  # level 0
MIGRAD_VERIFIES = ("", " MIGRAD WILL VERIFY CONVERGENCE AND ERROR MATRIX.")  # level 0
MIGRAD_CALL_LIMIT = (" CALL LIMIT EXCEEDED IN MIGRAD.",)  # level 0, in Minos too
MIGRAD_NO_IMPROVEMENT = (" MIGRAD FAILS TO FIND IMPROVEMENT",)  # level 0
MIGRAD_RAISES_STRATEGY = (" MIGRAD FAILS WITH STRATEGY=0.   WILL TRY WITH STRATEGY=1.",)  # level 0
MIGRAD_NOT_CONVERGED = (" MIGRAD TERMINATED WITHOUT CONVERGENCE.",)  # level 0
HESSE_SUCCESS = (" COVARIANCE MATRIX CALCULATED SUCCESSFULLY",)  # level 1
HESSE_BEGINS = ("   START COVARIANCE MATRIX CALCULATION.",)  # level 2
HESSE_FAILS = ("  MNHESS FAILS AND WILL RETURN DIAGONAL MATRIX. ",)  # level 0
SIMPLEX_CONVERGED = (" SIMPLEX MINIMIZATION HAS CONVERGED.",)  # level 0
SIMPLEX_NOT_CONVERGED = (" SIMPLEX TERMINATES WITHOUT CONVERGENCE.",)  # level 0
IMPROVE_FOUND = (" AN IMPROVEMENT ON THE PREVIOUS MINIMUM HAS BEEN FOUND",)
IMPROVE_NEW = ("", " IMPROVE HAS FOUND A TRULY NEW MINIMUM", " " + "*" * 37, "")
IMPROVE_RETURNED = (" IMPROVE HAS RETURNED TO REGION OF ORIGINAL MINIMUM",)
GRADIENT_HEADING = (
    "",
    " CHECK OF GRADIENT CALCULATION IN FCN",
    "            PARAMETER      G(IN FCN)   G(MINUIT)  DG(MINUIT)   AGREEMENT",
)
GRADIENT_NONE = ("  AGREEMENT=NONE  MEANS FCN DID NOT CALCULATE THE DERIVATIVE",)
GRADIENT_REFUSED = (
    "",
    " MINUIT DOES NOT ACCEPT DERIVATIVE CALCULATIONS BY FCN",
    ' TO FORCE ACCEPTANCE, ENTER "SET GRAD    1"',
    "",
)


def migrad_begins(strategy, goal):
    """Print level 1: MIGRAD and the EDM at which it ends."""
    begin = f" START MIGRAD MINIMIZATION.  STRATEGY{integer(strategy, 2)}"
    return [f"{begin}.  CONVERGENCE WHEN EDM .LT.{scientific(goal, 9, 2)}"]


def simplex_begins(goal):
    """Print level 0: SIMPLEX and the EDM at which it ends."""
    return [f" START SIMPLEX MINIMIZATION.    CONVERGENCE WHEN EDM .LT.{scientific(goal, 10, 2)}"]


def matrix_change(uncertainty):
    """Print level 3: relative change of the matrix in one iteration of MIGRAD."""
    return [f" RELATIVE CHANGE IN COV. MATRIX={fixed(100 * uncertainty, 5, 1)}%"]


def must_minimise(word):
    """MINOS, MNCONTOUR and IMPROVE before there is a minimum; the word as in the table of commands."""
    return ["", f" FUNCTION MUST BE MINIMIZED BEFORE CALLING {text(word, 8)}"]


def no_dependence(parameters):
    """SIMPLEX, SEEK and others: the FCN has the same value everywhere."""
    stars = " " + "*" * 79
    return [
        f"   FUNCTION VALUE DOES NOT SEEM TO DEPEND ON ANY OF THE{integer(parameters, 3)} VARIABLE PARAMETERS.",
        "          VERIFY THAT STEP SIZES ARE BIG ENOUGH AND CHECK FCN LOGIC.",
        stars,
        stars,
        "",
    ]


def seek_begins(failures, steps, devs):
    """Print level 1: SEEK, its limits and largest step in errors."""
    return [
        " MNSEEK: MONTE CARLO MINIMIZATION USING METROPOLIS ALGORITHM",
        f" TO STOP AFTER{integer(failures, 6)} SUCCESSIVE FAILURES, OR{integer(steps, 7)} STEPS",
        f" MAXIMUM STEP SIZE IS{fixed(devs, 9, 3)} ERROR BARS.",
    ]


def seek_ends(failures):
    """Print level 2: SEEK ended after so many failures in succession."""
    return [f" MNSEEK:{integer(failures, 5)} SUCCESSIVE UNSUCCESSFUL TRIALS."]


def improve_attempt(number):
    """IMPROVE begins an attempt."""
    return ["", f" START ATTEMPT NO.{integer(number, 2)} TO FIND NEW MINIMUM"]


def gradient_component(number, name, user, minuit, uncertainty, agreement):
    """One line of the check by SET GRADIENT; ``agreement`` is ``"GOOD"``, ``"BAD"`` or ``"NONE"``."""
    numbers = "".join(scientific(value, 12, 4) for value in (user, minuit, uncertainty))
    return [f"       {integer(number, 5)}  {text(name, 10)}{numbers}    {agreement:>4}"]
