"""Functions with several minima, the lowest of which is known."""

import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.problems.classic import goldstein_price


def camel(p):
    """Six-hump camel back: two equal global minima, -1.0316284535 at +-(0.0898420, -0.7126564)."""
    x, y = p
    return (4.0 - 2.1 * x**2 + x**4 / 3.0) * x**2 + x * y + (4.0 * y**2 - 4.0) * y**2


def rastrigin(p):
    """10 n + sum x^2 - 10 cos(2 pi x): a minimum near every point of whole numbers, 0 at the origin."""
    return jnp.sum(p * p + 10.0 - 10.0 * jnp.cos(2.0 * jnp.pi * p))


def two_wells(p):
    """A quartic in x, tilted, and a parabola in y: minima near x = -1 (lower) and x = 1."""
    return 4.0 * (p[0] ** 2 - 1.0) ** 2 + 0.3 * p[0] + p[1] ** 2


def wave(p):
    """A sine on a parabola."""
    return 3.0 * jnp.sin(3.0 * p[0]) + 0.1 * (p[0] - 2.0) ** 2 + p[1] ** 2


def bowl(p):
    """One minimum, at (1, 1)."""
    return jnp.sum((p - 1.0) ** 2)


def cliff(p):
    """Two wells without values for y > 1/2 or x > 2."""
    return jnp.where((p[1] > 0.5) | (p[0] > 2.0), jnp.nan, two_wells(p))


def slope(p):
    """A cubic in x that falls for ever on the left; its only minimum is local, -2 at (1, 0)."""
    return p[0] ** 3 - 3.0 * p[0] + p[1] ** 2


# the lower root of 16 x (x^2 - 1) + 0.3 = 0, and the wave's third minimum, by Newton
LEFT = min(np.roots([16.0, 0.0, -16.0, 0.3]).real)
CREST = 1.5739576
VALLEYS = {  # function, lowest minimum, where (up to the sign of both)
    "camel": (camel, -1.0316284535, (0.0898420, -0.7126564)),
    "rastrigin": (rastrigin, 0.0, (0.0, 0.0)),
    "two_wells": (two_wells, float(4.0 * (LEFT**2 - 1.0) ** 2 + 0.3 * LEFT), (LEFT, 0.0)),
    "goldstein_price": (goldstein_price, 3.0, (0.0, -1.0)),
    "wave": (wave, float(3.0 * np.sin(3.0 * CREST) + 0.1 * (CREST - 2.0) ** 2), (CREST, 0.0)),
    "bowl": (bowl, 0.0, (1.0, 1.0)),
    "cliff": (cliff, float(4.0 * (LEFT**2 - 1.0) ** 2 + 0.3 * LEFT), (LEFT, 0.0)),
    "slope": (slope, -2.0, (1.0, 0.0)),
}


def valley(x, data):
    """Any of them, shifted up: data = (number, shift)."""
    number, shift = data
    return lax.switch(number, [f for f, _, _ in VALLEYS.values()], x) + shift


def numbered(name, shift=0.0):
    """The data that choose a function."""
    return jnp.int32(list(VALLEYS).index(name)), jnp.asarray(shift, float)
