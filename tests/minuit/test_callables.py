"""Anything that can be called: how it is called, what it may return, and what happens to what it does besides."""

import copy
import ctypes
import functools
import math
import pickle
import random
import types

import iminuit
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.minuit import Minuit
from jaxminuit.minuit.effects import Effects
from jaxminuit.minuit.warnings import IMinuitWarning


def numpys(a, b):
    """Not traceable; minimum 1 at (1, -2)."""
    u, v = (a - 1.0) / 0.1, (b + 2.0) / 2**0.5
    return float(np.asarray(u * u + v * v - 0.2 * u * v + 1.0, dtype=np.float64))


def of_array(x):
    return numpys(*x)


def of_three(c, a, b):
    return c + numpys(a, b)


class Stateful:
    """Counts its calls, has a method, and keeps the last point."""

    def __init__(self):
        self.calls, self.last = 0, None

    def __call__(self, a, b):
        self.calls += 1
        self.last = (a, b)
        return (a - 1.0) ** 2 / 0.01 + (b + 2.0) ** 2 / 2

    def method(self, a, b):
        return self(a, b)


CALLABLES = {
    "function": lambda: numpys,
    "partial": lambda: functools.partial(of_three, 0.0),
    "object": Stateful,
    "bound method": lambda: Stateful().method,
    "zero-dimensional": lambda: lambda a, b: np.asarray(numpys(a, b)),
    "one element": lambda: lambda a, b: np.array([numpys(a, b)]),
}


@pytest.mark.parametrize("name", ["function", "partial", "object", "bound method", "zero-dimensional", "one element"])
def test_the_same_fit_with_as_many_calls_as_iminuit(name):
    ours, theirs = (m(CALLABLES[name](), a=0.5, b=1.0).migrad().hesse() for m in (Minuit, iminuit.Minuit))
    assert ours.gradient_path == "host"
    assert ours.nfcn == theirs.nfcn
    np.testing.assert_allclose(np.array(ours.values), np.array(theirs.values), rtol=1e-6)
    np.testing.assert_allclose(np.array(ours.errors), np.array(theirs.errors), rtol=1e-4)


def test_what_the_function_is_given():
    seen = []

    def scalars(a, b):
        seen.append((a, b))
        return numpys(a, b)

    def array(x):
        seen.append(x)
        value = of_array(x)
        x[:] = np.nan  # its own copy
        return value

    assert Minuit(scalars, a=0.5, b=1.0).migrad().valid
    assert {type(v) for pair in seen[1:] for v in pair} == {float}
    seen.clear()
    m = Minuit(array, [0.5, 1.0]).migrad()
    assert m.valid
    points = [x for x in seen if isinstance(x, np.ndarray)]
    assert len(points) == m.nfcn
    assert {(x.shape, x.dtype.str) for x in points} == {((2,), "<f8")}


def no_number(kind):
    return {"text": "foo", "nothing": None, "complex": 1j, "three": np.ones(3), "none": np.ones(0)}[kind]


@pytest.mark.parametrize("kind", ["text", "nothing", "complex", "three", "none"])
def test_wrong_results(kind):
    size = {"three": 3, "none": 0}.get(kind)
    match = "Unable to cast Python instance of type <class" if size is None else f"returned an array of size {size}"
    for m in (Minuit, iminuit.Minuit):
        with pytest.raises(RuntimeError, match=match):
            m(lambda a: no_number(kind), 1.0).migrad()
    if size is not None:
        with pytest.raises(
            RuntimeError, match=f"cost function must return a scalar, but returned an array of size {size}"
        ):
            Minuit(lambda a: jnp.ones(size) * a, 1.0).migrad()


def test_exceptions_leave_everything_as_it_was():
    class Mine(Exception):
        pass

    calls = []

    def breaks(a, b):
        calls.append(1)
        if len(calls) > 12:
            raise Mine("at the thirteenth call")
        return numpys(a, b)

    m = Minuit(breaks, a=0.5, b=1.0)
    with pytest.raises(Mine, match="thirteenth"):
        m.migrad()
    assert m.values == [0.5, 1.0]
    assert m.fmin is None


# ---- functions that do more than return a value --------------------------------------------------------------------

COUNT, GENERATOR = 0, np.random.default_rng(1)


def square(a, b):
    return (a - 1.0) ** 2 / 0.01 + (b + 2.0) ** 2 / 2


def counts_in_a_global(a, b):
    global COUNT
    COUNT += 1
    return square(a, b)


def counts_in_an_attribute(a, b):
    counts_in_an_attribute.calls += 1
    return square(a, b)


def draws(a, b):
    return square(a, b) + 1e-9 * GENERATOR.normal()


def draws_from_all(a, b):
    return square(a, b) + 1e-9 * (np.random.normal() + random.random())  # noqa: NPY002


def says(a, b):
    print("a =", a)
    return square(a, b)


@pytest.mark.parametrize(
    "function", [counts_in_a_global, counts_in_an_attribute, draws, draws_from_all, says, Stateful()]
)
def test_side_effects_happen_on_the_host(function, capsys):
    counts_in_an_attribute.calls = 0
    assert Minuit(function, a=0.5, b=1.0).gradient_path == "host"
    assert capsys.readouterr().out == ""


def test_finding_out_leaves_no_trace():
    """Lists would hold tracers, counters would run ahead, random numbers would be skipped."""
    log, calls, table, before = [], np.zeros(1, int), {"last": None}, COUNT
    state, drawn = GENERATOR.bit_generator.state, np.random.get_state()[1].tolist()  # noqa: NPY002
    thing = Stateful()

    def logs(a, b):
        log.append((a, b))
        calls[0] += 1
        table["last"] = a
        return thing(a, b)

    m = Minuit(logs, a=0.5, b=1.0)
    assert m.gradient_path == "host"
    assert (log, calls[0], table, thing.calls, thing.last) == ([], 0, {"last": None}, 0, None)
    for function in (counts_in_a_global, draws, draws_from_all):
        assert Minuit(function, a=0.5, b=1.0).gradient_path == "host"
    assert before == COUNT
    assert GENERATOR.bit_generator.state == state
    assert np.random.get_state()[1].tolist() == drawn  # noqa: NPY002
    m.migrad()
    assert m.nfcn == len(log) == calls[0] == thing.calls
    assert {type(v) for point in log for v in point} == {float}


def test_what_is_done_once_does_no_harm():
    class Lazy:
        grid = None

        def __call__(self, a, b):
            if self.grid is None:
                self.grid = np.linspace(0.0, 1.0, 5)
            return jnp.sum((a - self.grid) ** 2) + b**2

    m = Minuit(Lazy(), a=0.5, b=1.0)
    assert m.gradient_path == "exact"
    assert m.fcn.function.grid is not None


def test_a_function_with_side_effects_can_be_forced():
    m = Minuit(counts_in_a_global, a=0.5, b=1.0)
    m.gradient_path = "exact"
    before = COUNT
    assert m.migrad().valid
    m.migrad()
    assert COUNT - before < m.nfcn


def test_effects_see_and_undo():
    inner = {"n": 1, "deep": [1, 2]}

    def changes():
        inner["n"] += 1
        inner["deep"].append(3)

    effects = Effects([changes])
    assert not effects.seen
    changes()
    assert effects.seen
    effects.undo()
    assert not effects.seen
    assert inner == {"n": 1, "deep": [1, 2]}


# ---- native functions ----------------------------------------------------------------------------------------------

POINTER = ctypes.POINTER(ctypes.c_double)


@pytest.mark.parametrize("kind", [POINTER, ctypes.c_void_p])
def test_a_native_function_is_called_through_ctypes(kind):
    def native(n, x):
        return numpys(*ctypes.cast(x, POINTER)[:n])

    cfunc = types.SimpleNamespace(ctypes=ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_uint, kind)(native))
    for m in (Minuit(cfunc, a=0.5, b=1.0), Minuit(cfunc, 0.5, 1.0, name=("a", "b")), Minuit(cfunc, [0.5, 1.0])):
        assert m.migrad().gradient_path == "host"
        assert m.valid
        assert m.nfcn == iminuit.Minuit(numpys, a=0.5, b=1.0).migrad().nfcn
    assert m.parameters == ("x0", "x1")


def test_numba():
    numba = pytest.importorskip("numba")

    @numba.njit
    def jitted(a, b):
        return (a - 1.0) ** 2 / 0.01 + math.exp(b) - b

    @numba.cfunc(numba.types.double(numba.types.uintc, numba.types.CPointer(numba.types.double)))
    def cfunc(n, x):
        return (x[0] - 1.0) ** 2 / 0.01 + math.exp(x[1]) - x[1]

    for function, start in ((jitted, (0.5, 1.0)), (cfunc, ([0.5, 1.0],))):
        ours, theirs = Minuit(function, *start).migrad(), iminuit.Minuit(function, *start).migrad()
        assert ours.gradient_path == "host"
        assert ours.parameters == theirs.parameters
        assert ours.nfcn == theirs.nfcn
        np.testing.assert_allclose(np.array(ours.values), np.array(theirs.values), atol=1e-6)


# ---- calls that are counted ----------------------------------------------------------------------------------------


def test_calls_outside_of_fits_count():
    ours, theirs = (m(numpys, a=0.5, b=1.0) for m in (Minuit, iminuit.Minuit))
    for m in (ours, theirs):
        assert m.fcn([1.0, -2.0]) == pytest.approx(1.0)
        assert m.nfcn == 1
        m.migrad()
    assert ours.nfcn == theirs.nfcn == ours.fmin.nfcn == theirs.fmin.nfcn
    for m in (ours, theirs):
        m.fcn((1.0, -2.0))
    assert ours.nfcn == theirs.nfcn == ours.fmin.nfcn + 1
    for m in (ours, theirs):
        m.reset()
        assert (m.nfcn, m.ngrad) == (0, 0)


def test_gradient_by_jax_counts():
    m = Minuit(square, a=0.5, b=1.0)
    np.testing.assert_allclose(m.grad([2.0, 1.0]), [200.0, 3.0])
    assert (m.ngrad, m.nfcn, m.g2, m.hessian) == (1, 0, None, None)
    with pytest.raises(TypeError, match="there is no gradient"):
        Minuit(numpys, a=0.5, b=1.0).grad([1.0, 2.0])


# ---- NaN -----------------------------------------------------------------------------------------------------------


def nan_from_half(a, b):
    return float("nan") if a > 0.5 else float(np.float64((a - 1.0) ** 2 + b * b))


def test_nan():
    for m in (Minuit, iminuit.Minuit):
        fit = m(nan_from_half, 0.0, 0.0)
        fit.throw_nan = True
        with pytest.raises(RuntimeError, match=r"result is NaN for \[ 1 0 \]"):
            fit.migrad()
    assert not fit.valid
    m = Minuit(lambda a, b: float(np.float64("nan")), 1.0, 2.5)
    m.migrad()
    assert not m.valid
    assert math.isnan(m.fval)
    m.print_level = 1
    with pytest.warns(IMinuitWarning, match=r"result is NaN for \[ 1 2.5 \]"):
        m.migrad()
    m.print_level, m.throw_nan = 0, True
    with pytest.raises(RuntimeError, match=r"result is NaN for \[ 1 2.5 \]"):
        m.fcn([1.0, 2.5])


def test_nan_of_a_traced_function():
    """Every value is looked at, with exact derivatives all the same."""
    m = Minuit(lambda a, b: jnp.where(a > 0.5, jnp.nan, (a - 1.0) ** 2 + b * b), 0.0, 0.0)
    m.throw_nan = True
    with pytest.raises(RuntimeError, match=r"result is NaN for \[ 1 0 \]"):
        m.migrad()
    m = Minuit(square, a=0.5, b=1.0)
    m.throw_nan = True
    m.migrad()
    assert m.valid
    assert m.gradient_path == "exact"
    assert m.ngrad > 0
    assert m.nhessian > 0
    np.testing.assert_allclose(np.array(m.errors), [0.1, 2**0.5], rtol=1e-9)


# ---- copies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [numpys, square])
def test_copies_are_independent_and_go_on(function):
    m = Minuit(function, a=0.5, b=1.0).migrad()
    values = list(m.values)
    for other in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
        assert list(other.values) == values
        assert other.nfcn == m.nfcn
        other.hesse().minos("a")
        assert other.nfcn > m.nfcn
        assert other.merrors["a"].upper > 0
        other.values["a"] = 7.0
        other.strategy.gradient_ncycles = 9
        other.fcn([1.0, 2.0])
    assert list(m.values) == values
    assert len(m.merrors) == 0
    assert m.strategy.gradient_ncycles == 3


def test_a_lambda_cannot_be_pickled():
    for m in (Minuit, iminuit.Minuit):
        with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
            pickle.dumps(m(lambda a: a**2, 1.0))
    stateful = Minuit(Stateful(), a=0.5, b=1.0).migrad()
    assert pickle.loads(pickle.dumps(stateful)).fcn.function.calls == stateful.fcn.function.calls
