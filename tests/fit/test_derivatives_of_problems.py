"""Derivatives of eight fits of different kinds against differences of whole fits: values, covariance, the minimum."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.stats import norm

import jaxminuit as jm
from jaxminuit import cost
from tests.helpers.finite import OFFSETS, WEIGHTS

RNG = np.random.default_rng(12)
X = np.linspace(0.1, 4.0, 15)
NOISE, SAMPLE = RNG.normal(0.0, 0.2, X.size), np.concatenate([RNG.normal(2.0, 0.3, 60), RNG.uniform(0.0, 4.0, 60)])
WEIGHTED, COUNTS = RNG.uniform(0.5, 1.5, SAMPLE.size), np.histogram(SAMPLE, 12, (0.0, 4.0))[0].astype(float)
SIDE, TOWARDS = RNG.normal(size=X.size), RNG.normal(size=SAMPLE.size)
STEP = 0.01  # of five-point differences


def line(t):
    """Least squares, by the measured values."""
    return (
        cost.LeastSquares(X, 1.0 + 2.0 * X + NOISE + t * SIDE, 0.2, lambda x, a, b: a + b * x),
        {"a": 0.0, "b": 1.0},
        {},
    )


def decay(t):
    """Not linear, by the places where it was measured."""

    def residuals(p, x):
        return (p["height"] * jnp.exp(-x / p["life"]) + p["base"] - 3.0 * np.exp(-X / 0.8) - NOISE) / 0.2

    return jm.ResidualFCN(residuals, data=X + 0.1 * t * SIDE), {"height": 2.0, "life": 1.0, "base": 0.1}, {}


def powers(t):
    """Highly correlated: correlations of 0.99 and more."""

    def chi2(p, y):
        return jnp.sum(((sum(p[k] * X**k for k in range(4)) - y) / 0.2) ** 2)

    return jm.FCN(chi2, data=jnp.sin(X) + NOISE + t * SIDE), jnp.zeros(4), {}


def peak(t):
    """Extended and unbinned, by the weights of the events."""

    def nll(p, w):
        density = p["s"] * norm.pdf(SAMPLE, p["mu"], p["sigma"]) + p["b"] / 4.0
        return p["s"] + p["b"] - jnp.sum(w * jnp.log(density))

    start = {"s": 50.0, "b": 60.0, "mu": 2.0, "sigma": 0.4}
    return jm.FCN(nll, data=WEIGHTED + 0.1 * t * TOWARDS, errordef=0.5), start, {"limits": {"sigma": (0.01, 2.0)}}


def histogram(t):
    """Poisson counts, which need not be whole."""

    def integral(x, s, mu, b):
        return s * jax.scipy.stats.norm.cdf(x, mu, 0.3) + b * x

    edges = np.linspace(0.0, 4.0, 13)
    counts = COUNTS + t * SIDE[:12]
    return cost.ExtendedBinnedNLL(counts, edges, integral), {"s": 50.0, "mu": 2.0, "b": 15.0}, {}


def two_bins(t):
    """Signal strength and uncorrelated backgrounds of two bins with control regions, by all counts."""

    def nll(p, n):
        expected = jnp.concatenate([p["mu"] * jnp.array([12.0, 11.0]) + p["b"], 5.0 * p["b"]])
        return jnp.sum(expected - n * jnp.log(expected))

    n = jnp.array([58.0, 60.0, 250.0, 262.0]) + t * SIDE[:4]
    return jm.FCN(nll, data=n, errordef=0.5), {"mu": 0.5, "b": jnp.array([50.0, 50.0])}, {"limits": {"mu": (0.0, 5.0)}}


def held(t):
    """One parameter is fixed and moves with t, another stands at its limit."""

    def chi2(p):
        return (p["a"] - 2.0) ** 2 + (p["b"] - p["a"] * p["c"]) ** 2 + jnp.exp(0.3 * p["b"]) + (p["d"] + 1.0) ** 4

    start = {"a": 1.0, "b": 0.5, "c": 1.0 + t, "d": 0.5}
    return jm.FCN(chi2), start, {"fixed": ["c"], "limits": {"d": (0.0, None)}}


def constrained(t):
    """A sum of costs that share a parameter, by the mean of a constraint."""

    def chi2(p, mean):
        shape = p["a"] * jnp.exp(-0.5 * ((X - 2.0) / p["width"]) ** 2)
        return (
            jnp.sum(((shape - 2.0 * np.exp(-0.5 * (X - 2.0) ** 2) - NOISE) / 0.2) ** 2)
            + ((p["width"] - mean) / 0.1) ** 2
        )

    return jm.FCN(chi2, data=jnp.asarray(1.1 + t)), {"a": 1.0, "width": 1.3}, {"limits": {"width": (0.1, None)}}


SLOW = (decay, powers, peak, histogram, two_bins, constrained)
PROBLEMS = [pytest.param(f, id=f.__name__, marks=[pytest.mark.slow] if f in SLOW else []) for f in (
    line, decay, powers, peak, histogram, two_bins, held, constrained
)]  # fmt: skip


def to_the_end(problem, t, values, held):
    """What a fit finds when it goes on by Newton's method to where rounding begins, in external coordinates."""
    fcn, start, options = problem(t)
    parameters = jm.Parameters(start, **options)
    active = ~parameters.fixed & (held == 0)
    x = jnp.where(parameters.fixed, parameters.values, jnp.where(held < 0, parameters.lower, values))

    def value(x):
        return fcn.evaluate(parameters.unflatten(x))

    def hessian(x):
        both = active[:, None] & active[None, :]
        return jnp.where(both, jax.hessian(value)(x), jnp.diag(jnp.where(active, 0.0, 1.0)))

    for _ in range(4):
        x = x - jnp.linalg.solve(hessian(x), jnp.where(active, jax.grad(value)(x), 0.0))
    inverse = jnp.where(active[:, None] & active[None, :], jnp.linalg.inv(hessian(x)), 0.0)
    return {"values": x, "covariance": 2.0 * jnp.asarray(fcn.errordef) * inverse, "fval": value(x)}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_derivatives_are_those_of_whole_fits(problem):
    """Relative 1e-6 of the largest derivative of its kind."""

    def results(t):
        fcn, start, options = problem(t)
        m = jm.migrad(fcn, jm.Parameters(start, **options))
        return {"values": m.values, "covariance": m.covariance, "fval": m.fval}, m.held

    both = jax.jit(lambda t: jax.jvp(results, (t,), (jnp.ones(()),)))
    (found, held), (ours, _) = both(jnp.asarray(0.0))
    end = jax.jit(lambda t: to_the_end(problem, t, found["values"], held))
    moved = [end(jnp.asarray(k * STEP)) for k in OFFSETS]
    for name, derivative in ours.items():
        expected = sum(w * np.asarray(m[name]) for w, m in zip(WEIGHTS, moved, strict=True)) / STEP
        scale = np.max(np.abs(expected)) + 1e-6
        np.testing.assert_allclose(derivative / scale, expected / scale, atol=1e-6, err_msg=name)
