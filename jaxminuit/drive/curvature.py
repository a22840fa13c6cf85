"""The Hessian with derivatives backward that cost as many directions as are asked for, not all second derivatives.

What a scalar asks of H = d2F/du2 is a matrix C, its derivative by H, and then the derivatives of sum_ij C_ij H_ij by
all that H depends on. With C = sum_k c_k w_k w_k^T it is sum_k c_k d2F(u + t w_k)/dt2: one third derivative along a
line for each c_k that is not 0. One error, or one element of the covariance, has one or two.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jax.flatten_util import ravel_pytree

from jaxminuit.core import symmetric
from jaxminuit.core.types import Matrix, Scalar, Vector
from jaxminuit.drive.tangents import constant, nothing
from jaxminuit.problem.evaluate import all_derivatives, exact_hessian
from jaxminuit.problem.problem import Problem


def hessian_at(problem: Problem, u: Vector) -> Matrix:
    """The Hessian at internal coordinates u, without derivatives; `second_derivatives` gives it those that it has."""
    return all_derivatives(constant(problem), lax.stop_gradient(u))[2]


@eqx.filter_custom_jvp
def second_derivatives(problem: Problem, u: Vector, h: Matrix) -> Matrix:
    """The Hessian h at internal coordinates u as a function of the problem and of u: calculated once, used often."""
    return h


@second_derivatives.def_jvp
def _second_derivatives_jvp(primals, tangents):
    h = second_derivatives(*primals)
    primals, tangents = primals[:2], tangents[:2]  # h itself is a constant
    if not jax.tree_util.tree_leaves(tangents):
        return h, nothing(h)
    moving, restored = ravel_pytree(tangents)
    end = moving.size

    def change(moving):
        return eqx.filter_jvp(exact_hessian, primals, restored(moving))[1]

    def forward(b):
        return jnp.zeros_like(b).at[end:].set(change(b[:end]).ravel())

    def backward(b):
        asked = _pulled_back(primals, tangents, h, b[end:].reshape(h.shape))
        return jnp.zeros_like(b).at[:end].set(ravel_pytree(asked)[0])

    # A linear map with a transpose of its own, as JAX lets one give it: (moving, 0) -> (moving, change(moving)) is the
    # solution of an equation. One vector, since an equation is transposed in all that it is solved for.
    changed = lax.custom_linear_solve(
        lambda x: x - forward(x),
        jnp.concatenate([moving, jnp.zeros(h.size, moving.dtype)]),
        lambda _, b: b + forward(b),
        lambda _, b: b + backward(b),
    )
    return h, changed[end:].reshape(h.shape).astype(h.dtype)


def _pulled_back(primals: Any, tangents: Any, h: Matrix, c: Matrix) -> Any:
    """The derivatives of sum_ij C_ij H_ij by the parts of `primals` that have tangents."""
    moving = jax.tree_util.tree_map(lambda t: t is not None, tangents, is_leaf=lambda t: t is None)
    variable, rest = eqx.partition(primals, moving)
    strengths, directions = _directions(h, c)

    def bent(variable, direction):
        problem, u = eqx.combine(variable, rest)
        return _along(problem.value, u, direction)

    def add(k, total):
        part = eqx.filter_grad(bent)(variable, directions[k])
        return jax.tree_util.tree_map(lambda a, b: a + strengths[k].astype(a.dtype) * b, total, part)

    nan = 0.0 * jnp.sum(c)  # where C is NaN, 0 otherwise
    nothing_yet = jax.tree_util.tree_map(lambda x: jnp.zeros_like(x) + nan.astype(x.dtype), variable)
    return lax.fori_loop(0, jnp.sum(strengths != 0), add, nothing_yet)


def _directions(h: Matrix, c: Matrix) -> tuple[Vector, Matrix]:
    """c_k, largest first, 0 where only rounding is left, and w_k (in rows), by units in which H has a unit diagonal."""
    scale = symmetric.unit_scale(h)
    strengths, columns = jnp.linalg.eigh(0.5 * (c + c.T) / (scale[:, None] * scale[None, :]))
    order = jnp.argsort(-jnp.abs(strengths))
    strengths, rows = strengths[order], columns.T[order] * scale[None, :]
    rounding = 8 * strengths.size * jnp.finfo(strengths.dtype).eps
    return jnp.where(jnp.abs(strengths) > rounding * jnp.abs(strengths[0]), strengths, 0.0), rows


def _along(function: Any, u: Vector, direction: Vector) -> Scalar:
    """Second derivative of a function along a line."""

    def slope(u):
        return jax.jvp(function, (u,), (direction,))[1]

    return jax.jvp(slope, (u,), (direction,))[1]
