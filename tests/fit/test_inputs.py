"""What cannot be meant is an exception that names it, raised before a fit is compiled."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from tests.helpers.traces import Traced

SQUARE = Traced(lambda p: jnp.sum((p - 1.0) ** 2))
FCN = jm.FCN(SQUARE)
START = jm.Parameters(np.zeros(2))


def refused(error, message, call, *args, **options):
    """The call raises, and the FCN was not even traced."""

    def attempt():
        with pytest.raises(error, match=message):
            call(*args, **options)

    assert SQUARE.since(attempt) == 0


@pytest.fixture(scope="module")
def minimum():
    return jm.migrad(FCN, START)


@pytest.mark.parametrize("call", [jm.migrad, jm.hesse, jm.check_gradient])
@pytest.mark.parametrize("fcn", [lambda p: p, None, 3.0, START])
def test_fcn(call, fcn):
    refused(TypeError, "fcn must be an FCN, a cost function or a HostFCN, not", call, fcn, START)


def test_exchanged_arguments(minimum):
    """What was given is named in a word, not shown as a table."""
    for start in (START, minimum):
        given = type(start).__name__
        refused(TypeError, f"a HostFCN, not {given}; wrap a function as FCN", jm.migrad, start, FCN)


@pytest.mark.parametrize("call", [jm.migrad, jm.hesse, jm.check_gradient])
@pytest.mark.parametrize("start", [None, 1.0, np.zeros(2), {"a": 1.0}, FCN])
def test_start(call, start):
    refused(TypeError, "start must be Parameters or a FunctionMinimum, not", call, FCN, start)


OPTIONS = {
    "tol": ([-1, -1e-9, np.nan, np.float32(-1)], "tol must be a number, not negative, but it is"),
    "strategy": ([-1, 3, 1.5, "1", None, np.nan], "strategy must be 0, 1 or 2, not"),
    "gradient": (["newton", None, True, 1, ["exact"]], "gradient must be one of .*, not"),
    "driver": (["gpu", None, 0], "driver must be one of .*, not"),
    "max_calls": ([-1, np.int64(-5), -2.0], "max_calls must be a whole number"),
    "precision": ([0, -1e-3, 1, 2.0, np.nan, np.float32(3)], "precision must lie between 0 and 1, but it is"),
}
CASES = [(name, value, message) for name, (values, message) in OPTIONS.items() for value in values]


@pytest.mark.parametrize(("name", "value", "message"), CASES, ids=lambda x: repr(x)[:20])
def test_options(name, value, message):
    refused(ValueError, message, jm.migrad, FCN, START, **{name: value})
    if name != "tol":
        refused(ValueError, message, jm.hesse, FCN, START, **{name: value})


@pytest.mark.parametrize("option", [{"gradient": "exact"}, {"driver": "compiled"}])
def test_a_host_fcn_has_its_own_way(option):
    refused(
        ValueError,
        "HostFCN has no exact gradient and no compiled driver",
        jm.migrad,
        jm.HostFCN(SQUARE),
        START,
        **option,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": "nu"}, "unknown parameter 'nu'"),
        ({"parameters": ["x0", "nu"]}, "unknown parameter 'nu'"),
        ({"parameters": [2]}, "parameter 2 is out of range"),
        ({"cl": 0}, "cl must be a positive number, not 0"),
        ({"cl": -1}, "cl must be a positive number, not -1"),
        ({"cl": np.nan}, "cl must be a positive number, not nan"),
        ({"cl": np.inf}, "cl must be a positive number, not inf"),
    ]
    + [({name: value}, message) for name, value, message in CASES if name in ("strategy", "tol", "precision")],
)
def test_minos(minimum, options, message):
    refused(ValueError, message, jm.minos, FCN, minimum, **options)


def test_minos_wants_a_minimum():
    refused(TypeError, "minimum must be a FunctionMinimum", jm.minos, FCN, START)


BAD_FUNCTIONS = {
    "vector": (lambda p: 2.0 * p, r"must return a scalar, but it returned an array of shape \(2,\)"),
    "complex": (lambda p: 1j * p[0], "real floating-point number, but it returned complex128"),
    "integer": (lambda p: jnp.sum(p > 0), "real floating-point number, but it returned int64"),
    "nothing": (lambda p: None, "must return a scalar, but it returned None"),
    "numpy": (lambda p: np.sum(np.sin(p)), "cannot be traced by JAX: .*HostFCN"),
    "branch": (lambda p: p[0] if p[0] > 0 else -p[0], "cannot be traced by JAX: .*HostFCN"),
    "index": (lambda p: [1.0, 2.0][p[0].astype(int)], "cannot be traced by JAX: .*HostFCN"),
}


@pytest.mark.parametrize("gradient", ["exact", "finite"])
@pytest.mark.parametrize("name", BAD_FUNCTIONS)
def test_functions_are_refused_on_their_first_trace(name, gradient):
    """One call of the function, with tracers: the program was never finished."""
    fun, message = BAD_FUNCTIONS[name]
    traced = Traced(fun)
    with pytest.raises(TypeError, match=message):
        jm.migrad(jm.FCN(traced), START, gradient=gradient)
    assert traced.count == 1


@pytest.mark.parametrize("name", ["vector", "complex", "nothing"])
def test_functions_on_the_host_are_refused_on_their_first_call(name):
    called = Traced(BAD_FUNCTIONS[name][0])
    with pytest.raises(TypeError, match="the FCN must return a"):
        jm.migrad(jm.HostFCN(called), START)
    assert called.count == 1


def test_exceptions_of_the_user_pass():
    with pytest.raises(ZeroDivisionError):
        jm.migrad(jm.FCN(lambda p: 1 / 0), START)
    with pytest.raises(ZeroDivisionError):
        jm.migrad(jm.HostFCN(lambda p: 1 / 0), START)


NO_GOOD_NUMBERS = {
    "tol": [np.inf, "small", None, 1j, [0.1], np.array([0.1, 0.2]), jnp.array(-1.0)],
    "max_calls": [1.5, "many", np.nan, np.inf, 10**12, [3]],
    "precision": ["good", 1j, jnp.array(2.0)],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, v) for name, vs in NO_GOOD_NUMBERS.items() for v in vs], ids=lambda x: repr(x)[:20]
)
def test_options_that_are_no_good_numbers(name, value):
    refused((TypeError, ValueError), f"{name} must", jm.migrad, FCN, START, **{name: value})
