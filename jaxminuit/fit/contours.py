"""mncontour: the contour of two parameters, the others minimised over."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.calls import default_calls
from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import SideStatus
from jaxminuit.core.tree import is_traced, on_host
from jaxminuit.drive.implicit_contours import Line, at_contour
from jaxminuit.drive.solve import solve_compiled, solve_on_host
from jaxminuit.drive.tangents import constant
from jaxminuit.errors.contour import Trace
from jaxminuit.errors.contour_result import Contour
from jaxminuit.errors.contour_search import Gaps
from jaxminuit.errors.minos import crossing_machine, inner_strategy
from jaxminuit.fit.checks import check_minimum
from jaxminuit.fit.job import Job
from jaxminuit.fit.profiles import two_different
from jaxminuit.fit.programs import program
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AnyFCN
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import STRATEGIES, Strategy
from jaxminuit.problem.transform import dint2ext, limited

ENOUGH = 0.6  # of the points of an open line, for those of crossing searches to be the better ones
TOGETHER = 8  # points whose Hessians are in memory at the same time, for derivatives


def mncontour(
    fcn: AnyFCN,
    minimum: FunctionMinimum,
    x: str | int,
    y: str | int,
    *,
    size: int = 100,
    cl: float | Sequence[float] | None = None,
    closed: bool = False,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
) -> Contour:
    """The contour of two parameters, the FCN minimised over all others (Minuit manual, MNContour and 1.4.4.2).

    With exact gradients the contour of the region around this minimum is followed all the way around by continuation,
    which serves bananas and other shapes that are not convex; its points are exact to 1e-4 of the rise, and the ends of
    the Minos intervals are among them. Where a limit cuts the region, points lie on the limit, corners among them.
    Where the way breaks off, because the others jump to another minimum, crossing searches go all around instead (not
    inside `jit`, where the last point is then not valid).
    With finite differences by Minuit's crossing searches, as accurate as those of Minos (1 %). Where these leave points
    out, as they do on bananas, and neither parameter has a limit, the contour is followed with differences instead.

    Parameters
    ----------
    fcn, minimum
        The FCN and its valid minimum. A minimum that is not valid has every point reported as not run.
    x, y
        Names or numbers of two different free parameters.
    size
        Number of points, from 4. Default 100.
    cl
        Joint confidence level of both parameters: None for 0.68, a probability below 1, or from 1 a number of
        standard deviations. A sequence gives one contour each, in one program: every array has a leading axis.
    closed
        Whether the first point is repeated at the end.
    strategy, tol, gradient, driver, precision
        As in `minos`.
    max_calls
        Limit on FCN calls for each contour. Default 100 (size + 5) (n + 1).

    Returns
    -------
    Contour
        Points that were not found are reported in its `status`, never raised. Derivatives of points are those of the
        contour: each moves at right angles to it (in units of the errors), and along a limit with the limit.

    Raises
    ------
    TypeError, ValueError
        An argument that cannot be meant (x fixed, x the same as y ...), before anything is compiled.

    Examples
    --------
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p: (p["x"] - 1) ** 2 + (p["x"] + p["y"]) ** 2)
    >>> start = jm.Parameters({"x": 0.0, "y": 0.0})
    >>> contour = jm.mncontour(fcn, jm.migrad(fcn, start), "x", "y", size=30)
    >>> x, y = contour.points.T
    >>> bool(abs((x - 1) ** 2 + (x + y) ** 2 - contour.rise).max() < 1e-3)
    True
    """
    check_minimum(minimum)
    if not isinstance(size, int | np.integer) or isinstance(size, bool) or size < 4:
        raise ValueError(f"size must be a whole number from 4, not {size!r}")
    job = Job(fcn, minimum, strategy, tol, gradient, max_calls, driver, precision)
    pair = two_different(minimum.parameters, x, y)
    for i in pair:
        if not is_traced(minimum.parameters.fixed) and bool(minimum.parameters.fixed[i]):
            raise ValueError(f"{minimum.names[i]} is fixed: a contour needs two free parameters")
    several = isinstance(cl, Sequence | np.ndarray)
    levels: list[Any] = list(cl) if isinstance(cl, Sequence | np.ndarray) else [cl]
    if not levels:
        raise ValueError("cl must be a confidence level or a sequence of them, but it is empty")
    rises = np.asarray([rise_factor(level, 2) for level in levels], minimum.values.dtype)
    rises = rises * on_host(job.problem.errordef)
    # what follows is done on the host, where it needs no program, unless it is traced
    found = on_host(_contours(job, fcn, minimum, np.array(pair), rises, int(size)))
    points, status, nfcn, nhessian = found
    if not is_traced((fcn, minimum, found)) and _another_way_may_help(job, minimum, pair, status):
        more = on_host(_contours(job, fcn, minimum, np.array(pair), rises, int(size), tracing=not job.exact))
        # an open line keeps to one part of the contour, however many points are on it
        enough = ENOUGH * _count(status) if job.exact else _count(status)
        found = np.any(_failed(status), axis=-1) & (_count(more[1]) > enough)
        points, status = (
            np.where(found.reshape(-1, *(1,) * (a.ndim - 1)), a, b)
            for a, b in zip(more, (points, status), strict=False)
        )
        nfcn, nhessian = nfcn + more[2], nhessian + more[3]
    plane = points[:, :, np.array(pair)]
    plane = plane[:, np.arange(size + bool(closed)) % size]
    arrays = plane, status, points, rises, nfcn, nhessian
    plane, status, points, rises, nfcn, nhessian = arrays if several else (array[0] for array in arrays)
    first, second = (minimum.names[i] for i in pair)
    contour = Contour(plane, status, points, minimum.fval, rises, nfcn, nhessian, (first, second))
    return contour if is_traced(contour) else jax.device_put(contour)


def _count(status):
    """How many points were found, for each level."""
    return np.sum(status <= SideStatus.AT_LIMIT, axis=-1)


def _failed(status):
    """Which points should have been found."""
    return (status == SideStatus.FAILED) | (status == SideStatus.CALL_LIMIT)


def _another_way_may_help(job: Job, minimum: FunctionMinimum, pair, status) -> bool:
    """Whether points are missing that the other method might find.

    Crossing searches where a continuation was lost, as it is where the others jump to another minimum on the way;
    continuation with differences where crossing searches failed, unless a limit is near, beyond which differences go.
    """
    if job.exact:
        begun = np.any(status <= SideStatus.AT_LIMIT, axis=-1)
        return bool(np.any(begun & np.any(status == SideStatus.FAILED, axis=-1)))
    p = minimum.parameters
    return bool(np.any(_failed(status)) and not np.any(limited(p.lower, p.upper)[np.array(pair)]))


def _contours(job: Job, fcn, minimum, pair, rises, size, tracing=None):
    """Points (all parameters), statuses, calls and Hessians, with a leading axis of levels; traced if exact or told."""
    arguments = job.tol, job.max_calls, job.strategy, job.exact, job.exact if tracing is None else tracing, size
    if job.driver == "compiled":
        return _compiled(job.problem, minimum, pair, rises, *arguments)
    ends, strategy = [], _strategy(job.strategy, *arguments[3:5])
    for rise in rises:
        problem, machine, state = _begin(job.problem, minimum, pair, rise, *arguments)
        state = solve_on_host(problem, fcn, machine, state, strategy, job.exact, True)
        ends.append(_end(problem, machine, state))
    return tuple(np.stack(arrays) for arrays in zip(*ends, strict=True))


def _strategy(strategy: Strategy, exact: bool, tracing: bool) -> Strategy:
    """That of the inner fits, or of the differences that stand for derivatives."""
    return STRATEGIES[1] if tracing and not exact else inner_strategy(strategy, exact)


@partial(quick_jit, static_argnames=("strategy", "exact", "tracing", "size"), tiny=True)
def _begin(problem: Problem, minimum: FunctionMinimum, pair, rise, tol, max_calls, strategy, exact, tracing, size):
    """The problem, the machine of one contour, and its state."""
    p, free = problem.parameters, problem.free
    in_plane = jnp.any(jnp.arange(p.size)[:, None] == pair[None, :], axis=1)
    plane = (jnp.arange(p.size)[:, None] == pair[None, :]).astype(minimum.u.dtype)
    n = jnp.sum(free)
    limit = jnp.where(max_calls > 0, max_calls, 100 * (size + 5) * (n + 1)).astype(jnp.int32)
    wanted = minimum.valid & jnp.all(free[pair])
    if not tracing:
        inner_limit = (2 * (n + 1) * default_calls(n)).astype(jnp.int32)
        crossing = crossing_machine(problem, rise, tol, strategy, exact)
        search = Gaps(crossing, minimum, plane, p.lower[pair], p.upper[pair], limit, inner_limit, size)
        return problem, search, search.start(wanted)
    mixed = _open_ended(problem, in_plane)
    w = jnp.where(in_plane, minimum.values, minimum.u)
    slope = jnp.where(in_plane, jnp.abs(dint2ext(minimum.u, p.lower, p.upper)), 1.0)
    g2, gstep = safe_divide(minimum.g2, slope**2), minimum.gstep * slope
    limits = p.lower[pair], p.upper[pair]
    trace = Trace(plane, *limits, w, minimum.fval, rise, free, limit, g2, gstep, size, not exact)
    return mixed, trace, trace.start(minimum.gradient, wanted)


def _open_ended(problem: Problem, in_plane) -> Problem:
    """The problem with x and y in external coordinates: their limits are the tracer's affair."""
    p = problem.parameters
    open_ended = p.replace(lower=jnp.where(in_plane, -jnp.inf, p.lower), upper=jnp.where(in_plane, jnp.inf, p.upper))
    return Problem(problem.fcn, open_ended, problem.precision.eps)


@partial(quick_jit, tiny=True)
def _end(problem: Problem, machine, state):
    if isinstance(machine, Gaps):
        return machine.result(state)
    return jax.vmap(problem.external)(state.points[:-1]), state.status[:-1], state.nfcn, state.nhessian


@program("strategy", "exact", "tracing", "size")
def _compiled(problem, minimum, pair, rises, tol, max_calls, strategy, exact, tracing, size):
    inner, (plain, start) = _strategy(strategy, exact, tracing), constant((problem, minimum))

    def one(rise):
        rise = constant(rise)
        mixed, machine, state = _begin(plain, start, pair, rise, tol, max_calls, strategy, exact, tracing, size)
        return _end(mixed, machine, solve_compiled(mixed, machine, state, inner, exact, True, True))

    points, status, nfcn, nhessian = jax.vmap(one)(rises)
    return _with_derivatives(problem, minimum, pair, rises, points, status), status, nfcn, nhessian


def _with_derivatives(problem: Problem, minimum: FunctionMinimum, pair, rises, points, status):
    """The points of all contours, (levels, size, n), with their derivatives."""
    p = problem.parameters
    plane = (jnp.arange(p.size) == pair[:, None]).astype(points.dtype)
    mixed, limits = _open_ended(problem, jnp.any(plane > 0, axis=0)), jnp.stack([p.lower[pair], p.upper[pair]])
    unit = jnp.where(minimum.errors[pair] > 0, minimum.errors[pair], 1.0)

    def one(at):
        rise, point, code = at
        line = Line(minimum.fval + rise, plane, limits, unit)
        run, ok = code != SideStatus.NOT_RUN, code <= SideStatus.AT_LIMIT
        return at_contour(mixed, line, point, run, ok, constant(rise))

    each = jnp.repeat(rises, status.shape[1]), points.reshape(-1, p.size), status.ravel()
    return lax.map(one, each, batch_size=TOGETHER).reshape(points.shape)
