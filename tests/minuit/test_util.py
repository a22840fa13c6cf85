"""The helpers of util, experimental and testing, side by side with iminuit."""

import importlib
import inspect
import pickle
import sys
import types
import warnings

import iminuit
import iminuit.experimental
import iminuit.testing
import iminuit.util
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit
from jaxminuit import Minuit, describe, testing, util
from jaxminuit.experimental import expanded
from jaxminuit.typing import PositiveFloat
from tests.minuit.handmade import NAMES, fmin, minos


def f(x, y: PositiveFloat, z):
    return x + 10 * y + 100 * z


def g(y, p):
    return y - p


@pytest.mark.parametrize("module", ["util", "typing", "warnings", "pdg_format", "testing", "experimental"])
def test_modules_have_the_public_names_of_iminuit(module):
    mine, theirs = (importlib.import_module(f"{package}.{module}") for package in ("jaxminuit", "iminuit"))
    own = {n for n, x in vars(theirs).items() if n[0] != "_" and getattr(x, "__module__", None) == theirs.__name__}
    missing = (set(getattr(theirs, "__all__", ())) | own) - {"T"} - set(vars(mine))
    assert not missing
    assert getattr(jaxminuit, module) is mine


def test_functions_have_the_arguments_of_iminuit():
    for name in ("describe", "make_with_signature", "merge_signatures", "gradient", "g2", "hessian", "is_jupyter"):
        mine, theirs = (inspect.signature(getattr(m, name)) for m in (util, iminuit.util))
        assert [(p.name, p.kind, p.default) for p in mine.parameters.values()] == [
            (p.name, p.kind, p.default) for p in theirs.parameters.values()
        ]
    assert list(inspect.signature(jaxminuit.minimize).parameters) == list(
        inspect.signature(iminuit.minimize).parameters
    )
    for name in ("IMinuitWarning", "HesseFailedWarning", "ErrordefAlreadySetWarning", "OptionalDependencyWarning"):
        assert issubclass(getattr(jaxminuit.warnings, name), jaxminuit.warnings.IMinuitWarning)
    assert issubclass(util.IMinuitWarning, RuntimeWarning)
    assert issubclass(util.PerformanceWarning, UserWarning)


def documented(text, is_method=False):
    def foo(*args):
        return args

    foo.__doc__ = text
    return foo


DOCUMENTED = [
    "foo(a, b: float, int c, d=1, e: float=2.2, double h=3) -> int", "Some.foo(self, int n =10, [go=True, int k=1])",
    "foo(iterable, *[, default=obj, key=func]) -> value", "foo(arg1, arg2, *args, *[, key=func])", "no signature here",
    "Title\n\n    bar(u)\n    foo(x, y)\n    foo(z)", None,
]  # fmt: skip


@pytest.mark.parametrize(
    "function",
    [*map(documented, DOCUMENTED), min, ord, np.sin, range, dict.get, "a".find],
    ids=[*DOCUMENTED, "min", "ord", "sin", "range", "get", "find"],
)
def test_describe_reads_docstrings(function):
    assert describe(function) == iminuit.util.describe(function)


def test_describe_reads_docstrings_that_iminuit_stumbles_over():
    assert describe(documented("foo()")) == []
    assert describe(documented("foo(a, /, b, ..., **kw)")) == ["a", "b"]
    assert describe(documented("foo(a, b")) == ["a", "b"]


def test_order_of_the_ways_to_describe():
    def function(a, b):
        """function(c, d)"""

    assert describe(function) == ["a", "b"]
    function.func_code = types.SimpleNamespace(co_varnames=("p", "q", "r"), co_argcount=2)
    assert describe(function) == iminuit.util.describe(function) == ["p", "q"]
    function._parameters = {"s": (0, 1), "t": None}
    for d in (describe, iminuit.util.describe):
        assert d(function, annotations=True) == {"s": (0, 1), "t": None}
    for d in (describe, iminuit.util.describe):
        with pytest.raises(TypeError, match="3 is not a callable object"):
            d(3)


def test_a_cfunc_has_no_names():
    numba = pytest.importorskip("numba")
    signature = numba.types.double(numba.types.uintc, numba.types.CPointer(numba.types.double))
    cfunc = numba.cfunc(signature)(lambda n, x: x[0] + n)
    assert describe(cfunc) == iminuit.util.describe(cfunc) == []
    assert describe(cfunc, annotations=True) == {}
    assert describe(numba.njit(lambda x, y: x)) == ["x", "y"]


@pytest.mark.parametrize(
    ("names", "replacements"),
    [
        ((), {}),
        (("a",), {}),
        (("a", "b", "c"), {}),
        ((), {"y": "b"}),
        (("a",), {"z": "c"}),
        ((), {"x": "y2", "y": "x2"}),
    ],
)
def test_make_with_signature(names, replacements):
    mine, theirs = (m.make_with_signature(f, *names, **replacements) for m in (util, iminuit.util))
    assert describe(mine) == iminuit.util.describe(theirs) == iminuit.util.describe(mine)
    assert describe(mine, annotations=True)[describe(mine)[1]] == (0, np.inf)
    assert mine(1, 2, 3) == theirs(1, 2, 3) == 321
    copy = pickle.loads(pickle.dumps(mine))
    assert (copy(1, 2, 3), describe(copy)) == (321, describe(mine))


def test_make_with_signature_of_what_has_none():
    mine = util.make_with_signature(lambda *args: len(args), "a", "b")
    assert describe(mine) == []
    assert mine(1, 2) == 2
    for m in (util, iminuit.util):
        with pytest.raises(ValueError, match="varnames longer than original signature"):
            m.make_with_signature(f, *"abcd")
        with pytest.raises(ValueError, match="q"):
            m.make_with_signature(f, q="b")
    with pytest.raises(ValueError, match="must differ"):
        util.make_with_signature(f, "y")


@pytest.mark.slow
def test_a_renamed_function_is_compiled_and_sees_new_data():
    """Minuit looks through the wrapper at what the function reads."""
    data = np.arange(3.0)
    m = Minuit(util.make_with_signature(lambda a, b: jnp.sum((data - a) ** 2) + b**2, "p", b="q"), p=0.0, q=1.0)
    assert m.gradient_path == "exact"
    np.testing.assert_allclose(m.migrad().values, [1, 0], atol=1e-6)
    data += 1.0
    np.testing.assert_allclose(m.migrad().values, [2, 0], atol=1e-6)


@pytest.mark.parametrize("callables", [(f, g), (g, f), (f,), (f, f), (), (lambda p, y: p, g, f)])
@pytest.mark.parametrize("annotations", [False, True])
def test_merge_signatures(callables, annotations):
    mine, theirs = (m.merge_signatures(callables, annotations) for m in (util, iminuit.util))
    assert mine == theirs
    assert type(mine[0]) is type(theirs[0])


def test_expanded():
    for made in (expanded(f, g), iminuit.experimental.expanded(f, g)):
        assert [fn(1, 2, 3, 4) for fn in made] == [321, -2]
        assert made[1](x=1, y=2, z=3, p=4) == -2
        assert [describe(fn) for fn in made] == [["x", "y", "z", "p"]] * 2
        with pytest.raises(TypeError):
            made[0](1, 2)
    assert describe(expanded(f, g)[1], annotations=True)["y"] == (0, np.inf)  # iminuit loses the limits
    assert expanded(f)(1, 2, 3) == iminuit.experimental.expanded(f)(1, 2, 3)
    assert float(jax.grad(expanded(f, g)[1], argnums=1)(1.0, 2.0, 3.0, 4.0)) == 1.0


def test_make_func_code():
    for m in (util, iminuit.util):
        with pytest.warns(FutureWarning, match="make_func_code is deprecated"):
            code = m.make_func_code(["a", "b"])
        assert (code.co_varnames, code.co_argcount) == (("a", "b"), 2)


def quietly(function, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return function(*args)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x[0] * x[1],
        lambda x: x**2,
        lambda x: np.array([float(x[0]), float(x[1]) ** 3, x[0] * x[1]]),  # cannot be traced
        lambda x: float(x[0]) ** 2,
        jnp.sum,
    ],
)
def test_propagate(function):
    """As iminuit's within the 1e-5 of its forward differences."""
    x, cov = [1.5, -2.0], [[0.04, 0.01], [0.01, 0.25]]
    mine, theirs = (quietly(m.propagate, function, x, cov) for m in (util, iminuit.util))
    for a, b in zip(mine, theirs, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-8)
    with pytest.warns(FutureWarning, match="propagate is deprecated"):
        util.propagate(function, x, cov)


@pytest.mark.parametrize("cov", [[1.0, 2.0], [[1.0, 0.0]], [[-1.0, 0.0], [0.0, 1.0]], 3.0])
def test_propagate_wants_a_covariance(cov):
    with pytest.raises(ValueError, match="cov"):
        quietly(util.propagate, lambda x: x, [1.0, 2.0], cov)
    with pytest.raises(ValueError, match="cov"), np.errstate(invalid="ignore"):
        quietly(iminuit.util.propagate, lambda x: x, [1.0, 2.0], cov)


class Own:
    """A cost with derivatives of its own."""

    def __init__(self, **attributes):
        vars(self).update(attributes)

    def __call__(self, x):
        return x**2


@pytest.mark.parametrize("kind", ["grad", "g2", "hessian"])
@pytest.mark.parametrize("has", [None, True, False])
@pytest.mark.parametrize("derivative", [None, lambda x: 2 * x, 3, "absent"])
def test_derivatives_that_a_cost_brings(kind, has, derivative):
    cost = Own(
        **({} if derivative == "absent" else {kind: derivative}), **({} if has is None else {f"has_{kind}": has})
    )
    name = "gradient" if kind == "grad" else kind
    found = getattr(util, name)(cost)
    assert found is getattr(iminuit.util, name)(cost)
    assert (found is not None) == (callable(derivative) and has is not False)


@pytest.mark.parametrize(
    "m",
    [np.eye(3), [[1, 0.5], [0.5, 1]], [[1, 2], [2, 1]], [[1, 0.5], [0.4, 1]], [[0]], [[2]], -np.eye(2), 3, [[np.nan]]],
    ids=str,
)
def test_is_positive_definite(m):
    assert util.is_positive_definite(m) is iminuit.util.is_positive_definite(m)


def test_is_positive_definite_of_what_is_no_square():
    assert util.is_positive_definite(np.ones((2, 3))) is False
    assert util.is_positive_definite(jnp.eye(2)) is True


@pytest.mark.parametrize("module", ["numpy", "numpy.linalg", "no_such_thing", "no_such_thing.at_all", "json"])
def test_is_module_available(module):
    assert util.is_module_available(module) is iminuit.util.is_module_available(module)


def test_progress_bar_in_a_terminal(capsys):
    shown = []
    for m in (util, iminuit.util):
        with m.ProgressBar(4) as bar:
            bar += 1
            bar += 3
            assert (bar.value, bar.max_value) == (4, 4)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] == "\r0 %\r25 %\r100 %\r     "
    util.ProgressBar(0)


def test_progress_bar_in_jupyter(monkeypatch):
    """With stand-ins for IPython and its kernel."""
    shown = []
    shell = types.SimpleNamespace(has_trait=lambda name: name == "kernel")
    display = types.SimpleNamespace(HTML=str, display=lambda text, clear: shown.append(text))
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell, display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    assert util.is_jupyter()
    with util.ProgressBar(2) as bar:
        bar += 1
    assert "value='50'" in shown[1]
    assert shown[-1] == ""
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert not util.is_jupyter()
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert not util.is_jupyter()


@pytest.mark.parametrize("name", ["rosenbrock", "rosenbrock_grad", "ackley", "beale", "matyas"])
def test_functions_of_testing(name):
    """Numbers, NumPy arrays (all but iminuit's ackley), tracers: the same up to rounding."""
    mine, theirs = getattr(testing, name), getattr(iminuit.testing, name)
    x, y = np.linspace(-2, 3, 7), np.linspace(1, -1, 7)
    expected = np.array([theirs(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
    np.testing.assert_allclose([mine(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)], expected, rtol=1e-12)
    np.testing.assert_allclose(np.transpose(mine(x, y)), expected, rtol=1e-12)
    np.testing.assert_allclose(np.transpose(jax.vmap(mine)(x, y)), expected, rtol=1e-12)
    assert type(np.ravel(mine(0.5, 1.5))[0].item()) is float


def test_minima_of_testing():
    at = {testing.rosenbrock: (1, 1), testing.ackley: (0, 0), testing.beale: (3, 0.5), testing.matyas: (0, 0)}
    assert all(abs(function(*where)) < 1e-12 for function, where in at.items())
    x = np.array([0.3, -0.4])
    assert testing.sphere_np(x) == iminuit.testing.sphere_np(x) == pytest.approx(0.25)
    assert float(jax.jit(testing.sphere_np)(x)) == pytest.approx(0.25)
    exact = jax.grad(testing.rosenbrock, argnums=(0, 1))(0.3, -0.7)
    np.testing.assert_allclose(testing.rosenbrock_grad(0.3, -0.7), exact, rtol=1e-12)


def test_names_in_latex_with_and_without_unicodeitplus(monkeypatch):
    matrix = util.Matrix(np.eye(2), (r"$\alpha$", "b"))
    monkeypatch.setitem(sys.modules, "unicodeitplus", types.SimpleNamespace(parse=lambda text: f"<{text}>"))
    assert r"<$\alpha$>" in str(matrix)
    assert r"&lt;$\alpha$&gt;" in matrix._repr_html_()
    monkeypatch.setitem(sys.modules, "unicodeitplus", None)
    with pytest.warns(jaxminuit.warnings.OptionalDependencyWarning, match="optional package 'unicodeitplus'"):
        assert r"$\alpha$" in str(matrix)


def test_matrix_as_iminuit_makes_it():
    for m in (util, iminuit.util):
        for names in (("a", "b"), {"a": 0, "b": 1}):
            matrix = m.Matrix(names)
            matrix[:] = [[1, 2], [2, 8]]
            assert matrix["a", "b"] == matrix["a"]["b"] == 2
            assert matrix.to_dict() == {("a", "a"): 1, ("a", "b"): 2, ("b", "b"): 8}
        with pytest.raises(TypeError, match="tuple or"):
            m.Matrix(3)
    mine = util.Matrix(("a", "b", "c"))
    mine["a", "c"], mine["b"], mine[:2, 2] = 1, 2, 3
    mine[["a", "b"]] += 10
    np.testing.assert_array_equal(mine, [[10, 10, 3], [12, 12, 3], [0, 0, 0]])


def test_results_are_copied_and_pickled():
    errors = jaxminuit.util.MErrors.of(minos(done=("a", "b")))
    for thing in (
        fmin(),
        errors,
        errors["a"],
        util.Params([util.Param(0, "a", 1.0, 0.1, None, False, False, None, 2.0)]),
    ):
        for copied in (pickle.loads(pickle.dumps(thing)), importlib.import_module("copy").deepcopy(thing)):
            assert copied == thing
            assert type(copied) is type(thing)
            assert repr(copied) == repr(thing)
    row = util.Matrix(np.eye(3), NAMES)["a"]
    assert pickle.loads(pickle.dumps(row))["a"] == 1.0
    assert fmin() != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(fmin())
