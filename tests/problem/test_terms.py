"""FCNs of users that show their terms: what they add up to, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.problem.gauss_newton import gauss_newton_answer, term_sums
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind, Request
from tests.helpers.finite import gradient, jacobian

X = np.linspace(0.5, 3.0, 8)
START = jm.Parameters({"a": 1.2, "b": 0.7}, limits={"a": (0.0, 4.0), "b": (0.1, None)})


def residuals(p, x):
    return (p["a"] * jnp.exp(-p["b"] * x) - 0.3).reshape(2, 4)


def log_terms(p, x):
    return p["b"] * x / p["a"] + jnp.log(p["a"]) - jnp.log(p["b"])


@pytest.mark.parametrize(
    ("fcn", "weight"), [(jm.ResidualFCN(residuals, data=X), None), (jm.SumFCN(log_terms, data=X), 1.0)]
)
def test_sums_in_internal_coordinates(fcn, weight):
    """Against five-point differences of the terms, good to about ten digits."""
    problem = Problem(fcn, START)
    u = problem.start()
    found = jax.jit(term_sums)(problem, u)
    fun = residuals if weight is None else log_terms
    out = jax.jit(lambda u: jnp.ravel(fun(START.unflatten(problem.external(u)), X)))
    r, j = np.asarray(out(u)), jacobian(out, u)
    value = jax.jit(lambda u: problem.value(u))
    assert float(found.value) == pytest.approx(np.sum(r**2) if weight is None else np.sum(r), rel=1e-13)
    assert float(found.value) == pytest.approx(float(value(u)), rel=1e-13)
    np.testing.assert_allclose(found.gradient, gradient(value, u), rtol=1e-8)
    # sum of squares: 2 J'J and 4 J' r^2 J; sum of terms with UP 0.5: J'J for both
    np.testing.assert_allclose(found.gauss_newton, (2.0 if weight is None else 1.0) * j.T @ j, rtol=1e-8)
    np.testing.assert_allclose(found.spread, (j.T * (4 * r**2 if weight is None else 1.0)) @ j, rtol=1e-8)


def test_the_answer_has_derivatives_only_where_they_are_asked_for():
    problem = Problem(jm.ResidualFCN(residuals, data=X), jm.Parameters({"a": 1.2, "b": 0.7}, fixed=["a"]))
    u, zero = problem.start(), jnp.zeros(2)

    @jax.jit
    def answer(kind):
        return gauss_newton_answer(problem, Request(kind, u, problem.free, 0.0, zero, zero, zero, 0))

    value, whole = answer(jnp.int32(Kind.VALUE)), answer(jnp.int32(Kind.HESSIAN))
    assert float(value.f) == pytest.approx(float(whole.f), rel=1e-14)
    assert not np.any(value.g)
    assert not np.any(value.hessian)
    assert whole.g[0] == 0.0
    assert whole.g[1] != 0.0
    assert np.count_nonzero(whole.hessian) == 1


def test_minimisers_take_them():
    fcn = jm.ResidualFCN(lambda p, d: (p["a"] + p["b"] * d[0] - d[1]) / 0.5, data=(X, 1.0 + 2.0 * X))
    start = jm.Parameters({"a": 0.0, "b": 0.0})
    design = np.stack([np.ones_like(X), X]) / 0.5
    expected = np.linalg.inv(design @ design.T)
    minimum = jm.migrad(fcn, start)
    np.testing.assert_allclose(minimum.values, [1.0, 2.0], atol=1e-6)
    np.testing.assert_allclose(jm.hesse(fcn, minimum).covariance, expected, rtol=1e-9)
    np.testing.assert_allclose(jm.minos(fcn, minimum).upper, np.sqrt(np.diag(expected)), rtol=1e-4)


@pytest.mark.parametrize("kind", [jm.ResidualFCN, jm.SumFCN])
def test_nonsense_is_refused(kind):
    with pytest.raises(TypeError, match="must be callable, not 3"):
        kind(3)
    with pytest.raises(ValueError, match="errordef must be a positive number, not -1"):
        kind(residuals, errordef=-1)
    with pytest.raises(TypeError, match="cannot be traced by JAX"):
        jm.fumili(kind(lambda p: np.exp(p["a"])), START)
    with pytest.raises(TypeError, match="must be real floating-point numbers, but they are of complex"):
        jm.fumili(kind(lambda p: p["a"] * jnp.array([1j])), START)
    with pytest.raises(TypeError, match="it returned None"):
        jm.fumili(kind(lambda p: None), START)
    assert kind(residuals, data=X).errordef == (1.0 if kind is jm.ResidualFCN else 0.5)
