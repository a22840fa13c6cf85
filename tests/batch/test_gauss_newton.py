"""fit_many(method="fumili") beside a Python loop over single fits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import cost
from tests.batch.cases import START as GAUSS_START
from tests.batch.cases import TOYS
from tests.batch.cases import many as many_gauss

RNG = np.random.default_rng(3)
FITS = 20
X = np.linspace(0.0, 4.0, 12)
EDGES = np.linspace(0.0, 4.0, 13)
START = jm.Parameters({"a": 4.0, "b": 1.0, "c": 0.5})
LIMITED = START.replace(lower=np.array([0.0, 0.0, -1.0]), upper=np.array([np.inf, 5.0, np.inf]))
MEANS = 20.0 * np.exp(-0.8 * X) + 2.0
Y = MEANS + RNG.normal(0.0, 1.0, (FITS, X.size))
COUNTS = RNG.poisson(MEANS, (FITS, X.size)).astype(float)


def curve(x, a, b, c):
    return 5.0 * a * jnp.exp(-b * x) + c


def residuals(p, y):
    return curve(X, p["a"], p["b"], p["c"]) - y


def terms(p, n):
    mu = jnp.maximum(curve(X, p["a"], p["b"], p["c"]), 1e-3)
    return mu - n * jnp.log(mu)


def robust(y):
    return cost.LeastSquares(X, y, 1.0, curve, loss="soft_l1")


def binned(n):
    return cost.ExtendedBinnedNLL(n, EDGES, curve, use_pdf="approximate")


def both(y):
    return cost.LeastSquares(X, y, 1.0, curve) + cost.NormalConstraint("c", 2.0, 0.3)


# many fits as one FCN, one of them, and the start
CASES = {
    "residuals": (jm.ResidualFCN(residuals, data=Y), lambda i: jm.ResidualFCN(residuals, data=Y[i]), START),
    "terms": (jm.SumFCN(terms, data=COUNTS), lambda i: jm.SumFCN(terms, data=COUNTS[i]), START),
    "least squares": (jax.vmap(robust)(jnp.asarray(Y)), lambda i: robust(Y[i]), LIMITED),
    "counts": (jax.vmap(binned)(jnp.asarray(COUNTS)), lambda i: binned(COUNTS[i]), START),
    "sum": (jax.vmap(both)(jnp.asarray(Y)), lambda i: both(Y[i]), START.replace(fixed=np.array([False, True, False]))),
}


def assert_like(fits, i, single):
    """The same machine by other sums: rounding alone, of 1e-6 standard deviations where it goes on for long."""
    if not bool(single.valid):
        assert int(fits.status[i]) == int(single.status)
        return
    error = float(np.max(single.errors))
    assert int(fits.status[i]) == int(single.status)
    assert int(fits.matrix_status[i]) == int(single.matrix_status)
    assert int(fits.nfcn[i]) == int(single.nfcn)
    assert int(fits.ngrad[i]) == int(single.ngrad)
    np.testing.assert_allclose(fits.values[i], single.values, atol=1e-6 * error)
    np.testing.assert_allclose(fits.fval[i], single.fval, rtol=1e-10)
    np.testing.assert_allclose(fits.errors[i], single.errors, rtol=1e-6)
    np.testing.assert_allclose(fits.covariance[i], single.covariance, rtol=1e-5, atol=1e-9 * error**2)


@pytest.mark.parametrize("name", CASES)
def test_every_fit_is_that_of_a_loop(name):
    many, one, start = CASES[name]
    fits = jm.fit_many(many, start, method="fumili", strategy=0, lanes=8, iterate=0)
    assert fits.algorithm == "Fumili"
    assert np.mean(fits.valid) > (0.6 if name == "terms" else 0.99)  # the outer product is a poor matrix for few terms
    assert np.all(np.isnan(fits.hessian))
    for i in range(0, FITS, 3):
        assert_like(fits, i, jm.fumili(one(i), start, strategy=0))


def test_an_exact_hessian_judges_from_strategy_1_on_and_minos_follows():
    many, one, start = CASES["residuals"]
    fits = jm.fit_many(many, start, method="fumili", minos=["b"], lanes=8)
    for i in range(0, FITS, 6):
        single = jm.fumili(one(i), start)
        assert_like(fits, i, single)
        assert int(fits.nhessian[i]) == int(single.nhessian) == 1
        ends = jm.minos(one(i), single, ["b"])
        np.testing.assert_allclose(fits.minos_errors.lower[i, 1], ends.lower[1], rtol=1e-4)
        np.testing.assert_allclose(fits.minos_errors.upper[i, 1], ends.upper[1], rtol=1e-4)


def test_hesse_after_it_is_hesse():
    many, one, start = CASES["residuals"]
    fits = jm.fit_many(many, start, method="fumili", strategy=0, hesse=True, lanes=8)
    for i in range(0, FITS, 9):
        assert_like(fits, i, jm.hesse(one(i), jm.fumili(one(i), start, strategy=0)))
    assert fits.algorithm == "Fumili"


def test_far_starts_take_steps_that_are_rejected_and_damped():
    """Other starts for each fit, so that lanes are at different phases; statuses and calls are those of a loop."""
    values = np.array([4.0, 1.0, 0.5]) * RNG.uniform(0.05, 6.0, (FITS, 3))
    start = START.replace(values=values)
    fits = jm.fit_many(CASES["residuals"][0], start, method="fumili", strategy=0, lanes=4, iterate=0)
    assert np.max(fits.nfcn) > 1.5 * np.min(fits.nfcn)
    assert np.any(np.asarray(fits.nfcn) > np.asarray(fits.ngrad))  # values alone, after rejected steps
    for i in range(FITS):
        single = jm.fumili(CASES["residuals"][1](i), START.replace(values=values[i]), strategy=0)
        assert int(fits.status[i]) == int(single.status)
        assert int(fits.nfcn[i]) == int(single.nfcn)
        np.testing.assert_allclose(fits.values[i], single.values, atol=1e-5 * float(np.max(single.errors)))


def test_fits_that_fail_are_statuses_and_migrad_tries_again():
    """A NaN in the data, and a call limit; the others are as they were, and the failed one gets a rung."""
    y = Y.copy()
    y[4, 2] = np.nan
    plain = jm.fit_many(CASES["residuals"][0], START, method="fumili", strategy=0, lanes=8)
    found = jm.fit_many(jm.ResidualFCN(residuals, data=y), START, method="fumili", strategy=0, lanes=8)
    others = np.arange(FITS) != 4
    assert int(found.status[4]) == jm.Status.NOT_FINITE
    np.testing.assert_array_equal(found.values[others], plain.values[others])
    np.testing.assert_array_equal(found.nfcn[others], plain.nfcn[others])
    few = jm.fit_many(CASES["residuals"][0], START, method="fumili", strategy=0, lanes=8, max_calls=2)
    assert np.all(few.status == jm.Status.CALL_LIMIT)
    # a parameter that nothing depends on: flat, which retries cannot mend, but try
    flat = jm.ResidualFCN(lambda p, y: residuals(p | {"c": 2.0}, y), data=Y[:4])
    lost = jm.fit_many(flat, START, method="fumili", strategy=0, lanes=4, iterate=1)
    assert lost.algorithm == "Fumili"
    assert np.all(lost.status == jm.Status.FLAT_DIRECTION)
    single = jm.fumili(jm.ResidualFCN(lambda p, y: residuals(p | {"c": 2.0}, y), data=Y[0]), START, strategy=0)
    assert int(single.status) == jm.Status.FLAT_DIRECTION


def test_more_fits_than_lanes_on_their_own_number_of_lanes():
    """ "auto" is another number of lanes, and one lane is a loop of single fits: the same fits."""
    many = CASES["residuals"][0]
    a, b, c = (jm.fit_many(many, START, method="fumili", strategy=0, lanes=n, iterate=0) for n in ("auto", 8, 1))
    for other in (b, c):
        np.testing.assert_array_equal(a.nfcn, other.nfcn)
        np.testing.assert_allclose(a.values, other.values, rtol=1e-9)


@pytest.mark.parametrize(
    ("fcn", "start", "options", "error", "message"),
    [
        (many_gauss(TOYS), GAUSS_START, {}, TypeError, "FCN does not show its terms"),
        (CASES["residuals"][0], START, {"gradient": "finite"}, ValueError, "needs exact derivatives"),
    ],
)
def test_wrong_use(fcn, start, options, error, message):
    with pytest.raises(error, match=message):
        jm.fit_many(fcn, start, method="fumili", **options)


def test_unknown_method():
    with pytest.raises(ValueError, match="method must be one of .* not 'simplex'"):
        jm.fit_many(CASES["residuals"][0], START, method="simplex")
