"""The terms of likelihoods of counts, bin by bin.

The curvature of 2 (mu - n log mu) is taken by its expectation 2 / mu and not as 2 n / mu^2. The latter vanishes in
empty bins, and is far too large where mu is far below n; with 2 / mu one step fits a model that is linear in its
parameters (Fisher's scoring). The spread is 4 Var(n) / mu^2 with the variance n.
"""

from dataclasses import replace

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from jaxminuit.core.types import Scalar
from jaxminuit.cost.chi2 import log_or_zero, reciprocal, total
from jaxminuit.problem.terms import Terms, joined

Bins = Float[Array, "*bins"]
Used = Bool[Array, "*bins"] | None


def poisson_terms(n: Bins, mu: Bins, used: Used, value: Scalar) -> Terms:
    """z = mu, h = 2 (mu - n log mu)."""
    r = reciprocal(mu)
    slope = 2.0 * (1.0 - n * r)
    slope = slope if used is None else jnp.where(used, slope, 0.0)
    return _raveled(mu, slope, 2.0 * r, 4.0 * jnp.abs(n) * r * r, value)


def multinomial_terms(n: Bins, mu: Bins, value: Scalar) -> Terms:
    """z = mu, h = -2 n log mu, for expectations whose sum does not move with the parameters."""
    r = reciprocal(mu)
    return _raveled(mu, -2.0 * n * r, 2.0 * r, 4.0 * n * r * r, value)


def scaled_multinomial_terms(w: Bins, variance: Bins, scale: Bins, mu: Bins, used: Used, value: Scalar) -> Terms:
    """Weighted counts w with expectations mu = T p of the same total T, both times the scale of each bin.

    Slopes and curvatures are those of the Poisson form. But T is that of the histogram, so that a fluctuation of one
    bin goes into the expectations of all: the gradient changes with w_k as that of
    -2 (s_k log mu_k - sum_j s_j mu_j / T). Terms of their own hold that part of the spread.
    """
    terms = poisson_terms(w * scale, mu * scale, used, value)
    z = scale * log_or_zero(mu) - total(scale * mu) / total(w)
    coupled = _raveled(z, 0.0, 0.0, 4.0 * variance, jnp.zeros_like(value))
    return joined([replace(terms, spread=jnp.zeros_like(terms.spread)), coupled])


def _raveled(z, slope, curvature, spread, value: Scalar) -> Terms:
    """Terms of all bins as vectors."""
    z, slope, curvature, spread = (
        jnp.ravel(jnp.broadcast_to(x, z.shape).astype(z.dtype)) for x in (z, slope, curvature, spread)
    )
    return Terms(z, slope, curvature, spread, value)
