"""MIGRAD, SIMPLEX, MINIMIZE."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import Engine
from jaxminuit.command.hesse import FAILURES, curvatures, derivatives_of, tell_hesse
from jaxminuit.command.progress import EVERY_TENTH, Iterations, show_iterations
from jaxminuit.command.report import messages
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import FAILED, Run
from jaxminuit.command.simplex import walk
from jaxminuit.command.state import derivative
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.types import leaf
from jaxminuit.fit.single import hesse, migrad
from jaxminuit.problem.fcn import HostFCN

INNER = 0.1  # the part of the printed EDM limit at which the iterations end, before the error matrix is verified


def run_migrad(run: Run) -> None:
    """MIGRAD [maxcalls] [tolerance]."""
    minimise(run, *limits_of(run))


def run_minimize(run: Run) -> None:
    """MINIMIZE [maxcalls] [tolerance]: MIGRAD; where it fails, SIMPLEX and MIGRAD again."""
    calls, tolerance = limits_of(run)
    minimise(run, calls, tolerance)
    if run.code == FAILED and run.state.result != "CALL LIMIT" and run.state.variable:
        run.code = 0
        walk(run, calls, tolerance)
        if run.code != FAILED:
            minimise(run, calls, tolerance)


def run_simplex(run: Run) -> None:
    """SIMPLEX [maxcalls] [tolerance]."""
    calls, tolerance = limits_of(run)
    walk(run, calls, tolerance if run.argument(1) <= 0 else run.argument(1))


def limits_of(run: Run) -> tuple[int, float]:
    """The call limit and the tolerance times UP, from the arguments or by default."""
    calls, tolerance = run.argument(0), run.argument(1)
    calls = int(min(calls, 2e9)) if calls >= 1 else run.state.call_limit
    return calls, (tolerance if 0 < tolerance < 1e30 else 0.1) * run.state.up


def minimise(run: Run, calls: int, tolerance: float) -> None:
    """Migrad from where the session is; converged when the EDM is below 0.001 `tolerance`."""
    if not run.state.variable:
        return
    before = run.value()
    run.begins("MIGRAD", "INITIATE")
    first = run.state.nfcn
    if run.level >= 1:
        run.say(*messages.migrad_begins(run.state.strategy, 1e-3 * tolerance))
    _search(run, calls, tolerance, before, first)


def _search(run: Run, calls: int, tolerance: float, before: float, first: int, again: bool = False) -> None:
    """One search, or, where that fails with strategy 0, a second one with strategy 1 from then on."""
    goal = 1e-3 * tolerance
    started_with = run.state.matrix_status
    if started_with < 1:
        run.update(edm=None)
    if run.state.strategy == 2 and started_with < 3:
        curvatures(run)
    if not again:
        _first_table(run)
    engine, strategy = Engine(run.state, run.function), run.state.strategy
    tol = INNER * 0.5 * tolerance / run.state.up
    on_host = isinstance(engine.fcn, HostFCN) or run.level >= EVERY_TENTH or run.state.interactive  # hears Ctrl-C
    hear = run.function.ctrl_c.hear
    watch = Iterations(run.state.dcovar if started_with else 1.0, run.state.matrix_status, hear) if on_host else None
    found = migrad(engine.fcn, engine.start, strategy=strategy, tol=tol, max_calls=calls, watch=watch, **engine.options)
    if watch is not None:
        show_iterations(run, watch.kept)
        if watch.kept and float(found.dcovar) != 0 and int(found.matrix_status) == MatrixStatus.APPROXIMATE:
            found = replace(found, dcovar=leaf(np.float64(watch.dcovar)))
    run.begins("MIGRAD")
    run.update(calls_before=first)
    if run.state.strategy > 0 and 1 <= started_with < 3 and _needs_check(found):
        checked = hesse(engine.fcn, found, strategy=strategy, **engine.options)
        found = checked if np.isfinite(float(checked.fval)) else found
    _take(run, engine, found, before, started_with)
    updated = int(found.matrix_status) == MatrixStatus.APPROXIMATE and run.state.matrix_status >= 1
    if watch is not None and watch.kept and updated and watch.quality >= 1:
        run.update(matrix_status=watch.quality)
    if strategy == 0 and not again and _fails(found, goal):
        _raise_strategy(run)
        _search(run, max(calls + first - run.state.nfcn, 1), tolerance, run.state.fval, first, again=True)
        return
    _tell_end(run, found, before, started_with, goal)


def _fails(found, goal: float) -> bool:
    """Whether a search ended above its goal although calls were left."""
    return int(found.status) not in (Status.CALL_LIMIT, *range(Status.AT_LIMIT + 1)) and not float(found.edm) <= goal


def _raise_strategy(run: Run) -> None:
    """Strategy 1 from now on, and its error matrix at the point that was reached."""
    if run.level >= 0:
        run.say(*messages.MIGRAD_NO_IMPROVEMENT, *messages.MIGRAD_RAISES_STRATEGY)
    run.update(strategy=1)
    curvatures(run)
    if run.level >= 1:
        run.table(Columns.DERIVATIVES)


def _first_table(run: Run) -> None:
    """The first derivatives and the EDM at the start, and the table that shows them."""
    if run.level < 1:
        return
    run.state = with_derivatives(run)
    run.table(Columns.DERIVATIVES)
    if run.level >= 2:
        run.matrix(covariance=False)


def with_derivatives(run: Run):
    """The state with first derivatives in internal coordinates, and the EDM where there is an error matrix."""
    state, x = run.state, run.state.vector()
    parameters = []
    for p in state.variable:
        ends = []
        d = 1e-3 * p.error if p.error > 0 else 1e-4
        for side in (1.0, -1.0):
            y = x.copy()
            y[p.number - 1] = p.value + side * d
            if p.limited:
                y[p.number - 1] = min(max(y[p.number - 1], p.lower), p.upper)
            ends.append((y[p.number - 1], run.function.value(y, len(state.variable))))
        (above, f1), (below, f2) = ends
        slope = (f1 - f2) / (above - below) if above != below else 0.0
        parameters.append(replace(p, gradient=slope * derivative(p)))
    state = state.but(*parameters, nfcn=state.nfcn + 2 * len(parameters))
    if state.matrix is not None and state.matrix_status >= 1:
        g = np.array([p.gradient for p in state.variable])
        state = replace(state, edm=float(abs(0.25 * g @ state.matrix @ g)))
    return replace(state, parameters=tuple(p for p in state.parameters))


def _needs_check(found) -> bool:
    """Whether Migrad converged with a matrix that it has only updated."""
    return int(found.status) <= Status.AT_LIMIT and float(found.dcovar) != 0


def _take(run: Run, engine: Engine, found, before: float, started_with: int) -> None:
    """The result of a Migrad as the new state; where it found nothing lower, at most its error matrix."""
    gained = np.isfinite(float(found.fval)) and float(found.fval) < before
    if gained:
        state = replace(engine.found(found), calls_before=run.state.calls_before)
        run.state = replace(state, origin="MIGRAD", result=run.state.result)
    else:
        run.update(nfcn=run.state.nfcn + int(found.nfcn))
        if started_with < 3 and float(found.fval) == before:
            edm = float(found.edm)
            run.state = engine.with_matrix(derivatives_of(run.state, found), found)
            run.update(edm=edm if np.isfinite(edm) else None)
    run.state = run.state.without_minos()


def _tell_end(run: Run, found, before: float, started_with: int, goal: float) -> None:
    """How Migrad ended: its messages, the flags of the state, the last table."""
    status = Status(int(found.status))
    gained = float(found.fval) < before
    edm_small = float(found.edm) <= goal
    converged = status <= Status.AT_LIMIT or (status == Status.ABOVE_EDM_GOAL and edm_small)
    fresh = float(found.dcovar) == 0 or MatrixStatus(int(found.matrix_status)) in FAILURES
    verified = run.state.strategy > 0 and fresh and (started_with < 3 or gained)
    if not gained:
        _no_improvement(run, converged and started_with < 1 and verified)
        verified = verified and started_with >= 1
    if status == Status.CALL_LIMIT and run.level >= 0:
        run.say(*messages.MIGRAD_CALL_LIMIT)
    elif run.level >= 0 and (converged or edm_small):
        run.say(*messages.MIGRAD_CONVERGED)
        if verified:
            run.say(*messages.MIGRAD_VERIFIES, *(messages.HESSE_BEGINS if run.level >= 2 else ()))
            tell_hesse(run, found)
    run.update(minimised=1 if converged else -1)
    run.update(result="CONVERGED" if converged else "CALL LIMIT" if status == Status.CALL_LIMIT else "FAILED")
    if not converged:
        run.code = FAILED
        if run.level >= 0:
            run.say(*messages.MIGRAD_NOT_CONVERGED)
    if run.level >= 0:
        run.table(Columns.DERIVATIVES)
    if run.level >= 1:
        run.matrix()


def _no_improvement(run: Run, without_matrix: bool) -> None:
    """The search found nothing lower: the error matrix, if there was none, is all that it brought."""
    if run.level < 0:
        return
    run.say(*messages.MIGRAD_NO_IMPROVEMENT)
    if not without_matrix:
        return
    if run.level >= 1:
        run.say(*messages.HESSE_SUCCESS)
        origin = run.state.origin
        run.update(origin="HESSE", result="OK")
        run.table(Columns.DERIVATIVES)
        run.update(origin=origin)
    run.say(*messages.MIGRAD_NO_IMPROVEMENT)
