"""Belts against the exact construction: counts with a known background, and a Gaussian with a boundary."""

import jax
import matplotlib
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import poisson

import jaxminuit as jm
from tests.batch.counting import BACKGROUND, single, single_toy

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

COUNTS = np.arange(120)
LEVEL = 0.9


def exact_construction(mu):
    """Which counts are accepted, ordered by P(n; mu + b) / P(n; best + b), and how far the sums are from the level."""
    p = poisson.pmf(COUNTS, mu + BACKGROUND)
    order = np.argsort(-p / poisson.pmf(COUNTS, np.maximum(COUNTS, BACKGROUND)), kind="stable")
    sums = np.cumsum(p[order])
    last = np.searchsorted(sums, LEVEL)
    inside = np.zeros(COUNTS.size, bool)
    inside[order[: last + 1]] = True
    return inside, min(sums[last] - LEVEL, LEVEL - sums[last - 1])


def statistic(n, mu):
    best = np.maximum(n, BACKGROUND)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * (mu + BACKGROUND - best - np.where(n > 0, n * np.log((mu + BACKGROUND) / best), 0.0))


def test_counts_with_a_known_background():
    """Where the exact sums are further from 90 % than three standard deviations of the toys, the belt is the exact one.

    The interval for n = 3 is [0, 4.42] (physics/9711021, table IV).
    """
    toys, grid = 2000, np.array([0.0, 0.5, 1.0, 2.25, 3.0, 3.75, 4.25, 4.75, 5.25, 6.0])
    fcn, start = single(3.0)
    belt = jm.feldman_cousins(single_toy, fcn, start, "mu", grid, n=toys, key=1, cl=LEVEL)
    compared = 0
    for mu, threshold in zip(grid, belt.thresholds, strict=True):
        inside, margin = exact_construction(mu)
        if margin > 3 * np.sqrt(LEVEL * (1 - LEVEL) / toys):
            np.testing.assert_array_equal(statistic(COUNTS[:40], mu) <= threshold + 4e-4, inside[:40])
            compared += 1
    assert compared == 5
    np.testing.assert_allclose(belt.observed.q, statistic(3, grid), atol=4e-4)
    low, high = belt.interval
    assert low == 0.0
    assert abs(high - 4.42) < 0.5  # the grid's step
    assert np.all(belt.coverage >= LEVEL - 4e-4)
    assert np.sum(belt.failed) == 0
    assert "90 %" in str(belt)
    assert "<table>" in belt._repr_html_()
    figure, axes = plt.subplots(1, 2)
    belt.draw(axes[0])
    belt.draw_belt(axes[1])
    figure.canvas.draw()
    plt.close(figure)


def gauss_nll(p, x):
    return 0.5 * (x - p["mu"]) ** 2


def gauss_toy(key, p):
    return p["mu"] + jax.random.normal(key, dtype=float)


@pytest.mark.slow
def test_gaussian_with_a_boundary():
    """The exact distribution of t for one Gaussian measurement is that of `asymptotic_p_value` for "ttilde".

    The 90 % interval for x = 0 is [0, 1.64] (physics/9711021, table X).
    """
    toys, grid = 2000, np.array([0.0, 0.5, 1.0, 1.5, 1.75, 2.5])
    start = jm.Parameters({"mu": 0.5}, limits={"mu": (0.0, None)})
    belt = jm.feldman_cousins(gauss_toy, jm.FCN(gauss_nll, 0.0, 0.5), start, "mu", grid, n=toys, key=2)
    for mu, threshold in zip(grid[1:], belt.thresholds[1:], strict=True):
        shares = [jm.asymptotic_p_value(threshold + d, "ttilde", mu, mu, 1.0) for d in (-4e-4, 4e-4)]
        reach = 4 * np.sqrt(LEVEL * (1 - LEVEL) / toys)
        assert shares[1] - reach <= 1 - LEVEL <= shares[0] + reach

    def crossing(mu):
        return float(jm.asymptotic_p_value(mu**2, "ttilde", mu, mu, 1.0)) - (1 - LEVEL)

    exact = brentq(crossing, 0.5, 3.0)
    assert abs(exact - 1.64) < 0.006
    assert abs(belt.interval[1] - exact) < 4 * belt.interval_errors[1] + 0.05  # straight lines over steps of 0.25
    # other data, as a row of t on the same grid: x = -1 has [0, 0.81]
    low, high = belt.interval_of(grid**2 + 2 * grid)
    assert low == 0.0
    assert abs(high - 0.81) < 0.1
    assert np.all(np.isnan(belt.interval_of(np.full(grid.size, 50.0))))
    with pytest.raises(ValueError, match="one value for each of 6"):
        belt.interval_of([1.0])


def test_wrong_arguments_are_named():
    fcn, start = single(3.0)
    cases = (
        ("grid must be at least two increasing", [1.0], {}),
        ("grid must be at least two increasing", [1.0, 1.0], {}),
        ("mu = -1 is outside", [-1.0, 1.0], {}),
        ("cl must be a positive number", [0.0, 1.0], {"cl": -0.5}),
        ("n must be a whole number from 2", [0.0, 1.0], {"n": 1}),
        ("truths must be one set", [0.0, 1.0], {"truths": [{"mu": 1.0}]}),
    )
    for message, grid, changes in cases:
        with pytest.raises(ValueError, match=message):
            jm.feldman_cousins(single_toy, fcn, start, "mu", grid, **({"n": 10, "key": 1} | changes))
