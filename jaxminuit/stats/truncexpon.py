"""Exponential distribution truncated to an interval."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, floats, guarded, outside
from jaxminuit.stats.series import log1p_ratio, log_ramp


def pdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Exponential density within [xmin, xmax], normalised there; 0 outside.

    exp(-(x - xmin) / scale) / (scale (1 - exp(-(xmax - xmin) / scale))). A negative scale gives a rising exponential,
    and 1 / scale = 0 would be the uniform density: both signs meet smoothly there.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    xmin, xmax
        Ends of the interval, xmin < xmax; they belong to it. xmax may be inf if scale > 0.
    loc
        Where the exponential would begin without truncation. It cancels, and is there so that the arguments are those
        of `expon`; keep it fixed in fits.
    scale
        Decay length, not 0; negative for a rising exponential.

    Returns
    -------
    Array
        The density; 0 with derivative 0 outside.
    """
    return jnp.exp(logpdf(x, xmin, xmax, loc, scale))


def logpdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 outside; see `pdf`."""
    x, xmin, xmax, loc, scale = floats(x, xmin, xmax, loc, scale)
    infinite, width = _width(xmin, xmax)
    log_mean = jnp.where(infinite, -jnp.log(scale), log_ramp(width / scale) - jnp.log(width)) + 0.0 * loc
    return guarded(outside(x, xmin, xmax), -jnp.inf, lambda x: log_mean - (x - xmin) / scale, x, xmin)


def cdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from `xmin` to x; see `pdf`."""
    x, xmin, xmax, loc, scale = floats(x, xmin, xmax, loc, scale)
    infinite, width = _width(xmin, xmax)
    whole = log_ramp(width / scale)

    def inside(x):
        part = jnp.where(infinite, 0.0, x - xmin)
        truncated = part / width * jnp.exp(whole - log_ramp(part / scale))
        return jnp.where(infinite, -jnp.expm1(-(x - xmin) / scale), truncated) + 0.0 * loc

    above = x > xmax
    return guarded(outside(x, xmin, xmax), above.astype(x.dtype), inside, x, xmin)


def ppf(p: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; see `pdf`."""
    p, xmin, xmax, loc, scale = floats(p, xmin, xmax, loc, scale)
    infinite, width = _width(xmin, xmax)
    u = width / scale
    rising = u < 0.0
    share = jnp.where(rising, 1.0 - p, p)
    u = jnp.where(rising, -u, u)
    # part = -log(1 - share (1 - exp(-u))) / u, the logarithm without cancellation at either end
    low = share * -jnp.expm1(-u) < 0.5
    near = share * log1p_ratio(jnp.where(low, share, 0.0) * jnp.expm1(-u)) * jnp.exp(-log_ramp(u))
    survival = jnp.where(low, 1.0, 1.0 - share + share * jnp.exp(-u))
    part = jnp.minimum(jnp.where(low, near, -jnp.log(survival) / jnp.where(low, 1.0, u)), 1.0)
    x = xmin + width * jnp.where(rising, 1.0 - part, part)
    return jnp.where(infinite, xmin - scale * jnp.log1p(-jnp.where(infinite, p, 0.0)), x) + 0.0 * loc


def _width(xmin, xmax):
    """Whether the interval is infinite, and its width (1 if infinite)."""
    infinite = jnp.isposinf(xmax)
    return infinite, jnp.where(infinite, xmin + 1.0, xmax) - xmin
