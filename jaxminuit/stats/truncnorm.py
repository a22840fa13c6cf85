"""Normal distribution truncated to an interval."""

import jax
import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, outside, positive
from jaxminuit.stats.gauss import log_density, log_mean, log_ndtr, quantile_of_log

FAR = 40.0  # standard deviations beyond which a normal density has no content in 64 bit


@compiled
def pdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Normal density within [xmin, xmax], normalised there; 0 outside.

    exp(-z^2 / 2) / (sqrt(2 pi) scale (Phi(b) - Phi(a))), with z, a, b the distances of x, xmin, xmax from `loc` in
    units of `scale`. Relative precision is kept far in a tail, up to rounding in z^2, and in narrow intervals.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    xmin, xmax
        Ends of the interval, xmin < xmax; they belong to it. -inf and inf mean no truncation.
    loc
        Mode of the normal density; may lie outside the interval.
    scale
        Its standard deviation before truncation, > 0.

    Returns
    -------
    Array
        The density; 0 with derivative 0 outside.
    """
    return jnp.exp(logpdf(x, xmin, xmax, loc, scale))


@compiled
def logpdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 outside; see `pdf`."""
    x, xmin, xmax, loc, scale = floats(x, xmin, xmax, loc, scale)
    scale = positive(scale)
    a, width = _interval(xmin, xmax, loc, scale)
    norm = log_mean(a, width) + jnp.log(width) + jnp.log(scale)
    inner = jnp.clip(loc, xmin, xmax)
    return guarded(outside(x, xmin, xmax), -jnp.inf, lambda x: log_density((x - loc) / scale) - norm, x, inner)


@compiled
def cdf(x: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from `xmin` to x; see `pdf`."""
    x, xmin, xmax, loc, scale = floats(x, xmin, xmax, loc, scale)
    scale = positive(scale)
    a, width = _interval(xmin, xmax, loc, scale)
    norm = log_mean(a, width)

    def inside(x):
        open_below = jnp.isneginf(xmin)
        part = jnp.where(open_below, (x - loc) / scale - a, (x - jnp.where(open_below, 0.0, xmin)) / scale)
        part = jnp.where(part < 0.0, 0.0, part)
        return part / width * jnp.exp(log_mean(a, part) - norm)

    above = x > xmax
    return guarded(outside(x, xmin, xmax), above.astype(x.dtype), inside, x, jnp.clip(loc, xmin, xmax))


@compiled
def ppf(p: Values, xmin: Values, xmax: Values, loc: Values, scale: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; see `pdf`.

    Derivatives, of any order, are those of the implicit function: dx = (dp - d cdf) / pdf.
    """
    p, xmin, xmax, loc, scale = floats(p, xmin, xmax, loc, scale)
    return _ppf(*jnp.broadcast_arrays(p, xmin, xmax, loc, positive(scale)))


@jax.custom_jvp
def _ppf(p, xmin, xmax, loc, scale):
    a, width = _interval(xmin, xmax, loc, scale)
    flip = 2.0 * a + width > 0.0
    low = jnp.where(flip, -a - width, a)
    share = jnp.where(flip, 1.0 - p, p)
    log_p = jnp.logaddexp(jnp.log1p(-share) + log_ndtr(low), jnp.log(share) + log_ndtr(low + width))
    z = quantile_of_log(log_p)
    x = jnp.clip(loc + scale * jnp.where(flip, -z, z), xmin, xmax)
    density = pdf(x, xmin, xmax, loc, scale)  # one Newton step: z is not exact enough where the interval is narrow
    step = jnp.where(density > 0.0, (cdf(x, xmin, xmax, loc, scale) - p) / density, 0.0)
    return jnp.where(jnp.isfinite(x), jnp.clip(x - step, xmin, xmax), x)


@_ppf.defjvp
def _(primals, tangents):
    p, *parameters = primals
    x = _ppf(*primals)
    zero = jnp.zeros_like(x)
    _, moved = jax.jvp(cdf, (x, *parameters), (zero, *tangents[1:]))
    return x, (tangents[0] - moved) / pdf(x, *parameters)


def _interval(xmin, xmax, loc, scale):
    """Lower end and width in standard deviations from `loc`; infinite ends become ends without content beyond them."""
    open_below, open_above = jnp.isneginf(xmin), jnp.isposinf(xmax)
    low = (jnp.where(open_below, 0.0, xmin) - loc) / scale
    high = (jnp.where(open_above, 0.0, xmax) - loc) / scale
    low_far = jnp.where(open_above, -FAR, jnp.minimum(high - FAR, -FAR))
    a = jnp.where(open_below, low_far, low)
    high_far = jnp.maximum(a + FAR, FAR)
    wide = jnp.where(open_above, high_far, high) - a
    finite = ~(open_below | open_above)
    width = (jnp.where(finite, xmax, 1.0) - jnp.where(finite, xmin, 0.0)) / scale
    return a, jnp.where(finite, width, wide)
