"""Internal (unbounded) <-> external (what the user sees) parameter values.

Minuit manual, section 1.2.1. Every function works element by element; a limit is +-inf when absent:

    both      x = lo + (hi - lo)/2 (sin u + 1)
    lower     x = lo - 1 + sqrt(u^2 + 1)
    upper     x = hi + 1 - sqrt(u^2 + 1)
    none      x = u

They are jitted so that a program that uses them several times traces them once.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.tree import on_host
from jaxminuit.core.types import Mask, Matrix, Scalar, Vector

Values = Float[Array, "..."]


def _kinds(lower, upper):
    has_lower, has_upper = jnp.isfinite(lower), jnp.isfinite(upper)
    return has_lower & has_upper, has_lower & ~has_upper, has_upper & ~has_lower


def _finite(lower, upper):
    """The limits with harmless numbers in place of the infinite ones."""
    return jnp.where(jnp.isfinite(lower), lower, 0.0), jnp.where(jnp.isfinite(upper), upper, 0.0)


def limited(lower, upper) -> Mask:
    """Which parameters have at least one limit."""
    lower, upper = on_host((lower, upper))
    if isinstance(lower, np.ndarray):
        return np.isfinite(lower) | np.isfinite(upper)
    return jnp.isfinite(lower) | jnp.isfinite(upper)


@jax.jit
def int2ext(u: Values, lower: Values, upper: Values) -> Values:
    """External values of internal ones; always inside the limits."""
    both, low, up = _kinds(lower, upper)
    lo, hi = _finite(lower, upper)
    root = jnp.sqrt(jnp.where(low | up, u, 0.0) ** 2 + 1.0)
    sine = lo + 0.5 * (hi - lo) * (jnp.sin(jnp.where(both, u, 0.0)) + 1.0)
    # rounding must not lead outside; clip alone would halve the derivatives at the limit itself
    sine = sine + lax.stop_gradient(jnp.clip(sine, lo, jnp.maximum(lo, hi)) - sine)
    return jnp.where(both, sine, jnp.where(low, lo + (root - 1.0), jnp.where(up, hi - (root - 1.0), u)))


@jax.jit
def ext2int(x: Values, lower: Values, upper: Values, eps2: Scalar) -> Values:
    """Internal values of external ones, kept 8 sqrt(eps2) away from the ends of the sine (Minuit's clamp)."""
    both, low, up = _kinds(lower, upper)
    lo, hi = _finite(lower, upper)
    y = 2.0 * (x - lo) / jnp.where(both, hi - lo, 1.0) - 1.0
    near_end = jnp.pi / 2 - 8.0 * jnp.sqrt(eps2)
    inside = y * y <= 1.0 - eps2
    sine = jnp.where(inside, jnp.arcsin(jnp.where(inside & both, y, 0.0)), jnp.copysign(near_end, y))
    height = jnp.where(low, x - lo + 1.0, hi - x + 1.0)
    root = safe_sqrt(jnp.maximum(height, 1.0) ** 2 - 1.0)
    return jnp.where(both, sine, jnp.where(low | up, root, x))


@jax.jit
def dint2ext(u: Values, lower: Values, upper: Values) -> Values:
    """dx/du of `int2ext`."""
    both, low, up = _kinds(lower, upper)
    lo, hi = _finite(lower, upper)
    slope = u / jnp.sqrt(u * u + 1.0)
    sine = 0.5 * (hi - lo) * jnp.cos(jnp.where(both, u, 0.0))
    return jnp.where(both, sine, jnp.where(low, slope, jnp.where(up, -slope, 1.0)))


def with_slope(u: Values, lower: Values, upper: Values) -> tuple[Values, Values]:
    """`int2ext` and `dint2ext`, of which nothing is calculated where no parameter has a limit."""

    def both(u):
        return int2ext(u, lower, upper), dint2ext(u, lower, upper)

    return lax.cond(jnp.any(limited(lower, upper)), both, lambda u: (u, jnp.ones_like(u)), u)


@jax.jit
def bend(u: Values, lower: Values, upper: Values) -> Values:
    """d2x/du2 of `int2ext`: what is left of it at a limit, where dx/du vanishes."""
    both, low, up = _kinds(lower, upper)
    lo, hi = _finite(lower, upper)
    r = lax.rsqrt(1.0 + jnp.where(low | up, u, 0.0) ** 2)
    root = r * r * r
    sine = -0.5 * (hi - lo) * jnp.sin(jnp.where(both, u, 0.0))
    return jnp.where(both, sine, jnp.where(low, root, jnp.where(up, -root, 0.0)))


@jax.jit
def fold(u: Values, lower: Values, upper: Values) -> tuple[Values, Values]:
    """The same external values in the principal branch, and the sign that first derivatives take there.

    The sine is folded to [-pi/2, pi/2], the root to u >= 0. V_ij turns into sign_i V_ij sign_j.
    """
    both, low, up = _kinds(lower, upper)
    inside = jnp.where(both, jnp.abs(u) <= jnp.pi / 2, jnp.where(low | up, u >= 0, True))
    folded = jnp.where(both, jnp.arcsin(jnp.sin(jnp.where(both, u, 0.0))), jnp.abs(u))
    sign = jnp.where(both, jnp.sign(jnp.cos(u)), -1.0)
    return jnp.where(inside, u, folded), jnp.where(inside, 1.0, sign)


@jax.jit
def external_errors(u: Vector, dx: Vector, lower: Vector, upper: Vector) -> Vector:
    """External errors of internal ones: half of |x(u+dx) - x(u)| + |x(u-dx) - x(u)| for a limited parameter.

    For two limits and dx > 1 the first term becomes the whole range (Minuit manual, section 1.3.3).
    """
    x = int2ext(u, lower, upper)
    both, _, _ = _kinds(lower, upper)
    lo, hi = _finite(lower, upper)
    above = jnp.where(both & (dx > 1.0), hi - lo, int2ext(u + dx, lower, upper) - x)
    below = int2ext(u - dx, lower, upper) - x
    return jnp.where(limited(lower, upper), 0.5 * (jnp.abs(above) + jnp.abs(below)), dx)


def external_covariance(u: Vector, v: Matrix, errordef: Scalar, lower: Vector, upper: Vector) -> Matrix:
    """C_ij = 2 UP dx_i/du_i V_ij dx_j/du_j, with V the inverse of the internal Hessian (first order in du)."""
    slope = dint2ext(u, lower, upper)
    return 2.0 * errordef * slope[:, None] * v * slope[None, :]


def internal_steps(x: Vector, step: Vector, lower: Vector, upper: Vector, eps2: Scalar) -> Vector:
    """Size of external steps in internal coordinates: mean of the way up and the way down, each cut at its limit.

    Never below 8 eps2 (|u| + eps2), the smallest step that changes the FCN for sure.
    """
    u = ext2int(x, lower, upper, eps2)
    up = ext2int(jnp.minimum(x + step, upper), lower, upper, eps2) - u
    down = ext2int(jnp.maximum(x - step, lower), lower, upper, eps2) - u
    return jnp.maximum(0.5 * (jnp.abs(up) + jnp.abs(down)), 8.0 * eps2 * (jnp.abs(u) + eps2))
