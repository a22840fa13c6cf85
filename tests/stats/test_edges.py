"""Ends of supports, extreme and senseless arguments, dtypes, shapes, and a fit that uses the densities."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats as reference

import jaxminuit as jm
from jaxminuit import stats
from jaxminuit.cost import ExtendedUnbinnedNLL
from jaxminuit.problem.describe import describe
from tests.stats.families import FAMILIES, functions

SENSELESS = {  # positions of widths that must be positive; of arguments that matter at the third point of the family
    "norm": ([2], [0, 1, 2]),
    "expon": ([], [0, 1, 2]),
    "uniform": ([], [0, 1, 2]),
    "truncnorm": ([4], [0, 1, 2, 3, 4]),
    "truncexpon": ([], [0, 2, 4]),
    "crystalball": ([1, 2, 4], [0, 1, 2, 3, 4]),
    "crystalball_ex": ([1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6, 7]),
    "cruijff": ([4], [0, 1, 3, 4]),
    "argus": ([], [0, 1, 2, 3]),
    "voigt": ([1, 3], [0, 1, 2, 3]),
    "t": ([1, 3], [0, 1, 2, 3]),
    "qgaussian": ([1, 3], [0, 1, 2, 3]),
    "poisson": ([1], [0, 1]),
    "lognorm": ([1, 3], [0, 1, 2, 3]),
    "beta": ([1, 2], [0, 1, 2, 3, 4]),
}


def senseless(family):
    """Rows with a negative width, and with NaN for one argument."""
    negative, missing = SENSELESS.get(family.name, ([], []))
    rows = np.tile([family.x[2], *family.parameters[0]], (len(negative) + len(missing), 1))
    for number, position in enumerate(negative):
        rows[number, position] *= -1.0
    for number, position in enumerate(missing, len(negative)):
        rows[number, position] = np.nan
    return rows


SLOW = ("crystalball", "qgaussian", "beta")  # crystalball_ex and t are made of the same parts
CASES = [pytest.param(f, marks=pytest.mark.slow if f.name in SLOW else (), id=f.name) for f in FAMILIES]


@pytest.mark.parametrize("family", CASES)
def test_float32_stays_and_senseless_arguments_give_nan(family):
    """float32 agrees to a few 1e-5 with float64 (log densities up to 60 have 4e-6 of rounding)."""
    program = jax.jit(jax.vmap(lambda row: [function(row) for function in functions(family)]))
    rows = np.concatenate([family.rows.astype(np.float32), senseless(family)])
    single, double = program(rows.astype(np.float32)), program(rows.astype(float))
    for found, expected in zip(single, double, strict=True):
        assert (found.dtype, expected.dtype) == (jnp.float32, jnp.float64)
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=5e-5)
        assert np.all(np.isnan(expected[len(family.rows) :]))


def test_arguments_broadcast():
    x, other = np.linspace(-1.0, 1.0, 5), np.array([0.1, 0.2])[:, None]
    for family in FAMILIES:
        for name in ("pdf", "logpdf", "cdf", "ppf", "density", "integral", "pmf"):
            function = getattr(family.module, name, None)
            if function is not None and family.name != "bernstein":
                for position in range(len(family.parameters[0])):
                    p = [value + other if i == position else value for i, value in enumerate(family.parameters[0])]
                    assert jax.eval_shape(function, x, *p).shape == (2, 5)
    assert stats.bernstein.density(jnp.ones((2, 5)), [1.0, 2.0, 3.0], 0.0, 2.0).shape == (2, 5)
    assert stats.bernstein.density(0.3, [1.5], 0.0, 1.0) == 1.5


def test_ends_belong_to_the_truncated_support():
    assert stats.truncnorm.pdf(1.0, -1.0, 1.0, 0.0, 1.0) > 0.0
    assert stats.truncexpon.pdf(0.0, 0.0, 1.0, 0.0, 1.0) > 0.0
    assert stats.uniform.pdf(3.0, 1.0, 2.0) == 0.5
    np.testing.assert_allclose(stats.beta.pdf(jnp.array([0.0, 1.0]), 1.0, 2.0, 0.0, 1.0), [2.0, 0.0])
    assert stats.beta.pdf(0.0, 0.5, 2.0, 0.0, 1.0) == np.inf


def test_infinite_ends_are_no_truncation():
    x, inf = np.array([0.1, 3.0]), np.inf
    np.testing.assert_allclose(stats.truncnorm.logpdf(x, -inf, inf, 1.0, 2.0), reference.norm.logpdf(x, 1.0, 2.0))
    half = reference.truncnorm(-50.5, inf, 101.0, 2.0)
    np.testing.assert_allclose(stats.truncnorm.logpdf(x, 0.0, inf, 101.0, 2.0), half.logpdf(x), rtol=1e-12)
    np.testing.assert_allclose(
        stats.truncnorm.cdf(x, -inf, 3.0, 1.0, 2.0), [reference.norm.cdf(-0.45) / reference.norm.cdf(1), 1]
    )
    np.testing.assert_allclose(stats.truncexpon.cdf(x, 0.0, inf, 0.0, 2.0), reference.expon.cdf(x, 0.0, 2.0))
    gradient = jax.grad(
        lambda p: stats.truncnorm.logpdf(0.3, -inf, inf, *p) + stats.truncexpon.logpdf(0.3, 0.0, inf, 0.0, p[1])
    )
    plain = jax.grad(lambda p: stats.norm.logpdf(0.3, *p) + stats.expon.logpdf(0.3, 0.0, p[1]))
    np.testing.assert_allclose(gradient(jnp.array([0.1, 2.0])), plain(jnp.array([0.1, 2.0])), rtol=1e-12)


def test_extreme_arguments_neither_overflow_nor_lose_the_tail():
    """Values by limits that are known in closed form."""
    tail = stats.truncnorm.pdf(100.0, 100.0, 200.0, 0.0, 1.0)  # 1 / Mill's ratio: 100 + 1/100 - 2/100^3 ...
    np.testing.assert_allclose(tail, 100.0 + 1e-2 - 2e-6, rtol=1e-10)
    np.testing.assert_allclose(stats.truncnorm.pdf(1.0, 0.0, 4.0, 0.0, 1e9), 0.25, rtol=1e-14)
    np.testing.assert_allclose(stats.truncexpon.pdf(0.999, 0.0, 1.0, 0.0, -1e-3), 1e3 * np.exp(-1.0), rtol=1e-11)
    np.testing.assert_allclose(
        stats.crystalball.logpdf(-3.0, 1e3, 3.0, 0.0, 1.0), reference.norm.logpdf(-3.0), rtol=1e-14
    )
    np.testing.assert_allclose(stats.crystalball.logpdf(-1e9, 2.0, 1e12, 0.0, 1.0), -2e9, rtol=2e-3)
    np.testing.assert_allclose(stats.voigt.logpdf(60.0, 0.0, 0.0, 1.0), reference.norm.logpdf(60.0), rtol=1e-14)
    np.testing.assert_allclose(stats.voigt.pdf(1e8, 1e-12, 0.0, 1.0), 1e-28 / np.pi, rtol=1e-12)
    np.testing.assert_allclose(stats.t.logpdf(2.0, np.inf, 0.0, 1.0), reference.norm.logpdf(2.0), rtol=1e-14)
    np.testing.assert_allclose(stats.t.logpdf(2.0, 1e13, 0.0, 1.0), reference.norm.logpdf(2.0), rtol=1e-12)
    np.testing.assert_allclose(stats.norm.logpdf(1e8, 0.0, 1.0), -5e15, rtol=1e-14)
    np.testing.assert_allclose(stats.beta.logpdf(0.5, 1e9, 1e9, 0.0, 1.0), 0.5 * np.log(4e9 / np.pi), atol=2e-6)


def test_models_read_their_names_and_can_be_pickled():
    for function in (stats.norm.pdf, stats.crystalball.cdf):
        assert pickle.loads(pickle.dumps(function)) is function
    assert describe(stats.crystalball.pdf) == ["x", "beta", "m", "loc", "scale"]
    assert stats.norm.pdf(x=1.0, loc=1.0, scale=2.0) == stats.norm.pdf(1.0, 1.0, 2.0)


def test_wrong_coefficients_are_refused():
    with pytest.raises(ValueError, match=r"beta must be a vector .* \(2, 2\)"):
        stats.bernstein.density(0.5, np.ones((2, 2)), 0.0, 1.0)


def test_a_truncated_peak_on_a_background_fits():
    """Extended fit with exact gradients: valid, at a stationary point, yields within three errors of the truth."""
    rng = np.random.default_rng(3)
    peak = rng.normal(0.9, 0.1, 400)
    x = np.concatenate(
        [peak[(peak > 0.0) & (peak < 1.0)], reference.truncexpon.rvs(2.0, 0.0, 0.5, 600, random_state=4)]
    )

    def density(x, s, mu, sigma, b, tau):
        signal = s * stats.truncnorm.pdf(x, 0.0, 1.0, mu, sigma)
        return s + b, signal + b * stats.truncexpon.pdf(x, 0.0, 1.0, 0.0, tau)

    cost = ExtendedUnbinnedNLL(x, density)
    start = jm.Parameters(jnp.array([300.0, 0.8, 0.2, 500.0, 1.0]), names=["s", "mu", "sigma", "b", "tau"])
    minimum = jm.migrad(cost, start, strategy=0)
    assert bool(minimum.valid)
    truth = np.array([np.sum((peak > 0.0) & (peak < 1.0)), 0.9, 0.1, 600.0, 0.5])
    assert np.all(np.abs(minimum.values - truth) < 3.0 * minimum.errors)
    gradient = jax.grad(lambda v: cost.evaluate(v))(minimum.values)
    assert np.all(np.abs(gradient * minimum.errors) < 0.05)
