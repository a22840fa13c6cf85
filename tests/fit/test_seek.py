"""Seek: Metropolis with keys that fix everything, on every driver."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit import Status
from tests.helpers.copies import Copies, copies, marked
from tests.problems.classic import rosenbrock
from tests.problems.valleys import VALLEYS, numbered, valley

START = jm.Parameters(np.array([2.0, -1.0]), step=1.0)


def fcn(name, shift=0.0):
    return jm.FCN(valley, data=numbered(name, shift))


def same(a, b):
    np.testing.assert_array_equal(a.nfcn, b.nfcn)
    np.testing.assert_allclose(a.values, b.values, rtol=1e-12)
    np.testing.assert_allclose(a.fval, b.fval, rtol=1e-12)


@pytest.mark.parametrize("name", ["rastrigin", "camel", "two_wells", "wave", "cliff"])
def test_migrad_from_its_best_point_ends_in_the_lowest_valley(name):
    """Some 1500 points in the plane; the valleys are about one step wide."""
    _, fmin, _ = VALLEYS[name]
    m = jm.seek(fcn(name), START, key=1, max_calls=400)
    assert float(m.fval) < float(fcn(name).evaluate(START.values)) or name == "cliff"
    after = jm.migrad(fcn(name), m)
    assert after.valid
    assert float(after.fval) == pytest.approx(fmin, abs=1e-3)


def test_it_never_claims_to_be_a_minimum():
    m = jm.seek(fcn("bowl"), START, key=0)
    assert m.algorithm == "Seek"
    assert not m.valid
    assert Status(int(m.status)) == Status.ABOVE_EDM_GOAL
    assert np.isnan(m.edm)
    np.testing.assert_array_equal(m.errors, START.step)


def test_the_same_key_gives_the_same_search():
    one, other = (jm.seek(fcn("camel"), START, key=k) for k in (1, 2))
    assert np.any(one.values != other.values)
    same(one, jm.seek(fcn("camel"), START, key=jax.random.key(1)))
    same(one, jm.seek(fcn("camel"), START, key=jax.random.PRNGKey(1)))
    same(one, jm.seek(fcn("camel"), START, key=1, driver="host"))


def test_jit_and_vmap_over_keys():
    keys = jax.random.split(jax.random.key(7), 3)
    batch = jax.jit(jax.vmap(lambda key: jm.seek(fcn("camel"), START, key=key)))(keys)
    for i, key in enumerate(keys):
        same(jm.seek(fcn("camel"), START, key=key), jax.tree_util.tree_map(lambda leaf, i=i: leaf[i], batch))


def test_a_shift_changes_nothing_else():
    """FCN values enter as differences only."""
    a, b = jm.seek(fcn("camel"), START, key=5), jm.seek(fcn("camel", 64.0), START, key=5)
    np.testing.assert_array_equal(a.nfcn, b.nfcn)
    np.testing.assert_allclose(a.values, b.values, rtol=1e-12)


def visited(function, start, **options):
    """Every point at which the function is called, with its value."""
    seen = []

    def recorded(x):
        seen.append(np.array(x))
        return float(function(x))

    m = jm.seek(jm.HostFCN(recorded), start, **options)
    assert int(m.nfcn) == len(seen)
    return np.array(seen), m


def test_the_box_is_that_of_the_manual():
    """Uniform within three steps to each side: nothing is ever lower here, so the box stays where it is."""
    start = jm.Parameters(np.array([1.0, -2.0]), step=np.array([0.5, 0.1]))
    seen, m = visited(lambda x: 1e9 * (np.sum((x - [1.0, -2.0]) ** 2) > 0), start, key=3, max_calls=600)
    away = (seen[1:] - [1.0, -2.0]) / [1.5, 0.3]
    assert int(m.nfcn) == 601  # the start, and as many as may fail
    assert np.abs(away).max() <= 1.0
    assert np.abs(away).max(axis=0) == pytest.approx([1, 1], abs=0.02)
    # uniform on (-1, 1): mean 0 +- 0.024, mean square 1/3 +- 0.012
    np.testing.assert_allclose(away.mean(axis=0), 0.0, atol=0.1)
    np.testing.assert_allclose((away**2).mean(axis=0), 1 / 3, atol=0.05)
    half, _ = visited(lambda x: 1e9 * (np.sum((x - [1.0, -2.0]) ** 2) > 0), start, key=3, max_calls=600, devs=1.5)
    np.testing.assert_allclose(half[1:] - [1.0, -2.0], 0.5 * (seen[1:] - [1.0, -2.0]), atol=1e-12)


def test_higher_points_are_moved_to_by_the_law_of_metropolis():
    """Every other point is log 4 UP higher, so a quarter of them become the centre of the next box."""
    start = jm.Parameters(np.zeros(1), step=1.0)
    seen, _ = visited(lambda x: 0.0 if x[0] == 0.0 else np.log(4.0), start, key=11, max_calls=2000, devs=1e-3)
    r = [jax.random.uniform(jax.random.fold_in(jax.random.key(11), k), (2,)) for k in range(1, 400)]
    centre, moves = 0.0, 0
    for k, (accept, place) in enumerate(np.asarray(r), start=1):
        x = centre + (2.0 * place - 1.0) * 1e-3
        assert seen[k, 0] == pytest.approx(x, abs=1e-12)
        centre = x if accept <= 0.25 else centre
        moves += accept <= 0.25
    assert moves == pytest.approx(100, abs=35)


def test_it_ends():
    """After as many calls without a lower value as are allowed, or ten times as many in all."""
    start = jm.Parameters(np.zeros(2), step=1.0)
    assert int(jm.seek(jm.FCN(lambda x: 0.0 * x[0]), start, key=0).nfcn) == 141
    assert int(jm.seek(jm.FCN(lambda x: 1e-3 * x[0]), start, key=0, max_calls=20, devs=0.01).nfcn) <= 201
    assert int(jm.seek(fcn("bowl"), START.replace(fixed=np.ones(2, bool)), key=0).nfcn) == 1


def test_limits_and_fixed_parameters_are_kept():
    start = START.replace(lower=np.array([1.5, -np.inf]), fixed=np.array([False, True]))
    m = jm.seek(fcn("bowl"), start, key=0)
    assert 1.5 <= float(m.values[0]) < 1.55
    assert float(m.values[1]) == -1.0
    both = START.replace(lower=np.array([1.5, -2.0]), upper=np.array([3.0, 0.5]))
    m = jm.seek(fcn("bowl"), both, key=0)
    np.testing.assert_allclose(m.values, [1.5, 0.5], atol=0.1)


def test_it_finds_its_way_out_of_a_region_without_values():
    start = START.replace(values=np.array([3.0, 1.0]))
    m = jm.seek(fcn("cliff"), start, key=2)
    assert np.isfinite(m.fval)
    nowhere = jm.seek(jm.FCN(lambda x: x[0] * jnp.nan), jm.Parameters(np.ones(1)), key=0)
    assert Status(int(nowhere.status)) == Status.NOT_FINITE
    assert np.isnan(nowhere.fval)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": None}, "key must be a whole number or a JAX key, not None"),
        ({"key": 1, "devs": 0}, "devs must be positive, not 0"),
        ({"key": 1, "devs": np.nan}, "devs must be a finite number, not nan"),
        ({"key": 1, "max_calls": -1}, "max_calls must be"),
    ],
)
def test_arguments_are_checked(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        jm.seek(fcn("bowl"), START, **options)


def test_one_copy_of_the_function():
    marked_fcn = jm.FCN(marked(rosenbrock))
    found = copies(lambda x: jm.seek(marked_fcn, START.replace(values=x), key=1).fval, START.values)
    assert found == Copies(1, 0, 0)
