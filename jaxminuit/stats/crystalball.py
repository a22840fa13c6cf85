"""Crystal Ball distribution: a normal peak with a power law on the left."""

import jax.numpy as jnp
from jax.scipy.special import erfc

from jaxminuit.stats.arguments import Values, compiled, floats, positive
from jaxminuit.stats.crystal import HALF_NORMAL, ROOT_HALF, area_beyond, halves, log_shape


@compiled
def pdf(x: Values, beta: Values, m: Values, loc: Values, scale: Values) -> Values:
    """Crystal Ball density: a normal one with a tail of a power law.

    Normalised; with z = (x - loc) / scale proportional to
    exp(-z^2 / 2) for z >= -beta, exp(-beta^2 / 2) (1 - beta (z + beta) / m)^(-m) for z < -beta.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    beta
        Where the power law begins, in standard deviations left of the mode, > 0. Where beta is large it has no
        content, and `m` no influence.
    m
        Power of the tail, > 1.
    loc
        Mode.
    scale
        Standard deviation of the normal part, > 0.

    Returns
    -------
    Array
        The density. It is continuous with its first derivative; the second one jumps where the tail begins.

    References
    ----------
    J. E. Gaiser, SLAC-R-255 (1982), appendix F.
    """
    return jnp.exp(logpdf(x, beta, m, loc, scale))


@compiled
def logpdf(x: Values, beta: Values, m: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, computed directly; see `pdf`."""
    x, beta, m, loc, scale = floats(x, beta, m, loc, scale)
    scale = positive(scale)
    z = (x - loc) / scale
    _, left, right = halves(z)
    return log_shape(left, beta, m) - 0.5 * right * right - jnp.log(_area(beta, m)) - jnp.log(scale)


@compiled
def cdf(x: Values, beta: Values, m: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from -infinity to x; see `pdf`."""
    x, beta, m, loc, scale = floats(x, beta, m, loc, scale)
    scale = positive(scale)
    is_left, left, right = halves((x - loc) / scale)
    area = _area(beta, m)
    above = HALF_NORMAL * erfc(ROOT_HALF * right) / area
    return jnp.where(is_left, area_beyond(left, beta, m) / area, 1.0 - above)


def _area(beta, m):
    """Integral of the shape over all z."""
    return area_beyond(jnp.zeros_like(beta), beta, m) + HALF_NORMAL
