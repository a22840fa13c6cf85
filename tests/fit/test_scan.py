"""Scan: known grids, ranges, limits, the best point kept, blocks, and both drivers."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import MatrixStatus, Status
from tests.helpers.traces import Traced

CENTRE = np.array([1.0, -1.0, 0.5])


def bowl(x, centre):
    """A parabola with a correlation between the first two."""
    d = x - centre
    return d[0] ** 2 + 2.0 * d[1] ** 2 + 3.0 * d[2] ** 2 + d[0] * d[1]


FCN = jm.FCN(bowl, data=CENTRE)
START = jm.Parameters(np.zeros(3), step=np.array([1.0, 2.0, 0.25]))


def in_turn(function, x, low, high, size):
    """One parameter after another in plain Python: the best point of each scan is the start of the next."""
    x, best = np.array(x, float), function(x)
    for i in range(len(x)):
        for value in np.linspace(low[i], high[i], size):
            trial = np.where(np.arange(len(x)) == i, value, x)
            if function(trial) < best:
                x, best = trial, function(trial)
    return x, best


def test_all_parameters_in_turn():
    """The start, and 40 points for each of three, over two steps to each side."""
    m = jm.scan(FCN, START)
    step = np.asarray(START.step)
    x, best = in_turn(lambda x: float(bowl(x, CENTRE)), np.zeros(3), -2 * step, 2 * step, 40)
    np.testing.assert_allclose(m.values, x, atol=1e-12)
    assert float(m.fval) == pytest.approx(best, abs=1e-12)
    assert int(m.nfcn) == 1 + 3 * 40


def test_it_never_claims_to_be_a_minimum():
    m = jm.scan(FCN, START)
    assert m.algorithm == "Scan"
    assert not m.valid
    assert Status(int(m.status)) == Status.ABOVE_EDM_GOAL
    assert MatrixStatus(int(m.matrix_status)) == MatrixStatus.ABSENT
    assert np.isnan(m.edm)
    np.testing.assert_array_equal(m.errors, START.step)
    after = jm.migrad(FCN, m)
    assert after.valid
    np.testing.assert_allclose(after.values, CENTRE, atol=0.01)


def test_one_parameter_in_a_range():
    m = jm.scan(FCN, START, "x1", size=5, low=-2, high=0.5)
    by_number = jm.scan(FCN, START, 1, size=5, low=-2, high=0.5)
    grid = np.linspace(-2, 0.5, 5)
    best = grid[np.argmin([bowl(np.array([0, y, 0]), CENTRE) for y in grid])]
    np.testing.assert_allclose(m.values, [0, best, 0], atol=1e-12)
    np.testing.assert_array_equal(m.values, by_number.values)
    assert int(m.nfcn) == 6


def test_the_start_is_kept_if_nothing_is_better():
    m = jm.scan(FCN, START.replace(values=CENTRE), "x0", size=4)
    np.testing.assert_array_equal(m.values, CENTRE)
    assert float(m.fval) == 0.0


def test_two_errors_of_a_minimum():
    minimum = jm.migrad(FCN, START)
    m = jm.scan(jm.FCN(bowl, data=CENTRE + 50.0), minimum)
    np.testing.assert_allclose(m.values, minimum.values + 2 * minimum.errors, atol=1e-12)


def test_limits_cut_the_range():
    start = START.replace(lower=np.array([-np.inf, -0.5, -1.0]), upper=np.array([0.3, np.inf, 0.25]))
    m = jm.scan(FCN, start)
    assert np.all(m.values <= start.upper)
    assert np.all(m.values >= start.lower)
    # internal values end 8 sqrt(eps2) before the end of a sine: 1e-6 of the distance between the limits
    np.testing.assert_allclose(m.values[:2], [0.3, -0.5], atol=1e-6)
    assert float(m.values[2]) == pytest.approx(0.25, abs=2e-6)


def test_fixed_parameters_stay():
    fixed = START.replace(fixed=np.array([False, True, False]))
    m = jm.scan(FCN, fixed)
    assert float(m.values[1]) == 0.0
    assert float(m.errors[1]) == 0.0
    assert int(m.nfcn) == 81
    assert int(jm.scan_grid(FCN, fixed, 4).nfcn) == 17
    assert int(jm.scan(FCN, fixed.replace(fixed=np.ones(3, bool))).nfcn) == 1


def test_the_grid_is_complete():
    """Points between the limits, or one step to each side, whose best is known by going through all of them."""
    start = START.replace(lower=np.array([-3.0, -np.inf, -np.inf]), upper=np.array([2.0, np.inf, 0.1]))
    axes = [np.linspace(-3, 2, 6), np.linspace(-2, 2, 6), np.linspace(-0.25, 0.1, 6)]
    points = np.array(list(itertools.product(*axes)))
    best = points[np.argmin([bowl(p, CENTRE) for p in points])]
    m = jm.scan_grid(FCN, start, 6)
    assert int(m.nfcn) == 1 + 6**3
    np.testing.assert_allclose(m.values, best, atol=1e-6)
    called = Traced(lambda x: float(bowl(np.asarray(x), CENTRE)))
    host = jm.scan_grid(jm.HostFCN(called), start, 6)
    assert called.count == int(host.nfcn) == int(m.nfcn)
    np.testing.assert_allclose(host.values, m.values, atol=1e-12)
    assert len({tuple(np.round(x, 6)) for x in _asked(start, 6)}) == 1 + 6**3


def _asked(start, size):
    """Every point at which a function on the host is called."""
    seen = []

    def function(x):
        seen.append(np.array(x))
        return float(np.sum(x))

    jm.scan_grid(jm.HostFCN(function), start, size)
    return seen


def test_drivers_jit_and_vmap_agree():
    def run(centre):
        return jm.scan(jm.FCN(bowl, data=centre), START)

    centres = jnp.stack([CENTRE, -CENTRE])
    batch, one = jax.jit(jax.vmap(run))(centres), jax.jit(run)(centres[1])
    host = jm.scan(jm.FCN(bowl, data=centres[1]), START, driver="host")
    for m in (jax.tree_util.tree_map(lambda leaf: leaf[1], batch), one, host):
        np.testing.assert_allclose(m.values, run(centres[1]).values, atol=1e-12)
        assert int(m.nfcn) == 121


def test_missing_values_are_passed_over():
    def function(x):
        return jnp.where(x[0] < 0.3, jnp.nan, jnp.where(x[0] > 1.0, -jnp.inf, jnp.sum(x * x)))

    m = jm.scan(jm.FCN(function), jm.Parameters(np.array([0.0, 1.0]), step=1.0))
    assert 0.3 <= float(m.values[0]) < 0.45
    assert abs(float(m.values[1])) < 0.1
    nowhere = jm.scan(jm.FCN(lambda x: x[0] * jnp.nan), jm.Parameters(np.array([1.0])))
    assert Status(int(nowhere.status)) == Status.NOT_FINITE
    assert np.isnan(nowhere.fval)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {"size": 1}, "size must be a whole number from 2 to .*, but it is 1"),
        ((), {"size": 2.5}, "size must be a whole number"),
        ((), {"low": 0.0}, "low and high need one parameter"),
        (("x0",), {"low": 1.0, "high": 0.0}, "low must be below high, but they are 1.0 and 0.0"),
        (("x0",), {"low": np.inf}, "low must be a finite number, not inf"),
        (("q",), {}, "unknown parameter 'q'"),
        (("x1",), {}, "parameter x1 is fixed"),
    ],
)
def test_arguments_are_checked_before_anything_is_traced(arguments, options, message):
    function = Traced(bowl)
    with pytest.raises(ValueError, match=message):
        jm.scan(
            jm.FCN(function, data=CENTRE), START.replace(fixed=np.array([False, True, False])), *arguments, **options
        )
    assert function.count == 0


def test_a_grid_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="a grid of 2000 points in each of 3 parameters is too large"):
        jm.scan_grid(FCN, START, 2000)
