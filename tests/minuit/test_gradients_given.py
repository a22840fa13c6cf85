"""Derivatives of the user's: found, checked, used and counted, for functions that JAX can trace and for others."""

import iminuit
import iminuit.cost
import iminuit.warnings
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import cost
from jaxminuit.minuit import Minuit
from jaxminuit.minuit.warnings import IMinuitWarning

BANANA = {"x": -1.2, "y": 1.0}


def rosenbrock(x, y):
    """NumPy alone."""
    return float(np.float64((1 - x) ** 2 + 100 * (y - x * x) ** 2))


def gradient(x, y):
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)], dtype=np.float64)


def diagonal(x, y):
    return np.array([2 - 400 * (y - 3 * x * x), 200.0], dtype=np.float64)


def second(x, y):
    return np.array([[2 - 400 * (y - 3 * x * x), -400 * x], [-400 * x, 200.0]], dtype=np.float64)


def traceable(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args):
        self.calls += 1
        assert all(type(a) is float for a in args)
        return self.function(*args)


KINDS = {
    "grad": {"grad": gradient},
    "g2": {"grad": gradient, "g2": diagonal},
    "hessian": {"grad": gradient, "hessian": second},
}


@pytest.mark.parametrize("limits", [{}, {"x": (-3.0, 5.0), "y": (-0.5, None)}])
@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_on_the_users_derivatives(kind, limits):
    """The exact machine: right to rounding, with fewer calls than iminuit, which takes them in between differences."""
    fcn, given = Counted(rosenbrock), {k: Counted(f) for k, f in KINDS[kind].items()}
    m, theirs = Minuit(fcn, **BANANA, **given), iminuit.Minuit(rosenbrock, **BANANA, **KINDS[kind])
    for name, pair in limits.items():
        m.limits[name] = theirs.limits[name] = pair
    assert m.gradient_path == "host"
    m.migrad()
    theirs.migrad()
    assert m.valid
    assert m.accurate
    np.testing.assert_allclose(np.array(m.values), 1.0, atol=1e-8)
    calls = {k: f.calls for k, f in given.items()}
    assert (m.nfcn, m.ngrad) == (fcn.calls, calls["grad"])
    assert (m.ng2, m.nhessian) == (calls.get("g2", 0), calls.get("hessian", 0))
    assert (m.fmin.nfcn, m.fmin.ngrad, m.fmin.ng2, m.fmin.nhessian) == (m.nfcn, m.ngrad, m.ng2, m.nhessian)
    assert m.nfcn < theirs.nfcn
    m.hesse().minos()
    assert (m.nfcn, m.ngrad) == (fcn.calls, given["grad"].calls)
    theirs.hesse().minos()
    exact = np.linalg.inv(0.5 * second(1.0, 1.0))
    np.testing.assert_allclose(np.asarray(m.covariance), exact, rtol=1e-4 if limits else 1e-6)
    for name in BANANA:
        ours, other = m.merrors[name], theirs.merrors[name]
        np.testing.assert_allclose([ours.lower, ours.upper], [other.lower, other.upper], rtol=0.015)


@pytest.mark.parametrize("strategy", [0, 1, 2])
def test_strategies_on_the_host_take_the_path_of_compiled_derivatives(strategy):
    """One machine: the same minimum, with the same Hessians and no more calls (a point is never called twice).

    Without Hessians the way along the valley depends on rounding; EDM < 2e-6 allows 2e-3 sigma.
    """
    m, compiled = Minuit(rosenbrock, **BANANA, grad=gradient, hessian=second), Minuit(traceable, **BANANA)
    for fit in (m, compiled):
        fit.strategy = strategy
        fit.migrad()
        assert fit.valid
    np.testing.assert_allclose(np.array(m.values), np.array(compiled.values), atol=5e-3 if strategy == 0 else 1e-9)
    assert m.nhessian == compiled.nhessian
    assert m.nfcn <= compiled.nfcn


def test_a_fixed_parameter():
    m = Minuit(rosenbrock, **BANANA, grad=gradient).fixto("y", 0.5).migrad()
    other = Minuit(rosenbrock, **BANANA, grad=gradient, hessian=second).fixto("y", 0.5).migrad()
    root = m.values["x"]
    assert gradient(root, 0.5)[0] == pytest.approx(0.0, abs=1e-4)
    assert m.errors["x"] == pytest.approx((2 / diagonal(root, 0.5)[0]) ** 0.5, rel=1e-6)
    np.testing.assert_allclose(np.asarray(other.covariance), np.asarray(m.covariance), rtol=1e-6)


def test_array_convention():
    shapes = set()

    def grad(p):
        shapes.add((p.shape, p.dtype.str, type(p)))
        return gradient(*p)

    m = Minuit(lambda p: rosenbrock(*p), [-1.2, 1.0], grad=grad).migrad()
    assert m.valid
    assert shapes == {((2,), "<f8", np.ndarray)}
    np.testing.assert_allclose(m.grad([0.0, 1.0]), gradient(0.0, 1.0))


def test_a_numpy_gradient_puts_a_traceable_function_on_the_host():
    m = Minuit(traceable, **BANANA, grad=gradient)
    assert m.gradient_path == "host"
    assert m.migrad().valid
    assert m.ngrad > 0


def test_traceable_derivatives_become_those_of_the_function():
    """Deliberately wrong ones, by a factor 4 in the Hessian: the errors tell whether they were used."""

    def grad(a, b):
        return 2.0 * (a - 1.0), 2.0 * (b + 2.0)

    def hessian(a, b):
        return jnp.array([[8.0, 0.0], [0.0, 2.0]])

    def bowl(a, b):
        return (a - 1.0) ** 2 + (b + 2.0) ** 2

    m = Minuit(bowl, 0.0, 0.0, grad=grad, hessian=hessian).migrad()
    assert m.gradient_path == "exact"
    np.testing.assert_allclose(np.array(m.values), [1.0, -2.0], atol=1e-4)
    np.testing.assert_allclose(np.array(m.errors), [0.5, 1.0], rtol=1e-6)
    right = Minuit(lambda p: bowl(p[0], p[1]), [0.0, 0.0], grad=lambda p: jnp.stack(grad(p[0], p[1]))).migrad()
    assert right.gradient_path == "exact"
    np.testing.assert_allclose(np.array(right.errors), 1.0, rtol=1e-9)


# ---- how they are found ---------------------------------------------------------------------------------------------


class WithGradient:
    """A function that brings its derivatives."""

    has_grad = has_hessian = True

    def __call__(self, x, y):
        return rosenbrock(x, y)

    def grad(self, x, y):
        return gradient(x, y)

    def hessian(self, x, y):
        return second(x, y)


def test_derivatives_are_found_as_in_iminuit():
    for m in (Minuit, iminuit.Minuit):
        fcn = WithGradient()
        found = m(fcn, **BANANA)
        assert found.hessian == fcn.hessian
        assert found.g2 is None
        np.testing.assert_allclose(found.grad([1.0, 2.0]), gradient(1.0, 2.0))
        assert found.ngrad == 1
        assert found.migrad().nhessian > 0
        fcn.has_hessian = False
        assert m(fcn, **BANANA).hessian is None
        assert m(fcn, **BANANA, hessian=second).hessian is second
        without = m(fcn, **BANANA, grad=False).migrad()
        assert without.ngrad == 0
        fcn.has_grad = False
        assert m(fcn, **BANANA).migrad().ngrad == 0
        for kind in ("grad", "hessian"):
            with pytest.raises(ValueError, match=r"enforced, but iminuit\.util\.(gradient|hessian) returned None"):
                m(fcn, **BANANA, **{kind: True})
    assert Minuit(traceable, **BANANA, grad=True, hessian=True).gradient_path == "exact"


def test_what_is_no_function_is_refused():
    for m in (Minuit, iminuit.Minuit):
        for kind, word in (("grad", "gradient"), ("g2", "g2"), ("hessian", "hessian")):
            with pytest.raises(ValueError, match=f"provided {word} function is not a CostVector"):
                m(rosenbrock, **BANANA, **{kind: 3})


def test_a_hessian_overrides_g2():
    for m, warning in ((Minuit, IMinuitWarning), (iminuit.Minuit, iminuit.warnings.IMinuitWarning)):
        with pytest.warns(warning, match="hessian overrides g2, passing g2 has no effect"):
            fit = m(rosenbrock, **BANANA, grad=gradient, g2=diagonal, hessian=second)
        fit.migrad()
        assert fit.ng2 == 0
        assert fit.nhessian > 0


def test_second_derivatives_alone_are_not_used():
    for m in (Minuit, iminuit.Minuit):
        fit = m(rosenbrock, **BANANA, hessian=second).migrad()
        assert (fit.nfcn, fit.ngrad, fit.nhessian) == (208, 0, 0)


WRONG = {
    "long gradient": ({"grad": lambda x, y: np.ones(3)}, "result has size 3 but expected size is 2"),
    "no gradient": ({"grad": lambda x, y: None}, "Unable to cast Python instance of type <class 'NoneType'>"),
    "a number": ({"grad": lambda x, y: 1.0}, "Unable to cast Python instance of type <class 'float'>"),
    "large": ({"grad": gradient, "hessian": lambda x, y: np.ones((3, 3))}, "result has size 9 but expected size is 4"),
    "flat": ({"grad": gradient, "hessian": lambda x, y: np.ones(4)}, "number of dimensions must be 2"),
    "not square": ({"grad": gradient, "hessian": lambda x, y: np.ones((2, 3))}, "2D matrix is not square"),
    "long g2": ({"grad": gradient, "g2": lambda x, y: np.ones(3)}, "result has size 3 but expected size is 2"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_sizes(case):
    given, message = WRONG[case]
    for m in (Minuit, iminuit.Minuit):
        with pytest.raises(RuntimeError, match=message):
            m(rosenbrock, **BANANA, **given).migrad()
    with pytest.raises(TypeError, match=message):
        Minuit(traceable, **BANANA, **given).migrad()


def test_a_cost_with_a_numpy_model_and_its_gradient():
    x = np.linspace(0.0, 2.0, 12)
    y = 1.0 + 0.5 * np.exp(x) + 0.1 * np.cos(9 * x)

    def model(x, a, b):
        assert isinstance(x, np.ndarray)
        return np.asarray(a + b * np.exp(x), dtype=np.float64)

    def slopes(x, a, b):
        return np.array([np.ones_like(x), np.exp(x)])

    ours = Minuit(cost.LeastSquares(x, y, 0.1, model, grad=slopes), a=0.0, b=0.0)
    theirs = iminuit.Minuit(iminuit.cost.LeastSquares(x, y, 0.1, model, grad=slopes), a=0.0, b=0.0).migrad()
    assert ours.gradient_path == "host"
    ours.migrad()
    assert ours.valid
    assert ours.ngrad > 0
    np.testing.assert_allclose(ours.grad([1.0, 2.0]), theirs.grad([1.0, 2.0]), rtol=1e-10)
    np.testing.assert_allclose(np.array(ours.values), np.array(theirs.values), rtol=1e-4)
    np.testing.assert_allclose(np.array(ours.errors), np.array(theirs.errors), rtol=1e-4)
    assert Minuit(ours.fcn.function, a=0.0, b=0.0, grad=False).migrad().ngrad == 0
