"""Student's density in kappa = 1 / (degrees of freedom), regular where it is normal, at 0: for t and qgaussian."""

import jax
import jax.numpy as jnp

from jaxminuit.stats.arguments import Values
from jaxminuit.stats.gauss import LOG_ROOT_2PI
from jaxminuit.stats.quadrature import log_tail
from jaxminuit.stats.series import asinh_ratio, log1p_ratio, log_cosh_ratio, log_gamma_half_step


def log_norm(kappa: Values) -> Values:
    """log of the density at 0: Gamma((1/kappa + 1) / 2) / Gamma(1 / (2 kappa)) sqrt(kappa / pi)."""
    return log_gamma_half_step(2.0 * kappa) - LOG_ROOT_2PI


def log_density(z: Values, kappa: Values) -> Values:
    """log of the density c (1 + kappa z^2)^(-(1 + 1/kappa) / 2)."""
    square = z * z
    return log_norm(kappa) - 0.5 * (1.0 + kappa) * square * log1p_ratio(kappa * square)


@jax.custom_jvp
def distribution(z: Values, kappa: Values) -> Values:
    """Integral of the density from -infinity to z; the derivative in z is the density."""
    return _by_quadrature(z, kappa)


@distribution.defjvp
def _(primals, tangents):
    z, kappa = primals
    value, slope = jax.jvp(lambda kappa: _by_quadrature(z, kappa), (kappa,), (jnp.ones_like(kappa),))
    return value, jnp.exp(log_density(z, kappa)) * tangents[0] + slope * tangents[1]


def _by_quadrature(z, kappa):
    """With z = sinh(sqrt(kappa) s) / sqrt(kappa) the tail is c times the integral of cosh(sqrt(kappa) s)^(-1/kappa)."""
    negative = z < 0.0
    z = jnp.where(negative, -z, z)
    square = kappa * z * z
    start = z * asinh_ratio(square)
    # The logarithmic slope at the start; not below that far out, or of a normal density of width 1.
    slope = jnp.maximum(z / jnp.sqrt(1.0 + square), 1.0 / jnp.sqrt(jnp.maximum(1.0, kappa)))
    tail = log_tail(lambda s: -s * s * log_cosh_ratio(kappa * s * s), start, 1.0 / slope)
    tail = jnp.exp(log_norm(kappa) + tail)
    return jnp.where(negative, tail, 1.0 - tail)
