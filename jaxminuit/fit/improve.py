"""Improve: lower minima around a known one."""

from dataclasses import replace
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.tree import is_traced, select
from jaxminuit.drive.implicit import at_minimum
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.drive.tangents import constant
from jaxminuit.fit.checks import as_key, check_minimum, whole
from jaxminuit.fit.job import Job, call_limit, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.fit.single import curvature_of
from jaxminuit.minimise.improve import Improve
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.simplex import Simplex
from jaxminuit.problem.fcn import AnyFCN


def improve(
    fcn: AnyFCN,
    minimum: FunctionMinimum,
    *,
    key: Any = 0,
    attempts: int | None = None,
    max_calls: int | None = None,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    driver: str = "auto",
    precision: float | None = None,
) -> FunctionMinimum:
    """Look for lower minima around a known one by stretching (Goldstein and Price; Minuit manual, IMProve).

    Every attempt starts from a random simplex within 2, 4 or 8 standard deviations, minimises the stretched FCN, then
    the FCN by Simplex and Migrad. A lower valid minimum takes the place of the known one, and the attempts go on there.

    Parameters
    ----------
    fcn, minimum
        The FCN and its valid minimum. One that is not valid comes back as it is.
    key
        Whole number or JAX key: the same key gives the same result, on every driver and in batches.
    attempts
        How many. Default n + 4 for n free parameters.
    max_calls
        Limit on FCN calls, of all attempts together (it is looked at between two minimisations and inside them).
        Default `attempts` (200 + 100 n + 5 n^2).
    strategy, tol, gradient, driver, precision
        As in `migrad`.

    Returns
    -------
    FunctionMinimum
        Of algorithm "Improve": the lowest minimum with Migrad's verdict and error matrix there. A new one was found
        exactly if its `fval` is below that of `minimum`. Calls are added to those of `minimum`.
    """
    check_minimum(minimum)
    job = Job(fcn, minimum, strategy, tol, gradient, max_calls, driver, precision)
    number: Any = attempts if is_traced(attempts) else np.int32(0 if attempts is None else whole("attempts", attempts))
    arguments = (job.problem, minimum, as_key(key), number, job.tol, job.max_calls, job.strategy, job.exact)
    if job.driver == "compiled":
        return _improve(*arguments)
    machine, state = _improve_begin(*arguments)
    state = solve_on_host(job.problem, fcn, machine, state, job.strategy, job.exact, job.strategy.level > 0)
    return _improve_end(job.problem, machine, minimum, state)


@partial(quick_jit, static_argnames=("strategy", "exact"))
def _improve_begin(problem, minimum, key, attempts, tol, max_calls, strategy, exact):
    n = jnp.sum(problem.free, dtype=jnp.int32)
    attempts = jnp.where(attempts > 0, attempts, n + 4).astype(jnp.int32)
    migrad = migrad_machine(problem.errordef, tol, problem.precision, problem.limited, strategy, exact)
    machine = Improve(migrad, Simplex(problem.errordef, tol), key, attempts)
    each = call_limit(problem, jnp.int32(0))
    total = jnp.where(max_calls > 0, max_calls, attempts * each)
    steps = internal_steps(problem, minimum.values, problem.parameters.step)
    return machine, machine.start(minimum, steps, each, total)


@quick_jit
def _improve_end(problem, machine, minimum, state):
    curvature = curvature_of(state.best, machine.migrad.exact)
    best = minimum_of(problem, state.best, machine.migrad.goal, state.best.status, "Improve", curvature)
    best = select(state.found > 0, best, replace(minimum, algorithm="Improve"))
    return replace(
        best,
        nfcn=minimum.nfcn + state.nfcn,
        ngrad=minimum.ngrad + state.ngrad,
        nhessian=minimum.nhessian + state.nhessian,
    )


@program("strategy", "exact")
def _improve(problem, minimum, key, attempts, tol, max_calls, strategy, exact):
    plain, start, tol = constant((problem, minimum, tol))
    machine, state = _improve_begin(plain, start, key, attempts, tol, max_calls, strategy, exact)
    state = solve_compiled(plain, machine, state, strategy, exact, strategy.level > 0, True)
    return at_minimum(problem, _improve_end(plain, machine, start, state))
