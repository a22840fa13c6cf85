"""Fumili: Gauss-Newton fits of sums of terms."""

from dataclasses import replace

import jax.numpy as jnp

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import Status
from jaxminuit.drive.implicit import at_minimum
from jaxminuit.drive.solve import solve_answered
from jaxminuit.drive.tangents import constant
from jaxminuit.fit.job import Job, call_limit, external_steps, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.fit.single import hesse
from jaxminuit.minimise.fumili import Fumili
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.seed import derivatives_from_steps
from jaxminuit.problem.fcn import AnyFCN, HostFCN
from jaxminuit.problem.gauss_newton import gauss_newton_answer
from jaxminuit.problem.parameters import Parameters


def fumili(
    fcn: AnyFCN,
    start: Parameters | FunctionMinimum,
    *,
    strategy: int = 1,
    tol: float = 0.1,
    max_calls: int | None = None,
    precision: float | None = None,
) -> FunctionMinimum:
    """Minimise a sum of squares or a likelihood by Gauss-Newton steps in a trust region (FUMILI; Levenberg-Marquardt).

    Made for FCNs that show their terms: cost functions and their sums, `ResidualFCN`, `SumFCN`. Second derivatives come
    from first ones, so that a step costs about as much as n + 1 values, and bad starts are forgiven.

    Parameters
    ----------
    fcn
        FCN that shows its terms.
    start
        Parameters, or a FunctionMinimum to go on from.
    strategy
        0: the error matrix is the inverse Gauss-Newton matrix, called approximate. 1 (default) and 2: an exact Hessian
        at the end gives the error matrix and the verdict.
    tol
        The fit has converged when the estimated distance to the minimum is below 0.002 tol UP and the steps are
        small: the last and the next one below 1e-5 of every parameter, or an estimated distance below 1e-12 of the FCN.
        That makes fits without errors (UP unknown) right too. Default 0.1.
    max_calls
        Limit on FCN calls. Default 200 + 100 n + 5 n^2 for n free parameters.
    precision
        Relative accuracy of the FCN values (SET EPS). Default: four times the machine's for the dtype.

    Returns
    -------
    FunctionMinimum
        A fit that failed is reported in its `status`, never raised. `nhessian` counts exact Hessians.

    Raises
    ------
    TypeError
        The FCN does not show its terms, or cannot be traced by JAX.
    TypeError, ValueError
        An argument that cannot be meant, before anything is compiled.
    """
    if isinstance(fcn, HostFCN):
        raise TypeError("a HostFCN does not show its terms, and JAX cannot differentiate it: use migrad")
    job = Job(fcn, start, strategy, tol, max_calls=max_calls, gradient="exact", driver="compiled", precision=precision)
    minimum = _fumili(job.problem, job.origin, job.tol, job.max_calls)
    if job.strategy.level == 0:
        return minimum
    judged = hesse(fcn, minimum, strategy=strategy, precision=precision)
    return replace(judged, status=judged_status(minimum.status, judged.status))


def judged_status(first, judged):
    """The status of a fit from Fumili's own one and that of Hesse after it; of any shape."""
    lost = (first == Status.CALL_LIMIT) | (first == Status.NOT_FINITE)
    noise = (first == Status.CONVERGED_TO_NOISE) & (judged == Status.ABOVE_EDM_GOAL)
    return jnp.where(lost | noise, first, judged)


@program()
def _fumili(problem, origin, tol, max_calls):
    plain, *start = constant((problem, origin, tol))
    machine, state = fumili_begin(plain, *start, max_calls)
    state = solve_answered(plain, machine, state, gauss_newton_answer)
    return at_minimum(problem, fumili_end(plain, machine, state))


@quick_jit
def fumili_begin(problem, origin, tol, max_calls):
    """The machine and its first state."""
    machine = Fumili(problem.errordef, tol, problem.precision)
    u = problem.start(origin.values)
    steps = internal_steps(problem, origin.values, external_steps(problem, origin))
    _, _, gstep = derivatives_from_steps(
        u, problem.free, steps, problem.limited, problem.errordef, problem.precision
    )  # fmt: skip
    return machine, machine.start(u, problem.free, steps, gstep, call_limit(problem, max_calls))


@quick_jit
def fumili_end(problem, machine, state):
    """The result from the last state."""
    fitted, status = machine.result(state)
    return minimum_of(problem, fitted, machine.goal, status, "Fumili")
