"""The parabola through three points."""

import jax.numpy as jnp
import numpy as np

from jaxminuit.core.parabola import parabola


def test_coefficients():
    x = jnp.array([0.3, -1.2, 2.5])
    np.testing.assert_allclose(parabola(x, 3 * x**2 - 2 * x + 0.7), (3, -2, 0.7), rtol=1e-12)


def test_far_from_the_origin():
    """Abscissae near 1e4 that differ by 1: the curvature keeps twelve digits where monomials would leave eight."""
    x = 1e4 + jnp.array([0.0, 1.0, 3.0])
    a, b, _ = parabola(x, (x - 1e4) ** 2)
    np.testing.assert_allclose(a, 1, rtol=1e-12)
    np.testing.assert_allclose(b, -2e4, rtol=1e-12)
