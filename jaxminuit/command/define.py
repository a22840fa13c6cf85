"""Defining parameters, and putting values into them."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import to_internal
from jaxminuit.command.parse import Definition
from jaxminuit.command.report import definitions, warning
from jaxminuit.command.report.rows import Row
from jaxminuit.command.run import Run
from jaxminuit.command.state import MAX_EXTERNAL, MAX_VARIABLE, Parameter, limits
from jaxminuit.problem import transform

EDGE = 1.953125e-03  # how far from the end of the sine Minuit puts a value that is at its limit
FAR_APART = 1e7


def define(run: Run, wanted: Definition, heading: bool) -> tuple[bool, bool]:
    """Define or redefine a parameter; whether that was possible, and whether the next one needs the heading again."""
    if run.level >= 0 and not run.state.interactive and heading:
        run.say(*definitions.HEADER)
    if not 1 <= wanted.number <= MAX_EXTERNAL:
        run.say(*definitions.number_out_of_range(wanted.number, MAX_EXTERNAL))
        return False, False
    wanted = wanted._replace(name=wanted.name[:10].rstrip() or f"PARAM {wanted.number}")
    again = _warn_fixed(run, wanted.number)
    run.begins("PARAMETR", "NEW VALUES")
    if run.level >= 0:
        run.say(*definition_line(wanted))
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


def definition_line(wanted: Definition) -> list[str]:
    """The line that repeats a definition."""
    kind = "constant" if wanted.step <= 0 else "variable"
    limits = (wanted.lower, wanted.upper) if wanted.lower != 0 or wanted.upper != 0 else None
    return definitions.definition(Row(wanted.number, wanted.name, wanted.value, wanted.step, kind, limits))


def _warn_fixed(run: Run, number: int) -> bool:
    """A fixed parameter is released before it is redefined."""
    old = run.state.find(number)
    if old is None or old.kind != "fixed":
        return False
    run.warn("PARAM DEF", warning.REDEFINES_FIXED)
    run.update(order_fixed=tuple(i for i in run.state.order_fixed if i != number))
    return True


def _too_many(run: Run, number: int) -> bool:
    if len([p for p in run.state.variable if p.number != number]) < MAX_VARIABLE:
        return False
    run.say(*definitions.too_many_variable(MAX_VARIABLE))
    return True


def _limits(run: Run, wanted: Definition):
    """((lower, upper) or None, whether there was a warning); False if they are equal."""
    lower, upper = wanted.lower, wanted.upper
    if lower == 0 and upper == 0:
        return None, False
    if lower == upper:
        run.say(*definitions.LIMITS_EQUAL)
        return False
    warned = False
    if lower > upper:
        lower, upper, warned = upper, lower, True
        run.warn("PARAM DEF", warning.REVERSED_LIMITS)
    if upper - lower > FAR_APART:
        warned = True
        run.warn("PARAM DEF", warning.too_far_apart(wanted.number))
    if not lower <= wanted.value <= upper:
        run.warn("PARAM DEF", warning.OUTSIDE_LIMITS)
    elif wanted.value in (lower, upper):
        run.warn("PARAM DEF", warning.STARTS_AT_LIMIT)
    return (lower, upper), warned


def _started(run: Run, p: Parameter) -> Parameter:
    """The parameter with its internal value, inside its limits."""
    p = inside(run, p, p.value)
    if not p.limited:
        return replace(p, step=p.error)
    ends = []
    lower, upper = limits(p)
    for end in (p.value + p.error, p.value - p.error):
        if not lower <= end <= upper:
            run.warn(run.state.origin, warning.brought_back(p.number))
        ends.append(to_internal(min(max(end, lower), upper), p))
    return replace(p, step=0.5 * abs(ends[0] - ends[1]))


def _put(run: Run, p: Parameter) -> None:
    run.state = run.state.but(p).redefined()


def inside(run: Run, p: Parameter, value: float) -> Parameter:
    """The parameter at an external value, or just inside its limits, with a warning."""
    if not p.limited:
        return replace(p, value=float(value), internal=float(value))
    lower, upper = limits(p)
    y = 2.0 * (value - lower) / (upper - lower) - 1.0
    if y * y < 1.0 - EDGE**2 / 64.0:
        return replace(p, value=float(value), internal=to_internal(value, p))
    at_limit = warning.at_limit(p.number, "LOWER" if y < 0 else "UPPER")
    run.warn(run.state.origin, at_limit if y * y <= 1.0 else warning.brought_back(p.number))
    u = float(np.copysign(np.pi / 2 - EDGE, y))
    return replace(p, value=float(transform.int2ext(u, lower, upper)), internal=u)


def all_inside(run: Run) -> None:
    """Take every variable parameter from its external value anew."""
    for p in run.state.variable:
        taken = inside(run, p, p.value)
        run.state = run.state.but(taken)
