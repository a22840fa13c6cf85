"""The parts of a cost: F = sum_k h_k(z_k), with z the model's outputs and h_k convex; and what they add up to.

With J = dz/du they give the gradient J'h', the Gauss-Newton matrix J' diag(h'') J, which never has a negative
eigenvalue, and J' diag(spread) J, the covariance of the gradient over repetitions of the data (the middle of the
sandwich; P. J. Huber, Proc. 5th Berkeley Symp. 1 (1967) 221).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.types import Matrix, Scalar, Vector

TermVector = Float[Array, " terms"]


class Terms(eqx.Module):
    """The terms of a cost at one point.

    Attributes
    ----------
    z
        (K,) What the terms are functions of: residuals, expected counts, logarithms of densities.
    slope, curvature
        (K,) First derivative of h_k at z_k, and its second derivative or the expectation of that, never negative. 0 for
        points that a mask leaves out.
    spread
        (K,) Variance of `slope` over repetitions of the data, as estimated from them.
    value
        F itself.
    """

    z: TermVector
    slope: TermVector
    curvature: TermVector
    spread: TermVector
    value: Scalar

    def scaled(self, factor: Scalar) -> "Terms":
        """The terms of `factor` times the cost."""
        slope, curvature, spread = factor * self.slope, factor * self.curvature, factor**2 * self.spread
        return Terms(self.z, slope, curvature, spread, factor * self.value)


class Part(NamedTuple):
    """One of the FCNs that an FCN is the sum of.

    `arguments` maps the parameters of the sum to those of `fcn`; `factor` is what it is multiplied by. Unless `blocks`
    is None, the part is the sum of fcn.at_block(block) over the leading axis of `blocks`.
    """

    fcn: Any
    factor: Scalar | float
    arguments: Callable
    blocks: Any


class Sums(eqx.Module):
    """What terms add up to: value, gradient (n,), Gauss-Newton matrix and covariance of the gradient (n, n)."""

    value: Scalar
    gradient: Vector
    gauss_newton: Matrix
    spread: Matrix


def sums_of(terms: Callable[[Vector], Terms], u: Vector) -> Sums:
    """The sums of terms(u), with one forward-mode Jacobian: the model stands in it once."""

    def outputs(u):
        found = terms(u)
        return found.z, found

    def along(direction):
        return jax.jvp(outputs, (u,), (direction,), has_aux=True)

    unit = jnp.eye(u.size, dtype=u.dtype)
    _, jacobian, found = jax.vmap(along, out_axes=(None, 0, None))(unit)
    jacobian = jacobian.astype(jnp.promote_types(jacobian.dtype, u.dtype))
    half = safe_sqrt(found.curvature) * jacobian  # the square of a tiny 1/z times a tiny dz would overflow
    sums = Sums(found.value, jacobian @ found.slope, half @ half.T, (found.spread * jacobian) @ jacobian.T)
    return jax.tree_util.tree_map(lambda x: x.astype(u.dtype), sums)


def smooth_terms(h: Callable, z: TermVector, value: Scalar) -> Terms:
    """Terms of a function h that acts element by element, by autodiff; negative second derivatives count as 0.

    The spread is the square of the slope.
    """

    def slope(z):
        return jax.jvp(h, (z,), (jnp.ones_like(z),))[1]

    first, second = jax.jvp(slope, (z,), (jnp.ones_like(z),))
    return Terms(z, first, jnp.maximum(second, 0.0), first**2, value)


def joined(terms: list[Terms]) -> Terms:
    """The terms of a sum of costs, one after another."""
    vectors = ("z", "slope", "curvature", "spread")
    return Terms(*(jnp.concatenate([getattr(t, name) for t in terms]) for name in vectors), sum(t.value for t in terms))


def no_terms(fcn: Any) -> TypeError:
    """What an FCN that is not a sum of terms raises when it is asked for them."""
    return TypeError(
        f"{type(fcn).__name__} does not show its terms, so it has no Gauss-Newton matrix: use a cost function, "
        "ResidualFCN (sum of squares) or SumFCN (sum of terms)"
    )
