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
from jaxminuit.core.small import gram
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


def sums_of(terms: Callable[[Vector], Terms], x: Vector, slope: Vector | float = 1.0) -> Sums:
    """The sums of terms(x), with one forward-mode Jacobian dz/du, dx/du = diag(slope): the model stands in it once."""
    found, jacobian = _with_jacobian(terms, x, slope * jnp.ones_like(x))
    half = safe_sqrt(found.curvature) * jacobian  # the square of a tiny 1/z times a tiny dz would overflow
    sums = Sums(found.value, jacobian @ found.slope, half @ half.T, (found.spread * jacobian) @ jacobian.T)
    return jax.tree_util.tree_map(lambda a: a.astype(x.dtype), sums)


def lane_sums(terms: Callable[[Vector], Terms], x: Vector, slope: Vector) -> Sums:
    """The same without the spread (0), for many fits side by side: J and the slopes go into one product.

    Where a curvature is 0, a number takes its place that is tiny, but not too tiny to divide by.
    """
    found, jacobian = _with_jacobian(terms, x, slope)
    root = safe_sqrt(found.curvature)
    root = jnp.where(root > 0, root, jnp.finfo(root.dtype).eps ** 3)
    products = gram(jnp.concatenate([root * jacobian, (found.slope / root)[None]]))
    sums = Sums(found.value, products[-1, :-1], products[:-1, :-1], jnp.zeros_like(products[:-1, :-1]))
    return jax.tree_util.tree_map(lambda a: a.astype(x.dtype), sums)


def _with_jacobian(terms: Callable[[Vector], Terms], x: Vector, slope: Vector) -> tuple[Terms, Matrix]:
    def outputs(x):
        found = terms(x)
        return found.z, found

    def along(direction):
        return jax.jvp(outputs, (x,), (direction,), has_aux=True)

    _, jacobian, found = jax.vmap(along, out_axes=(None, 0, None))(jnp.diag(slope))
    return found, jacobian.astype(jnp.promote_types(jacobian.dtype, x.dtype))


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
    z, slope, curvature, spread = (jnp.concatenate([getattr(t, name) for t in terms]) for name in vectors)
    return Terms(z, slope, curvature, spread, jnp.asarray(sum(t.value for t in terms)))


def no_terms(fcn: Any) -> TypeError:
    """What an FCN that is not a sum of terms raises when it is asked for them."""
    return TypeError(
        f"{type(fcn).__name__} does not show its terms, so it has no Gauss-Newton matrix: use a cost function, "
        "ResidualFCN (sum of squares) or SumFCN (sum of terms)"
    )
