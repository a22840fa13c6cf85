"""Many starts: each fit is the one from that start, and the best of them is the lowest valid one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import Status
from tests.helpers.copies import Copies, copies, marked
from tests.helpers.traces import Traced
from tests.problems.classic import rosenbrock
from tests.problems.valleys import VALLEYS, numbered, two_wells, valley

START = jm.Parameters(np.array([1.0, 1.0]), step=1.0)
SIZE = 24  # another number of starts is another program
STARTS = jm.random_starts(START, SIZE, key=2)
# all minima of the camel back, two by two the same up to signs (Dixon and Szego, 1978)
CAMEL = [(0.0898420, -0.7126564), (1.7036067, -0.7960836), (1.6071047, 0.5686515)]


def fcn(name, shift=0.0):
    return jm.FCN(valley, data=numbered(name, shift))


def test_every_fit_is_that_from_its_start():
    found = jm.multi_start(fcn("camel"), STARTS)
    for i, x in enumerate(STARTS.values):
        one = jm.migrad(fcn("camel"), START.replace(values=x))
        assert int(found.fits.status[i]) == int(one.status)
        assert int(found.fits.nfcn[i]) == int(one.nfcn)
        np.testing.assert_allclose(found.fits.values[i], one.values, atol=1e-7)
        np.testing.assert_array_equal(found.fits.parameters.values[i], x)
    assert int(found.nfcn) == int(np.sum(found.fits.nfcn))
    assert float(found.best.fval) == float(np.min(found.fits.fval))


@pytest.mark.parametrize("name", ["camel", "rastrigin", "two_wells", "goldstein_price", "wave"])
def test_the_lowest_minimum_is_found(name):
    _, fmin, _ = VALLEYS[name]
    found = jm.multi_start(fcn(name), STARTS)
    assert found.best.valid
    assert found.best.accurate
    # the verdict allows ten times the EDM goal of 2e-4
    assert float(found.best.fval) == pytest.approx(fmin, abs=2e-3)


def test_distinct_minima_are_counted_and_sorted():
    found = jm.multi_start(fcn("camel"), STARTS)
    minima = found.distinct()
    assert len(minima) == 6
    assert sum(count for _, count in minima) == int(np.sum(found.fits.valid))
    values = [float(m.fval) for m, _ in minima]
    assert values == sorted(values)
    for (m, _), expected in zip(minima, np.repeat(CAMEL, 2, axis=0), strict=True):
        assert m.valid
        np.testing.assert_allclose(np.sign(m.values[0] * expected[0]) * m.values, expected, atol=0.02)
    assert len(found.distinct(tol=1e9)) == 1
    text = str(found)
    assert text.startswith("24 starts: 24 valid, 6 distinct minima")
    assert f"{minima[0].count} times" in text


def test_valid_comes_before_low():
    """x^3 - 3x falls for ever on the left: those fits fail far down, and the local minimum at 1 is the best."""
    starts = np.tile([[-5.0, 1.0], [2.0, 0.5], [-3.0, 0.0]], (SIZE // 3, 1))
    found = jm.multi_start(fcn("slope"), (START, starts))
    assert float(np.min(found.fits.fval)) < -1e3
    assert found.best.valid
    np.testing.assert_allclose(found.best.values, [1, 0], atol=0.02)
    assert [m.count for m in found.distinct()] == [SIZE // 3]
    starts[1::3, 0] = -2.0
    failed = jm.multi_start(fcn("slope"), (START, starts))
    assert not failed.best.valid
    assert failed.distinct() == ()
    assert "0 valid, 0 distinct minima" in str(failed)


def test_starts_without_a_value_do_no_harm():
    starts = np.tile([[3.0, 0.0], [1.0, -1.0], [0.0, 3.0]], (SIZE // 3, 1))
    found = jm.multi_start(fcn("cliff"), (START, starts))
    assert {Status(int(s)) for s in found.fits.status[::3]} == {Status.NOT_FINITE}
    assert found.best.valid
    assert "1 distinct" in str(found)


def test_a_shift_of_the_function_changes_nothing_else():
    plain, shifted = (jm.multi_start(fcn("two_wells", shift), STARTS) for shift in (0.0, 500.0))
    np.testing.assert_allclose(shifted.fits.values, plain.fits.values, atol=5e-3)
    np.testing.assert_allclose(shifted.fits.fval, plain.fits.fval + 500.0, atol=2e-3)


def test_the_host_gives_the_same():
    """Functions that JAX cannot trace, beside finite differences in Python loops."""
    starts = jm.random_starts(START, 3, key=3)
    traced = jm.multi_start(jm.FCN(two_wells), starts, gradient="finite", driver="host")
    host = jm.multi_start(jm.HostFCN(lambda x: float(two_wells(np.asarray(x)))), starts)
    np.testing.assert_allclose(host.fits.values, traced.fits.values, atol=1e-3)
    np.testing.assert_array_equal(host.fits.status, traced.fits.status)
    exact, compiled = (jm.multi_start(fcn("camel"), STARTS, driver=d) for d in ("host", "compiled"))
    np.testing.assert_allclose(exact.fits.values, compiled.fits.values, atol=1e-7)


def test_inside_jit_and_its_copies():
    def lowest(shift):
        return jm.multi_start(fcn("camel", shift), STARTS).best.fval

    assert float(jax.jit(lowest)(7.0)) == pytest.approx(VALLEYS["camel"][1] + 7.0, abs=2e-3)
    starts = jm.random_starts(START, 5, key=0)
    marked_fcn = jm.FCN(marked(rosenbrock))
    found = copies(lambda x: jm.multi_start(marked_fcn, (START, x)).best.fval, starts.values)
    assert found == Copies(2, 3, 1)


def test_limits_and_fixed_parameters_are_kept():
    start = jm.Parameters(np.array([1.0, -0.5]), step=1.0, limits={"x0": (0.5, 1.5)}, fixed=["x1"])
    starts = jm.random_starts(start, SIZE, key=0)
    found = jm.multi_start(fcn("two_wells"), starts)
    assert np.all(found.fits.values[:, 1] == -0.5)
    assert np.all((found.fits.values[:, 0] > 0.5) & (found.fits.values[:, 0] < 1.5))
    assert len(found.distinct()) == 1


def test_random_starts():
    """Between two limits; within three steps, cut at a single limit; the first as given; uniform."""
    start = jm.Parameters(
        np.array([1.0, 5.0, 2.0, 0.1, 7.0]), step=np.array([0.1, 2.0, 1.0, 1.0, 1.0]), fixed=["x4"],
        limits={"x0": (0.0, 10.0), "x2": (None, 3.0), "x3": (0.0, None)},
    )  # fmt: skip
    drawn = jm.random_starts(start, 2001, key=5)
    values = np.asarray(drawn.values)
    np.testing.assert_array_equal(values[0], start.values)
    np.testing.assert_allclose(values.min(axis=0), [0, -1, -1, 0, 7], atol=0.03)
    np.testing.assert_allclose(values.max(axis=0), [10, 11, 3, 3.1, 7], atol=0.03)
    # the mean of 2000 uniform numbers is known to 0.0065 of their range
    np.testing.assert_allclose(values.mean(axis=0), [5, 5, 1, 1.55, 7], atol=0.3)
    np.testing.assert_array_equal(drawn.step, start.step)
    same, other = (jm.random_starts(start, 3, key=k).values for k in (jax.random.key(5), 6))
    np.testing.assert_array_equal(same, jm.random_starts(start, 3, key=5).values)
    assert np.any(same[1:, :4] != other[1:, :4])
    near = jm.random_starts(start, 100, key=5, devs=0.5).values[:, 1]
    assert np.all(np.abs(near - 5.0) <= 1.0)


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        (START, r"start values must have the shape \(m, 2\), but it is \(2,\)"),
        ((START, np.zeros((3, 4))), r"but it is \(3, 4\)"),
        ((START, np.zeros((0, 2))), r"but it is \(0, 2\)"),
        ((START, np.array([[0.0, 1.0], [np.nan, 1.0]])), r"start 1: x0 = nan is not in \(-inf, inf\)"),
        ((START.replace(upper=np.full(2, 2.0)), np.array([[0.0, 3.0]])), r"start 0: x1 = 3 is not in \(-inf, 2\)"),
        (np.zeros((2, 2)), "starts must be Parameters"),
    ],
)
def test_starts_are_checked_before_anything_is_traced(starts, message):
    function = Traced(lambda x: jnp.sum(x))
    with pytest.raises((TypeError, ValueError), match=message):
        jm.multi_start(jm.FCN(function), starts)
    assert function.count == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((START, 0, 1), "size must be a whole number from 1"),
        ((START, 3, "a"), "key must be"),
        ((START, 3, 1, -1.0), "devs must be positive"),
        ((np.zeros(2), 3, 1), "parameters must be Parameters"),
    ],
)
def test_arguments_of_random_starts(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        jm.random_starts(*arguments)
