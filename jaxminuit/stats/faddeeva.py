"""The Faddeeva function w(z) = exp(-z^2) erfc(-i z) for Im z >= 0, in real arithmetic and to full precision.

Trapezoidal rules with the contribution of the pole, after M. Al Azah and S. N. Chandler-Wilde, SIAM J. Numer. Anal. 59
(2021) 2346. Nodes are at k h, or at (k + 1/2) h where a node would come near Re z. The terms of the real part have one
sign, so that it keeps its relative accuracy next to the real axis, where it is small.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.stats.arguments import Values, leading

H = math.sqrt(math.pi / 12.0)
PLAIN = H * np.arange(-12.0, 12.0)
SHIFTED = PLAIN + 0.5 * H
POLE_HEIGHT = math.pi / H  # above it the pole contributes nothing
LAURENT_TERMS = 7


@jax.custom_jvp
def faddeeva(x: Values, y: Values) -> tuple[Values, Values]:
    """Real and imaginary part of w(x + i y) for y >= 0; derivatives by w' = 2 i / sqrt(pi) - 2 z w.

    That difference loses |z|^2 units of the last digit: for large |z| use `laurent`.
    """
    shifted = _shifted(x)
    real, imag = _sums(x, y, shifted)
    near = y < POLE_HEIGHT
    pole = _pole(x, jnp.where(near, y, 0.0), shifted)
    return real + jnp.where(near, pole[0], 0.0), imag + jnp.where(near, pole[1], 0.0)


@faddeeva.defjvp
def _(primals, tangents):
    (x, y), (dx, dy) = primals, tangents
    real, imag = faddeeva(x, y)
    slope_real, slope_imag = 2.0 * (y * imag - x * real), 2.0 * (1.0 / math.sqrt(math.pi) - x * imag - y * real)
    return (real, imag), (slope_real * dx - slope_imag * dy, slope_imag * dx + slope_real * dy)


def laurent(d: Values, gamma: Values, root: Values) -> tuple[Values, Values]:
    """Real and imaginary part of w(z) / root, z = (d + i gamma) / root, as a series in (1 / z)^2; also at root 0.

    Full precision for |z| > 20, but for exp(-z^2) next to the real axis, which is missing.
    """
    size = d * d + gamma * gamma
    real, imag = d / size, -gamma / size  # 1 / (d + i gamma)
    scale = root * root
    square_real, square_imag = scale * (real * real - imag * imag), scale * 2.0 * real * imag
    total_real, total_imag = jnp.ones_like(size), jnp.zeros_like(size)
    for n in range(LAURENT_TERMS, 0, -1):
        product = total_real * square_real - total_imag * square_imag
        total_imag = (n - 0.5) * (total_real * square_imag + total_imag * square_real)
        total_real = 1.0 + (n - 0.5) * product
    product = total_real * imag + total_imag * real
    return -product / math.sqrt(math.pi), (total_real * real - total_imag * imag) / math.sqrt(math.pi)


def _shifted(x):
    """Which nodes serve Re z = x: True for SHIFTED, False for PLAIN."""
    position = x / H
    fraction = position - jnp.floor(position)
    return (fraction < 0.25) | (fraction > 0.75)


def _sums(x, y, shifted):
    """i / pi times the sum of h exp(-t^2) / (z - t). Written out, so that no array of all terms is ever stored."""
    real, imag, shift = jnp.zeros_like(x), jnp.zeros_like(x), jnp.where(shifted, 0.5 * H, 0.0).astype(x.dtype)
    for low, high in zip(PLAIN.tolist(), SHIFTED.tolist(), strict=True):
        weight = jnp.where(shifted, H / math.pi * math.exp(-high * high), H / math.pi * math.exp(-low * low)).astype(
            x.dtype
        )
        distance = x - low - shift
        share = weight / (distance * distance + y * y)
        real, imag = real + y * share, imag + distance * share
    return real, imag


def _pole(x, y, shifted):
    """Real and imaginary part of 2 exp(-z^2) / (1 +- exp(-2 pi i z / h)) for 0 <= y < pi / h."""
    sign = jnp.where(shifted, 1.0, -1.0).astype(x.dtype)
    angle, turn = 2.0 * math.pi / H * x, 2.0 * x * y
    r = jnp.exp(-2.0 * math.pi / H * y)
    size = 2.0 * jnp.exp(y * y - x * x) * r / (r * r + 2.0 * sign * r * jnp.cos(angle) + 1.0)
    real = r * jnp.cos(turn) + sign * jnp.cos(angle - turn)
    imag = sign * jnp.sin(angle - turn) - r * jnp.sin(turn)
    return size * real, size * imag


def erfcx(y: Values) -> Values:
    """exp(y^2) erfc(y) = w(i y) for y >= 0."""
    t = SHIFTED[12:]
    weights = leading(2.0 * H / np.pi * np.exp(-t * t), y)
    total = jnp.sum(weights * y / (y * y + leading(t * t, y)), 0)
    near = y < POLE_HEIGHT
    safe = jnp.where(near, y, 0.0)
    return total + jnp.where(near, 2.0 * jnp.exp(safe * safe) / (jnp.exp(2.0 * math.pi / H * safe) + 1.0), 0.0)
