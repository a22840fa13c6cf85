"""Test functions of optimisation, for Python floats, NumPy arrays, and JAX.

Rosenbrock, Computer Journal 3 (1960) 175; Ackley, A Connectionist Machine for Genetic Hillclimbing (1987); Beale, On an
Iterative Method for Finding a Local Minimum (1958); Matyas: Jamil and Yang, Int. J. Math. Modelling 4 (2013) 150.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def rosenbrock(x: Any, y: Any) -> Any:
    """Curved valley (1 - x)^2 + 100 (y - x^2)^2; minimum 0 at (1, 1)."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def rosenbrock_grad(x: Any, y: Any) -> tuple[Any, Any]:
    """Gradient of the Rosenbrock function."""
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


def ackley(x: Any, y: Any) -> Any:
    """Egg box in a funnel with a sharp tip; minimum 0 at (0, 0), many local minima around."""
    m = _module(x, y)
    funnel = -20 * m.exp(-0.2 * m.sqrt(0.5 * (x**2 + y**2)))
    box = -m.exp(0.5 * (m.cos(2 * math.pi * x) + m.cos(2 * math.pi * y)))
    return funnel + box + 20 + math.e


def beale(x: Any, y: Any) -> Any:
    """Sum of (c_k - x + x y^k)^2 for c = 1.5, 2.25, 2.625; minimum 0 at (3, 0.5)."""
    return sum((c - x + x * y**k) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), start=1))


def matyas(x: Any, y: Any) -> Any:
    """Plate 0.26 (x^2 + y^2) - 0.48 x y; minimum 0 at (0, 0)."""
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def sphere_np(x: Any) -> Any:
    """Sum of the squares of an array; minimum 0 at the origin."""
    return _module(x).sum(x**2)


def _module(*values: Any) -> Any:
    """jax.numpy for JAX arrays, math for plain numbers, else NumPy."""
    if any(isinstance(v, jax.Array) for v in values):
        return jnp
    return math if all(isinstance(v, int | float) for v in values) else np
