"""Test statistics against closed forms and iminuit, and their asymptotic distributions against samples."""

from functools import partial

import iminuit
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import xlogy
from scipy.stats import norm

import jaxminuit as jm
from jaxminuit.batch.asymptotic import KINDS
from tests.batch.counting import BACKGROUND, TAU, TRACES, on_off, single

N = np.arange(1.0, 17.0)
GOAL = 4e-4  # both fits' goals of 0.002 tol UP, over UP


def closed_form(kind, n, mu):
    """arXiv:1007.1727, equations 8 to 16, for one count."""

    def f(value):
        return 2.0 * (value + BACKGROUND - xlogy(n, value + BACKGROUND))

    mu = 0.0 if kind == "q0" else mu
    muhat = n - BACKGROUND
    best = np.maximum(muhat, 0.0) if kind in ("ttilde", "qtilde") else muhat
    t = f(mu) - f(best)
    if kind == "q0":
        return np.where(muhat < 0, 0.0, t)
    return np.where(muhat > mu, 0.0, t) if kind in ("qmu", "qtilde") else t


def test_counts_against_the_closed_form():
    """Both fits of every kind are one program: limits, fixed flags and tested values are no shapes."""
    fcn, start = single(N, lower=-2.9999)
    jm.likelihood_ratio(fcn, start, "mu", 1.0, kind="tmu")
    traced = len(TRACES)
    for kind in KINDS:
        for mu in (2.5, np.linspace(0.5, 8.0, N.size)):
            found = jm.likelihood_ratio(fcn, start, "mu", None if kind == "q0" else mu, kind=kind)
            np.testing.assert_allclose(found.q, closed_form(kind, N, mu), atol=GOAL)
            assert np.all(found.q >= 0.0)
            assert found.failed == 0
            assert kind in str(found)
    assert len(TRACES) == traced


def numpy_on_off(n, m, b, mu):
    return mu + b - xlogy(n, mu + b) + TAU * b - xlogy(m, TAU * b)


def test_profiled_background_against_iminuit():
    rng = np.random.default_rng(3)
    n, m = rng.poisson(5.0, 24), rng.poisson(12.0, 24)
    fcn, start = on_off(n, m)
    found = jm.likelihood_ratio(fcn, start, "mu", 2.0, kind="qtilde")
    for k in range(24):
        nll = partial(numpy_on_off, n[k], m[k])
        free = iminuit.Minuit(nll, 3.0, 1.0, name=("b", "mu"))
        free.errordef, free.tol = 0.5, 0.001
        free.limits["b"], free.limits["mu"] = (1e-6, None), (0, None)
        free.migrad()
        fixed = iminuit.Minuit(nll, 3.0, 2.0, name=("b", "mu"))
        fixed.errordef, fixed.tol = 0.5, 0.001
        fixed.limits["b"], fixed.fixed["mu"] = (1e-6, None), True
        fixed.migrad()
        q = 0.0 if free.values["mu"] > 2.0 else 2.0 * (fixed.fval - free.fval)
        np.testing.assert_allclose(found.q[k], q, atol=2 * GOAL)
        np.testing.assert_allclose(found.conditional_values[k, 0], fixed.values["b"], atol=0.02 * fixed.errors["b"])


def test_one_bad_data_set_leaves_the_others_alone():
    """NaN is reported as a failure of its own fits; the others have the same bits."""
    fcn, start = single(N, lower=-2.9999)
    bad, _ = single(np.where(N == 5, np.nan, N))
    whole = jm.likelihood_ratio(fcn, start, "mu", 2.5, kind="tmu", iterate=0)
    hurt = jm.likelihood_ratio(bad, start, "mu", 2.5, kind="tmu", iterate=0)
    others = N != 5
    np.testing.assert_array_equal(hurt.q[others], whole.q[others])
    assert np.isnan(hurt.q[4])
    assert hurt.failed == 1
    assert "not finite" in str(hurt)


def well(p, d):
    """Two minima, the deeper one at mu near -1."""
    return d["up"] * (4.0 * (p["mu"] ** 2 - 1.0) ** 2 + p["mu"] + d["x"])


@pytest.mark.slow
def test_a_fit_that_missed_the_minimum_is_done_again():
    """The free fit begins in the higher minimum, the conditional one is lower: without a second fit q were negative."""
    data = {"x": jnp.arange(4.0), "up": jnp.ones(4)}
    start = jm.Parameters({"mu": 1.0})
    found = jm.likelihood_ratio(jm.FCN(well, data, 1.0), start, "mu", -0.9, kind="tmu", iterate=0)
    best = np.roots([16.0, 0.0, -16.0, 1.0]).real.min()
    depth = [float(well({"mu": m}, {"x": 0.0, "up": 1.0})) for m in (-0.9, best)]
    np.testing.assert_allclose(found.muhat, best, atol=0.01)
    np.testing.assert_allclose(found.q, depth[0] - depth[1], atol=GOAL)
    scaled = jm.FCN(well, data | {"up": jnp.full(4, 0.5)}, 0.5)
    again = jm.likelihood_ratio(scaled, start, "mu", -0.9, kind="tmu", iterate=0)
    np.testing.assert_allclose(again.q, found.q, atol=GOAL)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("mu", "true", "sigma"), [(2.0, 2.0, 1.3), (2.0, 0.0, 0.7), (0.5, 1.5, 1.0)])
def test_asymptotic_p_value_against_a_sample(kind, mu, true, sigma):
    """muhat is drawn, the statistic is written down by its definition: within five binomial standard deviations."""
    muhat = np.random.default_rng(1).normal(true, sigma, 400_000)
    mu = 0.0 if kind == "q0" else mu
    t = ((mu - muhat) / sigma) ** 2
    if kind in ("ttilde", "qtilde"):
        t = np.where(muhat < 0, (mu**2 - 2 * mu * muhat) / sigma**2, t)
    if kind == "q0":
        t = np.where(muhat < 0, 0.0, t)
    if kind in ("qmu", "qtilde"):
        t = np.where(muhat > mu, 0.0, t)
    for q in (0.0, 0.3, 1.0, 2.7, 9.0):
        p = float(jm.asymptotic_p_value(q, kind, mu, true, sigma))
        assert abs(p - np.mean(t >= q)) <= 5 * np.sqrt(p * (1 - p) / t.size) + 1e-12


def test_asymptotic_p_value_of_the_tested_hypothesis():
    q = np.array([0.5, 4.0, 25.0])
    np.testing.assert_allclose(jm.asymptotic_p_value(q, "q0"), norm.sf(np.sqrt(q)), rtol=1e-12)
    np.testing.assert_allclose(jm.asymptotic_p_value(q, "tmu", 3.0), 2 * norm.sf(np.sqrt(q)), rtol=1e-12)
    assert np.isnan(jm.asymptotic_p_value(np.nan, "qmu", 1.0))
    with pytest.raises(ValueError, match="sigma must be positive"):
        jm.asymptotic_p_value(1.0, "qmu", 1.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="q must not be negative"):
        jm.asymptotic_p_value(-1.0, "qmu", 1.0)


def test_wrong_arguments_are_named():
    fcn, start = single(N)
    held = jm.Parameters({"mu": 1.0}, fixed=["mu"])
    cases = (
        (ValueError, "kind must be one of", (fcn, start, "mu", 1.0), {"kind": "q1"}),
        (ValueError, "unknown parameter 'nu'", (fcn, start, "nu", 1.0), {}),
        (ValueError, "qtilde needs mu", (fcn, start, "mu"), {}),
        (ValueError, "q0 tests the value 0", (fcn, start, "mu", 1.0), {"kind": "q0"}),
        (ValueError, "mu = -1 is outside", (fcn, start, "mu", -1.0), {"kind": "tmu"}),
        (ValueError, "mu has 3 values, but there are 16", (fcn, start, "mu", np.ones(3)), {}),
        (ValueError, "mu must be a finite number", (fcn, start, "mu", np.nan), {}),
        (ValueError, "interest mu is fixed", (fcn, held, "mu", 1.0), {}),
        (TypeError, "unknown argument 'stategy'", (fcn, start, "mu", 1.0), {"stategy": 1}),
        (TypeError, "start must be Parameters", (fcn, [1.0], "mu", 1.0), {}),
    )
    for error, message, args, options in cases:
        with pytest.raises(error, match=message):
            jm.likelihood_ratio(*args, **options)
