"""Log-normal distribution."""

import jax.numpy as jnp
from jax.scipy.special import ndtr

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, positive
from jaxminuit.stats.gauss import log_density, quantile


@compiled
def pdf(x: Values, s: Values, loc: Values, scale: Values) -> Values:
    """Density of x for which log((x - loc) / scale) is normal with mean 0 and standard deviation s; 0 for x <= loc.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    s
        Standard deviation of the logarithm, > 0.
    loc
        Lower end of the support.
    scale
        Median distance from `loc`, > 0: exp(mu) for the mean mu of the logarithm.

    Returns
    -------
    Array
        The density; 0 with derivative 0 at and below `loc`.
    """
    return jnp.exp(logpdf(x, s, loc, scale))


@compiled
def logpdf(x: Values, s: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 at and below `loc`; see `pdf`."""
    x, s, loc, scale = floats(x, s, loc, scale)
    s, scale = positive(s), positive(scale)

    def inside(z):
        log_z = jnp.log(z)
        return log_density(log_z / s) - log_z - jnp.log(s) - jnp.log(scale)

    z = (x - loc) / scale
    return guarded(z <= 0.0, -jnp.inf, inside, z, 1.0)


@compiled
def cdf(x: Values, s: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from `loc` to x; see `pdf`."""
    x, s, loc, scale = floats(x, s, loc, scale)
    s, scale = positive(s), positive(scale)
    z = (x - loc) / scale
    return guarded(z <= 0.0, 0.0, lambda z: ndtr(jnp.log(z) / s), z, 1.0)


@compiled
def ppf(p: Values, s: Values, loc: Values, scale: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; inf at 1. See `pdf`."""
    p, s, loc, scale = floats(p, s, loc, scale)
    s, scale = positive(s), positive(scale)
    return loc + scale * jnp.exp(s * quantile(p))
