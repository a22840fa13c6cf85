"""Normal distribution."""

import jax.numpy as jnp
from jax.scipy.special import ndtr

from jaxminuit.stats.arguments import Values, compiled, floats, positive
from jaxminuit.stats.gauss import log_density, quantile


@compiled
def pdf(x: Values, loc: Values, scale: Values) -> Values:
    """Normal density exp(-z^2 / 2) / (sqrt(2 pi) scale), z = (x - loc) / scale.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    loc
        Mean.
    scale
        Standard deviation, > 0.

    Returns
    -------
    Array
        The density, of the broadcast shape.
    """
    return jnp.exp(logpdf(x, loc, scale))


@compiled
def logpdf(x: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, computed directly; see `pdf`."""
    x, loc, scale = floats(x, loc, scale)
    scale = positive(scale)
    return log_density((x - loc) / scale) - jnp.log(scale)


@compiled
def cdf(x: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from -infinity to x; see `pdf`."""
    x, loc, scale = floats(x, loc, scale)
    scale = positive(scale)
    return ndtr((x - loc) / scale)


@compiled
def ppf(p: Values, loc: Values, scale: Values) -> Values:
    """The x where `cdf` is p, for p in [0, 1]; -inf and inf at the ends. See `pdf`."""
    p, loc, scale = floats(p, loc, scale)
    scale = positive(scale)
    return loc + scale * quantile(p)
