"""Start values, names, and which way a function is minimised."""

import functools
import math

import equinox as eqx
import iminuit
import iminuit.cost
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import FCN, AbstractFCN
from jaxminuit.minuit import Minuit
from jaxminuit.minuit.warnings import ErrordefAlreadySetWarning


def scalars(a, b):
    return (a - 1.0) ** 2 + (b + 2.0) ** 2


def array(x):
    return jnp.sum((x - 1.0) ** 2)


class Bowl(AbstractFCN):
    """A cost with its own names, limits and data count."""

    data: jax.Array
    errordef: jax.Array
    parameters: dict = eqx.field(static=True, hash=False, default=None)
    ndata: int = eqx.field(static=True, default=3)

    def evaluate(self, params):
        return jnp.sum((jnp.asarray(params)[0] - self.data) ** 2)


STARTS = [
    "Minuit(scalars, 1, 2)", "Minuit(scalars, a=1, b=2)", "Minuit(scalars, b=1, a=2)", "Minuit(array, [1, 2])",
    "Minuit(array, np.array([1, 2]))", "Minuit(array, (1, 2), name=('p', 'q'))",
    "Minuit(scalars, 1, 2, name=['p', 'q'])",
    "Minuit(scalars, p=1, q=2, name=['p', 'q'])", "Minuit(array, 3)", "Minuit(lambda *x: 1.0, 1, 2)",
    "Minuit(array, range(3))", "Minuit(functools.partial(scalars, 1), 2)",
]  # fmt: skip

FAILURES = [
    ("Minuit(scalars)", RuntimeError, r"starting value\(s\) are required for \[a b\]"),
    ("Minuit(scalars, 1, b=2)", RuntimeError, "positional arguments cannot be mixed with parameter keyword arguments"),
    ("Minuit(scalars, 1)", RuntimeError, r"1 values given for 2 function parameter\(s\)"),
    ("Minuit(scalars, a=1)", RuntimeError, r"1 values given for 2 function parameter\(s\)"),
    ("Minuit(scalars, a=1, z=2)", RuntimeError, r"z is not one of the parameters \[a b\]"),
    ("Minuit(scalars, 1, 2, name=['p'])", RuntimeError, r"2 values given for 1 function parameter\(s\)"),
    ("Minuit(3, 1)", TypeError, "3 is not a callable object"),
]


@pytest.mark.parametrize("call", STARTS)
def test_names_and_start_values(call):
    names = {"np": np, "scalars": scalars, "array": array, "functools": functools}
    mine, theirs = (eval(call, {**names, "Minuit": m}) for m in (Minuit, iminuit.Minuit))
    assert mine.values.to_dict() == theirs.values.to_dict()
    assert mine.errors.to_dict() == theirs.errors.to_dict()


@pytest.mark.parametrize(("call", "error", "message"), FAILURES)
def test_wrong_starts(call, error, message):
    for m in (Minuit, iminuit.Minuit):
        with pytest.raises(error, match=message):
            eval(call, {"Minuit": m, "scalars": scalars})


def test_a_generator_of_start_values():
    assert Minuit(array, (float(i) for i in range(3))).values.to_dict() == {"x0": 0.0, "x1": 1.0, "x2": 2.0}


def test_more_wrong_starts():
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        Minuit(array, np.ones((2, 2)))
    with pytest.raises(TypeError, match="start value of b must be a real number, not 'x'"):
        Minuit(scalars, a=1, b="x")
    with pytest.raises(TypeError, match="use jaxminuit.migrad"):
        jax.jit(lambda a: Minuit(scalars, a, 2.0).values["a"])(1.0)


def loops(a, b):
    return jax.lax.while_loop(lambda s: s < 3.0, lambda s: s + 1.0, 0.0) * scalars(a, b)


@pytest.mark.parametrize(
    ("function", "path"),
    [
        (scalars, "exact"),
        (jax.jit(scalars), "exact"),
        (lambda a, b: 1.0, "exact"),
        (lambda a, b: np.sum((np.array([1.0, 2.0]) * a - b) ** 2), "exact"),
        (lambda a, b: np.exp(a) + b**2, "host"),
        (lambda a, b: math.exp(a) + b**2, "host"),
        (lambda a, b: a**2 + b**2 if a > 0 else b**2, "host"),
        (lambda a, b: jax.lax.while_loop(lambda s: s < a, lambda s: s + b, 0.0), "finite"),
        (lambda a, b: jax.pure_callback(lambda x: x**2, jax.ShapeDtypeStruct((), float), a) + b**2, "finite"),
        (iminuit.cost.NormalConstraint(["a", "b"], [1.0, 2.0], [1.0, 1.0]), "host"),
    ],
)
def test_path(function, path):
    assert Minuit(function, 1.0, 2.0).gradient_path == path


def test_path_can_be_forced():
    m = Minuit(scalars, 1.0, 2.0)
    for path in ("finite", "host", "exact"):
        m.gradient_path = path
        assert m.gradient_path == path
    m.gradient_path = None
    assert m.gradient_path == "exact"
    assert Minuit(scalars, 1.0, 2.0, grad=False).gradient_path == "finite"
    assert Minuit(lambda a: np.exp(a), 1.0, grad=False).gradient_path == "host"
    with pytest.raises(ValueError, match="JAX cannot trace"):
        assert Minuit(lambda a: np.exp(a), 1.0, grad=True).gradient_path
    with pytest.raises(ValueError, match="'fast'"):
        m.gradient_path = "fast"


def test_exceptions_of_the_function_pass_unchanged():
    class Mine(Exception):
        pass

    def broken(a):
        raise Mine("from inside")

    with pytest.raises(Mine, match="from inside"):
        Minuit(broken, 1.0).migrad()


def test_a_function_must_return_a_scalar():
    for function in (lambda a: jnp.ones(3) * a, lambda a: np.ones(3) * np.exp(a)):
        with pytest.raises(TypeError, match="cost function must return a scalar, but returned an array of size 3"):
            Minuit(function, 1.0).migrad()


def test_calling_the_function():
    assert Minuit(scalars, 1.0, 2.0).fcn([1.0, -1.0]) == 1.0
    assert Minuit(array, [1.0, 2.0]).fcn((1.0, 3.0)) == 4.0


def test_a_cost_brings_names_limits_errordef_and_ndata():
    limits = {"mu": (0.0, None)}
    cost = Bowl(jnp.arange(3.0), jnp.asarray(0.5), limits, 3)
    m = Minuit(cost, mu=-1.0)
    assert m.parameters == ("mu",)
    assert m.limits["mu"] == (0.0, math.inf)
    assert m.values["mu"] == 0.0
    assert m.errordef == 0.5
    assert m.ndof == 2
    assert m.gradient_path == "exact"
    with pytest.warns(ErrordefAlreadySetWarning):
        m.errordef = 1.0
    assert math.isnan(Minuit(scalars, 1, 2).ndof)


def test_an_fcn_of_a_mapping():
    m = Minuit(FCN(lambda p, x: jnp.sum((x - p["mu"]) ** 2) + p["a"] ** 2, data=jnp.arange(3.0)), mu=0.5, a=2.0)
    assert m.parameters == ("mu", "a")
    assert m.gradient_path == "exact"
    assert m.fcn([1.0, 2.0]) == 6.0
