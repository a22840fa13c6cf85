"""Beta distribution."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats, guarded, positive
from jaxminuit.stats.quadrature import log_tail
from jaxminuit.stats.series import log_beta


@compiled
def pdf(x: Values, a: Values, b: Values, loc: Values, scale: Values) -> Values:
    """Beta density z^(a - 1) (1 - z)^(b - 1) / (B(a, b) scale), z = (x - loc) / scale, for 0 <= z <= 1.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    a, b
        Powers, > 0.
    loc
        Lower end of the support.
    scale
        Width of the support, > 0.

    Returns
    -------
    Array
        The density; 0 with derivative 0 outside. At an end itself: 0, finite or inf for a power above, equal to or
        below 1; the factor that belongs to the end counts as constant in derivatives there.
    """
    return jnp.exp(logpdf(x, a, b, loc, scale))


@compiled
def logpdf(x: Values, a: Values, b: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, -inf with derivative 0 outside; see `pdf`."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    a, b, scale = positive(a), positive(b), positive(scale)
    z, rest = (x - loc) / scale, (loc + scale - x) / scale
    norm = log_beta(a, b) + jnp.log(scale)
    excluded = (z < 0.0) | (rest < 0.0)
    value = _power(a - 1.0, z) + _power(b - 1.0, rest) - norm
    return jnp.where(excluded, -jnp.inf, value)


@compiled
def cdf(x: Values, a: Values, b: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from `loc` to x, the regularised incomplete beta function; see `pdf`.

    Differentiable in all arguments, `a` and `b` included.
    """
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    a, b, scale = positive(a), positive(b), positive(scale)
    z = (x - loc) / scale
    above = z >= 1.0
    return guarded((z <= 0.0) | above, above.astype(z.dtype), lambda z: _incomplete(z, a, b), z, 0.5)


def _power(power, z):
    """power log z; at z <= 0 its limit, as a constant."""
    end = z <= 0.0
    limit = jnp.where(power == 0.0, 0.0, jnp.where(power > 0.0, -jnp.inf, jnp.inf))
    return jnp.where(end, limit, power * jnp.log(jnp.where(end, 1.0, z)))


def _incomplete(z, a, b):
    """Integral of the density over [0, z], from one tail in u = log(z / (1 - z)): exp(a u) / (1 + exp u)^(a + b).

    Turned so that b <= a: the density falls as exp(-b u) on the right and more steeply on the left. The left tail is
    integrated only where the right one has most of the content.
    """
    z, a, b = jnp.broadcast_arrays(z, a, b)
    norm, turned = log_beta(a, b), b > a
    z, rest = jnp.where(turned, 1.0 - z, z), jnp.where(turned, z, 1.0 - z)
    a, b = jnp.where(turned, b, a), jnp.where(turned, a, b)
    u, slope = jnp.log(z) - jnp.log(rest), a * rest - b * z
    low = slope > (2.0 * jnp.sqrt(b) + 1.0) * a / (a + 10.0)
    least = jnp.minimum(jnp.where(low, a, b), 1.0 / jnp.sqrt(1.0 / a + 1.0 / b))
    sign = jnp.where(low, -1.0, 1.0).astype(z.dtype)
    inner = lambda u: -a * _softplus(-u) - b * _softplus(u)  # noqa: E731
    tail = jnp.exp(log_tail(inner, u, sign / jnp.maximum(-sign * slope, least)) - norm)
    return jnp.where(low == turned, 1.0 - tail, tail)


def _softplus(u):
    """log(1 + exp u)."""
    return jnp.logaddexp(u, 0.0)
