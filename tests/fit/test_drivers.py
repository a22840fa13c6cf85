"""Compiled and host drivers, jit, vmap and warm starts: the same numbers from each."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from tests.helpers.traces import Traced

RNG = np.random.default_rng(1)
TOYS = RNG.normal(1.0, 2.0, (4, 200))
START = jm.Parameters({"mu": 0.0, "sigma": 1.0}, step={"mu": 0.1}, limits={"sigma": (0.0, None)})


def nll(p, x):
    return -jnp.sum(jax.scipy.stats.norm.logpdf(x, p["mu"], p["sigma"]))


def nll_on_host(p):
    """The same in NumPy, which JAX cannot trace."""
    z = (TOYS[0] - p["mu"]) / p["sigma"]
    return float(np.sum(0.5 * z * z) + len(z) * (np.log(p["sigma"]) + 0.5 * np.log(2 * np.pi)))


def fcn(x):
    return jm.FCN(nll, data=x, errordef=0.5)


def same(a, b, rtol=1e-9):
    """Every array of two results agrees; statuses and counts to the bit."""
    for x, y in zip(jax.tree_util.tree_leaves(a), jax.tree_util.tree_leaves(b), strict=True):
        if jnp.issubdtype(x.dtype, jnp.floating):
            np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-7)
        else:
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("gradient", ["exact", pytest.param("finite", marks=pytest.mark.slow)])
def test_host_and_compiled_agree(gradient):
    options = {"gradient": gradient}
    compiled = jm.migrad(fcn(TOYS[0]), START, **options)
    host = jm.migrad(fcn(TOYS[0]), START, driver="host", **options)
    same(compiled, host)
    same(jm.hesse(fcn(TOYS[0]), compiled, **options), jm.hesse(fcn(TOYS[0]), host, driver="host", **options))
    same(jm.minos(fcn(TOYS[0]), compiled, **options), jm.minos(fcn(TOYS[0]), host, driver="host", **options))


@pytest.mark.slow
def test_an_untraceable_function_gives_the_numbers_of_finite_differences():
    host = jm.HostFCN(nll_on_host, errordef=0.5)
    minimum = jm.migrad(host, START)
    traced = jm.migrad(fcn(TOYS[0]), START, gradient="finite")
    # the two sums round differently, 1e-13 of an FCN value of 400: differences amplify that
    assert int(minimum.nfcn) == pytest.approx(int(traced.nfcn), abs=4)
    np.testing.assert_allclose(minimum.values, traced.values, atol=1e-5)
    np.testing.assert_allclose(minimum.errors, traced.errors, rtol=1e-3)
    errors, expected = jm.minos(host, minimum, "mu"), jm.minos(fcn(TOYS[0]), traced, "mu", gradient="finite")
    np.testing.assert_allclose(errors.lower[0], expected.lower[0], rtol=1e-3)
    assert np.isnan(errors.lower[1])


def test_calls_are_counted_as_they_happen():
    count = 0

    def counted(p):
        nonlocal count
        count += 1
        return nll_on_host(p)

    minimum = jm.migrad(jm.HostFCN(counted, errordef=0.5), START)
    assert int(minimum.nfcn) == count
    after = jm.hesse(jm.HostFCN(counted, errordef=0.5), minimum)
    assert int(after.nfcn) == count


def test_a_fit_can_be_watched_and_stopped():
    seen = []

    class Enough(Exception):
        pass

    def watch(state):
        seen.append(float(state.f))
        if len(seen) == 5:
            raise Enough

    with pytest.raises(Enough):
        jm.migrad(fcn(TOYS[0]), START, watch=watch)
    assert len(seen) == 5


@pytest.mark.slow
@pytest.mark.parametrize("gradient", ["exact", "finite"])
def test_vmap_is_a_loop(gradient):
    """Batched fits give the statuses and counts of single ones to the bit; values within the EDM goal."""

    def fit(x):
        minimum = jm.migrad(fcn(x), START, gradient=gradient)
        minimum = jm.hesse(fcn(x), minimum, gradient=gradient)
        return minimum, jm.minos(fcn(x), minimum, gradient=gradient)

    single = jax.jit(fit)
    minima, errors = jax.jit(jax.vmap(fit))(TOYS)
    for i, toy in enumerate(TOYS):
        one, ends = single(toy)
        assert int(minima.status[i]) == int(one.status)
        assert int(minima.nfcn[i]) == int(one.nfcn)
        np.testing.assert_allclose(minima.values[i], one.values, atol=1e-6)
        np.testing.assert_allclose(minima.covariance[i], one.covariance, rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(errors.status[i], ends.status)
        np.testing.assert_allclose(errors.lower[i], ends.lower, rtol=1e-5)
        np.testing.assert_allclose(errors.upper[i], ends.upper, rtol=1e-5)


def test_the_interface_under_jit_and_vmap():
    mu = jax.jit(lambda x: jm.migrad(jm.FCN(nll, data=x, errordef=0.5), START).params["mu"])(TOYS[0])
    # mean of the sample, known to 1e-3 of an EDM goal of 1e-4: 0.0005 sigma
    assert float(mu) == pytest.approx(TOYS[0].mean(), abs=1e-3)
    fvals = jax.vmap(lambda x: jm.migrad(jm.FCN(nll, data=x, errordef=0.5), START).fval)(TOYS)
    exact = [len(t) * (np.log(t.std()) + 0.5 * np.log(2 * np.pi) + 0.5) for t in TOYS]
    np.testing.assert_allclose(fvals, exact, atol=1e-5)


def test_minos_of_a_known_minimum_inside_jit():
    """Nothing that is asked of is traced, but what comes out is."""
    f = fcn(TOYS[0])
    minimum = jm.migrad(f, START)
    scaled = jax.jit(lambda scale: scale * jm.minos(f, minimum).lower)(2.0)
    np.testing.assert_allclose(scaled, 2 * jm.minos(f, minimum).lower, rtol=1e-6)


def test_each_lane_has_its_own_start_limits_and_fixed_flags():
    x = TOYS[0]

    def fit(mu, lower, fixed):
        start = START.replace(values=jnp.stack([mu, 2.0]), lower=jnp.stack([-jnp.inf, lower]), fixed=fixed)
        return jm.migrad(fcn(x), start)

    mus, lowers = jnp.array([0.0, 3.0]), jnp.array([0.0, 1.0])
    fixed = jnp.array([[False, False], [True, False]])
    minima = jax.jit(jax.vmap(fit))(mus, lowers, fixed)
    assert np.all(minima.valid)
    assert float(minima.values[1, 0]) == 3.0
    assert float(minima.errors[1, 0]) == 0.0
    # with the mean held at 3 the width is the root mean square deviation from it
    assert float(minima.values[1, 1]) == pytest.approx(np.sqrt(np.mean((x - 3.0) ** 2)), abs=1e-3)


def test_warm_start_goes_on_from_values_and_matrix():
    cold = jm.migrad(fcn(TOYS[0]), START)
    warm = jm.migrad(fcn(TOYS[0]), cold)
    assert int(warm.nfcn) <= 3
    np.testing.assert_allclose(warm.values, cold.values, atol=1e-3)


def test_nothing_is_traced_again_when_only_values_change():
    traced = Traced(nll)
    first = None
    for toy, mu, limits, fixed, up, tol in (
        (TOYS[0], 0.0, (0.0, None), [], 0.5, 0.1),
        (TOYS[1], 1.0, (0.1, 20.0), [], 0.5, 0.1),
        (TOYS[2], -1, (None, None), ["mu"], 1.0, 0.01),
        (TOYS[3], 0.5, (None, 9.0), ["sigma"], 2, 1),
    ):
        start = jm.Parameters({"mu": mu, "sigma": 1.5}, step=0.2, limits={"sigma": limits}, fixed=fixed)
        f = jm.FCN(traced, data=toy, errordef=up)
        minimum = jm.migrad(f, start, tol=tol)
        jm.hesse(f, minimum)
        jm.minos(f, minimum, cl=0.9)
        if first is None:
            first = traced.count
    assert traced.count == first
