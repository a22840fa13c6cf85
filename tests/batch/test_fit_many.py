"""fit_many beside a Python loop over single fits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import cost
from tests.batch.cases import START, TOYS, assert_same, many, nll, one
from tests.helpers.traces import Traced


@pytest.fixture(scope="module")
def singles():
    return [jm.migrad(one(i), START) for i in range(len(TOYS))]


@pytest.fixture(scope="module")
def fits():
    return jm.fit_many(many(), START, hesse=True, minos=["mu"], lanes=4)


def test_every_fit_is_that_of_a_loop(fits, singles):
    assert_same(fits, [jm.hesse(one(i), m) for i, m in enumerate(singles)])
    assert len(fits) == len(TOYS)


def test_values_are_those_of_the_closed_form(fits):
    """Mean and root of the mean square deviation, within 1 % of the errors."""
    error = np.asarray(fits.errors)
    np.testing.assert_allclose(fits.values[:, 0], TOYS.mean(1), atol=0.01 * error[:, 0].min())
    np.testing.assert_allclose(fits.values[:, 1], TOYS.std(1), atol=0.01 * error[:, 1].min())
    np.testing.assert_allclose(error[:, 0], TOYS.std(1) / 10.0, rtol=0.01)


def test_minos_is_that_of_a_loop(fits, singles):
    errors = fits.minos_errors
    for i in range(0, len(TOYS), 6):
        single = jm.minos(one(i), jm.hesse(one(i), singles[i]), ["mu"])
        np.testing.assert_array_equal(errors.status[i], single.status)
        np.testing.assert_array_equal(errors.nfcn[i], single.nfcn)
        np.testing.assert_allclose(errors.lower[i], single.lower, rtol=1e-4)
        np.testing.assert_allclose(errors.upper[i], single.upper, rtol=1e-4)
        np.testing.assert_allclose(errors.lower_params[i, 0], single.lower_params[0], rtol=1e-4)
    assert np.all(np.isnan(errors.lower[:, 1]))


def test_one_fit_of_many_and_their_structure(fits):
    second = fits[1]
    assert isinstance(fits, jm.FunctionMinimum)
    assert type(second) is jm.FunctionMinimum
    np.testing.assert_array_equal(second.values, fits.values[1])
    np.testing.assert_array_equal(fits.params["sigma"], fits.values[:, 1])
    assert second.params["mu"] == fits.values[1, 0]
    assert fits.correlation.shape == (len(TOYS), 2, 2)
    assert fits.flat_direction.shape == (len(TOYS), 2)
    assert fits[-1].fval == fits.fval[-1]
    with pytest.raises(IndexError, match="no fit 24"):
        fits[24]
    text = fits.summary()
    assert "24 fits by Migrad, 24 valid" in text
    assert "Minos: 48 ends" in text


def test_a_nan_in_one_toy_leaves_the_others_alone(fits):
    """Bit for bit, but for the calls of the retries that nobody else has."""
    spoilt = TOYS.copy()
    spoilt[5, 3] = np.nan
    found = jm.fit_many(many(spoilt), START, hesse=True, minos=["mu"], lanes=4)
    others = np.arange(len(TOYS)) != 5
    assert int(found.status[5]) == jm.Status.NOT_FINITE
    np.testing.assert_array_equal(found.status[others], fits.status[others])
    np.testing.assert_array_equal(found.nfcn[others], fits.nfcn[others])
    np.testing.assert_array_equal(found.values[others], fits.values[others])
    np.testing.assert_array_equal(found.minos_errors.upper[others, 0], fits.minos_errors.upper[others, 0])


def test_lanes_do_not_wait_for_a_straggler():
    """One fit of ten times the calls: the trips are those of the work, not the rounds of lock-step batches."""

    def fcn(x, d):
        return jnp.sum((x - 1.0) ** 2) + d * (x[1] - x[0] ** 2) ** 2

    hard = np.zeros(64)
    hard[0] = 1e4
    start = jm.Parameters(jnp.array([-1.2, 1.0]))
    found = jm.fit_many(jm.FCN(fcn, data=hard), start, strategy=0, lanes=4)
    calls = np.asarray(found.nfcn)
    assert calls[0] > 8 * np.median(calls)
    # three lanes share the rest; a lock-step batch of 4 would take max(calls) for the first, and the rest after it
    shared = calls[1:].sum() / 3
    assert int(found.trips[0]) < 1.3 * max(calls[0], shared) + 5


@pytest.mark.slow
def test_more_fits_than_a_round_are_the_same(fits, monkeypatch):
    """Rounds of eight, the last one not full, with the last fits of each filled up."""
    monkeypatch.setattr("jaxminuit.batch.tuning.LONGEST", 16)
    seen = []
    found = jm.fit_many(many(), START, hesse=True, minos=["mu"], lanes=4, progress=lambda *a: seen.append(a))
    assert seen == [(16, 24), (24, 24)]
    np.testing.assert_array_equal(found.status, fits.status)
    np.testing.assert_allclose(found.values, fits.values, rtol=1e-12)
    np.testing.assert_allclose(found.minos_errors.lower, fits.minos_errors.lower, rtol=1e-12)


def test_new_data_starts_and_limits_do_not_trace_again():
    function = Traced(nll)

    def run(data, start):
        return jm.fit_many(jm.FCN(function, data=data, errordef=0.5), start, lanes=4, strategy=0, iterate=0)

    run(TOYS, START)
    assert function.count > 0
    moved = START.replace(values=jnp.array([0.5, 2.0]))
    assert function.since(lambda: run(TOYS[::-1] + 1.0, moved)) == 0
    assert function.since(lambda: run(TOYS[:20], moved)) == 0  # the same power of two


def test_starts_limits_and_fixed_flags_of_each_fit():
    """The same data; one fit each with its own start, one with sigma fixed, one with mu held at a limit."""
    values = np.array([[0.0, 1.0], [2.0, 3.0], [0.0, 1.5], [0.0, 1.0]])
    fixed = np.zeros((4, 2), bool)
    fixed[2, 1] = True
    upper = np.full((4, 2), np.inf)
    upper[3, 0] = 0.5
    start = START.replace(values=values, fixed=fixed, upper=upper)
    found = jm.fit_many(jm.FCN(nll, data=TOYS[0], errordef=0.5), start, in_axes=None, lanes=2)
    singles = []
    for i in range(4):
        each = START.replace(values=values[i], fixed=fixed[i], upper=upper[i])
        singles.append(jm.migrad(one(0), each))
    assert_same(found, singles)
    assert found.values[2, 1] == 1.5
    assert int(found.status[3]) == jm.Status.AT_LIMIT


def test_a_minimum_is_a_start_with_its_error_matrix(singles):
    """An EDM of its goal, 2e-4 UP, is a distance of up to 0.014 errors."""
    cold = jm.fit_many(many(), START, strategy=0, lanes=4)
    warm = jm.fit_many(many(), singles[0], strategy=0, lanes=4)
    assert np.max(np.abs(warm.values - cold.values) / cold.errors) < 0.015
    assert np.mean(warm.nfcn) < 0.7 * np.mean(cold.nfcn)


def test_axes_of_data_as_in_vmap():
    def weighted(p, data):
        return jnp.sum(data["w"] * (data["x"] - p) ** 2)

    x, w = TOYS[:4].T, np.ones(100)
    found = jm.fit_many(
        jm.FCN(weighted, data={"x": x, "w": w}), jm.Parameters(0.0), in_axes={"x": 1, "w": None}, strategy=0, lanes=2
    )
    np.testing.assert_allclose(found.values[:, 0], x.mean(0), atol=1e-3)


def test_costs_made_by_vmap():
    """A cost with padding and weights: samples of different length."""

    def pdf(x, mu, sigma):
        return jax.scipy.stats.norm.pdf(x, mu, sigma)

    lengths = np.array([60, 80, 100, 100])
    w = (np.arange(100) < lengths[:, None]).astype(float)
    costs = jax.vmap(lambda x, w: cost.UnbinnedNLL(x, pdf, weights=w))(TOYS[:4], w)
    start = jm.Parameters({"mu": 0.0, "sigma": 1.0}, limits={"sigma": (0.01, None)})
    found = jm.fit_many(costs, start, lanes=2)
    assert np.all(found.valid)
    means = np.array([TOYS[i, :n].mean() for i, n in enumerate(lengths)])
    np.testing.assert_allclose(found.values[:, 0], means, atol=1e-3)


@pytest.mark.slow
def test_retries_mend_what_the_first_migrad_cannot():
    """A cusp, where derivatives mean nothing: every fit takes the same attempts as in `minimize_all`."""

    def cusp(x, d):
        return jnp.sum((x - d) ** 2) + jnp.abs(x[0] - d) ** 0.5

    data = np.array([0.3, 1.0, 2.0, -1.0])
    start = jm.Parameters(jnp.array([0.0, 0.0]))
    found = jm.fit_many(jm.FCN(cusp, data=data), start, lanes=2)
    for i in range(4):
        single = jm.minimize_all(jm.FCN(cusp, data=data[i]), start)
        assert int(found.status[i]) == int(single.status)
        assert int(found.rung[i]) == int(single.rung)
        assert int(found.nfcn[i]) == int(single.nfcn)
    assert np.any(found.nfcn > jm.fit_many(jm.FCN(cusp, data=data), start, lanes=2, iterate=0).nfcn)


@pytest.mark.slow
def test_fumili_is_tried_where_the_fcn_shows_its_terms():
    """Curved valleys and few calls: statuses, rungs and calls of `minimize_all`, whose Fumili has no luck once."""

    def residuals(p, y):
        return jnp.array([10.0 * (p[1] - p[0] ** 2) * y, 1.0 - p[0], 0.1 * (p[0] - p[1]) * y])

    values = np.array([(-1.2, 1.0), (-3.0, 5.0), (2.0, -4.0), (1.0, 1.0)])
    start, scale = jm.Parameters(jnp.zeros(2)).replace(values=values), np.array([1.0, 3.0, 0.5, 1.0])
    found = jm.fit_many(jm.ResidualFCN(residuals, data=scale), start, max_calls=25, lanes=2)
    for i in range(4):
        fcn = jm.ResidualFCN(residuals, data=scale[i])
        single = jm.minimize_all(fcn, start.replace(values=values[i]), max_calls=25)
        for name in ("status", "rung", "nfcn", "nhessian", "matrix_status"):
            assert int(getattr(found, name)[i]) == int(getattr(single, name))
        np.testing.assert_allclose(found.values[i], single.values, atol=1e-9)
    np.testing.assert_array_equal(found.rung, [jm.Rung.FUMILI] * 3 + [jm.Rung.FIRST])
    np.testing.assert_array_equal(found.valid, [True, False, True, True])
