"""The answer to requests when the second derivatives wanted are those of Gauss and Newton."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import Matrix, Scalar, Vector
from jaxminuit.problem import transform
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind, Reply, Request
from jaxminuit.problem.terms import Part, Sums, lane_sums, sums_of

BLOCK = 1 << 17  # numbers of a Jacobian that are kept at once where the terms can be taken in blocks


def check_terms(problem: Problem) -> None:
    """TypeError if the FCN is not a sum of terms that it can show."""
    jax.eval_shape(lambda x: problem.fcn.terms(problem.parameters.unflatten(x)), problem.parameters.values)


def shows_terms(problem: Problem) -> bool:
    """Whether it is one."""
    try:
        check_terms(problem)
    except TypeError:
        return False
    return True


def term_sums(problem: Problem, u: Vector, sums_of: Callable = sums_of) -> Sums:
    """Value, gradient, Gauss-Newton matrix and covariance of the gradient at internal coordinates u."""
    parts = problem.fcn.parts(max(BLOCK // u.size, 1))
    added = [_part_sums(problem, part, u, sums_of) for part in parts]
    sums = jax.tree_util.tree_map(lambda *x: sum(x), *added)
    free = problem.free
    both = free[:, None] & free[None, :]
    return Sums(
        sums.value,
        jnp.where(free, sums.gradient, 0.0),
        jnp.where(both, sums.gauss_newton, 0.0),
        jnp.where(both, sums.spread, 0.0),
    )


def _part_sums(problem: Problem, part: Part, u: Vector, sums_of: Callable) -> Sums:
    p = problem.parameters
    x, slope = transform.with_slope(u, p.lower, p.upper)
    x, slope = jnp.where(p.fixed, p.values, x), jnp.where(p.fixed, 0.0, slope)

    def sums(fcn):
        def terms(x):
            return fcn.terms(part.arguments(p.unflatten(x))).scaled(part.factor)

        return sums_of(terms, x, slope)

    if part.blocks is None:
        return sums(part.fcn)

    def add(total, block):
        return jax.tree_util.tree_map(jnp.add, total, sums(part.fcn.at_block(block))), None

    n, zero = u.size, jnp.zeros((), u.dtype)
    nothing = Sums(zero, jnp.zeros_like(u), jnp.zeros((n, n), u.dtype), jnp.zeros((n, n), u.dtype))
    return lax.scan(add, nothing, part.blocks)[0]


def gauss_newton_answer(problem: Problem, request: Request) -> Reply:
    """Value, gradient and Gauss-Newton matrix where a Hessian is asked for, else the value alone."""

    def value(u):
        return problem.value(u), jnp.zeros_like(u), jnp.zeros((u.size, u.size), u.dtype)

    return _reply(request, *lax.cond(request.kind == Kind.HESSIAN, partial(_whole, problem, sums_of), value, request.u))


def whole_answer(problem: Problem, request: Request) -> Reply:
    """Value, gradient and Gauss-Newton matrix whatever is asked for, of one of many fits side by side."""
    return _reply(request, *_whole(problem, lane_sums, request.u))


def _whole(problem: Problem, sums_of: Callable, u: Vector) -> tuple[Scalar, Vector, Matrix]:
    sums = term_sums(problem, u, sums_of)
    return sums.value, sums.gradient, sums.gauss_newton


def _reply(request: Request, f: Scalar, g: Vector, h: Matrix) -> Reply:
    outcome = jnp.where(jnp.all(jnp.isfinite(h)), MatrixStatus.ACCURATE, MatrixStatus.HESSE_FAILED)
    return Reply(f, g, jnp.diagonal(h), request.gstep, h, outcome.astype(jnp.int32), jnp.int32(1))
