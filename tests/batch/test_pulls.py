"""What toys say about a fit: against closed forms, SciPy and plain NumPy."""

import math

import numpy as np
import pytest
from scipy import stats

from jaxminuit.batch.pulls import (
    bias_of,
    binomial_interval,
    coverage_of,
    level,
    pulls_of,
    truth_of,
)
from jaxminuit.batch.tables import with_error
from jaxminuit.core.levels import probability

ONE_SIGMA = probability(1.0)
NAMES = ("a", "b")


@pytest.mark.parametrize("total", [1, 7, 200])
def test_binomial_interval_is_that_of_scipy(total):
    inside = np.arange(total + 1)
    lower, upper = binomial_interval(inside, total)
    for k in (0, 1, total // 2, total):
        exact = stats.binomtest(k, total).proportion_ci(ONE_SIGMA, method="exact")
        np.testing.assert_allclose((lower[k], upper[k]), (exact.low, exact.high), rtol=1e-9, atol=1e-12)
    assert np.all(np.isnan(binomial_interval(0, 0)))


def test_errors_of_mean_and_width_are_the_spread_over_repeated_studies():
    """2000 studies of 100 toys, normal and not: within 6 %, four times the error of a spread from 2000 (1.6 %)."""
    rng = np.random.default_rng(3)
    for draw in (rng.standard_normal, lambda size: rng.uniform(-1.7, 1.7, size)):
        found = pulls_of([f"p{i}" for i in range(2000)], draw((100, 2000)))
        assert np.std(found.mean) == pytest.approx(np.mean(found.mean_error), rel=0.06)
        assert np.std(found.width) == pytest.approx(np.mean(found.width_error), rel=0.06)


def test_pulls_and_bias_are_those_of_numpy_without_what_failed():
    rng = np.random.default_rng(5)
    x, errors = rng.normal(0.2, 1.3, (50, 2)), rng.uniform(0.5, 1.5, (50, 2))
    x[3], x[7, 0] = np.nan, np.nan
    p, b = pulls_of(NAMES, x), bias_of(NAMES, x, np.where(np.isnan(x), np.nan, errors))
    np.testing.assert_array_equal(p.number, [48, 49])
    np.testing.assert_allclose(p.mean, np.nanmean(x, axis=0), rtol=1e-12)
    np.testing.assert_allclose(p.width, np.nanstd(x, axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(p.mean_error, p.width / np.sqrt(p.number), rtol=1e-12)
    np.testing.assert_allclose(b.bias, p.mean, rtol=1e-12)
    np.testing.assert_allclose(b.error, p.mean_error, rtol=1e-12)
    used = np.where(np.isnan(x), np.nan, errors)
    np.testing.assert_allclose(b.relative, p.mean / np.nanmean(used, axis=0), rtol=1e-12)


def test_no_toys_one_toy_and_equal_toys():
    assert np.all(np.isnan(pulls_of(NAMES, np.zeros((0, 2))).mean))
    one = pulls_of(NAMES, np.ones((1, 2)))
    np.testing.assert_array_equal(one.mean, 1.0)
    assert np.all(np.isnan(one.width))
    np.testing.assert_array_equal(pulls_of(NAMES, np.ones((3, 2))).width, 0.0)
    assert "-" in str(one)


def test_coverage_counts_closed_intervals():
    lower = np.array([[-1.0, 0.0], [0.1, -2.0], [-3.0, np.nan], [-1.0, -0.5]])
    upper = np.array([[1.0, 0.5], [0.9, -1.0], [0.0, 1.0], [2.0, 0.1]])
    found = coverage_of(NAMES, 0.68, lower, upper)
    np.testing.assert_array_equal(found.number, [4, 3])
    np.testing.assert_array_equal(found.inside, [3, 2])
    np.testing.assert_allclose(found.fraction, [0.75, 2 / 3])
    assert np.all((found.lower < found.fraction) & (found.fraction < found.upper))
    for part in ("0.7500", "0.6667", "nominal 0.68"):
        assert part in str(found)
        assert part in found._repr_html_()


@pytest.mark.parametrize(
    ("cl", "probability", "deviations"),
    [(None, ONE_SIGMA, 1.0), (0.68, 0.68, stats.norm.ppf(0.84)), (2, stats.chi2.cdf(4, 1), 2.0)],
)
def test_levels(cl, probability, deviations):
    assert level(cl) == pytest.approx((probability, deviations), rel=1e-12)
    assert math.isclose(ONE_SIGMA, stats.chi2.cdf(1, 1), rel_tol=1e-12)


def test_truth_in_every_form():
    np.testing.assert_array_equal(truth_of(NAMES, [1, 2]), [1.0, 2.0])
    np.testing.assert_array_equal(truth_of(NAMES, {"b": 2, "a": 1}), [1.0, 2.0])
    np.testing.assert_array_equal(truth_of(NAMES, {"b": 2}), [np.nan, 2.0])
    nested = {"shape": {"w": np.array([3.0, 4.0])}, "n": 1.0}
    np.testing.assert_array_equal(truth_of(("n", "shape.w[0]", "shape.w[1]"), nested), [1.0, 3.0, 4.0])
    with pytest.raises(ValueError, match="truth has 'c', but the parameters are"):
        truth_of(NAMES, {"a": 1, "c": 2})
    with pytest.raises(ValueError, match="a value for each of"):
        truth_of(NAMES, [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="must hold numbers"):
        truth_of(NAMES, ["x", "y"])


def test_numbers_have_two_digits_of_their_error():
    assert with_error(1.23456, 0.0123) == "1.235 +- 0.012"
    assert with_error(1234.6, 56.0) == "1235 +- 56"
    assert with_error(1.5, np.nan) == "1.5"
    assert with_error(np.nan, 1.0) == "-"
