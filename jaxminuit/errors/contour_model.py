"""The FCN minimised over all parameters but two, to second order around a point; and nodes on its contour.

With value f, gradient g and Hessian H at a point, E the (n, 2) unit vectors of the two parameters of the plane, and V
the inverse of H over the others: a step d in the plane is followed by the others as w -> w + L d - V g with
L = E - V H E, and the minimised FCN has the gradient L'g and the second derivatives E'HE - E'HVHE.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxminuit.core import symmetric
from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.types import Flag, Mask, Matrix, Scalar, Vector

Plane = Float[Array, "n 2"]
Pair = Float[Array, "2"]
Metric = Float[Array, "2 2"]

LONGEST = 2.0  # Newton step of the others, in standard deviations of the model
HALF_SIGMA = 0.5  # step off a saddle of the others, in standard deviations of its curvature


class Model(eqx.Module):
    """The quadratic model at one point."""

    slope: Pair
    bend: Metric
    lift: Plane
    newton: Vector  # step of the others to their minimum
    nuisance: Scalar  # how far the FCN is above its minimum over the others
    lowest: Scalar  # smallest eigenvalue of the others' Hessian, scaled to a unit diagonal
    down: Vector  # step of half a standard deviation along its eigenvector
    usable: Flag


class Node(eqx.Module):
    """A point at which the others are at their minimum."""

    w: Vector
    f: Scalar
    slope: Pair
    bend: Metric
    lift: Plane


def model(f: Scalar, g: Vector, h: Matrix, free: Mask, plane: Plane, rise: Scalar) -> Model:
    """The model from the FCN's derivatives; see the module's formulae. V turns negative curvature of the others."""
    others = free & (jnp.sum(plane, axis=1) == 0)
    h = symmetric.masked(h, free)
    v, scaled, direction = symmetric.positive_inverse(symmetric.masked(h, others), others)
    column = h @ plane
    lift = plane - v @ column
    vg = v @ g
    nuisance = 0.5 * g @ vg
    longest = rise * LONGEST**2
    newton = -vg * jnp.where(nuisance > longest, safe_sqrt(safe_divide(longest, nuisance, 1.0)), 1.0)
    down = direction * HALF_SIGMA * safe_sqrt(safe_divide(2.0 * rise, jnp.abs(scaled[0])))
    down = jnp.where(down @ g > 0, -down, down)
    usable = jnp.isfinite(f) & jnp.all(jnp.isfinite(g)) & jnp.all(jnp.isfinite(h))
    bend = plane.T @ column - column.T @ v @ column
    return Model(lift.T @ g, bend, lift, newton, nuisance, scaled[0], down, usable)


def metric(slope: Pair, bend: Metric, rise: Scalar) -> Metric:
    """The metric in which the region around the minimum is about a unit disc, also where the FCN rises linearly."""
    a, b, d = bend[0, 0], bend[0, 1], bend[1, 1]
    positive = (a > 0) & (d > 0) & (a * d - b * b > 1e-12 * a * d)
    curved = jnp.where(positive, bend, jnp.diag(jnp.abs(jnp.diagonal(bend))))
    return 0.5 * curved / rise + jnp.outer(slope, slope) / rise**2


def length(v: Pair, m: Metric) -> Scalar:
    """Length of a step in the plane."""
    return safe_sqrt(v @ m @ v)


def turned(v: Pair) -> Pair:
    """A quarter turn counter-clockwise; works on the last axis."""
    return jnp.stack([-v[..., 1], v[..., 0]], axis=-1)


def tangent(slope: Pair, m: Metric) -> Pair:
    """Unit vector along the contour, counter-clockwise around the region."""
    t = turned(slope)
    return safe_divide(t, length(t, m))


def normal(slope: Pair, m: Metric) -> Pair:
    """Unit vector out of the region, at a right angle (in the metric) to the contour."""
    determinant = m[0, 0] * m[1, 1] - m[0, 1] ** 2
    inverse = jnp.array([[m[1, 1], -m[0, 1]], [-m[0, 1], m[0, 0]]])
    d = safe_divide(inverse @ slope, determinant)
    return safe_divide(d, length(d, m))


def nearest_root(b: Scalar, c: Scalar, rise: Scalar) -> Scalar:
    """The root of b s + c s^2/2 = rise next to 0; where there is none, the point that comes closest."""
    square = b * b + 2.0 * c * rise
    root = safe_divide(2.0 * rise, b + jnp.where(b < 0, -1.0, 1.0) * safe_sqrt(square))
    return jnp.where(square < 0, safe_divide(-b, c), root)


def rising_root(b: Scalar, c: Scalar, rise: Scalar) -> Scalar:
    """The root of b s + c s^2/2 = rise where the left side grows; infinite where there is none ahead."""
    square = b * b + 2.0 * c * rise
    root = safe_sqrt(square)
    far = jnp.where(c > 0, safe_divide(root - b, c, jnp.inf), jnp.inf)
    ahead = jnp.where(b > 0, safe_divide(2.0 * rise, b + root, jnp.inf), far)
    closest = jnp.where(c > 0, safe_divide(-b, c), jnp.inf)
    return jnp.where(square < 0, closest, ahead)


def between(w0: Vector, w1: Vector, dw0: Vector, dw1: Vector, x: Scalar) -> Vector:
    """Hermite's cubic from w0 (x = 0) to w1 (x = 1) with these derivatives at its ends."""
    y = 1.0 - x
    return y * y * (1.0 + 2.0 * x) * w0 + x * x * (1.0 + 2.0 * y) * w1 + x * y * (y * dw0 - x * dw1)
