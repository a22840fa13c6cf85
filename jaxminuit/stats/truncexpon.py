"""Exponential distribution truncated to an interval."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, outside
from jaxminuit.stats.series import log1p_ratio, log_ramp


@compiled
def pdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Exponential density within [xmin, xmax], normalised there; 0 outside.

    exp(-(x - low) / scale) / (scale (1 - exp(-(xmax - low) / scale))) with low = max(xmin, loc). A negative scale
    gives a rising exponential, and 1 / scale = 0 would be the uniform density: both signs meet smoothly there.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    xmin, xmax
        Ends of the interval, xmin < xmax; they belong to it. xmax may be inf if scale > 0.
    loc
        Where the exponential begins. At or below xmin it cancels; above, it is the lower end of the support.
    scale
        Decay length, not 0; negative for a rising exponential.

    Returns
    -------
    Array
        The density; 0 with derivative 0 outside.
    """
    return jnp.exp(logpdf(x, xmin, xmax, loc, scale))


@compiled
def logpdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 outside; see `pdf`."""
    x, low, xmax, scale = _arguments(x, xmin, xmax, loc, scale)
    infinite, width = _width(low, xmax)
    log_mean = jnp.where(infinite, -jnp.log(scale), log_ramp(width / scale) - jnp.log(width))
    return guarded(outside(x, low, xmax), -jnp.inf, lambda x: log_mean - (x - low) / scale, x, low)


@compiled
def cdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from the lower end to x; see `pdf`."""
    x, low, xmax, scale = _arguments(x, xmin, xmax, loc, scale)
    infinite, width = _width(low, xmax)
    whole = log_ramp(width / scale)

    def inside(x):
        part = jnp.where(infinite, 0.0, x - low)
        truncated = part / width * jnp.exp(whole - log_ramp(part / scale))
        return jnp.where(infinite, -jnp.expm1(-(x - low) / scale), truncated)

    above = x > xmax
    return guarded(outside(x, low, xmax), above.astype(x.dtype), inside, x, low)


@compiled
def ppf(p: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; see `pdf`."""
    p, low, xmax, scale = _arguments(p, xmin, xmax, loc, scale)
    infinite, width = _width(low, xmax)
    u = width / scale
    rising = u < 0.0
    share = jnp.where(rising, 1.0 - p, p)
    u = jnp.where(rising, -u, u)
    # part = -log(1 - share (1 - exp(-u))) / u, the logarithm without cancellation at either end
    early = share * -jnp.expm1(-u) < 0.5
    near = share * log1p_ratio(jnp.where(early, share, 0.0) * jnp.expm1(-u)) * jnp.exp(-log_ramp(u))
    survival = jnp.where(early, 1.0, 1.0 - share + share * jnp.exp(-u))
    part = jnp.minimum(jnp.where(early, near, -jnp.log(survival) / jnp.where(early, 1.0, u)), 1.0)
    x = low + width * jnp.where(rising, 1.0 - part, part)
    return jnp.where(infinite, low - scale * jnp.log1p(-jnp.where(infinite, p, 0.0)), x)


def _arguments(x, xmin, xmax, loc, scale):
    """x, the lower end of the support, xmax and scale."""
    x, xmin, xmax, loc, scale = floats(x, xmin, xmax, loc, scale)
    return x, jnp.where(loc > xmin, loc, xmin), xmax, scale


def _width(low, xmax):
    """Whether the interval is infinite, and its width (1 if infinite)."""
    infinite = jnp.isposinf(xmax)
    return infinite, jnp.where(infinite, low + 1.0, xmax) - low
