"""The bootstrap against closed forms, scipy's BCa intervals, and the rules by which data are drawn again."""

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest
import scipy.stats

import jaxminuit as jm
from jaxminuit.batch.resample import left_out, redrawn
from jaxminuit.cost import (
    BinnedNLL,
    ExtendedBinnedNLL,
    ExtendedUnbinnedNLL,
    LeastSquares,
    NormalConstraint,
    UnbinnedNLL,
)

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

SAMPLE = np.random.default_rng(4).exponential(2.0, 60)
KEYS = jax.random.split(jax.random.key(0), 400)


def expon(x, tau):
    return jnp.exp(-x / tau) / tau


def line(x, a, b):
    return a + b * x


def fitted():
    fcn = UnbinnedNLL(SAMPLE, expon)
    return fcn, jm.migrad(fcn, jm.Parameters({"tau": 1.5}, limits={"tau": (1e-3, None)}), tol=1e-3)


@pytest.mark.slow
def test_lifetime_against_scipy():
    """The fit is the mean of the sample: its bootstrap has closed forms, and scipy's BCa interval beside it."""
    fcn, minimum = fitted()
    found = jm.bootstrap(fcn, minimum, n=2000, key=1, jackknife=SAMPLE.size, tol=0.01)
    assert found.failed == 0
    error = SAMPLE.std() / np.sqrt(SAMPLE.size)
    np.testing.assert_allclose(found.errors, error, rtol=4 / np.sqrt(2 * 2000))
    np.testing.assert_allclose(found.bias, 0.0, atol=4 * error / np.sqrt(2000))
    d = SAMPLE - SAMPLE.mean()
    np.testing.assert_allclose(found.acceleration, np.sum(d**3) / (6 * np.sum(d**2) ** 1.5), rtol=0.01)
    peer = scipy.stats.bootstrap(
        (SAMPLE,), np.mean, confidence_level=0.9, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    np.testing.assert_allclose(found.interval(0.9, "bca")[:, 0], peer, atol=0.15 * error)
    low, high = found.interval(0.9)[:, 0]
    np.testing.assert_allclose(found.interval(0.9, "basic")[:, 0], 2 * minimum.values[0] - np.array([high, low]))
    assert low < found.interval(0.9, "bc")[0, 0] + 0.1 * error
    assert "tau" in str(found)
    assert "<table>" in found._repr_html_()
    figure, ax = plt.subplots()
    assert found.draw("tau", kind="bca", ax=ax) is ax
    figure.canvas.draw()
    plt.close(figure)


def toy(key, p):
    return UnbinnedNLL(p["tau"] * jax.random.exponential(key, (60,), float), expon)


@pytest.mark.slow
def test_parametric_bootstrap_has_the_parabolic_error():
    """An exponential of mean tau: error tau / sqrt(N), which is the parabolic one."""
    fcn, minimum = fitted()
    found = jm.bootstrap(fcn, minimum, toy, n=500, key=1)
    np.testing.assert_allclose(found.errors, minimum.errors, rtol=4 / np.sqrt(1000))
    np.testing.assert_allclose(found.interval()[:, 0], minimum.values + jnp.array([-1, 1]) * minimum.errors, rtol=0.05)
    with pytest.raises(ValueError, match="needs bootstrap"):
        found.interval(kind="bca")


def test_a_killed_bootstrap_goes_on_where_it_was(tmp_path):
    """Two chunks of which one is done. Other data are another study."""
    fcn, minimum = fitted()
    options = {"n": 128, "key": 1, "strategy": 0, "lanes": 8, "iterate": 0}

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jm.bootstrap(fcn, minimum, store=tmp_path, progress=stop, **options)
    seen = []
    found = jm.bootstrap(fcn, minimum, store=tmp_path, progress=lambda *n: seen.append(n), **options)
    assert seen == [(128, 128)]
    whole = jm.bootstrap(fcn, minimum, **options)
    np.testing.assert_allclose(found.values, whole.values, rtol=1e-9)
    with pytest.raises(ValueError, match="holds another study"):
        jm.bootstrap(UnbinnedNLL(SAMPLE + 1.0, expon), minimum, store=tmp_path, **options)


def test_samples_are_drawn_by_weights():
    """As many events as there are, each as often as in a multinomial; extended likelihoods draw a Poisson number."""
    weights = np.linspace(0.5, 1.5, 60)
    counts = redrawn(UnbinnedNLL(SAMPLE, expon), KEYS, "auto")[0].weights
    np.testing.assert_array_equal(counts.sum(axis=1), 60)
    np.testing.assert_allclose(counts.var(axis=0).mean(), 1 - 1 / 60, rtol=0.05)
    again = redrawn(UnbinnedNLL(SAMPLE, expon, weights=weights), KEYS, "auto")[0].weights
    np.testing.assert_allclose(again, counts * weights)
    extended = ExtendedUnbinnedNLL(SAMPLE, lambda x, n, tau: (n, n * expon(x, tau)))
    np.testing.assert_allclose(redrawn(extended, KEYS, "auto")[0].weights.sum(axis=1).var(), 60, rtol=0.3)


def test_rows_points_bins_and_constraints_are_drawn():
    x = jnp.arange(20.0)
    rows = redrawn(jm.FCN(lambda p, d: 0.0, {"x": x, "y": jnp.stack([x, -x], 1)}), KEYS, "auto")[0].data
    np.testing.assert_array_equal(rows["y"][..., 0], rows["x"])
    assert rows["y"].shape == (400, 20, 2)
    points, axes = redrawn(LeastSquares(x, 2 * x, 1.0 + x, line), KEYS, "auto")
    np.testing.assert_array_equal(points.y, 2 * points.x)
    assert (axes.x, axes.mask) == (0, None)
    n, xe = np.array([5.0, 0.0, 30.0, 65.0]), np.arange(5.0)
    binned = redrawn(BinnedNLL(n, xe, lambda x, tau: 1 - jnp.exp(-x / tau)), KEYS, "auto")[0].n
    np.testing.assert_array_equal(binned.sum(axis=1), 100)
    np.testing.assert_allclose(binned.mean(axis=0), n, atol=4 * np.sqrt(n.max() / 400))
    poisson = redrawn(ExtendedBinnedNLL(n, xe, lambda x, s: s * x), KEYS, "auto")[0].n
    np.testing.assert_allclose(poisson.sum(axis=1).var(), 100, rtol=0.3)
    both, axes = redrawn(LeastSquares(x, x, 1.0, line) + NormalConstraint(["a"], [1.0], [0.5]), KEYS, "auto")
    np.testing.assert_allclose(both[1].value.std(), 0.5, rtol=0.15)
    assert (axes.items[0].x, axes.items[1].value, axes.items[1].variance) == (0, 0, None)


def test_groups_are_left_out():
    out, _ = left_out(UnbinnedNLL(SAMPLE, expon), 7, jax.random.key(1))
    np.testing.assert_array_equal((out.weights == 0).sum(axis=0), 1)
    rows, axes = left_out(jm.FCN(lambda p, d: 0.0, jnp.arange(20.0)), 6, jax.random.key(1))
    assert rows.data.shape == (6, 17)
    assert axes == 0
    assert all(len(set(row)) == 17 for row in np.asarray(rows.data))
    masked, _ = left_out(LeastSquares(SAMPLE, SAMPLE, 1.0, line), 60, jax.random.key(1))
    np.testing.assert_array_equal(masked.mask.sum(axis=1), 59)


def test_wrong_arguments_are_named():
    fcn, minimum = fitted()
    bare = jm.FCN(lambda p: p["tau"] ** 2)
    scalar = jm.FCN(lambda p, d: p["tau"] ** 2, 1.0)
    cases = (
        (ValueError, "scheme must be one of", (fcn, minimum), {"scheme": "bayes"}),
        (ValueError, "n must be a whole number from 2", (fcn, minimum), {"n": 1}),
        (ValueError, "jackknife must be 0", (fcn, minimum), {"jackknife": 61}),
        (ValueError, "jackknife must be 0", (fcn, minimum, toy), {"jackknife": 10}),
        (TypeError, "no data that could be drawn", (bare, minimum), {}),
        (ValueError, "one row for each event", (scalar, minimum), {}),
        (ValueError, "scheme 'poisson' needs", (jm.FCN(expon, SAMPLE), minimum), {"scheme": "poisson"}),
        (TypeError, "no rule to draw", (BinnedNLL(np.ones((4, 2)), np.arange(5), expon), minimum), {}),
        (TypeError, "minimum must be", (fcn, jm.Parameters({"tau": 1.0})), {}),
        (TypeError, "generate must return one", (fcn, minimum, lambda key, p: jnp.ones(60)), {}),
    )
    for error, message, args, options in cases:
        with pytest.raises(error, match=message):
            jm.bootstrap(*args, **({"n": 10, "key": 1} | options))
    with pytest.raises(ValueError, match="kind must be one of"):
        jm.Bootstrap(minimum, np.ones((3, 1)), np.zeros(3), None, True).interval(kind="t")
