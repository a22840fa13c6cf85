"""Values and first and second derivatives of the safe primitives are finite exactly where promised."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.safe import safe_divide, safe_log, safe_sqrt, xlogy
from jaxminuit.core.tree import select

TINY = float(np.finfo(float).tiny)


def taylor(function):
    """Value, first and second derivative, element by element."""
    return jax.jit(jax.vmap(lambda x: (function(x), jax.grad(function)(x), jax.grad(jax.grad(function))(x))))


def test_sqrt():
    """The root and its derivatives where there are any, zeros elsewhere, NaN included."""
    f, d, dd = taylor(safe_sqrt)(jnp.array([4.0, 0.0, -1.0, -np.inf, np.nan]))
    np.testing.assert_allclose(f, [2, 0, 0, 0, 0])
    np.testing.assert_allclose(d, [0.25, 0, 0, 0, 0])
    np.testing.assert_allclose(dd, [-1 / 32, 0, 0, 0, 0])


def test_log():
    f, d, dd = taylor(safe_log)(jnp.array([2.0, 0.0, -1.0, 1e-310]))
    np.testing.assert_allclose(f, [np.log(2)] + 3 * [np.log(TINY)])
    np.testing.assert_allclose(d, [0.5, 0, 0, 0])
    np.testing.assert_allclose(dd, [-0.25, 0, 0, 0])


def test_log_with_a_floor_and_in_single_precision():
    np.testing.assert_allclose(safe_log(jnp.array([1e-3, 1e-1]), 1e-2), np.log([1e-2, 1e-1]))
    single = safe_log(jnp.zeros(2, jnp.float32))
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, np.log(np.finfo(np.float32).tiny), rtol=1e-6)


def test_divide():
    """1/x and its derivative -1/x^2 away from 0; the stated number, with derivative 0, at 0."""
    f, d, dd = taylor(lambda x: safe_divide(1.0, x, 7.0))(jnp.array([2.0, 0.0, -4.0]))
    np.testing.assert_allclose(f, [0.5, 7.0, -0.25])
    np.testing.assert_allclose(d, [-0.25, 0.0, -1 / 16])
    np.testing.assert_allclose(dd, [0.25, 0.0, -2 / 64])
    assert float(safe_divide(0.0, 0.0)) == 0.0


@pytest.mark.parametrize("y", [2.0, 0.0, -1.0, np.inf])
def test_xlogy_of_nothing_is_nothing(y):
    value, (dx, dy) = jax.value_and_grad(xlogy, (0, 1))(0.0, y)
    assert float(value) == 0.0
    assert np.isfinite(dx)
    assert float(dy) == 0.0


def test_xlogy():
    value, (dx, dy) = jax.value_and_grad(xlogy, (0, 1))(3.0, 2.0)
    np.testing.assert_allclose([value, dx, dy], [3 * np.log(2), np.log(2), 1.5])
    assert np.isfinite(xlogy(3.0, 0.0))


def test_select_takes_whole_states():
    yes, no = {"a": jnp.ones(2), "b": (jnp.int32(1),)}, {"a": jnp.zeros(2), "b": (jnp.int32(0),)}
    chosen = jax.jit(select)(jnp.array(False), yes, no)
    np.testing.assert_array_equal(chosen["a"], [0, 0])
    assert int(chosen["b"][0]) == 0
    assert chosen["b"][0].dtype == jnp.int32
