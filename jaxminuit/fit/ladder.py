"""Migrad with retries: one fit that does not give up at the first failure."""

from dataclasses import replace
from functools import partial

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import Rung, Status
from jaxminuit.core.tree import is_traced, select
from jaxminuit.drive.implicit import at_minimum
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.drive.tangents import constant
from jaxminuit.fit.accuracy import with_all_calls
from jaxminuit.fit.checks import whole
from jaxminuit.fit.fumili import fumili
from jaxminuit.fit.interrupt import keeps_best
from jaxminuit.fit.job import Job, call_limit, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.fit.single import curvature_of, migrad
from jaxminuit.minimise.ladder import Ladder, improves, mendable
from jaxminuit.minimise.limits import off_limits
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.simplex import Simplex
from jaxminuit.problem.fcn import AnyFCN
from jaxminuit.problem.gauss_newton import shows_terms
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.strategy import STRATEGIES

CAREFUL = STRATEGIES[2]


def minimize_all(
    fcn: AnyFCN,
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
    """Minimise by Migrad, and try again in other ways where it fails (Minuit manual, MINImize).

    Where the first Migrad is not valid, Fumili follows from the same start if the FCN shows its terms and derivatives
    are exact; then Migrad at strategy 2 from the best point; then up to `iterate` rounds of Simplex around the best
    point and Migrad at strategy 2. The steps of Simplex are as large as the errors there, in every second round the
    user's, turned over; they grow. The best point is kept: valid before invalid, then the lower FCN value.

    After the call limit only Fumili is tried, and without a finite value to go on from nothing. A flat direction has
    one round of Simplex, and more while they gain. The retries are compiled only when a fit needs them; inside `jit`
    they stand in loops of their own, which turn only for fits that need them.

    Parameters
    ----------
    fcn, start, strategy, tol, gradient, driver, precision
        As in `migrad`; `strategy` is that of the first Migrad.
    max_calls
        Limit on FCN calls of each Migrad, Fumili and Simplex. Default 200 + 100 n + 5 n^2.
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
    rounds = np.int32(whole("iterate", iterate, 0))
    if not isinstance(use_simplex, bool):
        raise TypeError(f"use_simplex must be True or False, not {use_simplex!r}")
    first = migrad(
        fcn, start, strategy=strategy, tol=tol, gradient=gradient, max_calls=max_calls, driver=driver,
        precision=precision,
    )  # fmt: skip
    traced = is_traced((fcn, first))
    if not traced and int(first.status) <= Status.AT_LIMIT:  # as nearly always; numbers of the host need no program
        return first
    if job.exact and shows_terms(job.problem):
        first = with_fumili(
            fcn, start, first, strategy=max(job.strategy.level, 1), tol=tol, max_calls=max_calls, precision=precision
        )
    if not traced and not bool(mendable(first.status, first.fval)):
        return first
    arguments = (job.problem, first, job.tol, job.max_calls, rounds, use_simplex, job.exact)
    if job.driver == "compiled":
        return _climb(*arguments)
    machine, state = climb_begin(*arguments)
    with keeps_best(lambda state: climb_end(job.problem, machine, first, state)):
        state = solve_on_host(job.problem, fcn, machine, state, CAREFUL, job.exact, True)
    return climb_end(job.problem, machine, first, state)


def with_fumili(fcn, start, first, **options):
    """The better of the first Migrad and Fumili from the same start, which runs only where Migrad failed."""

    def tried(first):
        second = replace(fumili(fcn, start, **options), algorithm=first.algorithm, rung=jnp.int32(Rung.FUMILI))
        better = improves(second.status, second.fval, first.status, first.fval)
        return with_all_calls(select(better, second, first), first, second)

    failed = ~first.valid & jnp.isfinite(first.fval)
    if is_traced((fcn, first)):
        return lax.cond(failed, tried, lambda first: first, first)
    return tried(first) if bool(failed) else first


@partial(quick_jit, static_argnames=("use_simplex", "exact"), tiny=True)
def climb_begin(problem, first, tol, max_calls, rounds, use_simplex, exact):
    """The machine of the retries and its first state, after a first fit."""
    migrad = migrad_machine(problem.errordef, tol, problem.precision, problem.limited, CAREFUL, exact)
    machine = Ladder(migrad, Simplex(problem.errordef, tol) if use_simplex else None, rounds)
    steps = internal_steps(problem, first.values, problem.parameters.step)
    inside = problem.start(off_limits(problem.parameters, first.values))
    first = replace(first, u=jnp.where(first.status == Status.BLOCKED_AT_LIMIT, inside, first.u))
    return machine, machine.start(first, steps, call_limit(problem, max_calls))


@partial(quick_jit, tiny=True)
def climb_end(problem, machine, first, state):
    """The result from the last state: the first fit if no retry was better."""
    counts = {"nfcn": state.nfcn, "ngrad": state.ngrad, "nhessian": state.nhessian}
    curvature = curvature_of(state.best, machine.migrad.exact)
    best = minimum_of(problem, state.best, machine.migrad.goal, state.best.status, "Migrad", curvature)
    best = select(state.rung > Rung.FUMILI, replace(best, rung=state.rung), first)
    return replace(best, **counts)


@program("use_simplex", "exact")
def _climb(problem, first, tol, max_calls, rounds, use_simplex, exact):
    plain, start, tol = constant((problem, first, tol))
    machine, state = climb_begin(plain, start, tol, max_calls, rounds, use_simplex, exact)
    state = solve_compiled(plain, machine, state, CAREFUL, exact, True, True)
    return at_minimum(problem, climb_end(plain, machine, start, state))
