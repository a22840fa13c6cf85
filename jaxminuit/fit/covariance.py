"""The covariance of the parameters at a minimum, in three ways."""

import jax
import jax.numpy as jnp

from jaxminuit.core import symmetric
from jaxminuit.core.types import Mask, Matrix, Scalar, Vector
from jaxminuit.fit.checks import check_minimum
from jaxminuit.fit.job import Job
from jaxminuit.fit.programs import program
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.evaluate import exact_answer
from jaxminuit.problem.fcn import AnyFCN, HostFCN
from jaxminuit.problem.gauss_newton import term_sums
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind, Request

KINDS = ("hessian", "gauss_newton", "sandwich")


def covariance(fcn: AnyFCN, minimum: FunctionMinimum, kind: str = "hessian") -> Matrix:
    """Covariance matrix of the parameters at a minimum; errors are the square roots of its diagonal.

    Derivatives are those with respect to the user's parameters, not the internal ones, whose curvature near a limit is
    also that of the transformation. A parameter that the FCN presses against its limit is held there, so that its row
    is 0, like that of a fixed one.

    Parameters
    ----------
    fcn, minimum
        The FCN and its minimum.
    kind
        "hessian" (default): 2 UP H^-1 with the exact second derivatives H. "gauss_newton": 2 UP G^-1 with the
        Gauss-Newton matrix G of the terms of the FCN; the expected information for likelihoods, the usual linearised
        errors for least squares. "sandwich": H^-1 M H^-1 with M the covariance of the gradient, estimated from the
        scatter of the data themselves; independent of UP, right for weighted samples and for errors or models that are
        only nearly right (P. J. Huber, Proc. 5th Berkeley Symp. 1 (1967) 221; H. White, Econometrica 48 (1980) 817).

    Returns
    -------
    (n, n) matrix over all parameters; NaN if the matrix to be inverted is not positive definite.

    Raises
    ------
    TypeError
        An FCN that JAX cannot trace (use `hesse`), or that does not show its terms, for the second and third kinds.
    ValueError
        An unknown kind.
    """
    check_minimum(minimum)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {KINDS}, not {kind!r}")
    if isinstance(fcn, HostFCN):
        raise TypeError("a HostFCN has no exact derivatives: use hesse, and the covariance of its result")
    job = Job(fcn, minimum, gradient="exact", driver="compiled")
    return _covariance(job.problem, minimum.values, minimum.goal, kind)


@program("kind")
def _covariance(problem, values, goal, kind):
    whole = _without_limits(problem, values)
    h, middle, g = _derivatives(whole, values, kind)
    held = _held(problem, values, g, jnp.diagonal(h), goal)
    free = problem.free & ~held
    v, ok = _inverse(h, free)
    c = v @ symmetric.masked(middle, free) @ v if kind == "sandwich" else 2.0 * problem.errordef * v
    return jnp.where(ok, 0.5 * (c + c.T), symmetric.masked(jnp.full_like(c, jnp.nan), free))


def _without_limits(problem: Problem, values: Vector) -> Problem:
    """The same problem in coordinates that are the user's parameters themselves."""
    infinite = jnp.full_like(values, jnp.inf)
    return Problem(
        problem.fcn,
        problem.parameters.replace(values=values, lower=-infinite, upper=infinite),
        problem.precision.eps,
    )


def _derivatives(problem: Problem, x: Vector, kind: str) -> tuple[Matrix, Matrix, Vector]:
    """The matrix to be inverted, the middle of the sandwich, and the gradient."""
    sums = None if kind == "hessian" else term_sums(problem, x)
    if sums is not None and kind == "gauss_newton":
        return sums.gauss_newton, sums.spread, sums.gradient
    zero = jnp.zeros_like(x)
    request = Request(
        jnp.int32(Kind.HESSIAN), x, problem.free, jnp.zeros((), x.dtype), zero, zero, zero, jnp.int32(0)
    )  # fmt: skip
    reply = exact_answer(problem, request, True)
    return reply.hessian, reply.hessian if sums is None else sums.spread, reply.g


def _held(problem: Problem, x: Vector, g: Vector, curvature: Vector, goal: Scalar) -> Mask:
    """Parameters pressed against a limit: their own Newton step crosses it, and would gain more than the EDM goal."""
    p = problem.parameters
    tiny = jnp.finfo(x.dtype).tiny
    room = jnp.where(g > 0, x - p.lower, p.upper - x)
    curvature = jnp.maximum(curvature, tiny)
    return (jnp.abs(g) > room * curvature) & (g * g > 2.0 * goal * curvature)


def _inverse(h: Matrix, free: Mask):
    """Inverse over the free rows, and whether the matrix is positive definite."""
    whole = symmetric.unit_where_fixed(h, free)
    v, invertible = symmetric.inverse(h, free)
    scale = symmetric.unit_scale(whole)
    p = jnp.linalg.eigvalsh(jax.lax.stop_gradient(symmetric.scaled(whole, scale)))
    return v, invertible & (p[0] > symmetric.flat_threshold(p))
