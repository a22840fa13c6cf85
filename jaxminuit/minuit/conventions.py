"""The ways to call a function of the user's: with scalars, one array, a mapping or a tuple; by JAX, or on the host."""

import ctypes
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.minuit.captured import Captured
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.returned import WrongResultError, not_real

SCALARS, ARRAY, MAPPING, TUPLE, NATIVE = "scalars", "array", "mapping", "tuple", "native"


class Static(eqx.Module):
    """A plain function as a static part of a pytree, compared by what it reads."""

    key: Captured = eqx.field(static=True)

    def __call__(self, *args):
        """Call the function."""
        return self.key(*args)


class Method(eqx.Module):
    """evaluate of an FCN as a callable."""

    fcn: AbstractFCN

    def __call__(self, params):
        """The value of the FCN."""
        return self.fcn.evaluate(params)


class Call(eqx.Module):
    """function(*x), function(x), function({name: x_i}) or function((x_0, ...)) for one array x, as part of a pytree.

    A callable that is a pytree itself (an equinox Module) keeps its arrays as leaves; any other is static. With a
    gradient of the user's, and a Hessian if there is one, these are its derivatives; they are called with scalars or,
    like `function` itself, with one array.
    """

    function: Callable
    convention: str = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)
    grad: Captured | None = eqx.field(static=True, default=None)
    hessian: Captured | None = eqx.field(static=True, default=None)
    takes_array: bool = eqx.field(static=True, default=False)

    def __call__(self, x):
        """The value, with the derivatives that were given."""
        return self._value(x) if self.grad is None else self._with_derivatives()(x)

    def _value(self, x):
        return _floating(called(self.function, self.convention, self.names, [x[i] for i in range(len(self.names))], x))

    def _with_derivatives(self):
        value = jax.custom_jvp(self._value)

        def gradient(x):
            return _shaped(self._derivative(self.grad, x), (len(self.names),))

        slopes: Callable = gradient
        if self.hessian is not None:
            slopes = known = jax.custom_jvp(gradient)

            @known.defjvp
            def _of_gradient(primals, tangents):
                (x,), (t,) = primals, tangents
                return known(x), _shaped(self._derivative(self.hessian, x), (len(self.names),) * 2) @ t

        @value.defjvp
        def _(primals, tangents):
            (x,), (t,) = primals, tangents
            return value(x), jnp.dot(slopes(x), t)

        return value

    def _derivative(self, function, x):
        return function(x) if self.takes_array else function(*(x[i] for i in range(len(self.names))))


def called(function: Callable, convention: str, names: tuple[str, ...], entries: list, array: Any) -> Any:
    """The function called in its own way; `entries` and `array` are the parameters one by one and as one array."""
    if convention == ARRAY:
        return function(array)
    if convention == MAPPING:
        return function(dict(zip(names, entries, strict=True)))
    return function(tuple(entries)) if convention == TUPLE else function(*entries)


def plain(function: Callable, convention: str, names: tuple[str, ...]) -> Callable[[np.ndarray], Any]:
    """The function of one NumPy array on the host, which hands on Python floats or a fresh array."""
    native = compiled_function(function) if convention == NATIVE else None
    if native is not None:
        return native

    def call(x):
        return called(function, convention, names, [float(v) for v in x], np.array(x, dtype=float))

    return call


def compiled_function(function: Any) -> Callable[[np.ndarray], float] | None:
    """A function double(uint n, double* x) with a `ctypes` interface, as numba's cfunc has, as one of an array.

    None if it is nothing of the kind.
    """
    native: Any = getattr(function, "ctypes", None)
    arguments = tuple(getattr(native, "argtypes", None) or ())
    kinds = (*arguments[:1], getattr(native, "restype", None))
    if len(arguments) != 2 or kinds != (ctypes.c_uint, ctypes.c_double):
        return None

    def call(x):
        array = np.array(x, dtype=float)
        return native(array.size, array.ctypes.data_as(arguments[1]))

    return call


def scalar(value: Any) -> float:
    """What a cost function returned as a float; WrongResultError (a RuntimeError and TypeError) if it is not one."""
    if type(value) is float:
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        raise not_real(value) from None
    if array.dtype.kind not in "fiub":
        raise not_real(value)
    check_size(array.size)
    return float(array.reshape(()))


def check_size(size: int) -> None:
    """WrongResultError unless a cost function returned one number."""
    if size != 1:
        raise WrongResultError(f"cost function must return a scalar, but returned an array of size {size}")


def _floating(value: Any) -> Any:
    """Integers as floating-point numbers."""
    value = jnp.asarray(value)
    return value if jnp.issubdtype(value.dtype, jnp.inexact) else value.astype(jnp.result_type(float))


def _shaped(value: Any, shape: tuple[int, ...]) -> jax.Array:
    array = jnp.asarray(value)
    size, expected = array.size, int(np.prod(shape))
    if size != expected:
        raise WrongResultError(f"result has size {size} but expected size is {expected}")
    return array.reshape(shape)
