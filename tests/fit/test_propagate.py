"""Errors of functions of the parameters, against closed forms and linear algebra."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from tests.helpers.finite import jacobian

COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.16]])
INVERSE = np.linalg.inv(COVARIANCE)
BEST = np.array([2.0, 3.0, 0.5])


def parabola(p):
    d = jnp.concatenate([p["a"][None], p["w"]]) - BEST
    return d @ INVERSE @ d


@pytest.fixture(scope="module")
def minimum():
    fcn = jm.FCN(parabola)
    return jm.hesse(fcn, jm.migrad(fcn, jm.Parameters({"a": 1.0, "w": jnp.zeros(2)})))


def test_products_and_quotients(minimum):
    """Var(a w0) = w0^2 Va + a^2 Vw + 2 a w0 Caw; the fit's parameters are within 1e-3 of the best."""
    value, variance = jm.propagate(lambda p: p["a"] * p["w"][0], minimum)
    a, w, _ = np.asarray(minimum.values)
    c = np.asarray(minimum.covariance)
    assert value == pytest.approx(a * w)
    assert variance.shape == ()
    assert variance == pytest.approx(w * w * c[0, 0] + a * a * c[1, 1] + 2 * a * w * c[0, 1], rel=1e-12)
    np.testing.assert_allclose(c, COVARIANCE, rtol=1e-6, atol=1e-9)


def curve(p):
    return p["a"] * jnp.exp(-p["w"][1] * jnp.arange(6.0)) + p["w"][0]


def test_arrays_and_trees(minimum):
    value, c = jm.propagate(curve, minimum, COVARIANCE)
    j = jacobian(lambda x: curve(minimum.parameters.unflatten(x)), minimum.values)
    assert c.shape == (6, 6)
    np.testing.assert_allclose(value, curve(minimum.params))
    np.testing.assert_allclose(c, j @ COVARIANCE @ j.T, rtol=1e-8)
    table, c4 = jm.propagate(lambda p: curve(p).reshape(2, 3), minimum, COVARIANCE)
    assert table.shape == (2, 3)
    assert c4.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(c4.reshape(6, 6), c)
    tree, flat = jm.propagate(lambda p: {"sum": p["a"] + p["w"], "one": 1}, minimum, COVARIANCE)
    assert set(tree) == {"sum", "one"}
    assert flat.shape == (3, 3)
    ones = np.array([[0, 0, 0], [1, 1, 0], [1, 0, 1]])
    np.testing.assert_allclose(flat, ones @ COVARIANCE @ ones.T)


def test_many_parameters_by_reverse_mode():
    n = 12
    fcn = jm.FCN(lambda x: jnp.sum(x**2 / jnp.arange(1.0, n + 1) ** 2))
    minimum = jm.hesse(fcn, jm.Parameters(jnp.zeros(n), fixed=["x3"]))
    _, variance = jm.propagate(jnp.sum, minimum)
    assert variance == pytest.approx(np.sum(np.arange(1.0, n + 1) ** 2) - 16.0)


def test_jit_and_vmap(minimum):
    many = jax.tree.map(lambda x: jnp.stack([x, x]), minimum)
    value, variance = jax.jit(jax.vmap(lambda m: jm.propagate(curve, m)))(many)
    assert value.shape == (2, 6)
    assert variance.shape == (2, 6, 6)
    np.testing.assert_allclose(variance[1], jm.propagate(curve, minimum)[1], rtol=1e-10)


def test_nonsense_is_refused(minimum):
    with pytest.raises(TypeError, match="function must be callable, not 3"):
        jm.propagate(3, minimum)
    with pytest.raises(TypeError, match="must be a FunctionMinimum, not 3"):
        jm.propagate(curve, 3)
    with pytest.raises(ValueError, match=r"covariance has shape \(2, 2\), but \(3, 3\) is required"):
        jm.propagate(curve, minimum, np.eye(2))
    with pytest.raises(TypeError, match="cannot be traced by JAX"):
        jm.propagate(lambda p: np.exp(p["a"]), minimum)
    with pytest.raises(TypeError, match="real numbers"):
        jm.propagate(lambda p: p["a"] * 1j, minimum)
    many = jax.tree.map(lambda x: jnp.stack([x, x]), minimum)
    with pytest.raises(ValueError, match="use jax.vmap"):
        jm.propagate(curve, many)
