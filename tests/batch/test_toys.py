"""Toys: the right data for every number, the right fit of every toy, and a ledger of those that failed."""

import sys

import iminuit
import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.batch.order import chunk_of, share_of
from jaxminuit.batch.recipe import recipe_of
from tests.batch.toy_models import CHUNK, EVENTS, FCN, KEY, START, TOYS, TRUTH, generate, nll, same, study

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def toys():
    return study()


@pytest.fixture(scope="module")
def samples():
    keys = jax.vmap(lambda i: jax.random.fold_in(jax.random.key(KEY), i))(jnp.arange(TOYS))
    return np.asarray(jax.vmap(generate)(keys))


# ---- the fits -------------------------------------------------------------------------------------------------------


def test_every_toy_is_fitted_where_its_sample_says(toys, samples):
    """A Gaussian's likelihood is largest at mean and standard deviation. EDM 1e-4 UP is 0.01 sigma."""
    assert np.all(toys.valid)
    expected = np.stack([samples.mean(axis=1), samples.std(axis=1)], axis=1)
    assert np.max(np.abs(toys.values - expected) / toys.errors) < 0.01
    scale = toys.values[:, 1:] / np.sqrt(EVENTS)
    np.testing.assert_allclose(toys.errors, scale * np.array([1.0, np.sqrt(0.5)]), rtol=0.01)


def test_fits_are_those_of_iminuit(toys, samples):
    for row in (0, CHUNK, TOYS - 1):
        x = samples[row]
        m = iminuit.Minuit(lambda *p, x=x: float(nll(dict(zip(TRUTH, p, strict=True)), x)), 1.5, 2.5, name=list(TRUTH))
        m.errordef, m.limits["sigma"] = 0.5, (0.01, None)
        m.migrad().minos("mu")
        # both stop at EDM below 1e-4 to 1e-3 UP, which is up to 0.03 standard deviations; errors by second differences
        assert np.max(np.abs(toys.values[row] - m.values) / toys.errors[row]) < 0.03
        assert toys.fval[row] == pytest.approx(m.fval, abs=1e-3)
        np.testing.assert_allclose(toys.errors[row], m.errors, rtol=0.02)
        ends = (toys.minos_lower[row, 0], toys.minos_upper[row, 0])
        np.testing.assert_allclose(ends, (m.merrors["mu"].lower, m.merrors["mu"].upper), rtol=0.02)


def test_keys_lead_back_to_the_data(toys, samples):
    np.testing.assert_array_equal(toys.index, np.arange(TOYS))
    again = generate(jax.random.wrap_key_data(toys.key[17]))
    np.testing.assert_allclose(again, samples[17], rtol=1e-14)
    np.testing.assert_array_equal(toys.key[17], jax.random.key_data(jax.random.fold_in(jax.random.key(KEY), 17)))


def test_chunks_processes_and_number_of_toys_do_not_matter(toys):
    assert same(study(key=jax.random.key(KEY)), toys)
    few = study(n=40)
    np.testing.assert_array_equal(few.values, toys.values[:40])
    np.testing.assert_array_equal(few.minos_upper, toys.minos_upper[:40])
    shares = [study(process=(i, 3)) for i in range(3)]
    assert [len(share) for share in shares] == [2 * CHUNK, CHUNK, CHUNK]
    rows = np.argsort(np.concatenate([share.index for share in shares]))
    np.testing.assert_array_equal(np.concatenate([share.values for share in shares])[rows], toys.values)
    # in other chunks the same toys, fitted in other company: the same but for rounding
    other = study(chunk=17)
    np.testing.assert_array_equal(other.key, toys.key)
    np.testing.assert_allclose(other.values, toys.values, rtol=1e-9)
    np.testing.assert_array_equal(other.nfcn, toys.nfcn)


def test_data_are_never_there_for_all_toys(toys, monkeypatch):
    """One chunk in blocks of 19, the last of which reaches back: no array holds more data, and the numbers stay."""
    monkeypatch.setattr("jaxminuit.batch.tuning.LONGEST", 20)
    module = sys.modules["jaxminuit.batch.toys"]
    fit_many, stacks, before = module.fit_many, [], {id(array) for array in jax.live_arrays()}

    def watched(fcn, *args, **options):
        found = fit_many(fcn, *args, **options)
        shapes = {array.shape for array in jax.live_arrays() if id(array) not in before}
        stacks.extend(shape[0] for shape in shapes if len(shape) == 2 and shape[1] == EVENTS)
        assert len(fcn.data) == 19
        return found

    monkeypatch.setattr(module, "fit_many", watched)
    found = study(n=TOYS - 3, chunk=TOYS - 3)
    assert 19 <= max(stacks) <= 32  # the round is filled up to a power of two
    np.testing.assert_array_equal(found.key, toys.key[: TOYS - 3])
    np.testing.assert_allclose(found.values, toys.values[: TOYS - 3], rtol=1e-9)
    np.testing.assert_array_equal(found.nfcn, toys.nfcn[: TOYS - 3])


def test_failures_stand_in_the_ledger_and_leave_the_others_alone(toys):
    """Every toy whose first number is negative becomes NaN."""

    def spoilt(key):
        x = generate(key)
        return jnp.where(x[0] < 0.0, jnp.nan, x)

    found = study(generate=spoilt)
    ledger = found.failures()
    assert 10 < len(ledger) < TOYS - 10
    bad = set(ledger.index.tolist())
    good = np.array([i not in bad for i in range(TOYS)])
    np.testing.assert_array_equal(found.valid, good)
    np.testing.assert_allclose(found.values[good], toys.values[good], rtol=1e-9)
    assert np.all(np.isnan(found.minos_upper[~good]))
    assert np.all(found.minos_upper_status[~good] == jm.SideStatus.NOT_RUN)
    assert not np.any(found.minos_valid[~good])
    for failure in ledger:
        assert failure.status == jm.Status.NOT_FINITE
        assert np.isnan(spoilt(jax.random.wrap_key_data(failure.key))).all()
    assert f"{len(ledger)} toys failed" in str(ledger)
    assert str(jm.Status.NOT_FINITE) in str(ledger)
    assert str(jm.Status.NOT_FINITE) in found.summary()
    np.testing.assert_array_equal(found.pulls().number, good.sum())
    np.testing.assert_array_equal(found.coverage().number, good.sum())
    np.testing.assert_array_equal(found.coverage().minos.number, [good.sum(), 0])
    assert len(toys.failures()) == 0
    assert "no toy failed" in str(toys.failures())


def logpdf(x, mu, sigma):
    return jm.stats.norm.logpdf(x, mu, sigma)


def cost_of(x):
    return jm.cost.UnbinnedNLL(x, logpdf, log=True)


def test_costs_come_from_a_function_of_the_data_or_from_generate(samples):
    """The same numbers, and within the EDM goal those of the sample."""
    options = {"minos": False, "n": CHUNK}
    found = study(fcn=cost_of, **options)
    expected = np.stack([samples.mean(axis=1), samples.std(axis=1)], axis=1)[:CHUNK]
    assert np.max(np.abs(found.values - expected) / found.errors) < 0.01
    made = study(fcn=cost_of(np.zeros(EVENTS)), generate=lambda key: cost_of(generate(key)), **options)
    np.testing.assert_array_equal(made.values, found.values)


def test_whole_numbers_become_those_of_the_fcn():
    key = jax.random.key(1)
    recipe = recipe_of(lambda key: jax.random.poisson(key, 3.0, (EVENTS,)), FCN, START, key)[0]
    assert recipe.toys(key, 0, 2)[0].data.dtype == FCN.data.dtype


def own_errordef(x):
    """An FCN not only whose data, but whose errordef differs between toys."""
    return jm.FCN(nll, x, errordef=0.5 * (1.0 + (x[0] > 0.0)))


def test_a_function_may_make_more_than_the_data(samples):
    recipe = recipe_of(generate, own_errordef, START, jax.random.key(KEY))[0]
    fcn, _ = recipe.toys(jax.random.key(KEY), 0, 8)
    np.testing.assert_array_equal(fcn.errordef, np.where(samples[:8, 0] > 0.0, 1.0, 0.5))
    values = jax.vmap(lambda f: f.evaluate(TRUTH))(fcn)
    np.testing.assert_allclose(values, [nll(TRUTH, x) for x in samples[:8]], rtol=1e-12)


@pytest.mark.slow
def test_errordefs_of_their_own_are_respected(toys, samples):
    found = study(fcn=own_errordef)
    wider = np.where(samples[:, :1] > 0.0, np.sqrt(2.0), 1.0)
    np.testing.assert_allclose(found.errors, wider * toys.errors, rtol=0.01)


# ---- what it says ---------------------------------------------------------------------------------------------------


def test_pulls_bias_and_coverage_are_those_of_numpy(toys):
    truth = np.array([1.0, 2.0])
    pulls, bias, coverage = toys.pulls(), toys.bias(), toys.coverage(TRUTH, cl=0.9)
    by_hand = (toys.values - truth) / toys.errors
    np.testing.assert_array_equal(pulls.pulls, by_hand)
    np.testing.assert_allclose(pulls.mean, by_hand.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(bias.bias, (toys.values - truth).mean(axis=0), rtol=1e-12)
    inside = np.abs(by_hand) <= 1.6448536269514722
    np.testing.assert_array_equal(coverage.inside, inside.sum(axis=0))
    low, up = toys.values[:, 0] + toys.minos_lower[:, 0], toys.values[:, 0] + toys.minos_upper[:, 0]
    assert coverage.minos.inside[0] == np.sum((low <= 1.0) & (up >= 1.0))
    np.testing.assert_array_equal(coverage.minos.number, [TOYS, 0])
    assert coverage.minos.cl == pytest.approx(0.682689492, rel=1e-8)
    asymmetric = toys.pulls(minos=True)
    error = np.where(toys.values[:, 0] < 1.0, toys.minos_upper[:, 0], -toys.minos_lower[:, 0])
    np.testing.assert_allclose(asymmetric.pulls[:, 0], (toys.values[:, 0] - 1.0) / error, rtol=1e-12)


def test_the_statistics_of_the_fit_are_right(toys):
    """mu is unbiased and has a pull of width 1; sigma's bias is -3/4 sigma/n. Within four standard errors."""
    pulls, bias = toys.pulls(), toys.bias()
    assert abs(pulls.mean[0]) < 4 * pulls.mean_error[0]
    assert np.all(np.abs(pulls.width - 1.0) < 4 * pulls.width_error)
    assert abs(bias.bias[1] + 0.75 * 2.0 / EVENTS) < 4 * bias.error[1]
    coverage = toys.coverage()
    assert np.all(np.abs(coverage.fraction - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / TOYS))


def test_truth_is_given_or_the_start(toys):
    np.testing.assert_array_equal(toys.truth, [1.0, 2.0])
    other = study(truth=None)
    np.testing.assert_array_equal(other.truth, START.values)
    for shown in (other, other.pulls(), other.bias(), other.coverage()):
        assert "the start values taken as truth" in str(shown)
    for shown in (toys, toys.pulls(), toys.coverage(), other.pulls(TRUTH), other.bias(TRUTH), other.coverage(TRUTH)):
        assert "taken as truth" not in str(shown)
    np.testing.assert_array_equal(other.pulls(TRUTH).mean, toys.pulls().mean)
    assert toys.pulls({"sigma": 2.0}).names == ("sigma",)
    with pytest.raises(ValueError, match="truth has 'nu'"):
        study(truth={"mu": 1.0, "nu": 2.0})


def test_fixed_parameters_have_no_pull(toys):
    found = study(start=jm.Parameters({"mu": 1.5, "sigma": 2.0}, fixed=["sigma"]), truth=None)
    assert found.pulls().names == found.bias().names == found.coverage().names == ("mu",)
    np.testing.assert_array_equal(found.values[:, 1], 2.0)


def test_text_and_html(toys):
    text = toys.summary()
    assert str(toys) == repr(toys) == text
    assert f"{TOYS} toys, {TOYS} valid" in text
    assert "Minos: 192 ends" in text
    html = toys._repr_html_()
    for part in ("<table>", "width of pulls", "<td>sigma</td>"):
        assert part in html
    assert "pulls of 96 toys" in toys.pulls()._repr_html_()


def test_pictures_of_pulls(toys):
    import matplotlib.pyplot as plt

    panels = toys.draw_pulls()
    assert [ax.get_xlabel() for ax in panels] == ["pull of mu", "pull of sigma"]
    (points,) = panels[0].containers
    heights = points.lines[0].get_ydata()
    assert heights.sum() == np.sum(np.abs(toys.pulls().pulls[:, 0]) < 5)
    assert panels[0].texts[0].get_text().startswith("mean ")
    assert "start values" not in panels[0].texts[0].get_text()
    assert "truth: start values" in study(truth=None).draw_pulls()[0].texts[0].get_text()
    _, ax = plt.subplots()
    assert toys.draw_pulls({"mu": 1.0}, minos=True, ax=ax) == [ax]
    with pytest.raises(ValueError, match="2 parameters to draw, but ax holds 1"):
        toys.draw_pulls(ax=ax)
    plt.close("all")


# ---- arguments ------------------------------------------------------------------------------------------------------


def no_draw(key):
    return jnp.zeros(EVENTS)


def host_draw(key):
    return np.asarray(jax.random.normal(key, (EVENTS,)))


WRONG = [
    ({"generate": 3}, TypeError, "generate must be a function of a key"),
    ({"generate": no_draw}, ValueError, "does not use its key"),
    ({"generate": lambda: 3}, TypeError, "generate must be a function of a key, but"),
    ({"generate": host_draw}, TypeError, "generate cannot be traced by JAX: use jax.random"),
    ({"generate": lambda key: generate(key)[:-1]}, ValueError, r"data of shape \(99,\), .* \(100,\); pad data"),
    ({"generate": lambda key: {"x": generate(key)}}, ValueError, "generate returns the structure .*'x'"),
    ({"generate": lambda key: generate(key).astype(jnp.float32)}, ValueError, "float32, but .* float64"),
    ({"fcn": jm.FCN(lambda p: p["mu"] ** 2)}, TypeError, "fcn has no data"),
    ({"fcn": jm.HostFCN(lambda p: 0.0)}, TypeError, "HostFCN cannot be fitted in lanes"),
    ({"fcn": 3}, TypeError, "fcn must be an FCN, a cost function, or a function"),
    ({"fcn": lambda x: 3.0}, TypeError, "fcn must make an FCN or a cost function"),
    ({"fcn": lambda x: jm.FCN(lambda p, x: x, x)}, TypeError, "must return a scalar"),
    ({"fcn": jm.cost.UnbinnedNLL(np.zeros(EVENTS), jm.stats.norm.pdf)}, TypeError, "fcn is a UnbinnedNLL, so generate"),
    ({"start": {"mu": 1.0}}, TypeError, "start must be Parameters"),
    ({"start": START.replace(values=np.ones((3, 2)))}, ValueError, "start must be one for all toys"),
    ({"key": "seed"}, TypeError, "key must be a whole number or a JAX key"),
    ({"key": jax.random.split(jax.random.key(1), 3)}, TypeError, "key must be a whole number or a JAX key"),
    ({"n": 0}, ValueError, "n must be a whole number from 1"),
    ({"n": 1.5}, ValueError, "n must be a whole number from 1"),
    ({"chunk": 0}, ValueError, "chunk must be a whole number from 1"),
    ({"process": 3}, TypeError, "process must be"),
    ({"process": (2, 2)}, ValueError, "process 2 of 2 does not exist"),
    ({"progress": "yes"}, TypeError, "progress must be True, False, or a function"),
    ({"hesse": 1}, TypeError, "hesse must be True or False"),
    ({"minos": ["nu"]}, ValueError, "unknown parameter 'nu'"),
    ({"tol": -1.0}, ValueError, "tol must be"),
    ({"cl": -1.0}, ValueError, "cl must be"),
    ({"iterate": -1}, ValueError, "iterate must be"),
]


@pytest.mark.parametrize(("changes", "error", "message"), WRONG)
def test_wrong_arguments_are_named_before_anything_happens(changes, error, message, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["jaxminuit.batch.toys"], "fit_many", None)
    with pytest.raises(error, match=message):
        study(tmp_path / "study", **changes)
    assert not (tmp_path / "study").exists()


def test_chunks_are_short_enough_to_lose_and_even():
    for n, processes, parts in ((1, 1, 1), (100, 1, 2), (1000, 1, 8), (1000, 3, 18), (10**6, 1, 62), (10**6, 16, 128)):
        chunk = chunk_of("auto", n, processes, EVENTS)
        assert -(-n // chunk) == parts
    assert share_of(None) == (0, 1)
    assert share_of([np.int64(1), 2]) == (1, 2)
