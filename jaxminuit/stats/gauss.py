"""Integrals of the standard normal density over intervals, also far in a tail and narrow ones."""

import math

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr, ndtri

from jaxminuit.stats.arguments import Values, same_rank
from jaxminuit.stats.faddeeva import erfcx
from jaxminuit.stats.quadrature import legendre

LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
ROOT_HALF = math.sqrt(0.5)
UPPER, CUT, NODES = 9.0, 39.0, 40


def log_density(z: Values) -> Values:
    """log of exp(-z^2 / 2) / sqrt(2 pi)."""
    return -0.5 * z * z - LOG_ROOT_2PI


def log_mean(a: Values, width: Values) -> Values:
    """log of (Phi(a + width) - Phi(a)) / width for width >= 0; the density itself at width 0.

    Turned so that the upper end b is the nearer one to 0. What lies beyond 9, or is e^-39 of the largest density in the
    interval, is cut off, and 40 Gauss-Legendre nodes do the rest, relative to that largest density.
    """
    a, width = same_rank(a, width)
    a = jnp.where(2.0 * a + width > 0.0, -a - width, a)
    b = a + width
    tail = b < 0.0
    near = jnp.where(tail, b, 0.0)
    reach = 2.0 * CUT / (jnp.sqrt(near * near + 2.0 * CUT) - near)
    length = width - jnp.maximum(b - UPPER, 0.0)
    upper, length = jnp.minimum(b, UPPER), jnp.minimum(length, jnp.where(tail, reach, reach + jnp.minimum(b, UPPER)))
    offset = jnp.where(tail, 0.0, upper * upper)  # upper^2 - near^2
    inner = lambda u: jnp.exp(-0.5 * (offset + length * u * (length * u - 2.0 * upper)))  # noqa: E731
    content = legendre(inner, jnp.zeros_like(length), jnp.ones_like(length), NODES)
    share = jnp.where(length < width, length / jnp.where(length < width, width, 1.0), 1.0)
    return log_density(near) + jnp.log(share * content)


def log_ndtr(z: Values) -> Values:
    """log Phi(z)."""
    low = z < -1.0
    y = -ROOT_HALF * jnp.where(low, z, -1.0)
    return jnp.where(low, jnp.log(0.5 * erfcx(y)) - y * y, jnp.log1p(-ndtr(-jnp.where(low, 0.0, z))))


@jax.custom_jvp
def quantile(p: Values) -> Values:
    """The z of Phi(z) = p; the derivative is one over the density."""
    return ndtri(p)


@quantile.defjvp
def _(primals, tangents):
    (p,), (dp,) = primals, tangents
    z = quantile(p)
    return z, dp * jnp.exp(-log_density(z))


def quantile_of_log(log_p: Values) -> Values:
    """The z of log Phi(z) = log_p, without derivative; three Newton steps below p = 1e-30."""
    low = log_p < -70.0
    safe = jnp.where(low, log_p, -100.0)
    z = -jnp.sqrt(-2.0 * safe - jnp.log(-4.0 * math.pi * safe))
    for _ in range(3):
        value = log_ndtr(z)
        z = z - (value - safe) * jnp.exp(value - log_density(z))
    return jnp.where(low, z, ndtri(jnp.exp(log_p)))
