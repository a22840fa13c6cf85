"""Simplex beside the records of Minuit2 6.40.02, on all drivers, and where values are missing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import MatrixStatus, Status
from tests import reference
from tests.problems.bundle import bundled
from tests.problems.classic import BY_NAME, CLASSIC, rosenbrock

WAIVED = {
    "rosenbrock10": "ten parameters in a curved valley: the last bit of a mean decides which corner is the highest",
    "flat": "corners with equal values: which of them counts as the highest is a convention",
}


@pytest.mark.parametrize("name", [p.name for p in CLASSIC if p.name not in WAIVED])
def test_the_path_is_that_of_minuit2(name):
    """The same calls, value and spread; the coordinates to 1e-6 of the size of the simplex."""
    record, n = reference.simplex(name), BY_NAME[name].size
    m = jm.simplex(*bundled(name))
    assert int(m.nfcn) == record["nfcn"]
    assert bool(m.valid) == record["valid"]
    assert float(m.fval) == pytest.approx(record["fval"], rel=1e-5)
    assert float(m.edm) == pytest.approx(record["edm"], rel=1e-5)
    errors = np.asarray(record["errors"])
    np.testing.assert_allclose(m.values[:n], record["values"], atol=1e-5 * errors.max())
    inside = ~np.isfinite(BY_NAME[name].lower) & ~np.isfinite(BY_NAME[name].upper) & ~BY_NAME[name].fixed
    np.testing.assert_allclose(m.errors[:n][inside], errors[inside], rtol=1e-4)
    assert int(m.matrix_status) == MatrixStatus.ABSENT


@pytest.mark.parametrize("name", list(WAIVED))
def test_it_goes_down_and_ends_with_a_status(name):
    fcn, start = bundled(name)
    m = jm.simplex(fcn, start)
    assert float(m.fval) < float(fcn.evaluate(start.values))
    assert Status(int(m.status)) in (Status.CONVERGED, Status.ABOVE_EDM_GOAL)


def test_drivers_jit_and_vmap_agree():
    start = jm.Parameters(np.array([-1.2, 1.0]), step=0.1)
    fcn = jm.FCN(lambda x, shift: rosenbrock(x - shift), data=0.0)
    compiled = jm.simplex(fcn, start)
    for other in (jm.simplex(fcn, start, driver="host"), jm.simplex(jm.HostFCN(lambda x: float(rosenbrock(x))), start)):
        assert int(other.nfcn) == int(compiled.nfcn)
        np.testing.assert_allclose(other.values, compiled.values, rtol=1e-9)
        np.testing.assert_allclose(other.errors, compiled.errors, rtol=1e-6)

    def fit(shift):
        return jm.simplex(jm.FCN(lambda x, s: rosenbrock(x - s), data=shift), start)

    shifts = jnp.array([0.0, 0.3])
    batch, singles = jax.jit(jax.vmap(fit))(shifts), [jax.jit(fit)(s) for s in shifts]
    for i, single in enumerate(singles):
        assert int(batch.nfcn[i]) == int(single.nfcn)
        np.testing.assert_allclose(batch.values[i], single.values, rtol=1e-9)


def test_missing_values_are_turned_away_from():
    def function(x):
        return jnp.where(x[0] < 0.5, jnp.nan, (x[0] - 0.6) ** 2 + x[1] ** 2)

    m = jm.simplex(jm.FCN(function), jm.Parameters(np.array([3.0, 2.0]), step=0.1), tol=1e-6)
    assert bool(m.valid)
    np.testing.assert_allclose(m.values, [0.6, 0], atol=0.02)
    nowhere = jm.simplex(jm.FCN(lambda x: jnp.sum(x) * jnp.nan), jm.Parameters(np.array([3.0, 2.0])))
    assert Status(int(nowhere.status)) == Status.NOT_FINITE
    assert int(nowhere.nfcn) == 1


def test_call_limit_and_nothing_free():
    start = jm.Parameters(np.array([-1.2, 1.0]), step=0.1)
    m = jm.simplex(jm.FCN(rosenbrock), start, max_calls=10)
    assert Status(int(m.status)) == Status.CALL_LIMIT
    assert int(m.nfcn) <= 14
    m = jm.simplex(jm.FCN(rosenbrock), start.replace(fixed=np.ones(2, bool)))
    assert bool(m.valid)
    assert int(m.nfcn) == 1
    assert float(m.fval) == pytest.approx(24.2)


def test_migrad_goes_on_from_it():
    fcn, start = jm.FCN(rosenbrock), jm.Parameters(np.array([-1.2, 1.0]), step=0.1)
    m = jm.migrad(fcn, jm.simplex(fcn, start))
    assert bool(m.valid)
    np.testing.assert_allclose(m.values, 1, atol=0.02)
