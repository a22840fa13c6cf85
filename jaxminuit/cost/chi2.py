"""The statistics behind the cost functions: minus twice a log-likelihood ratio, as functions of arrays."""

import jax.numpy as jnp

from jaxminuit.core.safe import safe_log
from jaxminuit.core.types import Scalar

CHISQUARE = 1.0
NEGATIVE_LOG_LIKELIHOOD = 0.5


def total(x) -> Scalar:
    """Sum of all elements, accumulated in 64 bit where JAX has it."""
    return jnp.sum(x, dtype=jnp.result_type(float))


def log_or_zero(x):
    """log(x) for x > 0, else 0 with derivative 0; NaN stays NaN."""
    x = _floating(x)
    return jnp.where(x > 0, safe_log(x), jnp.where(x <= 0, 0.0, jnp.nan))


def log_density(p):
    """log(p) in the accumulator's precision, with log(tiny) and derivative 0 for p below the smallest normal number.

    A negative density has no logarithm: NaN, so that a fit does not walk into that region.
    """
    p = jnp.asarray(p)
    p = p.astype(jnp.promote_types(p.dtype, jnp.result_type(float)))
    return jnp.where(p >= 0, safe_log(p), jnp.nan)


def chi2(y, ye, ym) -> Scalar:
    """Sum of ((y - ym) / ye)^2.

    Parameters
    ----------
    y, ye, ym
        (N,) observed values, their standard deviations, expected values.
    """
    return total(((jnp.asarray(y) - ym) / ye) ** 2)


def poisson_chi2(n, mu) -> Scalar:
    """2 sum(n log(n / mu) + mu - n): Poisson counts (Baker and Cousins, NIM 221 (1984) 437).

    Parameters
    ----------
    n, mu
        Observed and expected counts, of one shape. Where mu is 0 or below, log(mu) counts as 0.
    """
    n, mu = _floating(n), _floating(mu)
    return 2.0 * total(n * (log_or_zero(n) - log_or_zero(mu)) + mu - n)


def multinomial_chi2(n, mu) -> Scalar:
    """2 sum(n log(n / mu)): counts of a given total, sum(mu) = sum(n) (Baker and Cousins, NIM 221 (1984) 437).

    Parameters
    ----------
    n, mu
        Observed and expected counts, of one shape. Where mu is 0 or below, log(mu) counts as 0.
    """
    n, mu = _floating(n), _floating(mu)
    return 2.0 * total(n * (log_or_zero(n) - log_or_zero(mu)))


def soft_l1(z_squared):
    """2 (sqrt(1 + z^2) - 1), written so that small z lose no digits."""
    return 2.0 * z_squared / (jnp.sqrt(1.0 + z_squared) + 1.0)


def _floating(x):
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.result_type(float))
