"""Migrad as a method of scipy.optimize.minimize."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm

optimize = pytest.importorskip("scipy.optimize")
METHOD = jm.adapters.scipy_migrad
START = np.array([-1.2, 1.0])


def rosen(x, scale=1.0):
    """For JAX and NumPy."""
    return scale * (100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2)


def on_host(x, scale=1.0):
    """Cannot be traced."""
    return float(rosen(np.asarray(x), scale))


def test_a_traced_function_is_compiled_once_for_all_arguments():
    calls = []

    def counted(x, scale):
        calls.append(isinstance(x, jax.core.Tracer))
        return rosen(x, scale)

    first = optimize.minimize(counted, START, args=(np.array(1.0),), method=METHOD, tol=1e-4)
    assert first.success
    assert first.status == jm.Status.CONVERGED
    np.testing.assert_allclose(first.x, 1.0, atol=1e-4)
    np.testing.assert_allclose(first.hess_inv, np.linalg.inv(optimize.rosen_hess(first.x)), rtol=1e-6)
    np.testing.assert_allclose(first.jac, optimize.rosen_der(first.x), atol=1e-9)
    traces = len(calls)
    second = optimize.minimize(counted, START, args=(np.array(2.0),), method=METHOD, tol=1e-4)
    np.testing.assert_allclose(second.hess_inv, first.hess_inv / 2.0, rtol=1e-3)
    assert all(calls)
    assert len(calls) - traces <= 1  # to see whether it can be traced


def test_a_host_function_with_and_without_gradient():
    plain = optimize.minimize(on_host, START, method=METHOD, tol=1e-3)
    assert plain.success
    assert plain.njev == 0
    np.testing.assert_allclose(plain.x, 1.0, atol=2e-3)
    given = optimize.minimize(
        on_host, START, args=(1.0,), jac=lambda x, s: s * optimize.rosen_der(x), method=METHOD, tol=1e-4
    )
    assert given.njev > 0
    assert given.nfev < plain.nfev
    np.testing.assert_allclose(given.x, 1.0, atol=1e-4)
    both = optimize.minimize(lambda x: (on_host(x), optimize.rosen_der(x)), START, jac=True, method=METHOD, tol=1e-4)
    np.testing.assert_allclose(both.x, given.x, atol=1e-4)


def test_bounds_are_those_of_lbfgsb():
    options = {"bounds": optimize.Bounds([-2.0, -np.inf], [0.5, 3.0]), "jac": optimize.rosen_der}
    found = optimize.minimize(on_host, START, method=METHOD, tol=1e-4, **options)
    other = optimize.minimize(on_host, START, method="L-BFGS-B", **options)
    assert found.success
    assert found.status == jm.Status.AT_LIMIT
    np.testing.assert_allclose(found.x, other.x, atol=1e-4)
    assert np.isnan(found.jac[0])
    held = optimize.minimize(on_host, START, method=METHOD, bounds=[(2.0, 2.0), (None, None)], jac=optimize.rosen_der)
    np.testing.assert_allclose(held.x, [2.0, 4.0], rtol=1e-6)
    np.testing.assert_array_equal(held.hess_inv[0], 0.0)


def test_the_callback_sees_every_better_point_and_may_stop():
    seen = []
    found = optimize.minimize(
        on_host, START, jac=optimize.rosen_der, method=METHOD, callback=lambda x: seen.append(on_host(x))
    )
    assert np.all(np.diff(seen) < 0)
    assert seen[0] == on_host(START)
    np.testing.assert_allclose(seen[-1], found.fun)

    def enough(intermediate_result):
        if intermediate_result.fun < 1.0:
            raise StopIteration

    stopped = optimize.minimize(on_host, START, jac=optimize.rosen_der, method=METHOD, callback=enough)
    assert stopped.status == 99
    assert not stopped.success
    assert found.fun < stopped.fun < 1.0
    np.testing.assert_allclose(on_host(stopped.x), stopped.fun)


def test_options_and_a_failure():
    options = {"maxfun": 10, "strategy": 0, "step": 0.2}
    found = optimize.minimize(on_host, START, jac=optimize.rosen_der, method=METHOD, options=options)
    assert not found.success
    assert found.status == jm.Status.CALL_LIMIT
    assert "call limit" in found.message


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"constraints": [{"type": "eq", "fun": jnp.sum}]}, ValueError, "no constraints"),
        ({"bounds": [(0.0, 1.0)]}, ValueError, "bounds must be 2 pairs"),
        ({"bounds": [(1.0, 0.0), (0.0, 1.0)]}, ValueError, r"bounds of x\[0\] are crossed"),
        ({"callback": 1}, TypeError, "callback must be callable"),
    ],
)
def test_wrong_arguments(options, error, message):
    with pytest.raises(error, match=message):
        optimize.minimize(on_host, START, method=METHOD, **options)
