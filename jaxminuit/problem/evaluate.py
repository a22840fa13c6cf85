"""The answers to requests for a traced FCN: exact derivatives by autodiff, or plain values at a set of points."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import Matrix, Scalar, Vector
from jaxminuit.problem import transform
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind, Points, Reply, Request

HESSIAN_BLOCK = 16  # Hessian-vector products at once when there are many parameters
# Numbers in the FCN's data beyond which products are made one at a time: side by side they leave the cache (measured on
# two CPU cores, 4 parameters: 29 ms against 5.5 ms at 1e5 events).
LARGE_FOR_HESSIAN = 1 << 12
# The same for a block of lanes, which go through their data anyway (5 parameters, 4400 numbers, 16 lanes: 162 us a lane
# for products one at a time, 92 us side by side).
LARGE_FOR_LANES = 1 << 13
LARGE_DATA = 1 << 17  # numbers in the FCN's data beyond which a stencil goes through them one point at a time


def exact_answer(problem: Problem, request: Request, with_hessian: bool) -> Reply:
    """Value and gradient together, and the Hessian when it is asked for. One copy of the FCN each."""
    f, g = jax.value_and_grad(problem.value)(request.u)
    n = request.u.size
    if with_hessian:
        wanted = request.kind == Kind.HESSIAN
        h = lax.cond(wanted, partial(exact_hessian, problem), lambda u: jnp.zeros((n, n), u.dtype), request.u)
    else:
        h = jnp.zeros((n, n), request.u.dtype)
    return _reply(request, f, g, h)


def exact_hessian(problem: Problem, u: Vector) -> Matrix:
    """Second derivatives in internal coordinates."""
    block = 1 if _data_size(problem) > LARGE_FOR_HESSIAN else HESSIAN_BLOCK
    return hessian(problem.value, u, block)


def _reply(request: Request, f, g: Vector, h: Matrix) -> Reply:
    outcome = jnp.where(jnp.all(jnp.isfinite(h)), MatrixStatus.ACCURATE, MatrixStatus.HESSE_FAILED)
    g = jnp.where(request.free, g, 0.0)
    return Reply(f, g, jnp.diagonal(h), request.gstep, h, outcome.astype(jnp.int32), jnp.int32(1), jnp.int32(1))


def gradient_answer(problem: Problem, request: Request) -> Reply:
    """Value and gradient alone, where no Hessian can be asked for.

    What the first pass through short data leaves behind is kept (measured with 16 times 2000 events on a CPU: 1.2 times
    faster); long data are gone through once more, in less memory.
    """
    n = request.u.size
    if _data_size(problem) <= LARGE_DATA:
        f, g = _value_and_gradient(problem, request.u)
    else:
        f, g = jax.value_and_grad(problem.value)(request.u)
    return _reply(request, f, g, jnp.zeros((n, n), request.u.dtype))


def hessian_answer(problem: Problem, request: Request) -> Reply:
    """Value, gradient and Hessian, where it is known that a Hessian is wanted: the FCN stands in it once."""
    return _reply(request, *all_derivatives(problem, request.u))


def all_derivatives(problem: Problem, u: Vector) -> tuple[Scalar, Vector, Matrix]:
    """Value, gradient and Hessian in internal coordinates, the Hessian by Hessian-vector products.

    What the first pass through short data leaves behind is kept for all directions (measured with two exponentials of
    2000 events: 1.5 times faster); long data are gone through again for each, in the memory of one gradient.
    """
    n, data = u.size, _data_size(problem)
    unit = jnp.eye(n, dtype=u.dtype)
    if data <= LARGE_DATA:
        (f, g), product = jax.linearize(partial(_value_and_gradient, problem), u)
        (f, g), product = lax.optimization_barrier(((f, g), product))
    else:
        f, g = _value_and_gradient(problem, u)

        def product(direction):
            return jax.jvp(partial(_value_and_gradient, problem), (u,), (direction,))[1]

    def column(direction):
        return product(direction)[1]

    small = n <= HESSIAN_BLOCK and data <= LARGE_FOR_LANES
    h = jax.vmap(column)(unit) if small else lax.map(column, unit)
    return f, g, 0.5 * (h + h.T)


def small_answer(problem: Problem, request: Request) -> Reply:
    """Value, gradient and Hessian, of one of many very small fits side by side; not free is what the request says.

    Derivatives are those in external coordinates, which are then transformed: the transformation is not differentiated.
    """
    p, u, free = problem.parameters, request.u, request.free
    x = jnp.where(free, transform.int2ext(u, p.lower, p.upper), p.values)
    slope = jnp.where(free, transform.dint2ext(u, p.lower, p.upper), 0.0)
    bend = jnp.where(free, transform.bend(u, p.lower, p.upper), 0.0)

    def gradient(x):
        f, g = jax.value_and_grad(problem.value_at)(x)
        return g, (f, g)

    h, (f, g) = jax.jacfwd(gradient, has_aux=True)(x)
    h = slope[:, None] * h * slope[None, :] + jnp.diag(g * bend)
    g = slope * g
    return Reply(f, g, jnp.diagonal(h), request.gstep, h, jnp.int32(MatrixStatus.ACCURATE), jnp.int32(1), jnp.int32(1))


def _value_and_gradient(problem: Problem, u: Vector):
    """The same as `jax.value_and_grad`, with the first half kept rather than worked out again for each component."""
    f, pullback = lax.optimization_barrier(jax.vjp(problem.value, u))
    return f, pullback(jnp.ones_like(f))[0]


def value_answer(problem: Problem, request: Request) -> Reply:
    """The value alone, for machines that ask for nothing else."""
    n = request.u.size
    zero, none = jnp.zeros_like(request.u), jnp.int32(MatrixStatus.ABSENT)
    f = problem.value(request.u)
    return Reply(f, zero, zero, zero, jnp.zeros((n, n), request.u.dtype), none, jnp.int32(1))


def hessian(function, u: Vector, block: int = HESSIAN_BLOCK) -> Matrix:
    """Exact Hessian, d/du of the gradient along every axis; `block` Hessian-vector products at once."""
    gradient = jax.grad(function)

    def product(direction):
        return jax.jvp(gradient, (u,), (direction,))[1]

    unit = jnp.eye(u.size, dtype=u.dtype)
    h = jax.vmap(product)(unit) if u.size <= block else lax.map(product, unit, batch_size=block if block > 1 else None)
    return 0.5 * (h + h.T)


def _data_size(problem: Problem) -> int:
    """How many numbers the FCN goes through."""
    return sum(leaf.size for leaf in jax.tree_util.tree_leaves(problem.fcn))


def value_at(problem: Problem, request: Points) -> Vector:
    """The FCN value at the first point, in every row."""
    return jnp.full(request.points.shape[0], problem.value(request.points[0]))


def values_at_all(problem: Problem, request: Points) -> Vector:
    """FCN values at all points of a stencil."""
    if _data_size(problem) > LARGE_DATA:
        return lax.map(problem.value, request.points)
    return jax.vmap(problem.value)(request.points)


def values_at(problem: Problem, request: Points) -> Vector:
    """FCN values at the points of a stencil (one copy), or at its first point alone (another)."""
    return lax.cond(request.single, partial(value_at, problem), partial(values_at_all, problem), request)
