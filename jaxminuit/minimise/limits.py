"""Parameters at their limits: held there by an FCN that falls beyond, or only stuck."""

import jax.numpy as jnp

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.types import Mask, Scalar, Vector
from jaxminuit.problem import transform
from jaxminuit.problem.parameters import Parameters

NEAR = 0.01  # of the error: so close to a limit counts as being there
SHARE = 0.05  # of UP: less than this over one error is no pressure
FOLD = 1e-4  # of d2x/du2: below this dx/du says nothing about the outer derivative


def off_limits(p: Parameters, x: Vector) -> Vector:
    """External values with those next to a limit moved one step inside, or to the middle of a narrow range."""
    middle = jnp.where(jnp.isfinite(p.upper - p.lower), 0.5 * (p.lower + p.upper), x)
    low = jnp.minimum(p.lower + p.step, jnp.where(jnp.isfinite(p.upper), middle, jnp.inf))
    high = jnp.maximum(p.upper - p.step, jnp.where(jnp.isfinite(p.lower), middle, -jnp.inf))
    return jnp.where(p.fixed, x, jnp.clip(x, low, high))


def limit_sides(
    p: Parameters, u: Vector, g: Vector, curvature: Vector, errors: Vector, errordef: Scalar, goal: Scalar
) -> tuple[Vector, Mask]:
    """Which parameters are held at a limit (-1: the lower, +1: the upper, 0: none), and which are stuck at one.

    At a limit dF/du = dF/dx dx/du vanishes whatever dF/dx is, but d2F/du2 = dF/dx d2x/du2 there: positive where the
    FCN pushes outward, negative where it falls on the way in. `curvature` holds d2F/du2 (NaN where it is not known:
    then the sign of dF/dx = g / (dx/du) decides). (Minuit manual, section 5.3.1.)
    """
    x = transform.int2ext(u, p.lower, p.upper)
    below, above = x - p.lower, p.upper - x
    side = jnp.where(below < above, -1, 1)
    near = (jnp.minimum(below, above) <= NEAR * errors) & ~p.fixed
    slope, bend = transform.dint2ext(u, p.lower, p.upper), transform.bend(u, p.lower, p.upper)
    known = jnp.isfinite(curvature)
    folded = known & (jnp.abs(slope) < FOLD * jnp.abs(bend))
    outer = jnp.where(folded, safe_divide(curvature, bend), safe_divide(g, slope))
    outward = -side * outer  # how fast the FCN would fall beyond the limit
    held = near & (outward * errors > SHARE * errordef)
    reach = jnp.minimum(p.step, jnp.where(jnp.isfinite(p.upper - p.lower), p.upper - p.lower, p.step))
    stuck = near & (outward * reach < -10.0 * goal) & ~(known & (curvature > 0))
    return jnp.where(held, side, 0).astype(jnp.int32), stuck
