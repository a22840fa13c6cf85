"""One side of a Crystal Ball shape: normal up to beta standard deviations from the mode, a power law beyond."""

import math

import jax.numpy as jnp
from jax.scipy.special import erfc

from jaxminuit.stats.arguments import Values

ROOT_HALF = math.sqrt(0.5)
HALF_NORMAL = math.sqrt(0.5 * math.pi)  # integral of exp(-d^2 / 2) from 0 to infinity


def log_shape(d: Values, beta: Values, m: Values) -> Values:
    """log of the shape at d >= 0 standard deviations from the mode, 0 at d = 0.

    Beyond beta: exp(-beta^2 / 2) (1 + beta (d - beta) / m)^(-m), which joins with equal slope.
    """
    tail = d > beta
    far = jnp.where(tail, d - beta, 0.0)
    return jnp.where(tail, -0.5 * beta * beta - m * jnp.log1p(beta * far / m), -0.5 * d * d)


def area_beyond(d: Values, beta: Values, m: Values) -> Values:
    """Integral of the shape from d >= 0 to infinity."""
    tail = d > beta
    far = jnp.where(tail, d - beta, 0.0)
    log_power = jnp.log(m / beta) - jnp.log(m - 1.0) - 0.5 * beta * beta - (m - 1.0) * jnp.log1p(beta * far / m)
    core = HALF_NORMAL * (erfc(ROOT_HALF * jnp.where(tail, 0.0, d)) - erfc(ROOT_HALF * beta))
    return jnp.exp(log_power) + jnp.where(tail, 0.0, core)


def halves(z: Values) -> tuple[Values, Values, Values]:
    """Whether z is left of 0, and the distances from 0 on the left and on the right (0 on the other side)."""
    left = z < 0.0
    return left, jnp.where(left, -z, 0.0), jnp.where(left, 0.0, z)
