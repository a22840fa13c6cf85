"""Migrad and Hesse: one fit, compiled or on the host."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax.numpy as jnp

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import is_traced
from jaxminuit.drive.implicit import at_minimum, at_point
from jaxminuit.drive.solve import solve_answered, solve_compiled, solve_on_host
from jaxminuit.drive.tangents import constant
from jaxminuit.errors.hesse import Hesse
from jaxminuit.fit.accuracy import told_accuracy
from jaxminuit.fit.interrupt import keeps_best
from jaxminuit.fit.job import Job, call_limit, external_steps, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.seed import derivatives_from_steps
from jaxminuit.minimise.simplex import Simplex
from jaxminuit.minimise.verdict import verdict
from jaxminuit.problem.evaluate import value_answer
from jaxminuit.problem.fcn import AnyFCN
from jaxminuit.problem.parameters import Parameters


def migrad(
    fcn: AnyFCN,
    start: Parameters | FunctionMinimum,
    *,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
    watch: Callable[[Any], object] | None = None,
) -> FunctionMinimum:
    """Minimise by Migrad, the variable-metric method (Minuit manual, MIGrad).

    Parameters
    ----------
    fcn
        FCN, cost function, or HostFCN.
    start
        Parameters, or a FunctionMinimum to go on from (its values and its error matrix).
    strategy
        0, 1 (default) or 2: how much is spent on certainty. Or a `Strategy` with numbers of one's own.
    tol
        The fit has converged when the estimated distance to the minimum is below 0.002 tol UP. Default 0.1.
    gradient
        "exact": autodiff, or the gradient of a HostFCN; "finite": Minuit's finite differences; "auto": exact where the
        FCN can be traced or brings a gradient.
    max_calls
        Limit on FCN calls. Default 200 + 100 n + 5 n^2 for n free parameters.
    driver
        "compiled", "host" (a Python loop), or "auto": host for a HostFCN, or to be watched.
    precision
        Relative accuracy of the FCN values (SET EPS). Default: four times the machine's for the dtype; where
        differences show more noise than that, the fit starts again with the accuracy that was seen (not inside `jit`).
    watch
        Called with every state of the host driver; may raise to stop the fit.

    Returns
    -------
    FunctionMinimum
        A fit that failed is reported in its `status`, never raised.

    Raises
    ------
    TypeError, ValueError
        An argument that cannot be meant, before anything is compiled.
    KeyboardInterrupt
        If Ctrl-C stops a fit on the host (or the FCN raises it); its `minimum` is the best point until then, not valid.

    Examples
    --------
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p: (p["x"] - 1) ** 2 + (p["x"] + p["y"]) ** 2)
    >>> start = jm.Parameters({"x": 0.0, "y": 0.0})
    >>> minimum = jm.migrad(fcn, start)
    >>> print(minimum.valid, minimum.values.round(4), minimum.errors.round(4))
    True [ 1. -1.] [1.     1.4142]
    """
    if watch is not None:
        if driver == "compiled" or not callable(watch):
            raise ValueError(f"watch must be callable, and needs the host driver; it is {watch!r}, driver {driver!r}")
        driver = "host"
    job = Job(fcn, start, strategy, tol, gradient, max_calls, driver, precision)
    first = _one_migrad(job, fcn, watch)
    if job.exact or precision is not None or is_traced((fcn, first)):
        return first
    level = max(job.strategy.level, 1)

    def informed(start, precision):
        return _one_migrad(Job(fcn, start, strategy, tol, gradient, max_calls, driver, precision), fcn, watch)

    def checked(found, precision):
        return hesse(
            fcn, found, strategy=level, gradient=gradient, max_calls=max_calls, driver=driver, precision=precision
        )  # fmt: skip

    return told_accuracy(first, informed, checked)


def _one_migrad(job: Job, fcn, watch) -> FunctionMinimum:
    if job.driver == "compiled":
        return _migrad(job.problem, job.origin, job.tol, job.max_calls, job.strategy, job.exact)
    machine, state = migrad_begin(job.problem, job.origin, job.tol, job.max_calls, job.strategy, job.exact)
    hessian = job.strategy.level > 0
    with keeps_best(lambda state: migrad_end(job.problem, machine, state)):
        state = solve_on_host(job.problem, fcn, machine, state, job.strategy, job.exact, hessian, watch)
    return migrad_end(job.problem, machine, state)


def simplex(
    fcn: AnyFCN,
    start: Parameters | FunctionMinimum,
    *,
    tol: float = 0.1,
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
) -> FunctionMinimum:
    """Minimise by the simplex method of Nelder and Mead (Minuit manual, SIMplex): values only, robust, slow at the end.

    Arguments as in `migrad`, but it has converged when the values at the corners differ by less than tol UP. There is
    no error matrix; `errors` are the extent of the last simplex scaled to UP, good as steps for Migrad.
    """
    job = Job(fcn, start, tol=tol, gradient="finite", max_calls=max_calls, driver=driver, precision=precision)
    if job.driver == "compiled":
        return _simplex(job.problem, job.origin, job.tol, job.max_calls)
    machine, state = _simplex_begin(job.problem, job.origin, job.tol, job.max_calls)
    with keeps_best(lambda state: _simplex_end(job.problem, machine, state)):
        state = solve_on_host(job.problem, fcn, machine, state, job.strategy, False, False)
    return _simplex_end(job.problem, machine, state)


def hesse(
    fcn: AnyFCN,
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

    Examples
    --------
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p: (p["x"] - 1) ** 2 + (p["x"] + p["y"]) ** 2)
    >>> start = jm.Parameters({"x": 0.0, "y": 0.0})
    >>> jm.hesse(fcn, start).covariance.round(4).tolist()
    [[1.0, -1.0], [-1.0, 2.0]]
    """
    job = Job(fcn, start, strategy, gradient=gradient, max_calls=max_calls, driver=driver, precision=precision)
    if job.driver == "compiled":
        minimum = _hesse(job.problem, job.origin, job.max_calls, job.strategy, job.exact)
    else:
        machine, state = hesse_begin(job.problem, job.origin, job.max_calls, job.strategy, job.exact)
        state = solve_on_host(job.problem, fcn, machine, state, job.strategy, job.exact, True)
        minimum = hesse_end(job.problem, job.origin, state, job.exact)
    return replace(minimum, algorithm=start.algorithm) if isinstance(start, FunctionMinimum) else minimum


@partial(quick_jit, static_argnames=("strategy", "exact"), tiny=True)
def migrad_begin(problem, origin, tol, max_calls, strategy, exact):
    """The machine of Migrad and its first state."""
    machine = migrad_machine(problem.errordef, tol, problem.precision, problem.limited, strategy, exact)
    u, steps = problem.start(origin.values), _steps(problem, origin)
    limit = call_limit(problem, max_calls)
    state = machine.start(u, problem.free, steps, limit, origin.inverse_hessian, origin.has_matrix)
    accurate = origin.matrix_status == MatrixStatus.ACCURATE
    return machine, replace(state, hessian_at=jnp.where(accurate, 0, state.hessian_at))


def _steps(problem, origin):
    """Internal steps from the origin."""
    return internal_steps(problem, origin.values, external_steps(problem, origin))


@partial(quick_jit, tiny=True)
def migrad_end(problem, machine, state):
    """The result from the last state."""
    minimum = minimum_of(problem, state, machine.goal, state.status, "Migrad", curvature_of(state, machine.exact))
    return replace(minimum, noise=state.noise)


@program("strategy", "exact")
def _migrad(problem, origin, tol, max_calls, strategy, exact):
    plain, *start = constant((problem, origin, tol))
    machine, state = migrad_begin(plain, *start, max_calls, strategy, exact)
    state = solve_compiled(plain, machine, state, strategy, exact, strategy.level > 0)
    return at_minimum(problem, migrad_end(plain, machine, state))


@partial(quick_jit, static_argnames=("strategy", "exact"), tiny=True)
def hesse_begin(problem, origin, max_calls, strategy, exact):
    """The machine of Hesse and its first state, with all that the origin knows."""
    machine = Hesse(problem.precision, exact)
    known, first = origin.has_derivatives, problem.start(origin.values)
    steps = _steps(problem, origin)
    guess = derivatives_from_steps(first, problem.free, steps, problem.limited, problem.errordef, problem.precision)
    u, f = _point(problem, origin), jnp.where(known, origin.fval, jnp.nan)
    at_origin = (origin.gradient, origin.g2, origin.gstep)
    g, g2, gstep = (jnp.where(known, a, b) for a, b in zip(at_origin, guess, strict=True))
    return machine, machine.start(u, problem.free, f, g, g2, gstep, known, call_limit(problem, max_calls))


def _point(problem, origin):
    """Internal coordinates of the origin, as they are where its derivatives are known."""
    return jnp.where(origin.has_derivatives, origin.u, problem.start(origin.values))


def curvature_of(state, exact):
    """Second derivatives along the axes: of the Hessian, or of the differences that the last gradient was made of."""
    return jnp.diagonal(state.error.hessian) if exact else state.g2


@partial(quick_jit, static_argnames="exact", tiny=True)
def hesse_end(problem, origin, state, exact):
    """The result from the last state: calls are counted on, and the EDM judges the point."""
    goal = jnp.where(origin.goal > 0, origin.goal, 0.002 * 0.1 * problem.errordef)
    accuracy = (2.0 if exact else 10.0) * problem.precision.eps * jnp.abs(state.f)
    status = verdict(state.error, state.edm, goal, ~(state.edm < 10.0 * goal), False, accuracy)
    counts = {k: getattr(state, k) + getattr(origin, k) for k in ("nfcn", "ngrad", "nhessian")}
    state = replace(state, **counts)
    return minimum_of(problem, state, goal, status, "Hesse", curvature_of(state, exact))


@program("strategy", "exact")
def _hesse(problem, origin, max_calls, strategy, exact):
    plain, start = constant((problem, origin))
    machine, state = hesse_begin(plain, start, max_calls, strategy, exact)
    minimum = hesse_end(plain, start, solve_compiled(plain, machine, state, strategy, exact, True), exact)
    return at_point(problem, _point(problem, origin), minimum)


@partial(quick_jit, tiny=True)
def _simplex_begin(problem, origin, tol, max_calls):
    machine = Simplex(problem.errordef, tol)
    u, limit = problem.start(origin.values), call_limit(problem, max_calls)
    steps = jnp.where(problem.limited, jnp.minimum(_steps(problem, origin), 5.0), _steps(problem, origin))
    return machine, machine.start(u, problem.free, steps, limit)


@partial(quick_jit, tiny=True)
def _simplex_end(problem, machine, state):
    return minimum_of(problem, state, machine.goal, state.status, "Simplex")


@program()
def _simplex(problem, origin, tol, max_calls):
    plain, *start = constant((problem, origin, tol))
    machine, state = _simplex_begin(plain, *start, max_calls)
    return at_minimum(problem, _simplex_end(plain, machine, solve_answered(plain, machine, state, value_answer)))
