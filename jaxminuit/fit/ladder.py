"""Migrad with retries: one fit that does not give up at the first failure."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp

from jaxminuit.core.tree import is_traced, select
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.fit.job import Job, call_limit, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.fit.single import migrad
from jaxminuit.minimise.ladder import Ladder, mendable
from jaxminuit.minimise.migrad import Migrad
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.simplex import Simplex
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.strategy import STRATEGIES

CAREFUL = STRATEGIES[2]


def minimize_all(
    fcn,
    start: Parameters | FunctionMinimum,
    *,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    iterate: int = 5,
    use_simplex: bool = True,
    driver: str = "auto",
    precision: float | None = None,
) -> FunctionMinimum:
    """Minimise by Migrad, and try again where it fails: at strategy 2, then after Simplex (Minuit manual, MINImize).

    Where the first Migrad is not valid, Migrad at strategy 2 follows from the best point; then up to `iterate` rounds
    of Simplex around the best point and Migrad at strategy 2. The steps of Simplex are as large as the errors there, in
    every second round the user's, turned over; they grow. The best point is kept: valid before invalid, then the lower
    FCN value.

    There is no retry after the call limit, nor without a finite value to go on from. A flat direction has one round of
    Simplex, and more while they gain. The retries are compiled only when a fit needs them; inside `jit` they stand in a
    loop of their own, which turns only for fits that need it.

    Parameters
    ----------
    fcn, start, strategy, tol, gradient, driver, precision
        As in `migrad`; `strategy` is that of the first Migrad.
    max_calls
        Limit on FCN calls of each Migrad and each Simplex. Default 200 + 100 n + 5 n^2.
    iterate
        Rounds of Simplex and Migrad, from 0. Default 5.
    use_simplex
        Without Simplex the rounds are Migrad alone, and end when one gains nothing.

    Returns
    -------
    FunctionMinimum
        Its `rung` says which attempt it comes from; calls are those of all attempts.

    Raises
    ------
    TypeError, ValueError
        An argument that cannot be meant, before anything is compiled.
    """
    job = Job(fcn, start, strategy, tol, gradient, max_calls, driver, precision)
    if isinstance(iterate, bool) or not hasattr(iterate, "__index__") or not 0 <= iterate < 2**31:
        raise ValueError(f"iterate must be a whole number, not negative, but it is {iterate!r}")
    if not isinstance(use_simplex, bool):
        raise TypeError(f"use_simplex must be True or False, not {use_simplex!r}")
    options = {"strategy": strategy, "tol": tol, "gradient": gradient, "max_calls": max_calls}
    first = migrad(fcn, start, driver=driver, precision=precision, **options)
    if not is_traced(first) and not bool(mendable(first.status, first.fval)):
        return first
    rounds = jnp.asarray(iterate, jnp.int32)
    arguments = (job.problem, first, job.tol, job.max_calls, rounds, use_simplex, job.exact)
    if job.driver == "compiled":
        return _climb(*arguments)
    machine, state = _climb_begin(*arguments)
    state = solve_on_host(job.problem, fcn, machine, state, CAREFUL, job.exact, True)
    return _climb_end(job.problem, machine, first, state)


@partial(jax.jit, static_argnames=("use_simplex", "exact"))
def _climb_begin(problem, first, tol, max_calls, rounds, use_simplex, exact):
    migrad = Migrad(problem.errordef, tol, problem.precision, problem.limited, CAREFUL, exact)
    machine = Ladder(migrad, Simplex(problem.errordef, tol) if use_simplex else None, rounds)
    steps = internal_steps(problem, first.values, problem.parameters.step)
    return machine, machine.start(first, steps, call_limit(problem, max_calls))


@jax.jit
def _climb_end(problem, machine, first, state):
    counts = {"nfcn": state.nfcn, "ngrad": state.ngrad, "nhessian": state.nhessian}
    best = minimum_of(problem, state.best, machine.migrad.goal, state.best.status, "Migrad")
    best = select(state.rung > 0, replace(best, rung=state.rung), first)
    return replace(best, **counts)


@program("use_simplex", "exact")
def _climb(problem, first, tol, max_calls, rounds, use_simplex, exact):
    machine, state = _climb_begin(problem, first, tol, max_calls, rounds, use_simplex, exact)
    return _climb_end(problem, machine, first, solve_compiled(problem, machine, state, CAREFUL, exact, True))
