"""What is known of an FCN before it is called: the derivatives that the user's step sizes stand for."""

import jax.numpy as jnp

from jaxminuit.core.precision import Precision
from jaxminuit.core.types import Mask, Scalar, Vector


def derivatives_from_steps(
    u: Vector, free: Mask, steps: Vector, limited: Mask, errordef: Scalar, precision: Precision
) -> tuple[Vector, Vector, Vector]:
    """First derivatives g2 d, second derivatives g2 = 2 UP / d^2 and difference steps d / 10 of internal steps d.

    (Minuit manual, section 5.1.)
    """
    g2 = 2.0 * errordef / steps**2
    smallest = 8.0 * precision.eps2 * (jnp.abs(u) + precision.eps2)
    gstep = jnp.maximum(smallest, 0.1 * steps)
    gstep = jnp.where(limited, jnp.minimum(gstep, 0.5), gstep)
    return jnp.where(free, g2 * steps, 0.0), g2, gstep
