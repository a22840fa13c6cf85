"""Functions that are not nice: every fit ends with a status that says what happened, and keeps its best point."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import jaxminuit as jm
from jaxminuit import MatrixStatus, Status

EXACT0, EXACT1, FINITE0, FINITE1 = MODES = (("exact", 0), ("exact", 1), ("finite", 0), ("finite", 1))
FREE = (-np.inf, np.inf)
GOOD, HELD = {Status.CONVERGED}, {Status.AT_LIMIT}
BAD = set(Status) - GOOD - HELD

# name: function, start, limits of the first parameter, statuses by mode (one set for all, or one each), true minimum
HARD = {
    "nan at the start": (lambda x: jnp.sum(x) * jnp.nan, (1, 2), FREE, {Status.NOT_FINITE}, None),
    "inf at the start": (lambda x: jnp.sum(x**2) + jnp.inf, (1, 2), FREE, {Status.NOT_FINITE}, None),
    "nan gradient at the start": (lambda x: jnp.sqrt(x[0] - 1) + x[1] ** 2, (1, 2), FREE, BAD, None),
    "nan in a region": (
        lambda x: jnp.where(x[0] < 0.5, jnp.nan, (x[0] - 0.6) ** 2 + x[1] ** 2), (3, 2), FREE, GOOD, (0.6, 0),
    ),
    "nan where the logarithm ends": (lambda x: x[0] - 3 * jnp.log(x[0]) + x[1] ** 2, (10, 2), FREE, GOOD, (3, 0)),
    "nan at the limit": (lambda x: x[0] - 3 * jnp.log(x[0]) + x[1] ** 2, (10, 2), (0, np.inf), GOOD, (3, 0)),
    "inf beyond a wall": (
        lambda x: jnp.where(x[0] < 1, jnp.inf, (x[0] - 0.6) ** 2 + x[1] ** 2 + x[0] * x[1]), (3, 2), FREE, BAD, None,
    ),
    "minimum at a lower limit": (
        lambda x: (x[0] + 1) ** 2 + x[1] ** 2 + x[0] * x[1], (3, 2), (0, np.inf), HELD, (0, 0),
    ),
    "minimum at one of two limits": (
        lambda x: (x[0] + 1) ** 2 + x[1] ** 2 + x[0] * x[1], (3, 2), (0, 5), HELD, (0, 0),
    ),
    "minimum at an upper limit": (
        lambda x: (x[0] - 9) ** 2 + x[1] ** 2, (3, 2), (-np.inf, 5), HELD, (5, 0),
    ),
    "start at a limit": (
        lambda x: (x[0] - 1) ** 2 + x[1] ** 2 + x[0] * x[1], (0, 2), (0, np.inf), GOOD, (4 / 3, -2 / 3),
    ),
    "start at one of two limits": (
        lambda x: (x[0] - 1) ** 2 + x[1] ** 2 + x[0] * x[1], (0, 2), (0, 5), GOOD, (4 / 3, -2 / 3),
    ),
    "a parameter without effect": (
        lambda x: (x[0] - 1) ** 2, (3, 2), FREE, (GOOD, {Status.FLAT_DIRECTION}, GOOD, {Status.HESSE_FAILED}), (1, 2),
    ),
    # differences force the matrix to be positive definite there, as Minuit does; the status says what it was
    "a combination without effect": (
        lambda x: (x[0] + x[1] - 1) ** 2, (3, 2), FREE,
        (GOOD, {Status.FLAT_DIRECTION}, GOOD, {Status.NOT_POSITIVE_DEFINITE}), None,
    ),
    "a constant": (
        lambda x: 0 * x[0], (3, 2), FREE, (GOOD, {Status.FLAT_DIRECTION}, GOOD, {Status.HESSE_FAILED}), (3, 2),
    ),
    "exactly on a saddle": (lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4, (0, 0), FREE, (None, GOOD, GOOD, GOOD), None),
    "exactly on a maximum": (lambda x: jnp.sum(jnp.cos(x)), (0, 0), FREE, (None, GOOD, GOOD, GOOD), None),
    "without a minimum": (lambda x: x[0] + x[1] ** 2, (0, 0), FREE, BAD, None),
    "a saddle without a minimum": (lambda x: x[0] ** 2 - x[1] ** 2, (1, 1), FREE, BAD, None),
    "kinks": (lambda x: jnp.sum(jnp.abs(x - 0.3)), (3, 2), FREE, BAD, None),
    "steps": (
        lambda x: jnp.sum(jnp.floor(100 * x) ** 2), (3, 2), FREE, (None, {Status.FLAT_DIRECTION}, BAD, BAD), None,
    ),
    "fourth order": (lambda x: jnp.sum((x - 1) ** 4), (3, 2), FREE, GOOD, None),
    "very steep": (lambda x: 1e20 * jnp.sum((x - 1) ** 2), (3, 2), FREE, GOOD, (1, 1)),
    "a large constant": (lambda x: 1e9 + jnp.sum((x - 1) ** 2), (3, 2), FREE, GOOD, (1, 1)),
    "an exponential wall": (
        lambda x: jnp.exp(x[0]) + jnp.exp(-x[0]) + (x[1] - x[0]) ** 2, (30, 2), FREE, GOOD, (0, 0),
    ),
}  # fmt: skip
FUNCTIONS = [case[0] for case in HARD.values()]


def bundle(x, index):
    return lax.switch(index, FUNCTIONS, x)


@pytest.mark.parametrize("mode", MODES, ids=lambda m: f"{m[0]}{m[1]}")
@pytest.mark.parametrize("name", list(HARD))
def test_every_fit_ends_with_its_status(name, mode):
    function, start, limits, allowed, minimum = HARD[name]
    allowed = allowed if isinstance(allowed, set) else allowed[MODES.index(mode)]
    parameters = jm.Parameters(np.array(start, float), step=0.1, limits={"x0": limits})
    fcn = jm.FCN(bundle, data=jnp.int32(list(HARD).index(name)))
    m = jm.migrad(fcn, parameters, gradient=mode[0], strategy=mode[1])
    if allowed is not None:
        assert Status(int(m.status)) in allowed
    first = float(function(jnp.array(start, float)))
    if np.isfinite(first):
        assert float(m.fval) <= first
        # cancellation of terms of 1e300 leaves eight digits
        assert float(m.fval) == pytest.approx(float(function(m.values)), rel=1e-8, abs=1e-300)
    assert int(m.nfcn) <= 1.4 * (200 + 100 * 2 + 5 * 4)
    assert np.all((limits[0] <= m.values[0]) & (m.values[0] <= limits[1]))
    if minimum is not None:
        # one standard deviation is 1 in all of these (1e-10 in the steep one); an EDM at its goal is 0.014 of it
        np.testing.assert_allclose(m.values, minimum, atol=0.05)


def test_a_forced_matrix_is_named():
    fcn = jm.FCN(bundle, data=jnp.int32(list(HARD).index("a combination without effect")))
    m = jm.migrad(fcn, jm.Parameters(np.array([3.0, 2.0]), step=0.1, limits={"x0": FREE}), gradient="finite")
    assert int(m.matrix_status) == MatrixStatus.MADE_POSITIVE_DEFINITE


@pytest.mark.parametrize("mode", MODES, ids=lambda m: f"{m[0]}{m[1]}")
def test_32_bit(mode):
    """The tolerances follow the dtype, and so do the results; values good to 0.02 sigma."""
    start = jm.Parameters(np.array([3, 2], np.float32), step=0.1)
    m = jm.migrad(jm.FCN(lambda x: 10 + jnp.sum((x - 1) ** 2) + x[0] * x[1]), start, gradient=mode[0], strategy=mode[1])
    assert bool(m.valid)
    assert {x.dtype for x in (m.values, m.errors, m.covariance, m.fval, m.edm)} == {np.dtype(np.float32)}
    np.testing.assert_allclose(m.values, 2 / 3, atol=0.02)
    # H = ((2, 1), (1, 2)), covariance 2 H^-1 = ((4, -2), (-2, 4)) / 3
    np.testing.assert_allclose(m.errors, np.sqrt(4 / 3), rtol=0.02 if mode[1] else 0.3)


def test_all_parameters_fixed():
    for gradient in ("exact", "finite"):
        start = jm.Parameters({"a": 1.0, "b": 2.0}, fixed=["a", "b"])
        m = jm.migrad(jm.FCN(lambda p: p["a"] ** 2 + p["b"] ** 2), start, gradient=gradient)
        assert bool(m.valid)
        assert float(m.fval) == 5.0
        assert int(m.nfcn) == 1
        np.testing.assert_array_equal(m.errors, 0)
        errors = jm.minos(jm.FCN(lambda p: p["a"] ** 2 + p["b"] ** 2), m, gradient=gradient)
        assert np.all(np.isnan(errors.lower))


def test_a_tiny_call_limit_is_kept_to():
    start = jm.Parameters(np.array([-1.2, 1.0]), step=0.1)
    for gradient, most in (("exact", 5), ("finite", 12)):
        rosenbrock = jm.FCN(lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)
        m = jm.migrad(rosenbrock, start, gradient=gradient, max_calls=1)
        assert Status(int(m.status)) == Status.CALL_LIMIT
        assert int(m.nfcn) <= most
