"""Plain `jax.vmap` of fits: the lanes behind it, the same results as a Python loop, and what it costs."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.core.status import Status
from jaxminuit.drive import lanes, vmapped
from tests.helpers.copies import Copies, copies, marked

RNG = np.random.default_rng(11)
ROWS = jnp.asarray(RNG.normal(1.0, 2.0, (80, 20)))


def nll(p, x):
    """A Gaussian sample."""
    return -jnp.sum(jax.scipy.stats.norm.logpdf(x, p["mu"], p["sigma"]))


def fit(x, mu=0.0, lower=0.0, fixed=False):
    """Migrad and Hesse of one data set."""
    start = jm.Parameters({"mu": mu, "sigma": 1.0}, limits={"sigma": (lower, None)}, fixed={"mu": fixed})
    fcn = jm.FCN(nll, data=x, errordef=0.5)
    return jm.hesse(fcn, jm.migrad(fcn, start))


def assert_same(fits, singles):
    """Status and calls equal; values within the EDM goal (2e-4 UP: 0.02 standard deviations)."""
    for i, single in enumerate(singles):
        for name in ("status", "matrix_status", "nfcn", "ngrad", "nhessian"):
            assert int(getattr(fits, name)[i]) == int(getattr(single, name)), (name, i)
        np.testing.assert_allclose(fits.values[i], single.values, atol=0.01 * float(np.max(single.errors)))
        np.testing.assert_allclose(fits.fval[i], single.fval, atol=float(single.goal), equal_nan=True)
        np.testing.assert_allclose(fits.errors[i], single.errors, rtol=1e-2)


@pytest.fixture(scope="module")
def singles():
    """The fits of all rows one by one; a row of NaN, other starts, limits, and every third parameter fixed."""
    rows = ROWS.at[7].set(jnp.nan)
    mu, lower, fixed = jnp.linspace(-1.0, 2.0, 80), jnp.linspace(0.0, 0.5, 80), jnp.arange(80) % 3 == 0
    one = jax.jit(fit)
    return (rows, mu, lower, fixed), [one(*row) for row in zip(rows, mu, lower, fixed, strict=True)]


def test_as_a_python_loop(singles):
    """On the lanes; the row of NaN fails alone."""
    assert len(ROWS) > vmapped.FEW
    fits = jax.vmap(fit)(*singles[0])
    assert_same(fits, singles[1])
    assert int(fits.status[7]) == Status.NOT_FINITE
    assert int(jnp.sum(~fits.valid)) == 1


def test_nested_and_within_scan_is_one_queue(singles, monkeypatch):
    """Two axes of data, one of them with the starts; in a jitted scan; the whole as one queue."""
    sizes = []
    run = lanes.run

    def watched(work, fetch, size, *others):
        sizes.append(size)
        return run(work, fetch, size, *others)

    monkeypatch.setattr(lanes, "run", watched)
    (rows, mu, lower, fixed), loop = singles
    inner = jax.vmap(fit, in_axes=(0, 0, None, 0))
    both = jax.vmap(inner, in_axes=(0, None, 0, 0))
    rows, fixed = rows[:24].reshape(2, 3, 4, 20), fixed[:24].reshape(2, 3, 4)

    def step(carry, now):
        return carry, both(now[0], jnp.zeros(4), jnp.zeros(3), now[1])

    fits = jax.jit(lambda *now: jax.lax.scan(step, 0, now)[1])(rows, fixed)
    assert sizes[1::2] == [12, 12]  # Migrad and Hesse; JAX looks at the inner axis alone first, and drops that
    assert fits.status.shape == (2, 3, 4)
    one = jax.jit(fit)
    for k in [(0, 0, 0), (1, 2, 3), (0, 2, 1)]:
        single = one(rows[k], 0.0, 0.0, fixed[k])
        assert int(fits.status[k]) == int(single.status)
        np.testing.assert_allclose(fits.values[k], single.values, rtol=1e-6)


@pytest.mark.parametrize(("gradient", "budget"), [("exact", Copies(2, 3, 1)), ("finite", Copies(2, 0, 0))])
def test_copies_of_the_fcn(gradient, budget, monkeypatch):
    """As in a single fit, however many axes."""
    monkeypatch.setattr(vmapped, "FEW", 0)
    fcn = marked(lambda x, d: jnp.sum((x - d) ** 2))

    def one(d):
        return jm.migrad(jm.FCN(fcn, data=d), jm.Parameters(jnp.zeros(2)), gradient=gradient).fval

    found = copies(jax.vmap(jax.vmap(one)), jnp.zeros((3, 4, 2)))
    assert 1 <= found.value <= budget.value
    assert found.derivative <= budget.derivative
    assert found.second <= budget.second


def test_a_straggler_does_not_multiply_the_work(monkeypatch):
    """Trips of the lanes, against the evaluations of all fits shared out among them."""
    trips, run = [], lanes.run

    def watched(*arguments):
        states, served = run(*arguments)
        jax.debug.callback(trips.append, served)
        return states, served

    monkeypatch.setattr(lanes, "run", watched)
    monkeypatch.setattr(vmapped, "FEW", 0)
    monkeypatch.setattr(vmapped, "lanes_for", lambda *_: 4)

    def valley(p, d):
        x = p * d[1]
        return d[0] * (x[1] - x[0] ** 2) ** 2 + jnp.sum((x - 1.0) ** 2)

    def one(d):
        return jm.migrad(jm.FCN(valley, data=d), jm.Parameters(jnp.array([-1.2, 1.0])), strategy=0, max_calls=5000)

    data = jnp.tile(jnp.array([0.01, 1.0]), (60, 1)).at[30].set(jnp.array([1e5, 1.0]))
    fits = jax.vmap(one)(data)
    jax.block_until_ready(fits)
    jax.effects_barrier()
    calls = np.asarray(fits.nfcn)
    assert calls[30] > 8 * np.median(calls)
    common = int(trips[0][0])
    shared = (calls.sum() - calls[30]) / 4
    assert common < 1.3 * (shared + calls[30])
    assert common < 0.25 * calls[30] * len(calls) / 4  # lock step in fours


ALGORITHMS = {
    "simplex": lambda fcn, start: jm.simplex(fcn, start),
    "minimize_all": lambda fcn, start: jm.minimize_all(fcn, start),
    "fumili": lambda fcn, start: jm.fumili(fcn, start, strategy=0),
}
QUICK = ("simplex", "fumili")


@pytest.mark.parametrize("name", [*QUICK, pytest.param("minimize_all", marks=pytest.mark.slow)])
def test_other_algorithms(name, monkeypatch):
    """On the lanes, as one by one."""
    if name != "minimize_all":
        monkeypatch.setattr(vmapped, "FEW", 0)
    start = jm.Parameters(jnp.array([-1.2, 1.0]))

    def residuals(p, d):
        return jnp.array([d * (p[1] - p[0] ** 2), 1.0 - p[0]])

    def one(d):
        return ALGORITHMS[name](jm.ResidualFCN(residuals, data=d), start)

    data = jnp.array([1.0, 3.0, 10.0, 5.0, 2.0])
    fits, single = jax.vmap(one)(data), jax.jit(one)
    for i, d in enumerate(data):
        expected = single(d)
        assert int(fits.status[i]) == int(expected.status)
        assert int(fits.nfcn[i]) == int(expected.nfcn)
        np.testing.assert_allclose(fits.values[i], expected.values, rtol=1e-6)


@pytest.mark.slow
def test_minos_is_one_queue_of_fits_and_sides():
    """The same ends, and the fit of NaN not run."""
    rows = ROWS[:6].at[2].set(jnp.nan)

    def ends(x):
        fcn = jm.FCN(nll, data=x, errordef=0.5)
        start = jm.Parameters({"mu": 0.0, "sigma": 1.0}, limits={"sigma": (0.0, None)})
        return jm.minos(fcn, jm.migrad(fcn, start))

    errors, one = jax.vmap(ends)(rows), jax.jit(ends)
    for i, row in enumerate(rows):
        single = one(row)
        for name in ("lower_status", "upper_status", "lower_nfcn", "upper_nfcn"):
            np.testing.assert_array_equal(getattr(errors, name)[i], getattr(single, name))
        for name in ("lower", "upper"):
            np.testing.assert_allclose(getattr(errors, name)[i], getattr(single, name), rtol=1e-4)
    assert not np.any(np.isfinite(errors.upper[2]))


def test_closed_over_rows():
    """An FCN that closes over a row of the batch, through another function, a default and a partial."""

    def values(y):
        def model(p, scale=y[0]):
            return p * scale

        residual = functools.partial(lambda y, p: model(p) - y, y)
        return jm.migrad(jm.FCN(lambda p: jnp.sum(residual(p) ** 2)), jm.Parameters(jnp.zeros(2))).values

    ys = jnp.array([[1.0, 2.0], [2.0, 4.0], [4.0, 2.0]])
    np.testing.assert_allclose(jax.vmap(values)(ys), ys / ys[:, :1], atol=1e-6)
