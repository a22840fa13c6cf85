import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import cost as theirs

from jaxminuit import cost
from tests.cost import cost_models as m

X = np.linspace(0.5, 3.0, 12)
YE = 0.1 + 0.02 * np.arange(12)
Y = 1.0 + 2.0 * X + YE * m.rng.normal(size=12)
Y[3] += 3.0
MASK = np.arange(12) % 4 != 1
ARGS = (0.9, 2.2)


def line(x, a, b):
    return a + b * x


def line_grad(x, a, b):
    return np.array([np.ones_like(x), x])


def np_line(x, a, b):
    out = np.empty_like(x)  # writes into an array: JAX cannot trace it
    out[:] = float(a) + float(b) * x
    return out


def cauchy(z_squared):
    return jnp.log1p(z_squared)


def np_cauchy(z_squared):
    return np.log1p(z_squared)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("loss", ["linear", "soft_l1", cauchy])
def test_value_gradient_prediction_and_pulls(loss, masked):
    mask, np_loss = MASK if masked else None, np_cauchy if loss is cauchy else loss
    ours = cost.LeastSquares(X, Y, YE, line, loss=loss, mask=mask)
    host = cost.LeastSquares(X, Y, YE, np_line, loss=np_loss, mask=mask, grad=line_grad)
    other = theirs.LeastSquares(X, Y, YE, np_line, loss=np_loss, grad=line_grad)
    if masked:
        other.mask = MASK
    assert ours(*ARGS) == pytest.approx(other(*ARGS), rel=1e-13)
    assert host(*ARGS) == pytest.approx(other(*ARGS), rel=1e-13)
    assert (ours.traceable, host.traceable) == (True, False)
    assert ours.ndata == other.ndata == (9 if masked else 12)
    assert host.has_grad == other.has_grad
    np.testing.assert_allclose(ours.prediction(ARGS), other.prediction(ARGS), rtol=1e-14)
    np.testing.assert_allclose(host.pulls(ARGS), other.pulls(ARGS), rtol=1e-12)
    # the cost is about 1000, so that central differences are good to about 1e-8
    np.testing.assert_allclose(ours.grad(*ARGS), m.central(other, ARGS), rtol=1e-6)
    if host.has_grad:
        np.testing.assert_allclose(host.grad(*ARGS), other.grad(*ARGS), rtol=1e-12)


def test_data_come_back_and_scalars_spread():
    c, other = cost.LeastSquares(X, Y, 0.3, line), theirs.LeastSquares(X, Y, 0.3, line)
    np.testing.assert_array_equal(c.data, other.data)
    assert c(*ARGS) == pytest.approx(other(*ARGS))
    np.testing.assert_array_equal(c.yerror, np.full(12, 0.3))
    assert c.model is line
    assert c.loss == "linear"
    assert c.replace(loss=cauchy).loss is cauchy


def test_several_dimensions():
    x = np.array([X, X**2])

    def plane(x, a, b):
        return a * x[0] + b * x[1]

    ours, other = cost.LeastSquares(x, Y, YE, plane), theirs.LeastSquares(x, Y, YE, plane)
    assert ours(*ARGS) == pytest.approx(other(*ARGS), rel=1e-13)
    np.testing.assert_allclose(ours.pulls(ARGS), other.pulls(ARGS))
    np.testing.assert_array_equal(ours.data, other.data)
    masked = ours.replace(mask=MASK)
    assert masked(*ARGS) == pytest.approx(cost.LeastSquares(x[:, MASK], Y[MASK], YE[MASK], plane)(*ARGS), rel=1e-13)


def test_model_of_one_array():
    def polynomial(x, par):
        return jnp.polyval(par, x)

    c = cost.LeastSquares(X, Y, YE, polynomial)
    other = theirs.LeastSquares(X, Y, YE, lambda x, par: np.polyval(par, x))
    par = np.array([0.1, 2.0, 1.0])
    assert c(par) == pytest.approx(other(par), rel=1e-13)
    assert c.evaluate(jnp.asarray(par)) == c.evaluate({"par": par}) == c(par)
    assert c.npar == 1
    assert c.is_traceable(par)
    np.testing.assert_allclose(c.grad(par), m.central(lambda *p: other(np.array(p)), par), rtol=1e-6)
    np.testing.assert_allclose(c.prediction(par), np.polyval(par, X))
    np.testing.assert_allclose(c.prediction((0.1, 2.0, 1.0)), np.polyval(par, X))


def test_masked_points_may_be_anything():
    x, y, ye = X.copy(), Y.copy(), YE.copy()
    x[1], y[5], ye[9] = 0.0, np.nan, 0.0
    c = cost.LeastSquares(x, y, ye, lambda x, a, b: a + b * jnp.log(x), mask=MASK)
    cut = cost.LeastSquares(x[MASK], y[MASK], ye[MASK], lambda x, a, b: a + b * jnp.log(x))
    assert c(*ARGS) == pytest.approx(cut(*ARGS), rel=1e-13)
    np.testing.assert_allclose(c.grad(*ARGS), cut.grad(*ARGS), rtol=1e-12)
    np.testing.assert_array_equal(np.isnan(c.pulls(ARGS)), ~MASK)


def test_pulls_without_error_are_nan():
    ye = YE.copy()
    ye[2] = 0
    pulls = cost.LeastSquares(X, Y, ye, line).pulls(ARGS)
    np.testing.assert_allclose(pulls, theirs.LeastSquares(X, Y, ye, line).pulls(ARGS))
    assert np.isnan(pulls[2])


def test_derivative_with_respect_to_data():
    def value(y):
        return cost.LeastSquares(X, y, YE, line)(*ARGS)

    np.testing.assert_allclose(jax.grad(value)(jnp.asarray(Y)), 2 * (Y - line(X, *ARGS)) / YE**2)


def test_wrong_input():
    with pytest.raises(ValueError, match=r"y has shape \(3,\), but \(12,\) is required"):
        cost.LeastSquares(X, Y[:3], YE, line)
    with pytest.raises(ValueError, match="loss must be 'linear'"):
        cost.LeastSquares(X, Y, YE, line, loss="huber")
    with pytest.raises(ValueError, match="loss must be .linear., .soft_l1. or a function"):
        cost.LeastSquares(X, Y, YE, line, loss=3)
    with pytest.raises(ValueError, match=r"has 2 parameters \['a', 'b'\], not 3"):
        cost.LeastSquares(X, Y, YE, line)(1, 2, 3)
    with pytest.raises(ValueError, match=r"has the parameters \['a', 'b'\], not \['a'\]"):
        cost.LeastSquares(X, Y, YE, line).evaluate({"a": 1.0})
