"""The integral of t^(a-1) exp(-y t) over [0, 1], regular at y = 0 and differentiable in a and y."""

import jax.numpy as jnp
from jax.scipy.special import gammaln

from jaxminuit.stats.arguments import Values
from jaxminuit.stats.quadrature import log_tail


def log_gamma_integral(a: Values, y: Values) -> Values:
    """log of the integral of t^(a-1) exp(-y t) over t in [0, 1], for a > 0 and y >= 0.

    In w = log t the integrand exp(a w - y exp w) falls from one maximum to both sides. Where it lies well below 0, the
    part above 0 is integrated and taken from the whole, Gamma(a) / y^a.
    """
    a, y = jnp.broadcast_arrays(a, y)
    above = y > a + 2.0 * jnp.sqrt(a) + 1.0
    falling = jnp.maximum(a - y, jnp.minimum(a, jnp.sqrt(a)))
    steepness = jnp.where(above, y - a, falling)
    sign = jnp.where(above, 1.0, -1.0).astype(y.dtype)
    part = log_tail(lambda w: a * w - y * jnp.exp(w), jnp.zeros_like(y), sign / steepness)
    whole = gammaln(a) - a * jnp.log(jnp.where(above, y, 1.0))
    ratio = jnp.exp(jnp.where(above, part - whole, -1.0))
    return jnp.where(above, whole + jnp.log1p(-ratio), part)
