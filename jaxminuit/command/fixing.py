"""FIX, RELEASE, RESTORE, CLEAR, SET PARAMETER, SET LIMITS."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.define import all_inside, inside
from jaxminuit.command.report import definitions as words
from jaxminuit.command.report.frame import argument_missing
from jaxminuit.command.run import UNKNOWN, Run
from jaxminuit.command.state import MAX_EXTERNAL, State, with_errors


def run_fix(run: Run) -> None:
    """FIX <parno> [parno] ..."""
    before = run.state.order_fixed
    _each(run, _fix)
    if run.state.order_fixed != before:
        run.state = with_errors(run.state)
        if run.level >= 2:
            run.table()


def run_release(run: Run) -> None:
    """RELEASE <parno> [parno] ..."""
    _each(run, _release)


def _each(run: Run, action) -> None:
    if not run.arguments:
        run.say(*argument_missing(run.word))
    for i in range(len(run.arguments)):
        action(run, run.number(i))


def _fix(run: Run, number: int) -> None:
    p = run.state.find(number)
    if p is None:
        run.say(*words.not_changed(number, "undefined"))
    elif p.kind == "constant":
        run.say(*words.not_changed(number, "constant"))
    elif p.kind == "fixed":
        run.say(*words.not_changed(number, "fixed"))
    else:
        run.state = fixed(run.state, number)


def fixed(state: State, number: int) -> State:
    """The state with a parameter fixed, the error matrix squeezed to the others."""
    place = [p.number for p in state.variable].index(number)
    matrix, edm, status = state.matrix, state.edm, state.matrix_status
    dcovar = state.dcovar
    if matrix is not None:
        row = matrix[place]
        rest = np.arange(len(matrix)) != place
        squeezed = matrix - np.outer(row, row) / row[place] if row[place] > 0 else matrix
        matrix = squeezed[np.ix_(rest, rest)]
        status, dcovar = 1, max(dcovar, 0.5)
    if len(state.variable) == 1:
        matrix, edm, status, dcovar = None, None, 0, 1.0
    state = state.but(replace(state.parameter(number), kind="fixed")).without_minos(
        matrix=matrix, edm=edm, matrix_status=status, dcovar=dcovar, result="RESET"
    )
    return replace(state, order_fixed=(*state.order_fixed, number))


def _release(run: Run, number: int) -> None:
    p = run.state.find(number)
    if p is None:
        run.say(*words.not_changed(number, "undefined"))
    elif p.kind == "constant":
        run.say(*words.not_changed(number, "constant"))
    elif p.kind == "variable":
        run.say(*words.not_changed(number, "variable"))
    else:
        free(run, number)
        run.update(minimised=0)


def free(run: Run, number: int) -> None:
    """A fixed parameter varies again; there is no error matrix any more."""
    p = run.state.parameter(number)
    state = run.state.but(replace(p, kind="variable"))
    order = tuple(i for i in state.order_fixed if i != number)
    run.state = state.without_matrix().without_minos(order_fixed=order, result="RESET")
    if run.level >= 1:
        run.say(*words.restored(number, p.name))
    all_inside(run)


def run_restore(run: Run) -> None:
    """RESTORE [code]: the last fixed parameter (1), or all (0)."""
    code = run.number(0)
    if code not in (0, 1):
        run.say(*words.unknown_argument(code))
        run.code = UNKNOWN
        return
    if not run.state.order_fixed:
        run.say(*words.NONE_FIXED)
        return
    for number in reversed(run.state.order_fixed):
        free(run, number)
        if code == 1:
            break
    if run.level >= 2:
        run.table()


def run_clear(run: Run) -> None:
    """CLEAR."""
    run.state = cleared(run.state)
    run.begins("CLEAR", "RESET")


def cleared(state: State) -> State:
    """No parameters at all, and no calls."""
    return replace(state.redefined(), parameters=(), order_fixed=(), nfcn=0, calls_before=0)


def set_parameter(run: Run) -> None:
    """SET PARAMETER <parno> <value>."""
    p = run.state.find(run.number(0))
    value = run.argument(1)
    if p is None or not np.isfinite(value):
        run.say(*words.UNDEFINED)
        return
    if p.variable:
        run.state = run.state.but(replace(p, value=float(value)))
    else:
        run.state = run.state.but(replace(p, value=float(value), internal=float(value)))
    all_inside(run)
    run.begins("SET PARM")
    run.state = run.state.new_values("NEW VALUES")


def set_limits(run: Run) -> None:
    """SET LIMITS [parno] [lolim] [uplim]."""
    number, ends = run.number(0), sorted((run.argument(1), run.argument(2)))
    if not -1 < number <= MAX_EXTERNAL or not all(np.isfinite(ends)):
        return
    run.begins("SET LIM", "NO CHANGE")
    remove = len(run.arguments) < 2 or ends[0] == ends[1]
    if number == 0:
        for p in run.state.parameters:
            if p.kind == "constant":
                continue
            _change(run, p.number, ends, remove, True)
    elif run.state.find(number) is None:
        run.say(*words.limits_not_variable(number))
    else:
        _change(run, number, ends, remove, False)


def _change(run: Run, number: int, ends: list[float], remove: bool, every: bool) -> None:
    """New limits for one parameter, or none."""
    p = run.state.parameter(number)
    if p.kind == "constant" or (p.kind == "fixed" and every):
        run.say(*words.limits_not_variable(number))
        return
    if remove and not p.limited:
        if not every:
            run.say(*words.no_limits(number))
        return
    if p.kind == "fixed":
        run.say(*words.limits_of_fixed(number))
    if run.level >= 1:
        if remove:
            run.say(*words.limits_removed(number))
        else:
            run.say(*words.limits_set(number, *ends))
    lower, upper = (None, None) if remove else ends
    changed = inside(run, replace(p, lower=lower, upper=upper), p.value)
    if not p.variable:
        changed = replace(changed, value=p.value)
    run.state = run.state.but(changed).redefined()
