"""The problems are those that the recorded results belong to."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests import reference
from tests.problems.classic import BY_NAME, CLASSIC


def test_every_record_has_its_problem():
    assert {r["problem"] for r in reference.fits()} == set(BY_NAME)
    assert len(reference.fits()) == 17 * 2 * 3
    assert {r["problem"] for r in reference.minos()} <= set(BY_NAME)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_recorded_value_is_reached_at_the_recorded_point(name):
    """FCN at every recorded minimum, rounding apart: 1e-9 covers sums of terms of order 1 that nearly cancel."""
    problem = BY_NAME[name]
    function = jax.jit(problem.__call__)
    for record in reference.fits(problem=name):
        value = float(function(jnp.asarray(record["values"])))
        np.testing.assert_allclose(value, record["fval"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("problem", [p for p in CLASSIC if p.minimum is not None], ids=str)
def test_closed_form_minimum(problem):
    """The stated minimum has the stated value and lies inside the limits; free directions are stationary inside."""
    x = jnp.asarray(problem.minimum)
    np.testing.assert_allclose(float(problem(x)), problem.fmin, atol=1e-12)
    assert np.all((problem.minimum >= problem.lower) & (problem.minimum <= problem.upper))
    inside = (problem.minimum > problem.lower) & (problem.minimum < problem.upper) & ~problem.fixed
    np.testing.assert_allclose(np.asarray(jax.grad(problem.__call__)(x))[inside], 0.0, atol=1e-8)


def test_parameters_carry_limits_and_fixed_flags():
    parameters = BY_NAME["quad4_lim"].parameters
    np.testing.assert_array_equal(parameters.lower, [0.0, 0.5, -np.inf, -np.inf])
    np.testing.assert_array_equal(parameters.upper, [1.0, 3.0, np.inf, 2.0])
    assert list(BY_NAME["quad4_fix"].parameters.fixed) == [False, True, False, False]


def test_covariance_is_unpacked_over_all_parameters():
    record = reference.fits("quad4", "migrad+hesse", 2)[0]
    expected = np.array([[4, 1, 2, 0], [1, 5, 3, 0], [2, 3, 6, 0], [0, 0, 0, 1]])
    np.testing.assert_allclose(reference.covariance(record, [False] * 4), expected, atol=2e-3)
    record = reference.fits("quad4_fix", "migrad+hesse", 2)[0]
    matrix = reference.covariance(record, BY_NAME["quad4_fix"].fixed)
    assert np.all(matrix[1] == 0)
    assert np.all(matrix[:, 1] == 0)
    assert matrix[0, 2] > 0
