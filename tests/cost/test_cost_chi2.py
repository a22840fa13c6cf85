import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import cost as theirs

from jaxminuit import cost

N = np.array([0.0, 3.0, 5.0, 0.0, 2.0])
MU = np.array([1.0, 2.5, 0.0, 0.0, 4.0])


def test_values_are_those_of_iminuit():
    # only the order of five additions differs
    assert cost.poisson_chi2(N, MU) == pytest.approx(theirs.poisson_chi2(N, MU), rel=1e-14)
    assert cost.multinomial_chi2(N, MU) == pytest.approx(theirs.multinomial_chi2(N, MU), rel=1e-14)
    assert cost.chi2(N, MU + 1, MU) == pytest.approx(theirs.chi2(N, MU + 1, MU), rel=1e-14)
    np.testing.assert_allclose(cost.log_or_zero(N), theirs.log_or_zero(N), rtol=1e-15)
    assert cost.poisson_chi2([1, 2], [2, 1]) == pytest.approx(theirs.poisson_chi2([1, 2], [2, 1]))
    assert (cost.CHISQUARE, cost.NEGATIVE_LOG_LIKELIHOOD) == (1.0, 0.5)


def test_gradients_at_empty_bins_and_zero_predictions():
    np.testing.assert_allclose(jax.grad(cost.poisson_chi2, 1)(N, MU), [2, 2 * (1 - 3 / 2.5), 2, 2, 2 * (1 - 0.5)])
    np.testing.assert_allclose(jax.grad(cost.multinomial_chi2, 1)(N, MU), [0, -2 * 3 / 2.5, 0, 0, -2 * 0.5])
    counts = jax.grad(cost.poisson_chi2)(N, MU)
    assert np.all(np.isfinite(counts))
    assert counts[1] == pytest.approx(2 * np.log(3 / 2.5))


def test_nan_is_not_hidden():
    assert np.isnan(cost.multinomial_chi2(N, jnp.array([1.0, np.nan, 1, 1, 1])))
    assert np.isnan(cost.log_or_zero(np.nan))


def test_single_precision_is_summed_in_double():
    # 2^24 + 1 has no representation in 32 bit: a float32 sum of ones stops there
    ones = jnp.ones(2**24 + 10, jnp.float32)
    result = cost.chi2(ones, jnp.float32(1), jnp.float32(0))
    assert result.dtype == jnp.float64
    assert result == 2**24 + 10


def test_second_derivatives_far_out():
    # 1 / x^2 is beyond the range of floating-point numbers at x = exp(-500), but its terms cancel
    def value(a):
        return cost.poisson_chi2(jnp.array([0.0, 2.0]), jnp.exp(-500.0 * a * jnp.ones(2)))

    mu = np.exp(-500.0)
    assert jax.jit(jax.hessian(value))(1.0) == pytest.approx(2 * 2 * 500.0**2 * mu, abs=1e-8)
    assert jax.jit(jax.grad(jax.grad(value)))(1.0) == pytest.approx(0.0, abs=1e-8)
    assert jax.jit(jax.grad(value))(1.0) == pytest.approx(2 * 2 * 500.0)
