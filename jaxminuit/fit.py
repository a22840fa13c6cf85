"""The one door: functions that join a machine with a crank. Pure; they work under jit and vmap."""

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.levels import rise_factor
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.errors.hesse import Hesse
from jaxminuit.errors.minos import minos_machine
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.migrad import Migrad
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.problem import transform
from jaxminuit.problem.fcn import AbstractFCN, HostFCN, Untraced
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import as_strategy

GRADIENTS = ("auto", "exact", "finite")


def migrad(
    fcn,
    start: Parameters | FunctionMinimum,
    *,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
    watch=None,
) -> FunctionMinimum:
    """Minimise by Migrad, the variable-metric method (Minuit manual, MIGrad).

    Parameters
    ----------
    fcn
        FCN, cost function, or HostFCN.
    start
        Parameters, or a FunctionMinimum to go on from (its values and its error matrix).
    strategy
        0, 1 (default) or 2: how much is spent on certainty.
    tol
        The fit has converged when the estimated distance to the minimum is below 0.002 tol UP. Default 0.1.
    gradient
        "exact": autodiff; "finite": Minuit's finite differences; "auto": exact where the FCN can be traced.
    max_calls
        Limit on FCN calls. Default 200 + 100 n + 5 n^2 for n free parameters.
    driver
        "compiled", "host" (a Python loop), or "auto": host for a HostFCN only.
    precision
        Relative accuracy of the FCN values (SET EPS). Default: four times the machine's for the dtype.
    watch
        Called with every state by the host driver; may raise to stop the fit.

    Returns
    -------
    FunctionMinimum
        A fit that failed is reported in its `status`, never raised.

    Raises
    ------
    TypeError, ValueError
        An argument that cannot be meant, before anything is compiled.
    """
    job = _Job(fcn, start, strategy, tol, gradient, max_calls, driver, precision)
    if job.driver == "compiled":
        return _migrad(job.problem, job.warm, job.tol, job.max_calls, job.strategy, job.exact)
    machine, state = _migrad_begin(job.problem, job.warm, job.tol, job.max_calls, job.strategy, job.exact)
    hessian = job.strategy.level > 0
    state = solve_on_host(job.problem, fcn, machine, state, job.strategy, job.exact, hessian, watch)
    return _migrad_end(job.problem, machine, state)


def hesse(
    fcn,
    start: FunctionMinimum | Parameters,
    *,
    strategy: int = 1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
) -> FunctionMinimum:
    """Calculate the second derivatives at a minimum, or at any point, and from them the errors (manual, HESse).

    Exact by autodiff, or by finite differences. Arguments as in `migrad`. The result's status judges the point:
    converged if the matrix is positive definite and the EDM with it is below ten times the goal.
    """
    job = _Job(fcn, start, strategy, 0.1, gradient, max_calls, driver, precision)
    if job.driver == "compiled":
        return _hesse(job.problem, job.warm, job.max_calls, job.strategy, job.exact)
    machine, state = _hesse_begin(job.problem, job.warm, job.max_calls, job.strategy, job.exact)
    state = solve_on_host(job.problem, fcn, machine, state, job.strategy, job.exact, True)
    return _hesse_end(job.problem, job.warm, state)


def minos(
    fcn,
    minimum: FunctionMinimum,
    parameters=None,
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
    of the crossing; the classic search, with an inner Migrad at every trial value, takes over where they fail, where a limit is
    met or a lower minimum turns up, and does all the work for finite differences.

    Parameters
    ----------
    fcn, minimum
        The FCN and its valid minimum. A minimum that is not valid has every side reported as not run.
    parameters
        Names or numbers of the parameters to do. Default: every free one.
    cl
        Confidence level: None for one standard deviation, a probability below 1, or a number of standard deviations from 1.
    strategy, tol, gradient, driver, precision
        As in `migrad`; inner fits use the next lower strategy and half the tolerance.
    max_calls
        Limit for each inner fit. Default 2 (n+1) (200 + 100 n + 5 n^2).
    """
    if not isinstance(minimum, FunctionMinimum):
        raise TypeError(f"minimum must be a FunctionMinimum, not {minimum!r}")
    job = _Job(fcn, minimum, strategy, tol, gradient, max_calls, driver, precision)
    names = minimum.parameters
    asked = range(names.size) if parameters is None else _asked(names, parameters)
    wanted = jnp.zeros(names.size, bool).at[jnp.array(list(asked), int)].set(True)
    rise = jnp.asarray(rise_factor(cl), minimum.values.dtype) * job.problem.errordef
    machine = minos_machine(job.problem, job.tol, rise, job.strategy, job.exact)
    if job.driver == "compiled":
        return _minos(job.problem, machine, minimum, wanted, job.max_calls, job.strategy, job.exact)
    ends = []
    for i, side in _ends(names.size):
        state = _side_begin(job.problem, machine, minimum, wanted, job.max_calls, i, side)
        state = solve_on_host(job.problem, fcn, machine, state, job.strategy.lower, job.exact, True)
        ends.append(machine.result(minimum, state, i, side))
    return _minos_errors(minimum, machine, jax.tree_util.tree_map(lambda *x: jnp.stack(x), *ends))


def _asked(parameters: Parameters, names) -> list[int]:
    names = [names] if isinstance(names, str | int) else names
    return [parameters.index(name) for name in names]


class _Job:
    """The checked arguments of a fit."""

    def __init__(self, fcn, start, strategy, tol, gradient, max_calls, driver, precision):
        if not isinstance(fcn, AbstractFCN | HostFCN):
            raise TypeError(
                f"fcn must be an FCN, a cost function or a HostFCN, not {fcn!r}; wrap a function as FCN(fun)"
            )
        if not isinstance(start, Parameters | FunctionMinimum):
            raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
        if gradient not in GRADIENTS:
            raise ValueError(f"gradient must be one of {GRADIENTS}, not {gradient!r}")
        if driver not in ("auto", "compiled", "host"):
            raise ValueError(f"driver must be 'auto', 'compiled' or 'host', not {driver!r}")
        on_host = isinstance(fcn, HostFCN)
        if on_host and (gradient == "exact" or driver == "compiled"):
            raise ValueError("a HostFCN has no exact gradient and no compiled driver: JAX cannot trace it")
        if _is_number(tol) and not float(tol) >= 0:
            raise ValueError(f"tol must not be negative, but it is {tol!r}")
        if _is_number(precision) and not 0 < float(precision) < 1:
            raise ValueError(f"precision must lie between 0 and 1, but it is {precision!r}")
        if _is_number(max_calls) and not int(max_calls) >= 0:
            raise ValueError(f"max_calls must not be negative, but it is {max_calls!r}")
        self.strategy = as_strategy(strategy)
        self.exact = gradient != "finite" and not on_host
        self.driver = "host" if on_host or driver == "host" else "compiled"
        self.warm = start if isinstance(start, FunctionMinimum) else None
        parameters = start.parameters if self.warm is not None else start
        traced = Untraced(fcn.errordef) if on_host else fcn
        self.problem = Problem(traced, parameters, precision)
        dtype = parameters.values.dtype
        self.tol = jnp.asarray(tol, dtype)
        self.max_calls = jnp.asarray(0 if max_calls is None else max_calls, jnp.int32)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)


def _default_calls(problem: Problem, max_calls):
    n = jnp.sum(problem.free)
    return jnp.where(max_calls > 0, max_calls, 200 + 100 * n + 5 * n * n).astype(jnp.int32)


def _steps(problem: Problem, values, step):
    p = problem.parameters
    return transform.internal_steps(values, step, p.lower, p.upper, problem.precision.eps2)


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _migrad_begin(problem, warm, tol, max_calls, strategy, exact):
    machine = Migrad(problem.errordef, tol, problem.precision, problem.limited, strategy, exact)
    p = problem.parameters
    if warm is None:
        values, step, v, known = p.values, p.step, None, False
    else:
        values, v = warm.values, warm.inverse_hessian
        known = (warm.matrix_status > MatrixStatus.ABSENT) & (warm.matrix_status <= MatrixStatus.MADE_POSITIVE_DEFINITE)
        step = jnp.where(warm.errors > 0, warm.errors, p.step)
    u = problem.internal(values)
    state = machine.start(u, problem.free, _steps(problem, values, step), _default_calls(problem, max_calls), v, known)
    return machine, state


@jax.jit
def _migrad_end(problem, machine, state):
    return minimum_of(problem, state, machine.goal, state.status, "Migrad")


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _migrad(problem, warm, tol, max_calls, strategy, exact):
    machine, state = _migrad_begin(problem, warm, tol, max_calls, strategy, exact)
    state = solve_compiled(problem, machine, state, strategy, exact, strategy.level > 0)
    return _migrad_end(problem, machine, state)


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _hesse_begin(problem, warm, max_calls, strategy, exact):
    p = problem.parameters
    machine = Hesse(problem.precision, exact)
    if warm is None:
        u = problem.start()
        migrad_state = _migrad_begin(problem, None, jnp.zeros((), u.dtype), max_calls, strategy, exact)[1]
        known = jnp.array(False)
        f, g, g2, gstep = (getattr(migrad_state, name) for name in ("f", "g", "g2", "gstep"))
    else:
        u, f, g, g2, gstep = warm.u, warm.fval, warm.gradient, warm.g2, warm.gstep
        known = jnp.all(jnp.isfinite(g)) & jnp.any(gstep > 0)
    del p
    return machine, machine.start(u, problem.free, f, g, g2, gstep, known, _default_calls(problem, max_calls))


@jax.jit
def _hesse_end(problem, warm, state):
    goal = 0.002 * 0.1 * problem.errordef if warm is None else warm.goal
    near = state.edm < 10.0 * goal
    matrix = state.error.status
    status = jnp.where(near, Status.CONVERGED, Status.ABOVE_EDM_GOAL)
    indefinite = matrix == MatrixStatus.NOT_POSITIVE_DEFINITE
    flat = indefinite & state.error.flat & near
    status = jnp.where(indefinite, Status.NOT_POSITIVE_DEFINITE, status)
    status = jnp.where(flat, Status.FLAT_DIRECTION, status)
    status = jnp.where(matrix == MatrixStatus.CALL_LIMIT, Status.CALL_LIMIT, status)
    failed = (matrix == MatrixStatus.HESSE_FAILED) | (matrix == MatrixStatus.INVERT_FAILED)
    status = jnp.where(failed, Status.HESSE_FAILED, status)
    status = jnp.where(jnp.isfinite(state.f), status, Status.NOT_FINITE)
    algorithm = "Hesse" if warm is None else warm.algorithm
    m = minimum_of(problem, state, goal, status, algorithm)
    if warm is None:
        return m
    counts = tuple(getattr(m, k) + getattr(warm, k) for k in ("nfcn", "ngrad", "nhessian"))
    return _with_counts(m, counts)


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _hesse(problem, warm, max_calls, strategy, exact):
    machine, state = _hesse_begin(problem, warm, max_calls, strategy, exact)
    return _hesse_end(problem, warm, solve_compiled(problem, machine, state, strategy, exact, True))


def _with_counts(minimum: FunctionMinimum, counts) -> FunctionMinimum:
    return eqx.tree_at(lambda m: (m.nfcn, m.ngrad, m.nhessian), minimum, counts)


def _ends(n: int):
    """(parameter, side) of all ends, as arrays: lower ones first."""
    return [(jnp.int32(i), jnp.asarray(side, float)) for side in (-1.0, 1.0) for i in range(n)]


@jax.jit
def _side_begin(problem, machine, minimum, wanted, max_calls, i, side):
    n = jnp.sum(problem.free)
    default = 2 * (n + 1) * (200 + 100 * n + 5 * n * n)
    limit = jnp.where(max_calls > 0, max_calls, default)
    do = wanted[i] & problem.free[i] & minimum.valid
    return machine.start(minimum, i, side.astype(minimum.u.dtype), do, limit)


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _minos(problem, machine, minimum, wanted, max_calls, strategy, exact):
    def one(end):
        state = _side_begin(problem, machine, minimum, wanted, max_calls, *end)
        state = solve_compiled(problem, machine, state, strategy.lower, exact, True)
        return machine.result(minimum, state, *end)

    ends = _ends(minimum.parameters.size)
    ends = jax.tree_util.tree_map(lambda *x: jnp.stack(x), *ends)
    return _minos_errors(minimum, machine, lax.map(one, ends))


def _minos_errors(minimum: FunctionMinimum, machine, ends) -> MinosErrors:
    n = minimum.parameters.size
    lower, upper = (jax.tree_util.tree_map(lambda x, s=s: x[s], ends) for s in (slice(None, n), slice(n, None)))
    return MinosErrors(
        minimum.values,
        lower.error,
        upper.error,
        lower.status,
        upper.status,
        lower.method,
        upper.method,
        lower.params,
        upper.params,
        lower.nfcn,
        upper.nfcn,
        minimum.fval,
        machine.crossing.rise,
        minimum.names,
    )
