"""p-values and CLs from toys against exact sums over counts."""

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest
from jax.scipy.special import xlogy
from scipy.stats import poisson

import jaxminuit as jm
from jaxminuit.batch.feldman_cousins import _accepted
from jaxminuit.batch.hypotest import tail
from jaxminuit.batch.recipe import recipe_of
from jaxminuit.fit.checks import as_key
from tests.batch.counting import BACKGROUND, on_off, on_off_toy, single, single_toy

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

TOYS = 2000  # of two hypotheses, in the same program as the toys of the belt


def near(found, p):
    """Within four binomial standard deviations of the exact probability."""
    return abs(found.value - p) <= 4 * np.sqrt(p * (1 - p) / TOYS) + 1e-9


def test_limit_against_exact_sums():
    """One count without nuisances: q-tilde falls with n below b + mu, so that p-values are sums over counts."""
    fcn, start = single(2.0)
    test = jm.hypotest(single_toy, fcn, start, "mu", 4.0, n=TOYS, key=1, asimov=BACKGROUND)
    exact = poisson.cdf(2, BACKGROUND + 4.0), poisson.cdf(2, BACKGROUND)
    assert near(test.p_null, exact[0])
    assert near(test.p_alternative, exact[1])
    assert abs(test.cls.value - exact[0] / exact[1]) <= 4 * test.cls.error
    np.testing.assert_allclose(test.q, 2 * (4.0 - 2 * np.log(7 / 3)), atol=4e-4)
    sigma = 4.0 / np.sqrt(2 * (4.0 - 3 * np.log(7 / 3)))
    np.testing.assert_allclose(test.sigma, sigma, rtol=1e-3)
    limit = test.asymptotic()
    np.testing.assert_allclose(limit["p_null"], jm.asymptotic_p_value(test.q, "qtilde", 4.0, 4.0, sigma), rtol=1e-2)
    np.testing.assert_allclose(limit["cls"], limit["p_null"] / limit["p_alternative"])
    np.testing.assert_allclose(test.truths, [[4.0], [0.0]])
    expected = test.expected()
    assert np.all(np.diff(expected) >= 0)
    # the median background-only count is 3
    assert abs(expected[2] - poisson.cdf(3, 7.0) / poisson.cdf(3, 3.0)) < 0.06
    text, html = str(test), test._repr_html_()
    assert "cls" in text
    assert "<table>" in html
    figure, ax = plt.subplots()
    assert test.draw(ax) is ax
    figure.canvas.draw()
    plt.close(figure)


def test_discovery_against_exact_sums():
    fcn, start = single(7.0)
    test = jm.hypotest(single_toy, fcn, start, "mu", 4.0, n=TOYS, key=2, kind="q0")
    assert near(test.p_null, poisson.sf(6, BACKGROUND))
    assert near(test.p_alternative, poisson.sf(6, BACKGROUND + 4.0))
    assert set(test.asymptotic()) == {"p_null", "p_alternative"}
    with pytest.raises(ValueError, match="CLs belongs to tests of a signal"):
        _ = test.cls


def test_toys_do_not_depend_on_where_they_are_made():
    """All at once or in parts: the same toys, which take turns between the truths, with keys by truth and number."""
    fcn, start = single(2.0)
    key, truths = as_key(1), np.array([[4.0], [0.0]])
    recipe, _ = recipe_of(single_toy, fcn, start, key, truths)
    whole = np.asarray(recipe.toys(key, 0, 144)[0].data)
    parts = [recipe.toys(key, first, 48)[0].data for first in (0, 48, 96)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    own = jax.random.fold_in(jax.random.fold_in(key, 1), 3)
    assert whole[7] == single_toy(own, {"mu": 0.0})
    assert len(set(whole)) > 5


def test_a_killed_test_goes_on_where_it_was(tmp_path):
    """Four chunks of 64, two of them done before; the same numbers bit for bit. Other data are another study."""
    fcn, start = single(2.0)

    def run(store, fcn=fcn, n=128, **options):
        options = {"strategy": 0, "lanes": 8, **options}
        return jm.hypotest(single_toy, fcn, start, "mu", 4.0, n=n, key=1, store=tmp_path / store, **options)

    def stop(done, total):
        assert total == 256
        if done == 128:
            raise KeyboardInterrupt

    whole = run("whole")
    with pytest.raises(KeyboardInterrupt):
        run("cut", progress=stop)
    assert len(list((tmp_path / "cut").glob("chunk-*"))) == 2
    seen = []
    found = run("cut", progress=lambda done, total: seen.append(done))
    assert seen == [192, 256]
    for a, b in zip((whole.null, whole.alternative), (found.null, found.alternative), strict=True):
        np.testing.assert_array_equal(a.q, b.q)
        np.testing.assert_array_equal(a.conditional_values, b.conditional_values)
        assert len(b) == 128
    np.testing.assert_array_equal(found.truths, whole.truths)
    np.testing.assert_array_equal(run("whole", n=140).null.q[:128], whole.null.q)
    with pytest.raises(ValueError, match="other options: tol is 0.1 there, and 0.01 here"):
        run("cut", tol=0.01)
    with pytest.raises(ValueError, match="no toys but a likelihood ratio"):
        jm.Study.read(tmp_path / "cut")


def test_failed_toys_are_counted_and_left_out():
    def broken(key, p):
        one, other = jax.random.split(key)
        return jnp.where(jax.random.uniform(one) < 0.2, jnp.nan, single_toy(other, p))

    fcn, start = single(2.0)
    test = jm.hypotest(broken, fcn, start, "mu", 4.0, n=TOYS, key=1, iterate=0)
    failed = test.null.failed
    assert 0.15 * TOYS < failed < 0.25 * TOYS
    assert f"{failed} of {TOYS} toys of mu = 4 failed" in str(test)
    p = test.p_null
    k = np.sum(test.null.q[test.null.valid] >= test.q - 4e-4)
    np.testing.assert_allclose((p.value, p.low, p.high), (k / (TOYS - failed), k / TOYS, (k + failed) / TOYS))


@pytest.mark.slow
def test_toys_come_from_profiled_nuisances():
    fcn, start = on_off(4.0, 16.0)
    test = jm.hypotest(on_off_toy, fcn, start, "mu", 3.0, n=16, key=3)
    b = [x["b"] for x in map(start.unflatten, test.truths)]
    # stationary: n / (mu + b) - 1 + m / b - tau = 0 for tau = 4
    for mu, value in zip((3.0, 0.0), b, strict=True):
        roots = np.roots([5.0, 5.0 * mu - 20.0, -16.0 * mu])
        np.testing.assert_allclose(value, roots.max(), rtol=5e-3)
    given = jm.hypotest(
        on_off_toy, fcn, start, "mu", 3.0, n=16, key=3, truths=[{"mu": 3.0, "b": 2.0}, {"mu": 0.0, "b": 2.0}]
    )
    np.testing.assert_array_equal(given.truths, [[2.0, 3.0], [2.0, 0.0]])


def no_truth(key):
    return jax.random.poisson(key, 3.0).astype(float)


def test_wrong_arguments_are_named():
    fcn, start = single(2.0)
    options = {"n": 10, "key": 1}
    cases = (
        (TypeError, "generate must be a function", (None, fcn, start, "mu", 1.0), {}),
        (ValueError, "of shape \\(2,\\), but", (lambda key, p: jnp.ones(2), fcn, start, "mu", 1.0), {}),
        (ValueError, "generate returns the structure", (lambda key, p: {"n": 1.0}, fcn, start, "mu", 1.0), {}),
        (TypeError, "no data", (single_toy, jm.FCN(lambda p: p["mu"] ** 2), start, "mu", 1.0), {}),
        (TypeError, "fcn must be an FCN", (single_toy, jm.HostFCN(lambda p: 1.0), start, "mu", 1.0), {}),
        (
            TypeError,
            "generate must be a function of a key and the parameters, but",
            (no_truth, fcn, start, "mu", 1.0),
            {},
        ),
        (ValueError, "start must be one", (single_toy, fcn, start.replace(values=np.ones((3, 1))), "mu", 1.0), {}),
        (ValueError, "mu must differ from 0", (single_toy, fcn, start, "mu", 0.0), {}),
        (ValueError, "n must be a whole number", (single_toy, fcn, start, "mu", 1.0), {"n": 0}),
        (TypeError, "key must be", (single_toy, fcn, start, "mu", 1.0), {"key": "a"}),
        (ValueError, "truths must be two", (single_toy, fcn, start, "mu", 1.0), {"truths": [{"mu": 1.0}]}),
        (ValueError, "do not have the structure", (single_toy, fcn, start, "mu", 1.0), {"truths": [{"b": 1.0}]}),
        (TypeError, "unknown argument 'toys'", (single_toy, fcn, start, "mu", 1.0), {"toys": 3}),
    )
    for error, message, args, changes in cases:
        with pytest.raises(error, match=message):
            jm.hypotest(*args, **(options | changes))


SIGNAL, EXPECTED, SPREAD = np.array([12.0, 11.0]), np.array([50.0, 52.0]), np.array([3.0, 7.0])
AUXILIARY = (EXPECTED / SPREAD) ** 2


def two_bins_nll(p, d):
    """Two bins with backgrounds that auxiliary counts constrain."""
    rate = p["mu"] * SIGNAL + p["g"] * EXPECTED
    auxiliary = AUXILIARY * p["g"]
    return jnp.sum(rate - xlogy(d["n"], rate) + auxiliary - xlogy(d["m"], auxiliary))


def two_bins_toy(key, p):
    n, m = jax.random.split(key)
    rate, auxiliary = p["mu"] * SIGNAL + p["g"] * EXPECTED, AUXILIARY * p["g"]
    return {"n": jax.random.poisson(n, rate).astype(float), "m": jax.random.poisson(m, auxiliary).astype(float)}


@pytest.mark.slow
def test_the_asymptotic_cls_of_a_published_example():
    """The first example of pyhf's documentation, the two bins above with counts 51 and 48: CLs = 0.0525."""
    limits = {"mu": (0.0, 10.0), "g": (1e-10, 10.0)}
    start = jm.Parameters({"mu": 1.0, "g": np.ones(2)}, limits=limits)
    fcn = jm.FCN(two_bins_nll, {"n": np.array([51.0, 48.0]), "m": AUXILIARY}, 0.5)
    g = start.unflatten(jm.likelihood_ratio(fcn, start, "mu", [1.0, 0.0], in_axes=None).conditional_values[1])["g"]
    asimov = {"n": g * EXPECTED, "m": g * AUXILIARY}
    test = jm.hypotest(two_bins_toy, fcn, start, "mu", 1.0, n=2000, key=1, asimov=asimov, tol=0.01, strategy=0)
    np.testing.assert_allclose(test.asymptotic()["cls"], 0.0525150, rtol=2e-3)
    assert abs(test.cls.value - 0.0525) < 4 * test.cls.error  # both are near the truth for counts of 50


def statistic_of(q):
    """Toys with given values of the statistic and nothing else."""
    q = np.asarray(q, float)
    zero, one = np.zeros(q.size), np.zeros((q.size, 1))
    return jm.LikelihoodRatio(
        q, zero + 1.0, one, one, one, zero, zero, zero, zero, zero + 1e-6, names=("mu",), poi="mu", kind="tmu"
    )


def test_shares_and_quantiles_of_given_values():
    """Wilson's half width; ties count; failed toys widen the bounds; with no toy left nothing is known."""
    found = tail(statistic_of([0.0, 1.0, 2.0, np.nan]), 1.0 + 1e-7, 1e-6)
    p, n = 2 / 3, 3
    np.testing.assert_allclose(found, (p, np.sqrt(p * (1 - p) / n + 0.25 / n**2) / (1 + 1 / n), 0.5, 0.75))
    none = tail(statistic_of([np.nan, np.nan]), 1.0, 0.0)
    assert np.isnan(none.value)
    assert none[2:] == (0.0, 1.0)
    assert tail(statistic_of(np.zeros(50)), 1.0, 0.0).error > 0
    threshold, error, *_, failed = _accepted(statistic_of(np.append(np.arange(100.0), np.nan)), 0.9)
    assert (threshold, error, failed) == (89.0, 3.0, 1)
    assert np.isnan(_accepted(statistic_of([np.nan]), 0.9)[0])
