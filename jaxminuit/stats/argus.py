"""Generalised ARGUS distribution."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, positive
from jaxminuit.stats.gamma_integral import log_gamma_integral


@compiled
def pdf(x: Values, chi: Values, c: Values, p: Values) -> Values:
    """ARGUS density, proportional to x v^p exp(-chi^2 v / 2) with v = 1 - (x / c)^2, for 0 < x < c; normalised.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    chi
        Curvature, >= 0. At 0 the density is 2 (p + 1) x v^p / c^2.
    c
        Cut-off: upper end of the support, > 0.
    p
        Power, > -1; 0.5 is the original ARGUS density.

    Returns
    -------
    Array
        The density; 0 with derivative 0 outside the open interval (0, c). Near c derivatives in x and c grow as
        v^(p-1).

    References
    ----------
    H. Albrecht et al. (ARGUS), Phys. Lett. B 241 (1990) 278.
    """
    return jnp.exp(logpdf(x, chi, c, p))


@compiled
def logpdf(x: Values, chi: Values, c: Values, p: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 outside (0, c); see `pdf`."""
    x, chi, c, p = floats(x, chi, c, p)
    c = positive(c)
    rate = 0.5 * chi * chi
    norm = log_gamma_integral(p + 1.0, rate)

    def inside(x):
        v = _v(x, c)
        return jnp.log(2.0 * x) - 2.0 * jnp.log(c) + p * jnp.log(v) - rate * v - norm

    return guarded((x <= 0.0) | (x >= c), -jnp.inf, inside, x, 0.5 * c)


@compiled
def cdf(x: Values, chi: Values, c: Values, p: Values) -> Values:
    """Integral of the density from 0 to x, 1 - (integral of t^p exp(-chi^2 t / 2) over t < v) / (t < 1); see `pdf`."""
    x, chi, c, p = floats(x, chi, c, p)
    c = positive(c)
    rate = 0.5 * chi * chi
    norm = log_gamma_integral(p + 1.0, rate)

    def inside(x):
        v = _v(x, c)
        return -jnp.expm1((p + 1.0) * jnp.log(v) + log_gamma_integral(p + 1.0, rate * v) - norm)

    above = x >= c
    return guarded((x <= 0.0) | above, above.astype(x.dtype), inside, x, 0.5 * c)


def _v(x, c):
    """1 - (x / c)^2 without cancellation near c."""
    return (c - x) * (c + x) / (c * c)
