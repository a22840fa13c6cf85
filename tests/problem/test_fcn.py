"""The FCN as a pytree: data and modules are leaves, functions are static; what cannot be minimised is refused."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import FCN, HostFCN, Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import STRATEGIES, as_strategy
from tests.helpers.traces import Traced

X = jnp.array([1.0, 2.0])


def square(p):
    return jnp.sum(p * p)


def distance(p, data):
    return jnp.sum((p - data["centre"]) ** 2) * data["weight"]


class Model(eqx.Module):
    centre: jax.Array
    power: int = eqx.field(static=True)

    def __call__(self, p):
        return jnp.sum(jnp.abs(p - self.centre) ** self.power)


def value(fun, start=(1.0, 2.0), **others):
    """The shape and dtype of the FCN's value, without compiling."""
    problem = Problem(FCN(fun, **others), Parameters(np.asarray(start)))
    return jax.eval_shape(problem.value, problem.parameters.values)


def test_with_and_without_data():
    assert float(FCN(square).evaluate(X)) == 5.0
    assert float(FCN(lambda p: p["a"] + 1.0).evaluate({"a": 2.0})) == 3.0
    data = {"centre": np.array([1.0, 0.0]), "weight": 2}
    assert float(FCN(distance, data=data).evaluate(X)) == 8.0
    assert float(FCN(lambda p, d: p + d, data=0).evaluate(1.0)) == 1.0


def test_data_become_arrays():
    fcn = FCN(distance, data={"centre": [1.0, None], "weight": np.float32(3)})
    assert all(isinstance(leaf, jax.Array) for leaf in jax.tree_util.tree_leaves(fcn.data))
    assert fcn.data["weight"].dtype == jnp.float32
    assert len(jax.tree_util.tree_leaves(fcn)) == 3  # one of centre, weight, errordef


def test_new_data_and_errordef_run_the_same_program():
    function = Traced(distance)
    compiled = jax.jit(lambda fcn, p: fcn.evaluate(p) / fcn.errordef)
    data = {"centre": np.zeros(2), "weight": 1.0}
    assert float(compiled(FCN(function, data=data), X)) == 5.0
    assert function.count == 1
    other = {"centre": np.ones(2), "weight": 2.0}
    assert float(compiled(FCN(function, data=other, errordef=0.5), X)) == 4.0
    assert function.count == 1
    compiled(FCN(function, data={"centre": np.zeros(1), "weight": 1.0}), X)
    assert function.count == 2


def test_data_are_arguments_and_no_constants_of_the_program():
    """A thousand numbers would show in the lowered text as a dense constant of that size."""
    data = np.random.default_rng(0).normal(size=1000)
    fcn = FCN(lambda p, d: jnp.sum((d - p[0]) ** 2), data=data)
    text = jax.jit(lambda fcn, p: fcn.evaluate(p)).lower(fcn, X).as_text()
    assert "tensor<1000xf64>" in text.split("{", 2)[2]
    assert len(text) < 10_000
    closed_over = jax.jit(lambda p: jnp.sum((data - p[0]) ** 2)).lower(X).as_text()
    assert len(closed_over) > 10_000


def test_modules_keep_their_arrays_as_leaves():
    function = Traced(lambda fcn, p: fcn.evaluate(p))
    compiled = jax.jit(function)
    assert float(compiled(FCN(Model(jnp.zeros(2), 2)), X)) == 5.0
    assert function.since(lambda: compiled(FCN(Model(jnp.ones(2), 2)), X)) == 0
    assert function.since(lambda: compiled(FCN(Model(jnp.ones(2), 4)), X)) == 1
    partial = FCN(jax.tree_util.Partial(lambda c, p: jnp.sum(p - c), jnp.ones(2)))
    assert float(partial.evaluate(X)) == 1.0
    assert len(jax.tree_util.tree_leaves(partial)) == 2


def test_derivatives_pass_through_the_data():
    slope = jax.grad(lambda d: FCN(lambda p, d: jnp.sum((p - d) ** 2), data=d).evaluate(X))(jnp.zeros(2))
    np.testing.assert_allclose(slope, [-2, -4])


@pytest.mark.parametrize("kind", [FCN, HostFCN])
@pytest.mark.parametrize("fun", [None, 3.0, "square", jnp.zeros(2)])
def test_functions_must_be_callable(kind, fun):
    with pytest.raises(TypeError, match="fun must be callable, not"):
        kind(fun)


@pytest.mark.parametrize("kind", [FCN, HostFCN])
@pytest.mark.parametrize(
    "errordef",
    [0, -1.0, np.nan, np.inf, "one", None, 1j, True, np.array(-1.0), jnp.array(0.0), jnp.array(np.nan), [1.0, -1.0]],
)
def test_errordef_must_be_positive(kind, errordef):
    with pytest.raises(ValueError, match="errordef must be a positive number, not"):
        kind(square, errordef=errordef)


def test_errordef_may_be_any_positive_number():
    for errordef in (1, 0.5, np.float32(0.5), np.array(2), jnp.array(0.5)):
        fcn = FCN(square, errordef=errordef)
        assert fcn.errordef.dtype == jnp.float64
        assert float(fcn.errordef) == float(errordef)
    assert float(jax.jit(lambda e: FCN(square, errordef=e).errordef)(0.5)) == 0.5


def test_arrays_of_the_user_may_change_afterwards():
    """FCN and Parameters hold copies."""
    numbers = [np.full(2, 0.5) for _ in range(4)] + [np.array(0.5)]
    fcn = FCN(distance, data={"centre": numbers[0], "weight": 1.0}, errordef=numbers[4])
    start = Parameters(numbers[1], step=numbers[2], limits={"x0": numbers[3] + [-1, 1]})
    before = [np.array(leaf) for leaf in jax.tree_util.tree_leaves((fcn, start))]
    for array in numbers:
        array[...] = -7
    for leaf, old in zip(jax.tree_util.tree_leaves((fcn, start)), before, strict=True):
        np.testing.assert_array_equal(leaf, old)


@pytest.mark.parametrize("data", ["text", {"a": ["x"]}, object(), abs, np.array(["a"]), np.array([None])])
def test_data_must_be_numbers(data):
    with pytest.raises(TypeError, match="data must be arrays of numbers, but "):
        FCN(distance, data=data)


def test_the_wrong_data_are_named():
    with pytest.raises(TypeError, match=r"but \['a'\]\[1\] is 'x'"):
        FCN(distance, data={"a": [1.0, "x"]})


RESULTS = {
    "vector": (lambda p: 2.0 * p, r"array of shape \(2,\)"),
    "empty": (lambda p: p[:0], r"array of shape \(0,\)"),
    "complex": (lambda p: 1j * p[0], "returned complex128"),
    "integer": (lambda p: jnp.sum(p > 0), "returned int64"),
    "bool": (lambda p: p[0] > 0, "returned bool"),
    "nothing": (lambda p: None, "returned None"),
    "text": (lambda p: "a", "returned 'a'"),
    "pair": (lambda p: (p[0], p[1]), r"must return a scalar, but it returned \("),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_that_are_no_real_scalar(name):
    fun, message = RESULTS[name]
    with pytest.raises(TypeError, match=message):
        value(fun)


@pytest.mark.parametrize(
    "fun", [square, lambda p: p[:1], lambda p: 3.0, lambda p: np.float64(3), lambda p: jnp.float32(3)]
)
def test_results_that_are_good_enough(fun):
    assert value(fun).shape == ()
    assert value(fun).dtype == jnp.float64


UNTRACEABLE = {
    "numpy": lambda p: np.sum(np.sin(p)),
    "math": lambda p: math.sin(p[0]),
    "if": lambda p: p[0] if p[0] > 0 else -p[0],
    "index": lambda p: [1.0, 2.0][p[0].astype(int)],
    "range": lambda p: float(sum(range(p[0].astype(int)))),
    "mask": lambda p: jnp.sum(p[p > 0]),
    "item": lambda p: p[0].item(),
}


@pytest.mark.parametrize("name", UNTRACEABLE)
def test_a_function_that_cannot_be_traced_is_told_about_the_host(name):
    with pytest.raises(TypeError, match="cannot be traced by JAX: .*HostFCN") as error:
        value(UNTRACEABLE[name])
    assert error.value.__cause__ is not None


@pytest.mark.parametrize("name", UNTRACEABLE)
def test_the_host_runs_what_cannot_be_traced(name):
    result = HostFCN(UNTRACEABLE[name]).evaluate(X)
    assert type(result) is float
    assert result == float(UNTRACEABLE[name](X))


def test_mistakes_in_the_function_are_not_hidden():
    for kind in (FCN, HostFCN):
        with pytest.raises(KeyError, match="nu"):
            kind(lambda p: p["nu"]).evaluate({"mu": 1.0})
        with pytest.raises(ZeroDivisionError):
            kind(lambda p: 1 / 0).evaluate(X)


@pytest.mark.parametrize("name", ["vector", "empty", "complex", "nothing", "text", "pair"])
def test_results_on_the_host(name):
    with pytest.raises(TypeError, match="the FCN must return a"):
        HostFCN(lambda p: RESULTS[name][0](p)).evaluate(np.ones(2))


def test_good_results_on_the_host():
    for result in (3, np.float32(3), np.array([3.0]), jnp.array(3.0), np.array(3)):
        assert HostFCN(lambda p, result=result: result).evaluate(X) == 3.0
    assert HostFCN(lambda p: True).evaluate(X) == 1.0


def test_problem_joins_them():
    """Fixed parameters keep their value exactly, limits are respected, the value takes the dtype of the parameters."""
    start = Parameters({"a": 0.3, "b": 1.0, "c": 7.0}, limits={"a": (0, 1), "b": (0.1, None)}, fixed=["b"])
    problem = Problem(FCN(lambda p: p["a"] + 10 * p["b"] + 100 * p["c"], errordef=0.5), start, 1e-8)

    @jax.jit
    def look(problem):
        u = problem.start()
        return problem.external(u), problem.external(u + 50.0), problem.value(u), problem.errordef

    there, elsewhere, f, errordef = look(problem)
    np.testing.assert_allclose(there, start.values, rtol=1e-15)
    np.testing.assert_array_equal(elsewhere[1:], [1.0, 57.0])
    assert 0 <= elsewhere[0] <= 1
    assert float(f) == pytest.approx(710.3)
    assert float(errordef) == 0.5
    np.testing.assert_array_equal(problem.free, [True, False, True])
    np.testing.assert_array_equal(problem.limited, [True, True, False])
    assert float(problem.precision.eps) == 1e-8
    single = Problem(FCN(square), Parameters(jnp.zeros(2, jnp.float32)))
    assert {x.dtype for x in jax.eval_shape(look, single)} == {jnp.dtype(jnp.float32)}


def test_strategies():
    assert [as_strategy(level) for level in (0, 1.0, np.int64(2))] == list(STRATEGIES)
    assert as_strategy(STRATEGIES[1]) is STRATEGIES[1]
    assert [s.lower.level for s in STRATEGIES] == [0, 0, 1]
    for wrong in (-1, 3, 1.5, "1", None, np.nan, [1]):
        with pytest.raises(ValueError, match="strategy must be 0, 1 or 2, not"):
            as_strategy(wrong)
