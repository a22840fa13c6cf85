"""Crystal Ball distribution with a power law and a width of its own on each side."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, positive
from jaxminuit.stats.crystal import area_beyond, halves, log_shape


@compiled
def pdf(
    x: Values,
    beta_left: Values,
    m_left: Values,
    scale_left: Values,
    beta_right: Values,
    m_right: Values,
    scale_right: Values,
    loc: Values,
) -> Values:
    """Two-sided Crystal Ball density: each side as the left side of `crystalball`, continuous at the mode; normalised.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    beta_left, beta_right
        Where the power laws begin, in standard deviations of their side from the mode, > 0.
    m_left, m_right
        Powers of the tails, > 1.
    scale_left, scale_right
        Standard deviations of the two halves of the normal part, > 0.
    loc
        Mode.

    Returns
    -------
    Array
        The density. The second derivative jumps where a tail begins, and at the mode if the scales differ.
    """
    return jnp.exp(logpdf(x, beta_left, m_left, scale_left, beta_right, m_right, scale_right, loc))


@compiled
def logpdf(
    x: Values,
    beta_left: Values,
    m_left: Values,
    scale_left: Values,
    beta_right: Values,
    m_right: Values,
    scale_right: Values,
    loc: Values,
) -> Values:
    """Logarithm of the density, computed directly; see `pdf`."""
    arguments = floats(x, beta_left, m_left, scale_left, beta_right, m_right, scale_right, loc)
    x, beta_left, m_left, scale_left, beta_right, m_right, scale_right, loc = arguments
    scale_left, scale_right = positive(scale_left), positive(scale_right)
    _, left, right = halves(x - loc)
    shape = log_shape(left / scale_left, beta_left, m_left) + log_shape(right / scale_right, beta_right, m_right)
    area = _side(beta_left, m_left, scale_left) + _side(beta_right, m_right, scale_right)
    return shape - jnp.log(area)


@compiled
def cdf(
    x: Values,
    beta_left: Values,
    m_left: Values,
    scale_left: Values,
    beta_right: Values,
    m_right: Values,
    scale_right: Values,
    loc: Values,
) -> Values:
    """Integral of the density from -infinity to x; see `pdf`."""
    arguments = floats(x, beta_left, m_left, scale_left, beta_right, m_right, scale_right, loc)
    x, beta_left, m_left, scale_left, beta_right, m_right, scale_right, loc = arguments
    scale_left, scale_right = positive(scale_left), positive(scale_right)
    is_left, left, right = halves(x - loc)
    area = _side(beta_left, m_left, scale_left) + _side(beta_right, m_right, scale_right)
    below = scale_left * area_beyond(left / scale_left, beta_left, m_left) / area
    above = scale_right * area_beyond(right / scale_right, beta_right, m_right) / area
    return jnp.where(is_left, below, 1.0 - above)


def _side(beta, m, scale):
    """Integral of one side."""
    return scale * area_beyond(jnp.zeros_like(beta), beta, m)
