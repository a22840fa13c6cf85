"""Defining parameters, and putting values into them."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import to_internal
from jaxminuit.command.parse import Definition
from jaxminuit.command.report.fortran import general, integer
from jaxminuit.command.run import Run
from jaxminuit.command.state import MAX_EXTERNAL, MAX_VARIABLE, Parameter
from jaxminuit.problem import transform

HEADING = ("", " PARAMETER DEFINITIONS:", "    NO.   NAME         VALUE      STEP SIZE      LIMITS")
EDGE = 1.953125e-03  # how far from the end of the sine Minuit puts a value that is at its limit
FAR_APART = 1e7


def define(run: Run, wanted: Definition, heading: bool) -> tuple[bool, bool]:
    """Define or redefine a parameter; whether that was possible, and whether the next one needs the heading again."""
    if run.level >= 0 and not run.state.interactive and heading:
        run.say(*HEADING)
    if not 1 <= wanted.number <= MAX_EXTERNAL:
        run.say(
            "",
            " USER ERROR IN MINUIT PARAMETER DEFINITION",
            f" PARAMETER NUMBER={integer(wanted.number, 11)}",
            f",  ALLOWED RANGE IS ONE TO{integer(MAX_EXTERNAL, 4)}",
            "",
        )
        return False, False
    wanted = wanted._replace(name=wanted.name[:10].rstrip() or f"PARAM {wanted.number}")
    again = _warn_fixed(run, wanted.number)
    run.begins("PARAMETR", "NEW VALUES")
    if run.level >= 0:
        run.say(definition_line(wanted))
    if wanted.step <= 0:
        _put(run, Parameter(wanted.number, wanted.name, wanted.value, 0.0, "constant", internal=wanted.value))
        return True, again
    if _too_many(run, wanted.number):
        return False, False
    limits = _limits(run, wanted)
    if limits is False:
        return False, False
    pair, warned = limits
    lower, upper = pair if pair is not None else (None, None)
    p = Parameter(wanted.number, wanted.name, wanted.value, wanted.step, "variable", lower, upper)
    _put(run, _started(run, p))
    return True, again or warned


def definition_line(wanted: Definition) -> str:
    """The line that repeats a definition."""
    line = f" {integer(wanted.number, 5)} '{wanted.name:<10}' {general(wanted.value, 13, 5)}"
    if wanted.step <= 0:
        return line + "  constant"
    line += general(wanted.step, 13, 5)
    if wanted.lower == 0 and wanted.upper == 0:
        return line + "     no limits"
    return line + "  " + general(wanted.lower, 13, 5) + general(wanted.upper, 13, 5)


def _warn_fixed(run: Run, number: int) -> bool:
    """A fixed parameter is released before it is redefined."""
    old = run.state.find(number)
    if old is None or old.kind != "fixed":
        return False
    run.warn("PARAM DEF", "REDEFINING A FIXED PARAMETER.")
    run.update(order_fixed=tuple(i for i in run.state.order_fixed if i != number))
    return True


def _too_many(run: Run, number: int) -> bool:
    if len([p for p in run.state.variable if p.number != number]) < MAX_VARIABLE:
        return False
    run.say(
        "",
        " MINUIT USER ERROR.   TOO MANY VARIABLE PARAMETERS.",
        f" THIS VERSION OF MINUIT DIMENSIONED FOR{integer(MAX_VARIABLE, 4)}",
        "",
        "",
    )
    return True


def _limits(run: Run, wanted: Definition):
    """((lower, upper) or None, whether there was a warning); False if they are equal."""
    lower, upper = wanted.lower, wanted.upper
    if lower == 0 and upper == 0:
        return None, False
    if lower == upper:
        run.say("", " USER ERROR IN MINUIT PARAMETER DEFINITION", " UPPER AND LOWER LIMITS EQUAL.", "")
        return False
    warned = False
    if lower > upper:
        lower, upper, warned = upper, lower, True
        run.warn("PARAM DEF", "PARAMETER LIMITS WERE REVERSED.")
    if upper - lower > FAR_APART:
        warned = True
        run.warn("PARAM DEF", f"LIMITS ON PARAM{integer(wanted.number, 4)} TOO FAR APART.")
    if not lower <= wanted.value <= upper:
        run.warn("PARAM DEF", "STARTING VALUE OUTSIDE LIMITS.")
    elif wanted.value in (lower, upper):
        run.warn("PARAM DEF", "STARTING VALUE IS AT LIMIT.")
    return (lower, upper), warned


def _started(run: Run, p: Parameter) -> Parameter:
    """The parameter with its internal value, inside its limits."""
    p = inside(run, p, p.value)
    if p.limited:
        for end in (p.value + p.error, p.value - p.error):
            if not p.lower <= end <= p.upper:
                run.warn(run.state.origin, f"VARIABLE{integer(p.number, 4)} BROUGHT BACK INSIDE LIMITS.")
    return p


def _put(run: Run, p: Parameter) -> None:
    run.state = run.state.but(p).redefined()


def inside(run: Run, p: Parameter, value: float) -> Parameter:
    """The parameter at an external value, or just inside its limits, with a warning."""
    if not p.limited:
        return replace(p, value=float(value), internal=float(value))
    y = 2.0 * (value - p.lower) / (p.upper - p.lower) - 1.0
    if y * y < 1.0 - EDGE**2 / 64.0:
        return replace(p, value=float(value), internal=to_internal(value, p))
    side = "LOWER" if y < 0 else "UPPER"
    # 30 characters are kept of the original's longer message, so that its last full stop is lost
    what = f"IS AT ITS {side} ALLOWED LIMIT" if y * y <= 1.0 else "BROUGHT BACK INSIDE LIMITS."
    run.warn(run.state.origin, f"VARIABLE{integer(p.number, 4)} {what}")
    u = float(np.copysign(np.pi / 2 - EDGE, y))
    return replace(p, value=float(transform.int2ext(u, p.lower, p.upper)), internal=u)


def all_inside(run: Run) -> None:
    """Take every variable parameter from its external value anew."""
    for p in run.state.variable:
        run.state = run.state.but(inside(run, p, p.value))
