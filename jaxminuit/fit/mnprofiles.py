"""mnprofile: the FCN along one parameter, minimised over the others."""

from functools import partial
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import Status
from jaxminuit.core.symmetric import squeezed
from jaxminuit.core.tree import select
from jaxminuit.core.types import Scalar, Vector
from jaxminuit.drive.implicit import lowest
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.drive.tangents import constant
from jaxminuit.errors.minos import inner_strategy
from jaxminuit.errors.profile import Profile
from jaxminuit.fit.checks import check_minimum
from jaxminuit.fit.grids import scan_values
from jaxminuit.fit.job import Job, call_limit, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform
from jaxminuit.problem.fcn import AnyFCN


def mnprofile(
    fcn: AnyFCN,
    minimum: FunctionMinimum,
    x: str | int,
    *,
    size: int = 30,
    bound: Any = 2,
    grid: Any = None,
    subtract_min: bool = False,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
) -> Profile:
    """FCN along one parameter, minimised over all others at each point; all points in one program.

    The minimisations go outward from the minimum, each from where the one before ended, moved along the way that
    the last two show.

    Parameters
    ----------
    fcn, minimum
        The FCN and its minimum.
    x
        Name or number of the parameter.
    size
        Number of points. Default 30.
    bound
        Half the range in errors, or the range (low, high). Cut at the limits.
    grid
        The values of x themselves, in any order, instead of size and bound.
    subtract_min
        Whether the smallest value is subtracted from all.
    strategy, tol, gradient, driver, precision
        As in `migrad`, for the minimisations; strategy 1 with exact gradients, one lower with finite differences.
    max_calls
        Limit for each point. Default 200 + 100 n + 5 n^2.

    Returns
    -------
    Profile
        A minimisation that failed is reported in its `status`, never raised.
    """
    check_minimum(minimum)
    job = Job(fcn, minimum, strategy, tol, gradient, max_calls, driver, precision)
    i = minimum.parameters.index(x)
    xs = scan_values(minimum, i, size, bound, grid)
    inner = inner_strategy(job.strategy, job.exact)
    arguments = job.problem, minimum, jnp.int32(i), xs, job.tol, job.max_calls
    if job.driver == "compiled":
        points = _profiled(*arguments, inner, job.exact)
    else:
        points = _profiled_on_host(fcn, *arguments, inner, job.exact)
    values, status, params, nfcn = points
    values = values - jnp.nanmin(values) if subtract_min else values
    return Profile(xs, values, status, params, nfcn, minimum.names[i])


class _Way(eqx.Module):
    """How far the profile has come on one side: the last x, all internal coordinates there, and their slope."""

    x: Scalar
    u: Vector
    slope: Vector


def _ways(minimum: FunctionMinimum, i) -> list[_Way]:
    """Both sides at the minimum; the others move along with x as their correlations say."""
    p, v = minimum.parameters, minimum.inverse_hessian
    inside = transform.dint2ext(minimum.u, p.lower, p.upper)[i]
    slope = safe_divide(safe_divide(v[:, i], v[i, i]), inside)
    return [_Way(minimum.values[i], minimum.u, slope)] * 2


def _held(problem, minimum, i, x):
    """The problem with parameter i fixed at x."""
    pinned = jnp.arange(problem.parameters.size) == i
    held = problem.moved_to(jnp.where(pinned, x, minimum.values))
    return eqx.tree_at(lambda q: q.parameters.fixed, held, problem.parameters.fixed | pinned)


@partial(quick_jit, static_argnames=("strategy", "exact"))
def _begin(problem, minimum, i, x, ways, tol, max_calls, strategy, exact):
    """The problem with x held, and the minimisation there from the nearest point done on the same side."""
    p, v = problem.parameters, minimum.inverse_hessian
    pinned = jnp.arange(p.size) == i
    held = _held(problem, minimum, i, x)
    way = select(x < minimum.values[i], *ways)
    u = way.u + way.slope * (x - way.x)
    values = transform.int2ext(u, p.lower, p.upper)
    u = transform.ext2int(values, p.lower, p.upper, problem.precision.eps2)
    steps = internal_steps(problem, values, jnp.where(minimum.errors > 0, minimum.errors, p.step))
    machine = migrad_machine(problem.errordef, tol, problem.precision, problem.limited, strategy, exact)
    known = jnp.any(jnp.diagonal(v) > 0) & minimum.valid
    return held, machine, machine.start(u, held.free, steps, call_limit(held, max_calls), squeezed(v, pinned), known)


@quick_jit
def _end(problem, minimum, i, ways, state):
    """What is kept of a point, and the sides after it. A point that failed leaves them as they are."""
    p = problem.parameters
    x, (u, _) = p.values[i], transform.fold(state.x, p.lower, p.upper)
    point = state.f, state.status, problem.external(state.x), state.nfcn
    below = x < minimum.values[i]
    way = select(below, *ways)
    moved = x != way.x
    slope = jnp.where(moved, safe_divide(u - way.u, x - way.x), way.slope)
    new = select(state.status <= Status.AT_LIMIT, _Way(x, u, slope), way)
    return [select(below, new, ways[0]), select(below, ways[1], new)], point


@program("strategy", "exact")
def _profiled(problem, minimum, i, xs, tol, max_calls, strategy, exact):
    plain, start, tol = constant((problem, minimum, tol))

    def one(ways, x):
        held, machine, state = _begin(plain, start, i, constant(x), ways, tol, max_calls, strategy, exact)
        state = solve_compiled(held, machine, state, strategy, exact, strategy.level > 0)
        ways, (f, status, _, nfcn) = _end(held, start, i, ways, state)
        moving = _held(problem, minimum, i, x)
        u, f = lowest(moving, state.error.v, state.x, f, status <= Status.AT_LIMIT)
        return ways, (f, status, moving.external(u), nfcn)

    order = _outward(constant(xs), start, i)
    points = lax.scan(one, _ways(start, i), xs[order])[1]
    return tuple(array[jnp.argsort(order)] for array in points)


def _profiled_on_host(fcn, problem, minimum, i, xs, tol, max_calls, strategy, exact):
    order, ways, points = _outward(xs, minimum, i), _ways(minimum, i), []
    for x in xs[order]:
        held, machine, state = _begin(problem, minimum, i, x, ways, tol, max_calls, strategy, exact)
        state = solve_on_host(held, fcn, machine, state, strategy, exact, strategy.level > 0)
        ways, point = _end(held, minimum, i, ways, state)
        points.append(point)
    return tuple(jnp.stack(arrays)[jnp.argsort(order)] for arrays in zip(*points, strict=True))


def _outward(xs: Vector, minimum: FunctionMinimum, i) -> Vector:
    """The points in the order in which they are done."""
    return jnp.argsort(jnp.abs(xs - minimum.values[i]))
