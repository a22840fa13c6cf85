"""Voigt distribution: the convolution of a Cauchy and a normal density."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.stats import faddeeva, gauss
from jaxminuit.stats.arguments import Values, compiled, floats, leading
from jaxminuit.stats.quadrature import legendre

FAR = 7.0  # beyond it, in units of sqrt(2) scale, no normal density is left
OUTER = {8: 20.0, 4: 6.0}  # |z| beyond which the series in 1 / z serves, by the bytes of a number
NODES = 32


@compiled
def pdf(x: Values, gamma: Values, loc: Values, scale: Values) -> Values:
    """Voigt density Re w(z) / (sqrt(2 pi) scale), z = (x - loc + i gamma) / (sqrt(2) scale), w the Faddeeva function.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    gamma
        Half width at half maximum of the Cauchy density, >= 0; at 0 the density is normal.
    loc
        Mode.
    scale
        Standard deviation of the normal density, >= 0; at 0 the density is Cauchy. Not both 0.

    Returns
    -------
    Array
        The density, with about 14 digits everywhere, the tails and small `gamma` included.
    """
    return _complex(*_standard(x, gamma, loc, scale))[0]


@compiled
def logpdf(x: Values, gamma: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density; see `pdf`."""
    d, gamma, scale = _standard(x, gamma, loc, scale)
    density = _complex(d, gamma, scale)[0]
    tiny = density <= jnp.finfo(density.dtype).tiny  # a normal tail: gamma is 0 or next to it
    width = jnp.where(tiny, scale, 1.0)
    normal = gauss.log_density(jnp.where(tiny, d, 0.0) / width) - jnp.log(width)
    return jnp.where(tiny, normal, jnp.log(jnp.where(tiny, 1.0, density)))


@compiled
def cdf(x: Values, gamma: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from -infinity to x; see `pdf`.

    First derivatives are closed forms in w(z), not those of the quadrature for the value.
    """
    return _cdf(*jnp.broadcast_arrays(*_standard(x, gamma, loc, scale)))


@jax.custom_jvp
def _cdf(d, gamma, scale):
    """Up to 7 sqrt(2) scale by quadrature; a mixture of Cauchy distributions beyond, and for large gamma / scale."""
    root, distance = math.sqrt(2.0) * scale, jnp.abs(d)
    near = (gamma < faddeeva.POLE_HEIGHT * root) & (distance < FAR * root)
    start = jnp.where(near, FAR * root, distance)
    t, weights = (
        leading(faddeeva.SHIFTED, d),
        leading(faddeeva.H / math.sqrt(math.pi) * np.exp(-(faddeeva.SHIFTED**2)), d),
    )
    tail = jnp.sum(weights * jnp.arctan2(gamma, start - root * t), 0) / np.pi
    lower, upper = jnp.where(near, distance, 0.0), jnp.where(near, start, 0.0)
    width = jnp.where(near, scale, 1.0)
    tail = tail + legendre(lambda d: _complex(d, gamma, width)[0], lower, upper, NODES)
    return jnp.where(d < 0.0, tail, 1.0 - tail)


@_cdf.defjvp
def _(primals, tangents):
    """d cdf = f dx + f_gamma dgamma + scale (df/dx) dscale: harmonic in (x, gamma), and the equation of heat."""
    d, gamma, scale = primals
    real, imag = _complex(*primals)
    zero = jnp.zeros_like(d)
    _, slope = jax.jvp(lambda d: _complex(d, gamma, scale)[0], (d,), (zero + 1.0,))
    return _cdf(*primals), real * tangents[0] - imag * tangents[1] + scale * slope * tangents[2]


def _complex(d, gamma, scale):
    """w(z) / (sqrt(2 pi) scale), real and imaginary part, for x - loc = d; also at scale 0."""
    root = math.sqrt(2.0) * scale
    safe = _not_zero(root)
    x, y = jnp.broadcast_arrays(d / safe, gamma / safe)
    limit = OUTER.get(x.dtype.itemsize, 6.0)
    outer = (root == 0.0) | (x * x + y * y > limit * limit)
    inside = faddeeva.faddeeva(jnp.where(outer, 0.0, x), jnp.where(outer, 1.0, y))
    series = faddeeva.laurent(jnp.where(outer, d, 1.0), jnp.where(outer, gamma, 1.0), jnp.where(outer, root, 0.0))
    axis = outer & (root > 0.0) & (y < 0.5) & (jnp.abs(x) < 40.0)  # the normal density itself, if nothing else is left
    x, y = jnp.where(axis, x, 0.0), jnp.where(axis, y, 0.0)
    size = jnp.where(axis, jnp.exp(y * y - x * x), 0.0)
    normal = size * jnp.cos(2.0 * x * y), -size * jnp.sin(2.0 * x * y)
    parts = zip(series, inside, normal, strict=True)
    return tuple(jnp.where(outer, far + add / safe, near / safe) / math.sqrt(math.pi) for far, near, add in parts)


def _not_zero(root):
    return jnp.where(root == 0.0, 1.0, root)


def _standard(x, gamma, loc, scale):
    x, gamma, loc, scale = floats(x, gamma, loc, scale)
    gamma, scale = (jnp.where(width < 0.0, jnp.nan, width) for width in (gamma, scale))
    return x - loc, gamma, scale
