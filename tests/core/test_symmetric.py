"""Symmetric matrices with rows switched off: a mask is the same as leaving the rows out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core import symmetric
from jaxminuit.core.precision import precision

PRECISION = precision(jnp.float64)
EPSPDF = float(PRECISION.eps2)
COVARIANCE = np.array([[4.0, 1.0, 2.0, 0.0], [1.0, 5.0, 3.0, 0.0], [2.0, 3.0, 6.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
ALL = np.ones(4, bool)
SOME = np.array([True, False, True, True])


def embedded(small, free):
    """The matrix with zero rows for fixed parameters."""
    whole = np.zeros((free.size, free.size))
    whole[np.ix_(free, free)] = small
    return whole


def reduced(whole, free):
    return np.asarray(whole)[np.ix_(free, free)]


inverse = jax.jit(symmetric.inverse)
repair = jax.jit(lambda m, free: symmetric.repair(m, free, PRECISION))
positive_inverse = jax.jit(symmetric.positive_inverse)
global_correlation = jax.jit(symmetric.global_correlation)


@pytest.mark.parametrize("free", [ALL, SOME], ids=["all", "some"])
def test_inverse(free):
    """Against numpy's inverse of the reduced matrix; badly scaled rows do no harm (1e-12 is rounding)."""
    scale = np.array([1e-8, 1.0, 1e6, 1e3])
    m = COVARIANCE * np.outer(scale, scale)
    v, ok = inverse(m, free)
    assert ok
    units = np.outer(scale, scale)
    np.testing.assert_allclose(v * units, embedded(np.linalg.inv(reduced(COVARIANCE, free)), free), atol=1e-12)
    np.testing.assert_allclose(v, v.T, rtol=1e-15)


def test_inverse_says_when_there_is_none():
    assert not inverse(jnp.ones((2, 2)), np.ones(2, bool))[1]
    assert not inverse(jnp.diag(jnp.array([1.0, -1.0])), np.ones(2, bool))[1]
    assert not inverse(jnp.full((2, 2), jnp.nan), np.ones(2, bool))[1]
    # the bad row does not count when it is fixed
    v, ok = inverse(jnp.diag(jnp.array([2.0, np.nan])), np.array([True, False]))
    assert ok
    np.testing.assert_array_equal(v, [[0.5, 0], [0, 0]])


def test_repair_leaves_positive_definite_matrices_alone():
    new, shifted = repair(COVARIANCE, ALL)
    assert not shifted
    np.testing.assert_array_equal(new, COVARIANCE)


def test_repair_lifts_the_diagonal():
    """diag(2, -1): the lowest element comes to 1/2 + epspdf, the same is added to all; not reported as a shift."""
    new, shifted = repair(np.diag([2.0, -1.0]), np.ones(2, bool))
    assert not shifted
    np.testing.assert_allclose(np.diagonal(new), [3.5 + EPSPDF, 0.5 + EPSPDF], rtol=1e-14)
    new, _ = repair(np.diag([2.0, 0.0]), np.ones(2, bool))
    np.testing.assert_allclose(np.diagonal(new), [2.5 + EPSPDF, 0.5 + EPSPDF], rtol=1e-14)


def test_repair_enlarges_the_diagonal_of_an_indefinite_matrix():
    """((1, 3), (3, 4)) scaled to ((1, 1.5), (1.5, 1)) has eigenvalues -0.5, 2.5: the factor is 1 + 0.0025 + 0.5."""
    new, shifted = repair(np.array([[1.0, 3.0], [3.0, 4.0]]), np.ones(2, bool))
    assert shifted
    np.testing.assert_allclose(new, [[1.5025, 3.0], [3.0, 4 * 1.5025]], rtol=1e-14)
    assert np.linalg.eigvalsh(new)[0] > 0


def test_repair_of_a_singular_matrix():
    """((1, 1), (1, 1)): p = 0, 2, so the diagonal grows by 0.2 %."""
    new, shifted = repair(np.ones((2, 2)), np.ones(2, bool))
    assert shifted
    np.testing.assert_allclose(new, [[1.002, 1.0], [1.0, 1.002]], rtol=1e-12)


@pytest.mark.parametrize(("value", "expected", "shifted"), [(2.0, 2.0, False), (-3.0, 1.0, True), (0.0, 1.0, True)])
def test_repair_of_one_parameter(value, expected, shifted):
    new, flag = repair(np.diag([value, 5.0]), np.array([True, False]))
    np.testing.assert_array_equal(new, np.diag([expected, 0.0]))
    assert bool(flag) == shifted


@pytest.mark.parametrize("matrix", [COVARIANCE, COVARIANCE - 3 * np.eye(4), COVARIANCE - 5.5 * np.eye(4)])
def test_repair_under_a_mask_is_repair_of_the_reduced_matrix(matrix):
    small, flag = repair(reduced(matrix, SOME), np.ones(3, bool))
    whole, whole_flag = repair(matrix, SOME)
    np.testing.assert_allclose(whole, embedded(small, SOME), rtol=1e-12, atol=1e-14)
    assert bool(flag) == bool(whole_flag)


def test_repair_when_needed_only():
    bad = np.ones((2, 2))
    run = jax.jit(lambda needed: symmetric.repair_if(needed, jnp.asarray(bad), jnp.ones(2, bool), PRECISION))
    same, made = run(False)
    np.testing.assert_array_equal(same, bad)
    assert not made
    assert run(True)[1]


@pytest.mark.parametrize("free", [ALL, SOME], ids=["all", "some"])
def test_positive_inverse_of_a_positive_definite_matrix_is_its_inverse(free):
    h = np.linalg.inv(COVARIANCE)
    v, scaled, _ = positive_inverse(h, free)
    np.testing.assert_allclose(v, embedded(np.linalg.inv(reduced(h, free)), free), atol=1e-12)
    assert np.all(scaled > 0)


def test_positive_inverse_turns_the_way_uphill_round():
    """In diag(4, -9) each axis is an eigenvector: |eigenvalue| is inverted, and the way down is the second axis."""
    v, scaled, direction = positive_inverse(np.diag([4.0, -9.0]), np.ones(2, bool))
    np.testing.assert_allclose(v, np.diag([1 / 4, 1 / 9]), rtol=1e-14)
    np.testing.assert_allclose(scaled, [-1, 1], rtol=1e-14)
    np.testing.assert_allclose(np.abs(direction), [0, 1 / 3], atol=1e-14)


def test_positive_inverse_of_singular_and_of_infinite_matrices_is_finite():
    v, scaled, _ = positive_inverse(jnp.ones((2, 2)), np.ones(2, bool))
    assert np.all(np.isfinite(v))
    assert np.all(np.linalg.eigvalsh(v) > 0)
    assert scaled[0] <= symmetric.flat_threshold(scaled)
    assert np.all(np.isfinite(positive_inverse(jnp.full((2, 2), jnp.nan), np.ones(2, bool))[0]))


def test_global_correlation_of_two_parameters_is_their_correlation():
    v = np.array([[4.0, -2.4], [-2.4, 9.0]])
    np.testing.assert_allclose(global_correlation(v, np.ones(2, bool)), [0.4, 0.4], rtol=1e-13)


def test_global_correlation_is_that_of_the_best_predictor():
    """1 - rho^2 is the variance left after the others predict the parameter: V_ii - b.S^-1.b over V_ii."""
    rest = [1, 2, 3]
    b, s = COVARIANCE[0, rest], COVARIANCE[np.ix_(rest, rest)]
    expected = np.sqrt(b @ np.linalg.solve(s, b) / COVARIANCE[0, 0])
    rho = global_correlation(COVARIANCE, ALL)
    np.testing.assert_allclose(rho[0], expected, rtol=1e-13)
    np.testing.assert_allclose(rho[3], 0.0, atol=1e-7)  # the root of a rounding error
    masked = global_correlation(COVARIANCE, SOME)
    small = global_correlation(reduced(COVARIANCE, SOME), np.ones(3, bool))
    np.testing.assert_allclose(masked[SOME], small, atol=1e-7)
    assert masked[1] == 0


def test_correlation_in_batches_and_with_zero_rows():
    v = np.stack([COVARIANCE, embedded(reduced(COVARIANCE, SOME), SOME)])
    rho = symmetric.correlation(jnp.asarray(v))
    sigma = np.sqrt(np.diagonal(COVARIANCE))
    np.testing.assert_allclose(rho[0], COVARIANCE / np.outer(sigma, sigma), rtol=1e-14)
    np.testing.assert_array_equal(rho[1][1], [0, 1, 0, 0])
    assert np.all(np.isfinite(jax.grad(lambda c: jnp.sum(symmetric.correlation(c)))(jnp.asarray(v))))


def test_small_pieces():
    m = jnp.array([[1.0, -2.0], [-2.0, 3.0]])
    free = jnp.array([True, False])
    np.testing.assert_array_equal(symmetric.masked(m, free), [[1, 0], [0, 0]])
    np.testing.assert_array_equal(symmetric.unit_where_fixed(m, free), [[1, 0], [0, 1]])
    np.testing.assert_array_equal(symmetric.diagonal(jnp.array([4.0, 5.0]), free), [[4, 0], [0, 0]])
    assert float(symmetric.packed_sum(m)) == 6.0
    np.testing.assert_array_equal(
        symmetric.unit_scale(jnp.diag(jnp.array([4.0, 0.0, -9.0, jnp.inf]))), [0.5, 1, 1 / 3, 1]
    )
