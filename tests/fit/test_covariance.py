"""Three kinds of covariance, against linear algebra, closed forms and toys."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.stats import norm

import jaxminuit as jm
from jaxminuit import cost
from tests.cost import cost_models as m

X = np.linspace(0.0, 4.0, 30)
Y = 1.0 + 0.5 * X + (0.1 + 0.2 * X) * np.random.default_rng(3).normal(size=X.size)
DESIGN = np.stack([np.ones_like(X), X], axis=1) / 0.3


def line(x, a, b):
    return a + b * x


LINE = cost.LeastSquares(X, Y, 0.3, line)


@pytest.fixture(scope="module")
def fitted():
    return jm.fumili(LINE, jm.Parameters({"a": 0.0, "b": 0.0}))


def test_a_linear_model(fitted):
    """White's estimator (X'X)^-1 X' diag(r^2) X (X'X)^-1, and (X'X)^-1 for the other two."""
    inverse = np.linalg.inv(DESIGN.T @ DESIGN)
    r = (Y - line(X, *np.asarray(fitted.values))) / 0.3
    white = inverse @ (DESIGN.T * r**2) @ DESIGN @ inverse
    np.testing.assert_allclose(jm.covariance(LINE, fitted), inverse, rtol=1e-10)
    np.testing.assert_allclose(jm.covariance(LINE, fitted, "gauss_newton"), inverse, rtol=1e-10)
    np.testing.assert_allclose(jm.covariance(LINE, fitted, "sandwich"), white, rtol=1e-9)


def test_the_sandwich_does_not_depend_on_up():
    fcn = [
        jm.ResidualFCN(lambda p, d: p[0] * jnp.exp(p[1] * d[0]) - d[1], data=(X, Y), errordef=up) for up in (1.0, 9.0)
    ]
    found = []
    for f in fcn:
        minimum = jm.fumili(f, jm.Parameters(jnp.array([1.0, 0.1])))
        found.append([jm.covariance(f, minimum, kind) for kind in ("hessian", "gauss_newton", "sandwich")])
        np.testing.assert_allclose(found[-1][0], minimum.covariance, rtol=1e-6)
    for k, factor in enumerate((9.0, 9.0, 1.0)):
        np.testing.assert_allclose(found[1][k], factor * found[0][k], rtol=1e-5)
    assert not np.allclose(found[0][0], found[0][1], rtol=1e-3)


def test_a_weighted_mean():
    """f normal with known width: mu = sum w x / sum w, sandwich sum w^2 (x - mu)^2 / (sum w)^2; Hessian 1 / sum w."""
    w, x = m.WEIGHTS, m.SAMPLE
    fcn = cost.UnbinnedNLL(x, lambda x, mu: norm.pdf(x, mu, 1.0), weights=w)
    minimum = jm.migrad(fcn, jm.Parameters({"mu": 0.0}))
    mu = np.sum(w * x) / np.sum(w)
    assert minimum.values[0] == pytest.approx(mu, abs=1e-3)
    assert jm.covariance(fcn, minimum)[0, 0] == pytest.approx(1 / np.sum(w), rel=1e-9)
    expected = np.sum(w**2 * (x - float(minimum.values[0])) ** 2) / np.sum(w) ** 2
    assert jm.covariance(fcn, minimum, "sandwich")[0, 0] == pytest.approx(expected, rel=1e-9)


def test_a_weighted_number_of_events():
    """Extended: s = sum w, and its variance sum w^2, not sum w."""
    w = m.WEIGHTS
    fcn = cost.ExtendedUnbinnedNLL(m.SAMPLE, lambda x, s: (s, s * norm.pdf(x)), weights=w)
    minimum = jm.fumili(fcn, jm.Parameters({"s": 20.0}, limits={"s": (0.0, None)}))
    assert minimum.values[0] == pytest.approx(np.sum(w), rel=1e-5)
    for kind, variance in (("hessian", np.sum(w)), ("gauss_newton", np.sum(w)), ("sandwich", np.sum(w**2))):
        assert jm.covariance(fcn, minimum, kind)[0, 0] == pytest.approx(variance, rel=1e-5)


def test_fixed_parameters_and_limits():
    """At an active limit the row is 0, and the other parameter has the variance it has when that one is fixed there."""
    start = jm.Parameters({"a": 2.0, "b": 0.5}, limits={"a": (1.8, None)})
    minimum = jm.migrad(LINE, start)
    assert minimum.values[0] == pytest.approx(1.8, abs=1e-4)
    expected = np.diag([0.0, 1 / np.sum(DESIGN[:, 1] ** 2)])
    for kind in ("hessian", "gauss_newton"):
        np.testing.assert_allclose(jm.covariance(LINE, minimum, kind), expected, rtol=1e-9)
    fixed = jm.migrad(LINE, jm.Parameters({"a": 1.8, "b": 0.5}, fixed=["a"]))
    np.testing.assert_allclose(jm.covariance(LINE, fixed), expected, rtol=1e-9)


@pytest.mark.parametrize("lower", [0.0, 0.93, 0.99])
def test_near_a_limit_it_is_that_without_the_limit(fitted, lower):
    """The minimum lies inside; the curvature of the transformation plays no part."""
    limit = float(fitted.values[0]) * lower
    minimum = jm.migrad(LINE, jm.Parameters({"a": 2.0, "b": 0.5}, limits={"a": (limit, 10.0)}))
    np.testing.assert_allclose(jm.covariance(LINE, minimum), np.linalg.inv(DESIGN.T @ DESIGN), rtol=1e-9)


def test_a_saddle_has_none():
    fcn = jm.FCN(lambda p: p[0] ** 2 - p[1] ** 2)
    minimum = jm.hesse(fcn, jm.Parameters(jnp.zeros(2)))
    assert np.all(np.isnan(jm.covariance(fcn, minimum)))


def test_jit_vmap_and_grad(fitted):
    """d/dy of White's variance of a: by differences of the whole, at the same parameters."""

    @jax.jit
    def variance(y):
        return jm.covariance(cost.LeastSquares(X, y, 0.3, line), fitted, "sandwich")[0, 0]

    many = jax.vmap(variance)(jnp.stack([Y, Y + 0.1]))
    assert many[0] == pytest.approx(float(jm.covariance(LINE, fitted, "sandwich")[0, 0]), rel=1e-12)
    assert many[1] != many[0]
    h = 1e-4
    moved = jnp.zeros(X.size).at[4].set(h)
    slope = (variance(Y + moved) - variance(Y - moved)) / (2 * h)
    assert jax.grad(variance)(jnp.array(Y))[4] == pytest.approx(float(slope), rel=1e-6)


def test_nonsense_is_refused(fitted):
    with pytest.raises(ValueError, match="kind must be one of .* not 'best'"):
        jm.covariance(LINE, fitted, "best")
    with pytest.raises(TypeError, match="must be a FunctionMinimum"):
        jm.covariance(LINE, fitted.parameters)
    with pytest.raises(TypeError, match="HostFCN has no exact derivatives"):
        jm.covariance(jm.HostFCN(lambda p: 0.0), fitted)
    with pytest.raises(TypeError, match="does not show its terms"):
        jm.covariance(jm.FCN(lambda p: p["a"] ** 2 + p["b"] ** 2), fitted, "sandwich")
