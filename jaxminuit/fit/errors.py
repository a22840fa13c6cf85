"""Minos: all ends of all intervals, in one program or on the host."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.calls import default_calls
from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.status import SideStatus
from jaxminuit.core.tree import is_traced, on_host, select_rows
from jaxminuit.drive.implicit_ends import End, Level, at_crossing
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.drive.tangents import constant
from jaxminuit.errors.minos import MinosSide, crossing_machine, inner_strategy, newton_machine
from jaxminuit.errors.result import MinosErrors, minos_errors
from jaxminuit.fit.checks import asked_for, check_minimum
from jaxminuit.fit.job import Job
from jaxminuit.fit.programs import program
from jaxminuit.fit.single import hesse
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AnyFCN


def minos(
    fcn: AnyFCN,
    minimum: FunctionMinimum,
    parameters: str | int | Iterable[str | int] | None = None,
    *,
    cl: float | None = None,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
) -> MinosErrors:
    """Asymmetric errors: where the FCN, minimised over the other parameters, rises by UP (manual, MINOs and 7.3).

    All parameters and sides in one program. With exact gradients by constrained Newton steps, which end within 1e-4 UP
    of the crossing; the classic search, with an inner Migrad at every trial value, takes over where they fail, where a
    limit is met or a lower minimum turns up, and does all the work for finite differences.

    Parameters
    ----------
    fcn, minimum
        The FCN and its valid minimum. A minimum that is not valid has every side reported as not run.
    parameters
        Names or numbers of the parameters to do. Default: every free one.
    cl
        Confidence level: None for one standard deviation, a probability below 1, or a number of standard
        deviations from 1.
    strategy, tol, gradient, driver, precision
        As in `migrad`; inner fits have half the tolerance, and the next lower strategy with finite differences.
    max_calls
        Limit for each inner fit. Default 2 (n+1) (200 + 100 n + 5 n^2).

    Examples
    --------
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p: (p["x"] - 1) ** 2 + (p["x"] + p["y"]) ** 2)
    >>> start = jm.Parameters({"x": 0.0, "y": 0.0})
    >>> errors = jm.minos(fcn, jm.migrad(fcn, start), ["y"])
    >>> print(errors.lower[1].round(3), errors.upper[1].round(3))
    -1.414 1.414
    """
    check_minimum(minimum)
    job = Job(fcn, minimum, strategy, tol, gradient, max_calls, driver, precision)
    names = minimum.parameters
    asked = range(names.size) if parameters is None else asked_for(names, parameters)
    wanted = np.zeros((2, names.size), bool)
    wanted[:, list(asked)] = True
    wanted = jax.device_put(wanted)  # traced inside the user's jit, although nothing that is asked of may be
    rise = np.asarray(rise_factor(cl), minimum.values.dtype) * on_host(job.problem.errordef)
    newton = newton_machine(job.problem, rise, job.strategy) if job.exact else None
    crossing = crossing_machine(job.problem, rise, job.tol, job.strategy, job.exact)
    if newton is None or is_traced((fcn, minimum, wanted)):
        return _errors(minimum, rise, _ends(job, fcn, MinosSide(newton, crossing), minimum, wanted))
    known = minimum
    if minimum.valid and not minimum.accurate:
        checked = hesse(fcn, minimum, strategy=strategy, gradient=gradient, driver=driver, precision=precision)
        known = informed(minimum, checked)
    # the classic search is compiled only when some end needs it
    ends = on_host(_ends(job, fcn, MinosSide(newton, None), known, wanted))
    failed = ends.status == SideStatus.FAILED
    if np.any(failed):
        classic = on_host(_ends(job, fcn, MinosSide(None, crossing), known, jax.device_put(failed)))
        classic = replace(classic, nfcn=classic.nfcn + ends.nfcn)
        ends = select_rows(failed, classic, ends)
    return _errors(minimum, rise, ends)


def _errors(minimum: FunctionMinimum, rise, ends) -> MinosErrors:
    """The result; taken apart on the host, where that needs no program."""
    if is_traced((minimum, rise, ends)):
        return minos_errors(minimum, rise, ends)
    return jax.device_put(minos_errors(minimum, rise, on_host(ends)))


def informed(minimum: FunctionMinimum, judged: FunctionMinimum) -> FunctionMinimum:
    """A minimum with the matrices of Hesse where these are accurate; of batches too. All ends begin with the same V."""
    names = ("inverse_hessian", "hessian", "covariance", "errors", "matrix_status")
    new, old = ({name: getattr(m, name) for name in names} for m in (judged, minimum))
    return replace(minimum, **select_rows(judged.accurate, new, old))


def _ends(job, fcn, machine, minimum, wanted):
    """All wanted ends, with leading axes (side, parameter)."""
    if job.driver == "compiled":
        return _minos(job.problem, machine, minimum, wanted, job.max_calls, job.strategy, job.exact)
    ends, inner = [], inner_strategy(job.strategy, job.exact)
    for end in zip(*_numbered(np.asarray(wanted)), strict=True):
        state = side_begin(job.problem, machine, minimum, job.max_calls, *end)
        if machine.newton is None:
            crossing = solve_on_host(job.problem, fcn, machine.crossing, state.crossing, inner, job.exact, True)
            state = replace(state, crossing=crossing)
        else:
            state = solve_on_host(job.problem, fcn, machine, state, inner, job.exact, True)
        ends.append(_result(machine, minimum, state, *end[:2]))
    return jax.tree_util.tree_map(lambda *x: np.stack(x).reshape(*wanted.shape, *x[0].shape), *ends)


@partial(quick_jit, tiny=True)
def _result(machine, minimum, state, i, side):
    return machine.result(minimum, state, i, side)


def _numbered(wanted):
    """(parameter, side, wanted) of every end, each a vector: lower sides first."""
    sides, numbers = np.meshgrid(np.array([-1.0, 1.0]), np.arange(wanted.shape[1]), indexing="ij")
    return numbers.ravel(), sides.ravel(), wanted.ravel()


@partial(quick_jit, tiny=True)
def side_begin(problem, machine, minimum, max_calls, i, side, wanted):
    """The first state of the search for one end; it is finished at once unless the end is `wanted` and can be found."""
    n = jnp.sum(problem.free)
    limit = jnp.where(max_calls > 0, max_calls, 2 * (n + 1) * default_calls(n))
    do = wanted & problem.free[i] & minimum.valid
    return machine.start(minimum, i, side.astype(minimum.u.dtype), do, limit)


def end_with_derivatives(problem, level, side, sign):
    """The end of an interval with its derivatives."""
    limit = jnp.where(side.status == SideStatus.AT_LIMIT, sign, 0).astype(jnp.int32)
    run, crossing = side.status != SideStatus.NOT_RUN, side.status == SideStatus.VALID
    end = at_crossing(problem, level, End(side.error, side.params, run, crossing, limit))
    return replace(side, error=end.error, params=end.params)


@program("strategy", "exact")
def _minos(problem, machine, minimum, wanted, max_calls, strategy, exact):
    plain, turned, start = constant((problem, machine, minimum))
    search = machine.crossing if machine.newton is None else machine.newton
    inner, classic = inner_strategy(strategy, exact), machine.crossing is not None

    def one(end):
        state = side_begin(plain, turned, start, max_calls, *end)
        state = solve_compiled(plain, turned, state, inner, exact, True, classic)
        level = Level(minimum.values, minimum.fval, search.rise, end[0])
        return end_with_derivatives(problem, level, turned.result(start, state, *end[:2]), end[1])

    ends = jax.vmap(one)(tuple(jnp.asarray(column) for column in _numbered(wanted)))
    return jax.tree_util.tree_map(lambda x: x.reshape(*wanted.shape, *x.shape[1:]), ends)
