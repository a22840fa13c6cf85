"""Exponential distribution."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, outside, positive


@compiled
def pdf(x: Values, loc: Values, scale: Values) -> Values:
    """Exponential density exp(-(x - loc) / scale) / scale for x >= loc, else 0.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    loc
        Lower end of the support.
    scale
        Mean distance from `loc` (the lifetime), > 0.

    Returns
    -------
    Array
        The density; 0 with derivative 0 below `loc`.
    """
    return jnp.exp(logpdf(x, loc, scale))


@compiled
def logpdf(x: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 below `loc`; see `pdf`."""
    x, loc, scale = floats(x, loc, scale)
    scale = positive(scale)
    return guarded(outside(x, loc), -jnp.inf, lambda x: -(x - loc) / scale - jnp.log(scale), x, loc)


@compiled
def cdf(x: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from `loc` to x; see `pdf`."""
    x, loc, scale = floats(x, loc, scale)
    scale = positive(scale)
    return guarded(outside(x, loc), 0.0, lambda x: -jnp.expm1(-(x - loc) / scale), x, loc)


@compiled
def ppf(p: Values, loc: Values, scale: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; inf at 1. See `pdf`."""
    p, loc, scale = floats(p, loc, scale)
    scale = positive(scale)
    return loc - scale * jnp.log1p(-p)
