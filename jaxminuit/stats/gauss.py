"""Integrals of the standard normal density over intervals, also far in a tail and narrow ones."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr, ndtri

from jaxminuit.stats.arguments import Values, same_rank
from jaxminuit.stats.faddeeva import erfcx
from jaxminuit.stats.quadrature import legendre

LOG_ROOT_2PI = 0.5 * np.log(2.0 * np.pi)
ROOT_HALF = np.sqrt(0.5)


def log_density(z: Values) -> Values:
    """log of exp(-z^2 / 2) / sqrt(2 pi)."""
    return -0.5 * z * z - LOG_ROOT_2PI


def log_mean(a: Values, width: Values) -> Values:
    """log of (Phi(a + width) - Phi(a)) / width for width >= 0; the density itself at width 0."""
    a, width = same_rank(a, width)
    flip = 2.0 * a + width > 0.0
    a = jnp.where(flip, -a - width, a)  # now |a| >= |b|, a <= 0
    b = a + width
    narrow = width * jnp.maximum(1.0, -a) < 1.0
    wide = jnp.where(narrow, 1.0, width)
    a_wide, b_wide = jnp.where(narrow, -1.0, a), jnp.where(narrow, 0.0, b)
    from_nodes = _log_mean_narrow(a, jnp.where(narrow, width, 0.0))
    return jnp.where(narrow, from_nodes, _log_wide(a_wide, b_wide) - jnp.log(wide))


def _log_mean_narrow(a, width):
    """16 Gauss-Legendre nodes for the density relative to that in the middle."""
    middle = a + 0.5 * width
    offset = lambda t: 0.5 * width * t  # noqa: E731
    ratio = legendre(
        lambda t: jnp.exp(-offset(t) * (middle + 0.5 * offset(t))), -jnp.ones_like(a), jnp.ones_like(a), 16
    )
    return log_density(middle) + jnp.log(0.5 * ratio)


def _log_wide(a, b):
    """log(Phi(b) - Phi(a)) for a + b <= 0 and b not close to a, by erfcx at both ends."""
    tail = b < 0.0
    far, near = -ROOT_HALF * a, ROOT_HALF * jnp.abs(b)
    at_far, at_near = erfcx(far), erfcx(near)
    ratio = jnp.exp(jnp.where(tail, (near - far) * (near + far), 0.0))
    in_tail = jnp.log(0.5 * jnp.where(tail, at_near - ratio * at_far, 1.0)) - near * near
    outside = 0.5 * (jnp.exp(-near * near) * at_near + jnp.exp(-far * far) * at_far)
    return jnp.where(tail, in_tail, jnp.log1p(-jnp.where(tail, 0.0, outside)))


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
    z = -jnp.sqrt(-2.0 * safe - jnp.log(-4.0 * np.pi * safe))
    for _ in range(3):
        value = log_ndtr(z)
        z = z - (value - safe) * jnp.exp(value - log_density(z))
    return jnp.where(low, z, ndtri(jnp.exp(log_p)))
