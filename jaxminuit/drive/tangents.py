"""What derivatives of solutions are made with: constants, linear systems, marks for what failed."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.types import Flag, Matrix, Vector
from jaxminuit.problem.problem import Problem

POLISHING = 3  # steps closer to the solution than the search went, for the derivatives there


def constant(tree: Any) -> Any:
    """The same, without derivatives: what goes into a loop."""
    return jax.tree_util.tree_map(lambda leaf: lax.stop_gradient(leaf) if eqx.is_inexact_array(leaf) else leaf, tree)


def at_limit(problem: Problem, u: Vector, side: Vector) -> Vector:
    """u with the parameters whose side is -1 or +1 exactly at their lower or upper limit."""
    p = problem.parameters
    both = jnp.isfinite(p.lower) & jnp.isfinite(p.upper)
    return jnp.where(side == 0, u, jnp.where(both, 0.5 * jnp.pi * side, 0.0))


def inverse(matrix: Matrix) -> Matrix:
    """The inverse of a square matrix, scaled first as if it were symmetric."""
    scale = symmetric.unit_scale(matrix)
    return symmetric.scaled(jnp.linalg.inv(symmetric.scaled(matrix, scale)), scale)


def solved(matrix: Matrix, b: Vector, ok: Flag) -> Vector:
    """matrix^-1 b; where not ok NaN, but 0 where b is 0: what nobody asks for spoils nothing else."""
    found = lax.stop_gradient(inverse(jnp.where(ok, matrix, jnp.eye(b.size, dtype=b.dtype))))

    def by(inverse):
        return lambda _, b: jnp.where(jnp.all(b == 0), 0.0, jnp.where(ok, inverse @ b, jnp.nan))

    return lax.custom_linear_solve(lambda x: matrix @ x, b, by(found), by(found.T))


def marked(tangents: Any, ok: Flag) -> Any:
    """Tangents that are NaN where not ok, forward and backward, but 0 where they are 0."""

    def one(t):
        if not eqx.is_inexact_array(t):
            return None
        return lax.custom_linear_solve(
            lambda x: x, t, lambda _, b: jnp.where(ok | (b == 0), b, jnp.nan), symmetric=True
        )

    return jax.tree_util.tree_map(one, tangents)


def nothing(tree: Any) -> Any:
    """No tangents."""
    return jax.tree_util.tree_map(lambda _: None, tree)


def refuse(tangents: Any) -> None:
    """Raise TypeError for derivatives that came through the loop."""
    if jax.tree_util.tree_leaves(tangents):
        raise TypeError(
            "the FCN depends on an array that is differentiated, but that it does not show: give it as "
            "FCN(fun, data=array)"
        )
