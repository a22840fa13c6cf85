"""Improve leaves a local minimum for a lower one, keeps the lowest, and says the truth about it."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import Status
from tests.helpers.copies import Copies, copies, marked
from tests.problems.valleys import VALLEYS, numbered, two_wells, valley


def local(name, start, **changes):
    """FCN and the minimum that Migrad finds from there."""
    fcn = jm.FCN(valley, data=numbered(name))
    return fcn, jm.migrad(fcn, jm.Parameters(np.asarray(start, float), step=0.1).replace(**changes))


def same(a, b, rtol=1e-6):
    for name in ("status", "matrix_status", "nfcn", "nhessian"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    np.testing.assert_allclose(a.values, b.values, rtol=rtol, atol=1e-6)
    np.testing.assert_allclose(a.errors, b.errors, rtol=rtol)


@pytest.mark.parametrize(
    ("name", "start", "attempts"),
    [
        ("camel", (1.6, -0.6), None),
        ("two_wells", (1, 1), None),
        ("wave", (-3, 1), 12),
        ("goldstein_price", (-0.6, -0.4), 12),
        ("cliff", (1, -1), None),
        ("rastrigin", (2, 1), 60),
    ],
)
def test_the_lowest_minimum_is_found(name, start, attempts):
    """From another, higher minimum, with as many attempts as all keys tried needed. The EDM goal bounds the value."""
    _, fmin, where = VALLEYS[name]
    fcn, first = local(name, start)
    assert first.valid
    assert float(first.fval) > fmin + 0.1
    m = jm.improve(fcn, first, attempts=attempts)
    assert m.valid
    assert m.accurate
    assert m.algorithm == "Improve"
    assert float(m.fval) == pytest.approx(fmin, abs=2e-4)
    sign = -1.0 if name == "camel" and float(m.values[0]) < 0 else 1.0
    np.testing.assert_allclose(sign * np.asarray(m.values), where, atol=5e-3)
    assert float(m.edm) < float(m.goal)
    assert int(m.nfcn) > int(first.nfcn)
    # errors are those of the new minimum
    np.testing.assert_allclose(m.covariance, jm.hesse(fcn, m).covariance, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", ["bowl", "camel"])
def test_nothing_lower_leaves_the_minimum_as_it_is(name):
    """One minimum only; or the lowest of several, of which another is as low."""
    fcn, first = local(name, (0.1, -0.7))
    for key in range(3):
        m = jm.improve(fcn, first, key=key)
        assert int(m.nfcn) > int(first.nfcn)
        counts = {"nfcn": first.nfcn, "ngrad": first.ngrad, "nhessian": first.nhessian, "algorithm": "Migrad"}
        for a, b in zip(*map(jax.tree_util.tree_leaves, (replace(m, **counts), first)), strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_result_is_never_higher():
    for name in VALLEYS:
        fcn, first = local(name, (0.4, -0.3))
        assert not first.valid or float(jm.improve(fcn, first, attempts=2).fval) <= float(first.fval)


def test_a_shift_of_the_function_changes_nothing_else():
    fcn, first = local("two_wells", (1, 1))
    shifted = jm.FCN(valley, data=numbered("two_wells", 1000.0))
    a = jm.improve(fcn, first)
    b = jm.improve(shifted, jm.migrad(shifted, first.parameters))
    np.testing.assert_allclose(a.values, b.values, atol=5e-3)
    assert float(b.fval - a.fval) == pytest.approx(1000.0, abs=2e-4)


@pytest.mark.slow
def test_same_key_same_result_jit_or_host():
    fcn, first = local("two_wells", (1, 1))
    one, other = (jm.improve(fcn, first, key=k) for k in (3, 4))
    assert int(one.nfcn) != int(other.nfcn)
    same(one, jm.improve(fcn, first, key=3))
    same(one, jm.improve(fcn, first, key=jax.random.key(3)))
    same(one, jm.improve(fcn, first, key=3, driver="host"))


@pytest.mark.slow
def test_a_batch_is_a_loop():
    fcn, first = local("two_wells", (1, 1))
    keys = jax.random.split(jax.random.key(3), 3)
    batch = jax.jit(jax.vmap(lambda key: jm.improve(fcn, first, key=key)))(keys)
    for i, key in enumerate(keys):
        same(jm.improve(fcn, first, key=key), jax.tree_util.tree_map(lambda leaf, i=i: leaf[i], batch))


@pytest.mark.slow
def test_functions_on_the_host():
    fcn, start = jm.HostFCN(lambda x: float(two_wells(np.asarray(x)))), jm.Parameters(np.array([1.0, 1.0]), step=0.1)
    m = jm.improve(fcn, jm.migrad(fcn, start))
    assert m.valid
    assert float(m.fval) == pytest.approx(VALLEYS["two_wells"][1], abs=2e-4)
    traced = jm.FCN(two_wells)
    compiled = jm.improve(traced, jm.migrad(traced, start, gradient="finite"), gradient="finite")
    np.testing.assert_allclose(m.values, compiled.values, atol=5e-3)


def test_limits_and_fixed_parameters_are_kept():
    """A limit that shuts the lower well out; a fixed x, with which only one minimum is left."""
    fcn, first = local("two_wells", (1, 1), lower=np.array([-0.5, -5.0]), upper=np.array([5.0, 5.0]))
    m = jm.improve(fcn, first)
    assert float(m.values[0]) >= -0.5
    assert float(m.fval) == float(first.fval)
    fcn, first = local("two_wells", (1, 1), lower=np.array([-2.0, -5.0]), upper=np.array([2.0, 5.0]))
    assert float(jm.improve(fcn, first).values[0]) == pytest.approx(VALLEYS["two_wells"][2][0], abs=0.01)
    fcn, first = local("two_wells", (1, 1), fixed=np.array([True, False]))
    m = jm.improve(fcn, first)
    assert float(m.values[0]) == 1.0
    assert float(m.fval) == float(first.fval)


@pytest.mark.slow
def test_single_precision_stays_single():
    fcn, start = jm.FCN(two_wells), jm.Parameters(np.array([1.0, 1.0], np.float32), step=0.1)
    m = jm.improve(fcn, jm.migrad(fcn, start))
    assert m.values.dtype == m.fval.dtype == jnp.float32
    # single precision knows F to 1e-7 only, and the place of a minimum to the root of that
    np.testing.assert_allclose(m.values, VALLEYS["two_wells"][2], atol=0.02)


def test_all_its_parts_share_one_copy_of_the_function():
    fcn = jm.FCN(marked(two_wells))
    minimum = jm.migrad(jm.FCN(valley, data=numbered("two_wells")), jm.Parameters(np.array([1.0, 1.0]), step=0.1))
    found = copies(lambda u: jm.improve(fcn, replace(minimum, u=u)).fval, minimum.u)
    assert found == Copies(2, 3, 1)


def test_calls_are_limited():
    fcn, first = local("bowl", (3, 3))
    calls = int(jm.improve(fcn, first, max_calls=30).nfcn - first.nfcn)
    assert 0 < calls <= 34
    few, many = (int(jm.improve(fcn, first, attempts=k).nfcn) for k in (1, 8))
    assert few < many


def test_a_minimum_that_is_not_valid_comes_back():
    fcn, first = local("two_wells", (1, 1))
    bad = replace(first, status=jnp.int32(Status.CALL_LIMIT))
    m = jm.improve(fcn, bad)
    assert int(m.nfcn) == int(bad.nfcn)
    assert Status(int(m.status)) == Status.CALL_LIMIT


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": 1.5}, "key must be a whole number or a JAX key, not 1.5"),
        ({"key": "now"}, "key must be"),
        ({"attempts": 0}, "attempts must be a whole number from 1 to .*, but it is 0"),
        ({"attempts": 2.5}, "attempts must be a whole number"),
        ({"max_calls": -1}, "max_calls must be"),
    ],
)
def test_arguments_are_checked(options, message):
    fcn, first = local("bowl", (3, 3))
    with pytest.raises((TypeError, ValueError), match=message):
        jm.improve(fcn, first, **options)
    with pytest.raises(TypeError, match="minimum must be a FunctionMinimum"):
        jm.improve(fcn, first.parameters)
