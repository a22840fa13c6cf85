"""Minuit on cost functions: what it takes from them, which way it evaluates them, and when it compiles again."""

import copy
import math
import time
from typing import Annotated

import iminuit.cost
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import FCN, Minuit, cost
from jaxminuit.minuit.clock import Clock
from jaxminuit.minuit.warnings import ErrordefAlreadySetWarning
from tests.helpers.traces import Traced

RNG = np.random.default_rng(31)
X = np.linspace(0.0, 5.0, 20)
Y = 1.0 + 2.0 * X + RNG.normal(0.0, 0.3, X.size)
YERR = np.full(X.size, 0.3)
SAMPLE = RNG.exponential(2.0, 100)
POWER = 1.0


def line(x, a, b):
    return a + b * x**POWER


def limited(x, a: Annotated[float, 0:], b: Annotated[float, -5:5]):
    return a + b * x


def closed_form(y):
    """Weighted least squares by linear algebra: values and errors."""
    design = np.stack([np.ones(X.size), X], axis=-1) / 0.3
    covariance = np.linalg.inv(design.T @ design)
    return covariance @ design.T @ (y / 0.3), np.sqrt(np.diag(covariance))


@pytest.fixture
def chi2():
    return cost.LeastSquares(X, Y, YERR, limited)


def test_a_cost_brings_names_limits_errordef_and_degrees_of_freedom(chi2):
    m = Minuit(chi2, a=-1.0, b=1.0)
    assert m.parameters == ("a", "b")
    assert m.limits.to_dict() == {"a": (0.0, math.inf), "b": (-5.0, 5.0)}
    assert m.values.to_dict() == {"a": 0.0, "b": 1.0}  # moved to the nearer limit
    assert (m.errordef, m.ndof, m.gradient_path) == (1.0, 18, "exact")
    m.fixed["b"] = True
    assert m.ndof == 19
    assert m.fcn([1.0, 2.0]) == chi2(1.0, 2.0)
    masked = Minuit(chi2.replace(mask=X < 2.0), a=1.0, b=1.0)
    assert masked.ndof == np.sum(X < 2.0) - 2
    assert Minuit(cost.UnbinnedNLL(SAMPLE, lambda x, tau: jnp.exp(-x / tau) / tau), tau=1.0).ndof == math.inf
    with pytest.warns(ErrordefAlreadySetWarning):
        m.errordef = 4.0


def test_names_given_to_minuit_keep_the_limits(chi2):
    m = Minuit(chi2, 1.0, 2.0, name=("offset", "slope"))
    assert m.limits.to_dict() == {"offset": (0.0, math.inf), "slope": (-5.0, 5.0)}
    assert m.fcn([1.0, 2.0]) == chi2(1.0, 2.0)
    assert m.gradient_path == "exact"


def test_one_array_of_start_values(chi2):
    """A cost of several parameters keeps their names; one array parameter has as many numbers as the array."""
    m = Minuit(chi2, [1.0, 2.0])
    assert m.parameters == ("a", "b")
    assert m.limits["b"] == (-5.0, 5.0)
    polynomial = cost.LeastSquares(X, Y, YERR, lambda x, par: par[0] + par[1] * x)
    m = Minuit(polynomial, [1.0, 2.0])
    assert m.parameters == ("x0", "x1")
    assert m.gradient_path == "exact"
    assert m.fcn([1.0, 2.0]) == chi2(1.0, 2.0)


@pytest.mark.parametrize("function", [limited, lambda x, a, b: 0.0])
def test_annotations_of_a_plain_function_are_limits_as_in_iminuit(function):
    ours, theirs = (m(function, 1.0, -1.0, 9.0) for m in (Minuit, iminuit.Minuit))
    assert ours.limits.to_dict() == theirs.limits.to_dict()
    assert ours.values.to_dict() == theirs.values.to_dict()


def test_a_single_parameter_is_a_scalar_in_the_model():
    """The integral of an extended model must be one number, not an array of length 1."""
    shapes = set()

    def scaled_pdf(x, n):
        shapes.add(np.shape(n))
        return n, n * jnp.exp(-x / 2.0) / 2.0

    m = Minuit(cost.ExtendedUnbinnedNLL(SAMPLE, scaled_pdf), n=80.0)
    assert m.gradient_path == "exact"
    assert m.fcn([90.0]) == pytest.approx(2 * (90.0 - np.sum(np.log(90.0 * np.exp(-SAMPLE / 2.0) / 2.0))))
    assert shapes == {()}


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: cost.LeastSquares(X, Y, YERR, lambda x, a, b: np.exp(a) + b * x), "host"),
        (lambda: cost.LeastSquares(X, Y, YERR, line) + cost.NormalConstraint("b", 2.0, 0.1), "exact"),
        (
            lambda: cost.LeastSquares(X, Y, YERR, line) + cost.LeastSquares(X, Y, 1.0, lambda x, a: np.exp(a * x)),
            "host",
        ),
    ],
)
def test_path(make, path):
    """One term of a sum that JAX cannot trace takes the sum to the host."""
    c = make()
    m = Minuit(c, a=0.1, b=0.2)
    assert m.gradient_path == path
    assert (path == "exact") == c.traceable
    assert m.fcn([0.1, 0.2]) == pytest.approx(c(0.1, 0.2))


def test_wrong_output_of_a_model_is_an_error_that_says_so():
    m = Minuit(cost.LeastSquares(X, Y, YERR, lambda x, a: jnp.ones(3) * a), a=1.0)
    with pytest.raises(ValueError, match=r"output of model has shape \(3,\), but \(20,\) is required"):
        m.migrad()


def test_new_data_of_the_same_shape_do_not_compile_again():
    """The data of a cost are leaves: after the first fit the model is never traced again by migrad, hesse, minos."""
    model = Traced(line)
    first = cost.LeastSquares(X, Y, YERR, model, name=("a", "b"))
    m = Minuit(first, a=1.0, b=2.0)
    m.limits["a"] = (0, None)
    m.fixed["b"] = True
    m.migrad().hesse().minos()  # as in iminuit's documentation, on one line
    assert list(m.merrors) == ["a"]
    for y in (Y, 3.0 - Y, Y**2):
        again = Minuit(first.replace(y=y), a=0.0, b=0.0)
        assert again.gradient_path == "exact"
        assert model.since(lambda again=again: again.migrad().hesse().minos()) == 0
        values, errors = closed_form(y)
        np.testing.assert_allclose(again.values, values, atol=1e-6)
        np.testing.assert_allclose(again.errors, errors, rtol=1e-6)
        np.testing.assert_allclose([again.merrors[k].upper for k in "ab"], errors, rtol=1e-4)


def test_a_model_that_reads_a_global_follows_it(monkeypatch):
    """The cost's compiled value and the fit look at what the model reads now."""
    m = Minuit(cost.LeastSquares(X, Y, YERR, line), a=1.0, b=2.0)
    assert m.gradient_path == "exact"
    before, fcn = m.fcn([1.0, 2.0]), m._target.traced(1.0)
    assert m._target.traced(1.0).model_function == fcn.model_function
    monkeypatch.setitem(globals(), "POWER", 2.0)
    assert m.fcn([1.0, 2.0]) == pytest.approx(np.sum(((Y - 1.0 - 2.0 * X**2) / 0.3) ** 2))
    assert m.fcn([1.0, 2.0]) != before
    assert m._target.traced(1.0).model_function != fcn.model_function


@pytest.mark.parametrize("start", [(1.0, 2.0), ([1.0, 2.0],)])
def test_a_gradient_of_the_users_is_used_for_a_cost(chi2, start):
    """One that is wrong on purpose shows up as the derivative; the data are leaves all the same."""
    m = Minuit(chi2, *start, grad=lambda *p: jnp.ravel(jnp.asarray(p)) * 7.0)
    assert m.gradient_path == "exact"
    fcn, at = m._fcn(), jnp.array([1.0, 3.0])
    assert fcn.evaluate(at) == pytest.approx(chi2(1.0, 3.0))
    np.testing.assert_allclose(jax.jit(jax.grad(lambda x, fcn: fcn.evaluate(x)))(at, fcn), [7.0, 21.0])
    assert sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(fcn)) > 3 * X.size
    with pytest.raises(ValueError, match="FCN of a mapping"):
        Minuit(FCN(lambda p: p["a"] ** 2), a=1.0, grad=lambda a: (2 * a,))


class Counter:
    """A model that writes how often it was called."""

    def __init__(self):
        self.count = 0

    def __call__(self, x, a, b):
        self.count += 1
        return line(x, a, b)


def test_a_model_that_counts_its_calls_is_called_or_compiled_once():
    """Called on the host, unless compiling is insisted on: then what it writes itself is nothing that it reads."""
    model, other = Counter(), Counter()
    sum_of_two = cost.LeastSquares(X, Y, YERR, model) + cost.LeastSquares(X, Y, YERR, other)
    m = Minuit(sum_of_two, a=1.0, b=2.0)
    assert m.gradient_path == "host"
    m.gradient_path = "exact"
    assert m.gradient_path == "exact"
    key = jax.tree_util.tree_structure(m._fcn())
    model.count += 1
    other.count += 5
    assert jax.tree_util.tree_structure(m._fcn()) == key
    twin = copy.deepcopy(m)
    key = jax.tree_util.tree_structure(twin._fcn())
    twin._target.function.items[1].model_function.function.count += 1
    assert jax.tree_util.tree_structure(twin._fcn()) == key


def test_time_is_told_apart_from_compiling():
    """A function within a traced one, and a new one of the same kind: counted once; nothing is compiled again."""

    @jax.jit
    def inner(x):
        return jnp.sum(jnp.sin(x))

    outer = jax.jit(lambda x: inner(x) + inner(2 * x))
    x = jnp.arange(1000.0)
    with Clock() as first:
        outer(x).block_until_ready()
    with Clock() as second:
        outer(x).block_until_ready()
        time.sleep(0.02)
    outer(x[1:])  # nobody listens any more
    assert 0.0 < first.compiling <= first.seconds
    assert second.compiling == 0.0
    assert second.seconds >= 0.02


def test_shows_itself(chi2):
    m = Minuit(chi2, a=1.0, b=2.0)
    assert "a, b" in repr(m.fcn)
    assert "│ 1 │ b" in str(m)
    assert "<td>b</td>" in m._repr_html_()


@pytest.mark.parametrize("path", ["exact", "finite"])
def test_scipy_fits_a_cost_on_either_path(path):
    """A cost brings its gradient, which a fit by finite differences has no use for: SciPy then takes its own."""
    mine = Minuit(cost.LeastSquares(X, Y, YERR, line), a=0.0, b=0.0)
    mine.gradient_path = path
    mine.scipy()
    theirs = iminuit.Minuit(iminuit.cost.LeastSquares(X, Y, YERR, line), a=0.0, b=0.0).migrad()
    assert mine.valid
    assert mine.gradient_path == path
    np.testing.assert_allclose(mine.values, theirs.values, rtol=1e-4)  # a parabola: both end at its minimum
    np.testing.assert_allclose(mine.errors, theirs.errors, rtol=1e-3)  # Hesse by differences: 1e-3 at strategy 1
