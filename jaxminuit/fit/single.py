"""Migrad and Hesse: one fit, compiled or on the host."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxminuit.core.status import MatrixStatus
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.errors.hesse import Hesse
from jaxminuit.fit.job import Job, call_limit, internal_steps
from jaxminuit.minimise.migrad import Migrad
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.verdict import verdict
from jaxminuit.problem.parameters import Parameters


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
    job = Job(fcn, start, strategy, tol, gradient, max_calls, driver, precision)
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
    job = Job(fcn, start, strategy, 0.1, gradient, max_calls, driver, precision)
    if job.driver == "compiled":
        return _hesse(job.problem, job.warm, job.max_calls, job.strategy, job.exact)
    machine, state = _hesse_begin(job.problem, job.warm, job.max_calls, job.strategy, job.exact)
    state = solve_on_host(job.problem, fcn, machine, state, job.strategy, job.exact, True)
    return _hesse_end(job.problem, job.warm, state)


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _migrad_begin(problem, warm, tol, max_calls, strategy, exact):
    machine = Migrad(problem.errordef, tol, problem.precision, problem.limited, strategy, exact)
    p = problem.parameters
    if warm is None:
        u, values, step, v, known = problem.start(), p.values, p.step, None, False
    else:
        values, v = warm.values, warm.inverse_hessian
        known = (warm.matrix_status > MatrixStatus.ABSENT) & (warm.matrix_status <= MatrixStatus.MADE_POSITIVE_DEFINITE)
        u, step = problem.internal(values), jnp.where(warm.errors > 0, warm.errors, p.step)
    state = machine.start(
        u, problem.free, internal_steps(problem, values, step), call_limit(problem, max_calls), v, known
    )
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
    return machine, machine.start(u, problem.free, f, g, g2, gstep, known, call_limit(problem, max_calls))


@jax.jit
def _hesse_end(problem, warm, state):
    goal = 0.002 * 0.1 * problem.errordef if warm is None else warm.goal
    near = state.edm < 10.0 * goal
    status = verdict(state.error, state.edm, ~near, False)
    algorithm = "Hesse" if warm is None else warm.algorithm
    m = minimum_of(problem, state, goal, status, algorithm)
    if warm is None:
        return m
    counts = tuple(getattr(m, k) + getattr(warm, k) for k in ("nfcn", "ngrad", "nhessian"))
    return eqx.tree_at(lambda m: (m.nfcn, m.ngrad, m.nhessian), m, counts)


@partial(jax.jit, static_argnames=("strategy", "exact"))
def _hesse(problem, warm, max_calls, strategy, exact):
    machine, state = _hesse_begin(problem, warm, max_calls, strategy, exact)
    return _hesse_end(problem, warm, solve_compiled(problem, machine, state, strategy, exact, True))
