"""The parabola through three points, for searches along a line."""

import jax.numpy as jnp
from jaxtyping import Float

from jaxminuit.core.types import AnyArray, Scalar


def parabola(x: Float[AnyArray, "3"], y: Float[AnyArray, "3"]) -> tuple[Scalar, Scalar, Scalar]:
    """Coefficients a, b, c of a x^2 + b x + c through three points, worked out about their mean abscissa."""
    mean = jnp.mean(x)
    u = x - mean
    d12, d13, d23 = u[0] - u[1], u[0] - u[2], u[1] - u[2]
    a = y[0] / (d12 * d13) - y[1] / (d12 * d23) + y[2] / (d13 * d23)
    b = -y[0] * (u[1] + u[2]) / (d12 * d13) + y[1] * (u[0] + u[2]) / (d12 * d23) - y[2] * (u[0] + u[1]) / (d13 * d23)
    c = y[0] - a * u[0] ** 2 - b * u[0]
    return a, b - 2.0 * a * mean, c + mean * (mean * a - b)
