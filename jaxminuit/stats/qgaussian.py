"""q-Gaussian distribution."""

import jax.numpy as jnp

from jaxminuit.stats import student
from jaxminuit.stats.arguments import Values, compiled, floats, positive


@compiled
def pdf(x: Values, q: Values, mu: Values, sigma: Values) -> Values:
    """q-Gaussian density, proportional to (1 + (q - 1) z^2 / 2)^(-1 / (q - 1)), z = (x - mu) / sigma; normalised.

    It is Student's density with (3 - q) / (q - 1) degrees of freedom and the scale sigma sqrt(2 / (3 - q)).

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    q
        Shape, 1 <= q < 3: 1 is normal (derivatives are right there, too), 2 is Cauchy. NaN outside.
    mu
        Mode.
    sigma
        Width, > 0; the standard deviation at q = 1.

    Returns
    -------
    Array
        The density.

    References
    ----------
    C. Tsallis, Braz. J. Phys. 39 (2009) 337.
    """
    return jnp.exp(logpdf(x, q, mu, sigma))


@compiled
def logpdf(x: Values, q: Values, mu: Values, sigma: Values) -> Values:
    """Logarithm of the density, computed directly; see `pdf`."""
    x, q, mu, sigma = floats(x, q, mu, sigma)
    sigma = positive(sigma)
    kappa, scale = _student(q, sigma)
    return student.log_density((x - mu) / scale, kappa) - jnp.log(scale)


@compiled
def cdf(x: Values, q: Values, mu: Values, sigma: Values) -> Values:
    """Integral of the density from -infinity to x; differentiable in all arguments. See `pdf`."""
    x, q, mu, sigma = floats(x, q, mu, sigma)
    sigma = positive(sigma)
    kappa, scale = _student(q, sigma)
    return student.distribution(*jnp.broadcast_arrays((x - mu) / scale, kappa))


def _student(q, sigma):
    """1 / (degrees of freedom), and the scale."""
    q = jnp.where((q >= 1.0) & (q < 3.0), q, jnp.nan)
    return (q - 1.0) / (3.0 - q), sigma * jnp.sqrt(2.0 / (3.0 - q))
