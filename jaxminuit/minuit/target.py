"""The user's function as something to minimise: how it is called, and whether JAX can trace and differentiate it."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.minuit.captured import Captured, written_between
from jaxminuit.problem.fcn import FCN, AbstractFCN, HostFCN

SCALARS, ARRAY, MAPPING = "scalars", "array", "mapping"
PATHS = ("exact", "finite", "host")


class Call(eqx.Module):
    """function(*x), function(x) or function({name: x_i}) for one array x, as part of a pytree.

    A callable that is a pytree itself (an equinox Module) keeps its arrays as leaves; any other is static.
    """

    function: Callable
    convention: str = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)

    def __call__(self, x):
        if self.convention == ARRAY:
            return _floating(self.function(x))
        entries = [x[i] for i in range(len(self.names))]
        if self.convention == MAPPING:
            return _floating(self.function(dict(zip(self.names, entries, strict=True))))
        return _floating(self.function(*entries))


class Static(eqx.Module):
    """A plain function and, if given, its gradient, as a static part of a pytree."""

    key: Captured = eqx.field(static=True)
    grad: Captured | None = eqx.field(static=True, default=None)

    def __call__(self, *args):
        return self.key(*args) if self.grad is None else _with_gradient(self.key, self.grad)(*args)


class Target:
    """The function given to Minuit, with its calling convention, its own gradient, errordef and ndata.

    Parameters
    ----------
    function
        A cost (AbstractFCN) or any callable.
    names
        Parameter names.
    takes_array
        Whether the callable takes one array instead of one scalar a parameter.
    grad
        Gradient with the same calling convention, or None.
    """

    __slots__ = ("function", "names", "convention", "grad", "_written")

    def __init__(self, function: Callable | AbstractFCN, names: tuple[str, ...], takes_array: bool, grad=None):
        if not callable(function) and not isinstance(function, AbstractFCN):
            raise TypeError(f"{function!r} is not a callable object")
        self.function, self.names, self.grad = function, names, grad
        self._written: frozenset[tuple] = frozenset()
        self.convention = ARRAY if takes_array else SCALARS
        if isinstance(function, AbstractFCN):
            declares = getattr(function, "parameters", None) is not None
            self.convention = ARRAY if takes_array or declares else MAPPING

    @property
    def errordef(self) -> float | None:
        """The error definition that the function brings with it; None if it does not."""
        errordef = getattr(self.function, "errordef", None)
        return None if errordef is None else float(errordef)

    @property
    def ndata(self) -> float:
        """Number of data points; NaN if the function does not say."""
        ndata = getattr(self.function, "ndata", np.nan)
        return float(ndata() if callable(ndata) else ndata)

    def __call__(self, values: Any) -> float:
        """FCN at one sequence of values, by a plain call on the host."""
        return float(np.asarray(self._plain(self.function)(np.array(values, dtype=float))).reshape(()))

    def traced(self, errordef: float) -> AbstractFCN:
        """The FCN for compiled machines. What the function reads (globals, closures) is looked at afresh."""
        if isinstance(self.function, AbstractFCN) and self.convention == ARRAY:
            return eqx.tree_at(lambda f: f.errordef, self.function, jnp.asarray(errordef, jnp.result_type(float)))
        function = self.function
        if isinstance(function, AbstractFCN):
            return FCN(Call(Method(function), self.convention, self.names), errordef=errordef)
        if not isinstance(function, eqx.Module | jax.tree_util.Partial) or self.grad is not None:
            function = Static(Captured(function, self._written), None if self.grad is None else Captured(self.grad))
        return FCN(Call(function, self.convention, self.names), errordef=errordef)

    def host(self, errordef: float) -> HostFCN:
        """The FCN for the host crank: called with Python floats, or a fresh NumPy array."""
        return HostFCN(self._plain(self.function), errordef=errordef)

    def path(self, values: np.ndarray) -> str:
        """'exact' if JAX can differentiate the function, 'finite' if it can only trace it, 'host' if it cannot.

        Raises
        ------
        TypeError
            If the function returns something else than a scalar.
        Exception
            Whatever the function itself raises when it is called with numbers.
        """
        if getattr(self.function, "traceable", True) is False:
            return "host"
        before = Captured(self.function)
        fcn, at = self.traced(1.0), jax.ShapeDtypeStruct(np.shape(values), jnp.result_type(float))
        try:
            reply = jax.eval_shape(fcn.evaluate, at)
        except Exception:
            _check_shape(np.shape(self._plain(self.function)(np.array(values))))
            return "host"
        _check_shape(reply.shape)
        self._written = written_between(before, Captured(self.function))
        try:
            jax.eval_shape(jax.hessian(lambda x: jnp.reshape(fcn.evaluate(x), ())), at)
        except Exception:
            return "finite"
        return "exact"

    def check_grad(self, path: str) -> None:
        """ValueError if there is a gradient of the user's that the path found cannot use."""
        if self.grad is not None and path != "exact":
            raise ValueError(
                "grad= is only used together with a function that JAX can trace, and must be traceable itself (use "
                "jax.numpy); leave it out to have finite differences"
            )

    def _plain(self, function: Callable | AbstractFCN) -> Callable:
        """The function of one NumPy array on the host."""
        if isinstance(function, AbstractFCN):
            function = function.evaluate
        if self.convention == ARRAY:
            return lambda x: function(np.array(x, dtype=float))
        if self.convention == MAPPING:
            return lambda x: function(dict(zip(self.names, map(float, x), strict=True)))
        return lambda x: function(*map(float, x))


def possible_path(best: str, forced: str | None) -> str:
    """The forced path as far as the function allows it; ValueError if an exact gradient is not possible.

    Finite differences are always possible, on the host if need be.
    """
    if forced == "exact" != best:
        verb = "trace" if best == "host" else "differentiate"
        raise ValueError(f"an exact gradient was asked for, but JAX cannot {verb} the function")
    return best if forced is None else max(best, forced, key=PATHS.index)


class Method(eqx.Module):
    """evaluate of an FCN as a callable."""

    fcn: AbstractFCN

    def __call__(self, params):
        return self.fcn.evaluate(params)


def _with_gradient(function: Callable, grad: Callable) -> Callable:
    """The function with the user's gradient as its derivative."""
    differentiable = jax.custom_jvp(lambda *args: _floating(function(*args)))

    @differentiable.defjvp
    def _(primals, tangents):
        slopes = grad(*primals)
        if len(primals) == 1 and jnp.ndim(primals[0]) == 1:
            return differentiable(*primals), jnp.dot(jnp.asarray(slopes), tangents[0])
        return differentiable(*primals), sum(s * t for s, t in zip(slopes, tangents, strict=True))

    return differentiable


def _floating(value: Any) -> Any:
    """Integers as floating-point numbers."""
    value = jnp.asarray(value)
    return value if jnp.issubdtype(value.dtype, jnp.inexact) else value.astype(jnp.result_type(float))


def _check_shape(shape: tuple[int, ...]) -> None:
    if int(np.prod(shape)) != 1:
        raise TypeError(f"cost function must return a scalar, but returned an array of shape {tuple(shape)}")
