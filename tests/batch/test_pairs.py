"""Pairs of very small fits by Newton's method: the same minima and verdicts as those of the lanes."""

import sys

import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from tests.batch.counting import on_off, single

GOAL = 2e-4  # 0.002 tol UP of both fits, over UP


@pytest.fixture
def without(monkeypatch):
    """The same function, with every fit in lanes."""

    def ratio(*args, **options):
        with monkeypatch.context() as patch:
            # the package has a function of the name of the module
            patch.setattr(sys.modules["jaxminuit.batch.likelihood_ratio"], "suits", lambda batch, job: False)
            return jm.likelihood_ratio(*args, **options)

    return ratio


def test_the_same_as_in_lanes(without):
    """Values, errors and statuses, with parameters at limits, one data set that is NaN, and starts of their own."""
    rng = np.random.default_rng(4)
    n, m = rng.poisson(4.0, 40).astype(float), rng.poisson(12.0, 40).astype(float)
    n[7] = np.nan
    fcn, start = on_off(n, m)
    mu = np.linspace(0.0, 5.0, 40)
    start = start.replace(values=np.stack([np.linspace(1.0, 6.0, 40), np.full(40, 2.0)], axis=1))
    found, lanes = (f(fcn, start, "mu", mu, kind="qtilde", iterate=0) for f in (jm.likelihood_ratio, without))
    np.testing.assert_array_equal(found.status, lanes.status)
    np.testing.assert_array_equal(found.conditional_status, lanes.conditional_status)
    assert jm.Status.AT_LIMIT in found.status
    assert found.status[7] == jm.Status.NOT_FINITE
    np.testing.assert_allclose(found.q, lanes.q, atol=2 * GOAL)
    good = found.valid
    # an EDM of 1e-4 UP, its goal, is 0.014 of an error away
    np.testing.assert_array_less(np.abs(found.values - lanes.values)[good], 0.02 * lanes.errors[good] + 1e-3)
    # where the FCN is stationary at the limit itself, dx/du = 0 and the error is that of a quartic minimum
    inside = good & (found.status == jm.Status.CONVERGED) & (found.muhat > 0.01)
    np.testing.assert_allclose(found.errors[inside], lanes.errors[inside], rtol=0.02)


def valley(p, x):
    """Rosenbrock's valley with its minimum at (x, x^2)."""
    return (x - p["a"]) ** 2 + 100.0 * (p["b"] - p["a"] ** 2) ** 2


@pytest.mark.slow
def test_a_valley_from_afar():
    """Damped where the Hessian is indefinite; with a fixed the minimum lies at b = a^2."""
    x = np.linspace(0.5, 1.5, 8)
    start = jm.Parameters({"a": -1.2, "b": 1.0}, step=1.0)
    found = jm.likelihood_ratio(jm.FCN(valley, x), start, "a", 0.4, kind="tmu")
    assert found.failed == 0
    np.testing.assert_allclose(found.q, (x - 0.4) ** 2, atol=2 * GOAL)
    np.testing.assert_allclose(found.conditional_values[:, 1], 0.16, atol=1e-3)


@pytest.mark.slow
def test_what_is_no_plain_minimum_is_left_to_the_lanes(without):
    """A plateau that falls off to infinity, and a flat direction: the verdicts are Migrad's."""

    def slope(p, x):
        return jnp.exp(-p["a"] * x) + (p["b"] - x) ** 2 + 0.0 * p["c"]

    start = jm.Parameters({"a": 1.0, "b": 0.0, "c": 0.0})
    x = jnp.array([1.0, 2.0])
    found, lanes = (f(jm.FCN(slope, x), start, "b", 0.5, kind="tmu", iterate=0) for f in (jm.likelihood_ratio, without))
    np.testing.assert_array_equal(found.status, lanes.status)
    assert found.failed == lanes.failed == 2


def test_one_step_after_another_or_in_larger_blocks():
    """The number of lanes is that of a block; devices and lanes are checked before anything runs."""
    fcn, start = single(np.arange(1.0, 12.0))
    whole = jm.likelihood_ratio(fcn, start, "mu", 2.0)
    for lanes in (1, 3):
        other = jm.likelihood_ratio(fcn, start, "mu", 2.0, lanes=lanes)
        np.testing.assert_allclose(other.q, whole.q, atol=1e-9)
    with pytest.raises(ValueError, match="lanes must be"):
        jm.likelihood_ratio(fcn, start, "mu", 2.0, lanes=0)
