"""Poisson distribution."""

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaincc, gammaln

from jaxminuit.core.safe import safe_log
from jaxminuit.stats.arguments import Values, compiled, floats


@compiled
def pmf(k: Values, mu: Values) -> Values:
    """Poisson probability mu^k exp(-mu) / k! of k = 0, 1, 2 ...

    Parameters
    ----------
    k
        Counts; numbers that are not whole are interpolated by the gamma function. All arguments broadcast.
    mu
        Expectation, >= 0.

    Returns
    -------
    Array
        The probability; 0 with derivative 0 for k < 0. At mu = 0 it is 1 for k = 0, else 0.
    """
    return jnp.exp(logpmf(k, mu))


@compiled
def logpmf(k: Values, mu: Values) -> Values:
    """Logarithm of the probability; see `pmf`."""
    k, mu = floats(k, mu)
    mu = jnp.where(mu < 0.0, jnp.nan, mu)
    possible = (k >= 0.0) & ((mu > 0.0) | (k == 0.0)) | jnp.isnan(mu) | jnp.isnan(k)
    safe = jnp.where(possible, k, 0.0)
    power = jnp.where(safe == 0.0, 0.0, safe * safe_log(jnp.where(safe == 0.0, 1.0, mu)))
    return jnp.where(possible, power - mu - gammaln(safe + 1.0), -jnp.inf)


@compiled
def cdf(k: Values, mu: Values) -> Values:
    """Probability of at most k counts; k is rounded down and its derivative is 0. See `pmf`."""
    k, mu = jnp.broadcast_arrays(*floats(k, mu))
    return _cdf(jax.lax.stop_gradient(jnp.floor(k)), mu)


@jax.custom_jvp
def _cdf(k, mu):
    negative = k < 0.0
    return jnp.where(negative, 0.0, gammaincc(jnp.where(negative, 0.0, k) + 1.0, mu))


@_cdf.defjvp
def _(primals, tangents):
    """d cdf / d mu = -pmf."""
    return _cdf(*primals), -pmf(*primals) * tangents[1]
