"""Likelihoods of counts whose expectation is known with a variance of its own, one nuisance factor a bin.

All are written with q = variance / expectation so that nothing is divided by the variance: they go over smoothly into
the likelihood of Poisson counts where the variance vanishes, and so do their derivatives.
"""

import jax.numpy as jnp
from jax.lax import lgamma

from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.types import Scalar
from jaxminuit.cost.chi2 import floating, log_or_zero, numpy_for_numpy, reciprocal, total

SERIES = 0.1  # up to here log(1 + t) is taken by its series, of terms that fall below 1e-17
ORDER = 17
LARGE = 10.0  # from here log Gamma is taken by Stirling's series, good to 1e-16
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)


@numpy_for_numpy
def template_chi2_jsc(n, mu, mu_var) -> Scalar:
    """Conway's method: the nuisance factor of each bin is Gaussian, and profiled (PHYSTAT 2011, arXiv:1103.0354).

    2 sum(n log(n / (b mu)) + b mu - n) + sum (b - 1)^2 mu^2 / mu_var, minimised over b in every bin.

    Parameters
    ----------
    n, mu, mu_var
        Observed counts, expected counts, and variances of the expectations, of one shape. Bins whose expectation is not
        above 0 add nothing.
    """
    n, mu, q, use = _prepared(n, mu, mu_var)
    p = 0.5 * (1.0 - q)
    slope = (n - mu) / (mu * (safe_sqrt(p * p + n * q / mu) + 0.5 * (1.0 + q)))
    beta = 1.0 + q * slope
    return total(jnp.where(use, _poisson(n, mu * beta) + q * slope * slope * mu, 0.0))


@numpy_for_numpy
def template_chi2_da(n, mu, mu_var) -> Scalar:
    """The nuisance factor of each bin is that of a scaled Poisson count, and profiled (Dembinski and Abdelmotteleb).

    2 sum(n log(n / (b mu)) + b mu - n) + 2 sum(k log(1 / b) + k b - k) with k = mu^2 / mu_var and
    b = (n + k) / (mu + k). (arXiv:2206.12346; Eur. Phys. J. C 82 (2022) 1043.)

    Parameters
    ----------
    n, mu, mu_var
        Observed counts, expected counts, and variances of the expectations, of one shape. Bins whose expectation is not
        above 0 add nothing.
    """
    n, mu, q, use = _prepared(n, mu, mu_var)
    scaled = (mu + n * q) / (1.0 + q)
    d = (n - mu) * q / (mu * (1.0 + q))  # b - 1
    positive = d > -1.0
    smooth = 2.0 * _second(jnp.where(positive, d, 0.0)) * (n - mu) ** 2 * q / (mu * (1.0 + q) ** 2)
    k = mu * reciprocal(q)
    penalty = jnp.where(positive, smooth, 2.0 * k * (log_or_zero(k) + d))  # log b counts as 0: negative n only
    return total(jnp.where(use, _poisson(n, scaled) + penalty, 0.0))


@numpy_for_numpy
def template_nll_asy(n, mu, mu_var) -> Scalar:
    """-log of the likelihood with the nuisance factor of each bin integrated out.

    -sum[a log b + lgamma(n + a) - lgamma(n + 1) - (n + a) log(1 + b) - lgamma(a)] with a = mu^2 / mu_var + 1 and
    b = mu / mu_var. Its errordef is 0.5. (Argüelles, Schneider and Yuan, JHEP 06 (2019) 030.)

    Parameters
    ----------
    n, mu, mu_var
        Observed counts, expected counts, and variances of the expectations, of one shape. Bins whose expectation is not
        above 0 add nothing.
    """
    n, mu, q, use = _prepared(n, mu, mu_var)
    spread = mu * (1.0 - q * _second(q)) + (n + 1.0) * jnp.log1p(q)  # (n + a) log(1 + q), for mu / q log(1 + q) first
    terms = spread + lgamma(n + 1.0) - n * jnp.log(mu + q) - _rising(n, q / (mu + q))
    return total(jnp.where(use, terms, 0.0))


def _prepared(n, mu, mu_var):
    """n, mu, q = mu_var / mu, and which bins count; the others are given harmless numbers."""
    n, mu, mu_var = jnp.broadcast_arrays(*(floating(x) for x in (n, mu, mu_var)))
    use = mu > 0
    mu = jnp.where(use, mu, 1.0)
    return n, mu, jnp.where(use, mu_var, 0.0) / mu, use


def _poisson(n, mu):
    """2 (n log(n / mu) + mu - n) of each bin."""
    return 2.0 * (n * (log_or_zero(n) - log_or_zero(mu)) + mu - n)


def _second(t):
    """(t - log(1 + t)) / t^2, which is 1/2 at 0."""
    small = jnp.abs(t) < SERIES
    near, far = jnp.where(small, t, 0.0), jnp.where(small, 1.0, t)
    series = jnp.zeros_like(t)
    for k in reversed(range(ORDER)):
        series = 1.0 / (k + 2) - near * series
    return jnp.where(small, series, (far - jnp.log1p(far)) / far**2)


def _rising(n, r):
    """lgamma(a + n) - lgamma(a) - n log(a) for a = 1/r."""
    large = r * LARGE <= 1.0
    far = jnp.where(large, r, 0.0)
    t = n * far
    stirling = (
        (n - 0.5) * t - (1.0 + (n - 0.5) * far) * n * t * _second(t) + _stirling(far / (1.0 + t)) - _stirling(far)
    )
    a = 1.0 / jnp.where(large, 1.0, r)
    return jnp.where(large, stirling, lgamma(a + n) - lgamma(a) - n * jnp.log(a))


def _stirling(r):
    """What Stirling's formula of log Gamma(1/r) lacks."""
    square, series = r * r, 0.0
    for c in reversed(STIRLING):
        series = c + square * series
    return r * series
