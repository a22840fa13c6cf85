"""Uniform distribution."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, outside, positive


@compiled
def pdf(x: Values, a: Values, w: Values) -> Values:
    """Uniform density 1 / w for a <= x <= a + w, else 0.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    a
        Lower end of the support.
    w
        Width of the support, > 0.

    Returns
    -------
    Array
        The density; 0 with derivative 0 outside.
    """
    return jnp.exp(logpdf(x, a, w))


@compiled
def logpdf(x: Values, a: Values, w: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 outside; see `pdf`."""
    x, a, w = floats(x, a, w)
    w = positive(w)
    flat = lambda x: 0.0 * (x - a) - jnp.log(w)  # noqa: E731  (of the shape of x, NaN where x is)
    return guarded(outside(x, a, a + w), -jnp.inf, flat, x, a)


@compiled
def cdf(x: Values, a: Values, w: Values) -> Values:
    """Integral of the density from `a` to x; see `pdf`."""
    x, a, w = floats(x, a, w)
    w = positive(w)
    above = x > a + w
    return guarded(outside(x, a, a + w), above.astype(x.dtype), lambda x: (x - a) / w, x, a)


@compiled
def ppf(p: Values, a: Values, w: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; see `pdf`."""
    p, a, w = floats(p, a, w)
    w = positive(w)
    return a + p * w
