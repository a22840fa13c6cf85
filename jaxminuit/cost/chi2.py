"""The statistics behind the cost functions: minus twice a log-likelihood ratio, as functions of arrays."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar

CHISQUARE = 1.0
NEGATIVE_LOG_LIKELIHOOD = 0.5


def numpy_for_numpy(function: Callable) -> Callable:
    """The function with a float or a NumPy array as result if no argument is a JAX array."""

    @functools.wraps(function)
    def wrapped(*args: Any):
        result = function(*args)
        if any(isinstance(arg, jax.Array) for arg in args) or isinstance(result, jax.core.Tracer):
            return result
        return float(result) if result.ndim == 0 else np.array(result)

    return wrapped


def total(x) -> Scalar:
    """Sum of all elements, accumulated in 64 bit where JAX has it."""
    return jnp.sum(x, dtype=jnp.result_type(float))


@jax.custom_jvp
def reciprocal(x):
    """1/x, or 0 below the smallest normal number; its derivatives do not form 1/x^2, which overflows at 1e-200."""
    large = x > jnp.finfo(x.dtype).tiny
    return jnp.where(large, 1.0 / jnp.where(large, x, 1.0), 0.0)


@reciprocal.defjvp
def _reciprocal_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    r = reciprocal(x)
    return r, -(r * (r * dx))


@jax.custom_jvp
def _log_or_zero(x):
    above = x > 0
    return jnp.where(above, jnp.log(jnp.where(above, x, 1.0)), jnp.where(x <= 0, 0.0, jnp.nan))


@_log_or_zero.defjvp
def _log_or_zero_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return _log_or_zero(x), reciprocal(x) * dx


# log(p + tiny) and not a choice between two logarithms: compilers fuse it into the sum over the sample
@jax.custom_jvp
def _log_density(p):
    return jnp.log(p + jnp.finfo(p.dtype).tiny)


@_log_density.defjvp
def _log_density_jvp(primals, tangents):
    (p,), (dp,) = primals, tangents
    return _log_density(p), reciprocal(p) * dp


@numpy_for_numpy
def log_or_zero(x):
    """log(x) for x > 0, else 0 with derivative 0; NaN stays NaN."""
    return _log_or_zero(floating(x))


def log_density(p):
    """log(p) in the accumulator's precision; log(tiny) with derivative 0 at p = 0, tiny the smallest normal number.

    A negative density has no logarithm: NaN, so that a fit does not walk into that region.
    """
    p = jnp.asarray(p)
    return _log_density(p.astype(jnp.promote_types(p.dtype, jnp.result_type(float))))


@numpy_for_numpy
def chi2(y, ye, ym) -> Scalar:
    """Sum of ((y - ym) / ye)^2.

    Parameters
    ----------
    y, ye, ym
        (N,) observed values, their standard deviations, expected values.
    """
    return total(((floating(y) - floating(ym)) / floating(ye)) ** 2)


@numpy_for_numpy
def poisson_chi2(n, mu) -> Scalar:
    """2 sum(n log(n / mu) + mu - n): Poisson counts (Baker and Cousins, NIM 221 (1984) 437).

    Parameters
    ----------
    n, mu
        Observed and expected counts, of one shape. Where mu is 0 or below, log(mu) counts as 0.
    """
    n, mu = floating(n), floating(mu)
    return 2.0 * total(n * (log_or_zero(n) - log_or_zero(mu)) + mu - n)


@numpy_for_numpy
def multinomial_chi2(n, mu) -> Scalar:
    """2 sum(n log(n / mu)): counts of a given total, sum(mu) = sum(n) (Baker and Cousins, NIM 221 (1984) 437).

    Parameters
    ----------
    n, mu
        Observed and expected counts, of one shape. Where mu is 0 or below, log(mu) counts as 0.
    """
    n, mu = floating(n), floating(mu)
    return 2.0 * total(n * (log_or_zero(n) - log_or_zero(mu)))


def soft_l1(z_squared):
    """2 (sqrt(1 + z^2) - 1), written so that small z lose no digits."""
    return 2.0 * z_squared / (jnp.sqrt(1.0 + z_squared) + 1.0)


def floating(x):
    """An array of real numbers: whole ones become float."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.result_type(float))
