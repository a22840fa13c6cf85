"""The table of parameters: any pytree, names from the tree, settings by name, leaf, subtree and structure."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import Parameters
from tests.helpers.traces import Traced

INF = np.inf
TREE = {"mu": 0.0, "sigma": -2.0, "w": np.zeros(2), "shape": {"a": 5, "b": np.ones((1, 2))}}
NAMES = ("mu", "shape.a", "shape.b[0,0]", "shape.b[0,1]", "sigma", "w[0]", "w[1]")


class Module(eqx.Module):
    slope: Any
    weights: Any
    degree: int = eqx.field(static=True, default=3)


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Record:
    first: Any
    second: Any


def step_of(spec, tree=TREE):
    return np.asarray(Parameters(tree, step=spec).step)


@pytest.mark.parametrize(
    ("tree", "names"),
    [
        (TREE, NAMES),
        (1.5, ("x",)),
        (np.zeros(3), ("x0", "x1", "x2")),
        (np.zeros((1, 2)), ("x[0,0]", "x[0,1]")),
        ([1.0, np.zeros(2)], ("x0", "x1[0]", "x1[1]")),
        ((1.0, [2.0, 3.0]), ("x0", "1.0", "1.1")),
        ({"x": np.zeros(2)}, ("x[0]", "x[1]")),
        (Module(1.0, np.zeros(2)), ("slope", "weights[0]", "weights[1]")),
        (Record(1.0, {"deep": 2.0}), ("first", "second.deep")),
        ({"a": None, "b": 1.0}, ("b",)),
    ],
)
def test_names_come_from_the_tree(tree, names):
    assert Parameters(tree).names == names
    assert Parameters(tree).size == len(names)


def test_the_tree_comes_back():
    """Same structure and shapes; a vector of all parameters fills it in the order of the names."""
    p = Parameters(TREE)
    back = p.unflatten(jnp.arange(7.0))
    assert jax.tree_util.tree_structure(back) == jax.tree_util.tree_structure(TREE)
    np.testing.assert_array_equal(back["shape"]["b"], [[2.0, 3.0]])
    assert float(back["sigma"]) == 4.0
    assert float(p.tree["shape"]["a"]) == 5.0
    assert Parameters(Module(1.0, np.zeros(2))).tree.degree == 3
    assert isinstance(Parameters(Record(1.0, 2.0)).tree, Record)


def test_own_names():
    p = Parameters(np.zeros(2), names=["alpha", 7], step={"alpha": 0.5}, fixed=["7"])
    assert p.names == ("alpha", "7")
    np.testing.assert_array_equal(p.step, [0.5, 0.1])
    np.testing.assert_array_equal(p.fixed, [False, True])
    assert p.index("7") == p.index(1) == p.index(-1) == 1


def test_default_step_is_a_percentage():
    """1 % of |value|, 0.1 where the value is 0."""
    np.testing.assert_allclose(step_of(None), [0.1, 0.05, 0.01, 0.01, 0.02, 0.1, 0.1])


@pytest.mark.parametrize("number", [0.3, 1, np.float32(0.3), np.array(0.3), jnp.array(0.3)])
def test_one_step_for_all(number):
    np.testing.assert_allclose(step_of(number), np.full(7, float(number)))


@pytest.mark.parametrize(
    ("spec", "changed"),
    [
        ({"mu": 0.7}, {0: 0.7}),
        ({0: 0.7}, {0: 0.7}),
        ({"w": 0.7}, {5: 0.7, 6: 0.7}),
        ({"w": [1, 2]}, {5: 1, 6: 2}),
        ({"w": np.array([1.0, 2.0])}, {5: 1, 6: 2}),
        ({"w[1]": jnp.array(2.0)}, {6: 2}),
        ({"shape": 3.0}, {1: 3, 2: 3, 3: 3}),
        ({"shape": {"b": np.array([[1.0, 2.0]])}}, {2: 1, 3: 2}),
        ({"shape.b": 4}, {2: 4, 3: 4}),
        ({"mu": None, "sigma": 0.2}, {4: 0.2}),
    ],
)
def test_steps_by_name_leaf_and_subtree(spec, changed):
    expected = step_of(None).copy()
    expected[list(changed)] = list(changed.values())
    np.testing.assert_allclose(step_of(spec), expected)


def test_steps_by_structure():
    full = jax.tree_util.tree_map(lambda x: np.abs(x) + 0.5, TREE)
    np.testing.assert_allclose(step_of(full), np.abs(Parameters(TREE).values) + 0.5)
    np.testing.assert_allclose(step_of([0.5, None], [1.0, 2.0]), [0.5, 0.02])
    np.testing.assert_allclose(step_of(np.array([3.0, 4.0]), [1.0, 2.0]), [3, 4])
    np.testing.assert_allclose(step_of(Module(0.5, np.ones(2)), Module(1.0, np.zeros(2))), [0.5, 1, 1])


@pytest.mark.parametrize(
    ("spec", "lower", "upper"),
    [
        ({"mu": (-1, None)}, {0: -1}, {}),
        ({"mu": (None, 1)}, {}, {0: 1}),
        ({"mu": [-1, INF]}, {0: -1}, {}),
        ({"mu": np.array([-1.0, 1.0]), "sigma": None}, {0: -1}, {0: 1}),
        ({"w": (-1, jnp.array(2.0))}, {5: -1, 6: -1}, {5: 2, 6: 2}),
        ({"w[0]": (0, 1)}, {5: 0}, {5: 1}),
        ({"shape": (0, 9)}, {1: 0, 2: 0, 3: 0}, {1: 9, 2: 9, 3: 9}),
        ({"shape": {"a": (0, 9)}}, {1: 0}, {1: 9}),
    ],
)
def test_limits(spec, lower, upper):
    p = Parameters(TREE, limits=spec)
    for found, changed, absent in ((p.lower, lower, -INF), (p.upper, upper, INF)):
        expected = np.full(7, absent)
        expected[list(changed)] = list(changed.values())
        np.testing.assert_array_equal(found, expected)


def test_limits_by_structure():
    p = Parameters([1.0, 2.0], limits=[(0, 3), (None, 4)])
    np.testing.assert_array_equal(p.lower, [0, -INF])
    np.testing.assert_array_equal(p.upper, [3, 4])


@pytest.mark.parametrize(
    ("spec", "positions"),
    [
        ((), []),
        (None, []),
        ("mu", [0]),
        (6, [6]),
        (["mu", "w[1]"], [0, 6]),
        ({"mu", "w"}, [0, 5, 6]),
        (["shape"], [1, 2, 3]),
        ({"mu": True, "sigma": False}, [0]),
        ({"shape": {"a": True}}, [1]),
        ({"w": np.array([False, True])}, [6]),
        (np.arange(7) < 2, [0, 1]),
        ([True] + 6 * [False], [0]),
    ],
)
def test_fixed(spec, positions):
    np.testing.assert_array_equal(np.flatnonzero(Parameters(TREE, fixed=spec).fixed), positions)


def test_a_fixed_parameter_may_lie_outside_its_limits_and_needs_no_step():
    p = Parameters([1.0, 2.0], limits={"x0": (2, 3)}, step={"x0": 0.0}, fixed=["x0"])
    assert bool(p.fixed[0])


def test_precision_of_the_values_decides():
    """float32 only if every value is; integers and Python floats count as double."""
    single = Parameters(
        {"a": jnp.float32(1), "b": jnp.ones(2, jnp.float32)},
        step={"a": np.float64(0.3)},
        limits={"b": (np.float64(0.1), 2)},
    )
    for vector in (single.values, single.step, single.lower, single.upper):
        assert vector.dtype == jnp.float32
    for tree in ({"a": jnp.float32(1), "b": 1.0}, {"a": jnp.float32(1), "b": 1}, np.array([1, 2]), True):
        assert Parameters(tree).values.dtype == jnp.float64


def test_replace_makes_a_checked_copy():
    p = Parameters([1.0, 2.0])
    q = p.replace(values=[3.0, 4.0], lower=[0.0, -INF], fixed=[True, False])
    np.testing.assert_array_equal(q.values, [3, 4])
    np.testing.assert_array_equal(p.values, [1, 2])
    assert q.fixed.dtype == bool
    with pytest.raises(ValueError, match="start value of x1, 2, is outside"):
        p.replace(upper=[5.0, 1.0])
    with pytest.raises(ValueError, match="step must hold 2 numbers"):
        p.replace(step=0.1)


def test_only_names_and_shapes_are_static():
    """Other values, steps, limits and fixed flags run the program that is there; another name does not."""
    function = Traced(lambda p: jnp.sum(p.values * p.step + jnp.where(p.fixed, p.lower, p.upper)))
    compiled = jax.jit(function)
    compiled(Parameters({"a": 1.0, "b": 2.0}))
    others = (
        Parameters({"a": 3, "b": jnp.array(4.0)}, step={"a": 2.0}),
        Parameters({"a": 1.0, "b": 2.0}, limits={"b": (0, 5)}, fixed=["a"]),
        Parameters({"a": np.float32(1), "b": 2.0}, step=7),
        Parameters({"a": 1.0, "b": 2.0}).replace(values=[0.0, 0.0]),
    )
    for p in others:
        assert function.since(lambda p=p: compiled(p)) == 0
    assert function.since(lambda: compiled(Parameters({"a": 1.0, "c": 2.0}))) == 1


def test_inside_traced_functions():
    """Start values, steps and limits may be tracers; a batch of starts passes through vmap."""

    @jax.jit
    def total(x):
        p = Parameters({"a": x, "b": 1.0}, step={"a": x}, limits={"a": (x - 1, None)}, fixed={"b": x > 0})
        return jnp.sum(p.values + p.step + jnp.where(jnp.isfinite(p.lower), p.lower, 0.0) + p.fixed)

    assert float(total(2.0)) == pytest.approx(2 + 1 + 2 + 0.01 + 1 + 1)
    assert float(jax.grad(total)(2.0)) == 3.0
    batch = jax.vmap(lambda x: Parameters({"a": x, "b": 1.0}))(jnp.arange(3.0))
    assert batch.values.shape == (3, 2)


def test_leading_axes_of_a_vector_are_those_of_every_leaf():
    """Whatever their length: of one parameter, too, every fit comes back."""
    one, some = Parameters({"a": 1.0}), Parameters({"a": 1.0, "w": np.zeros((2, 2))})
    np.testing.assert_array_equal(one.unflatten(jnp.arange(3.0)[:, None])["a"], [0.0, 1.0, 2.0])
    vectors = jnp.arange(30.0).reshape(2, 3, 5)
    tree = some.unflatten(vectors)
    assert (tree["a"].shape, tree["w"].shape) == ((2, 3), (2, 3, 2, 2))
    np.testing.assert_array_equal(tree["w"][1, 2], some.unflatten(vectors[1, 2])["w"])


@pytest.mark.filterwarnings("error")
def test_single_precision_of_jax_is_no_reason_to_warn():
    with jax.enable_x64(False):
        p = Parameters({"mu": 5.0, "n": 2, "w": np.ones(2)}, limits={"mu": (0.1, None)})
        assert p.values.dtype == p.replace(values=p.values).lower.dtype == jnp.float32
