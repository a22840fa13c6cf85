"""Cruijff function: a bifurcated normal peak whose widths grow with the distance from the mode."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, positive
from jaxminuit.stats.quadrature import legendre

NODES = 64


@compiled
def density(
    x: Values, beta_left: Values, beta_right: Values, loc: Values, scale_left: Values, scale_right: Values
) -> Values:
    """exp(-d^2 / (2 (scale^2 + beta d^2))), d = x - loc, with the beta and scale of the side; 1 at the mode.

    The function tends to exp(-1 / (2 beta)) far from the mode and has no norm over all x: there is no pdf. Use it in
    extended fits, or divide by the difference of `integral` between the ends of the range.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    beta_left, beta_right
        Strengths of the tails, >= 0; 0 is a normal tail.
    loc
        Mode.
    scale_left, scale_right
        Standard deviations near the mode, > 0.

    Returns
    -------
    Array
        The function, in (0, 1].

    References
    ----------
    P. del Amo Sanchez et al. (BaBar), Phys. Rev. D 82 (2010) 051101, arXiv:1005.4087.
    """
    return jnp.exp(logdensity(x, beta_left, beta_right, loc, scale_left, scale_right))


@compiled
def logdensity(
    x: Values, beta_left: Values, beta_right: Values, loc: Values, scale_left: Values, scale_right: Values
) -> Values:
    """Logarithm of `density`."""
    x, beta_left, beta_right, loc, scale_left, scale_right = floats(
        x, beta_left, beta_right, loc, scale_left, scale_right
    )
    d = x - loc
    return _log_side(d, *_side(d, beta_left, beta_right, scale_left, scale_right))


@compiled
def integral(
    x: Values, beta_left: Values, beta_right: Values, loc: Values, scale_left: Values, scale_right: Values
) -> Values:
    """Integral of `density` from `loc` to x, negative left of `loc`; differences give the content of bins.

    64 Gauss-Legendre nodes in asinh(d / scale): at least 13 digits for ``|x - loc| < 100 scale`` and beta < 0.5.
    """
    x, beta_left, beta_right, loc, scale_left, scale_right = floats(
        x, beta_left, beta_right, loc, scale_left, scale_right
    )
    d = x - loc
    d, beta, scale = jnp.broadcast_arrays(d, *_side(d, beta_left, beta_right, scale_left, scale_right))
    inner = lambda y: jnp.exp(_log_side(jnp.sinh(y), beta, 1.0)) * jnp.cosh(y)  # noqa: E731
    return scale * legendre(inner, jnp.zeros_like(d), jnp.arcsinh(d / scale), NODES)


def _side(d, beta_left, beta_right, scale_left, scale_right):
    """The parameters of the side that d lies on."""
    left = d < 0.0
    scale = positive(jnp.where(left, scale_left, scale_right))
    return jnp.where(left, beta_left, beta_right), scale


def _log_side(d, beta, scale):
    square = d * d
    return -0.5 * square / (scale * scale + beta * square)
