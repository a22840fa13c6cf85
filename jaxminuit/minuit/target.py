"""The user's function as something to minimise: how it is called, and whether JAX can trace and differentiate it."""

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.minuit.captured import Captured, written_between
from jaxminuit.problem.describe import declared_limits
from jaxminuit.problem.fcn import FCN, AbstractFCN, HostFCN, StaticFunction

SCALARS, ARRAY, MAPPING, TUPLE = "scalars", "array", "mapping", "tuple"
PATHS = ("exact", "finite", "host")


class Call(eqx.Module):
    """function(*x), function(x), function({name: x_i}) or function((x_0, ...)) for one array x, as part of a pytree.

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
        return _floating(self.function(tuple(entries)) if self.convention == TUPLE else self.function(*entries))


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

    __slots__ = ("function", "names", "takes_array", "convention", "grad", "_written")

    def __init__(self, function: Callable | AbstractFCN, names: tuple[str, ...], takes_array: bool, grad=None):
        if not callable(function) and not isinstance(function, AbstractFCN):
            raise TypeError(f"{function!r} is not a callable object")
        self.function, self.names, self.takes_array, self.grad = function, names, takes_array, grad
        self._written: tuple[frozenset[tuple], ...] = ()
        self.convention = ARRAY if takes_array else SCALARS
        if isinstance(function, AbstractFCN) and not takes_array:
            # one scalar in an array of one would be taken for an array parameter
            self.convention = MAPPING if declared_limits(function) is None else ARRAY if len(names) > 1 else TUPLE
        if grad is not None and self.convention == MAPPING:
            raise ValueError("grad= cannot be used with an FCN of a mapping: put the derivative into its function")

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

    def __repr__(self) -> str:
        return f"<FCN of {', '.join(self.names)}: {self.function!r}>"

    def __call__(self, values: Any) -> float:
        """FCN at one sequence of values, by a plain call on the host."""
        return float(np.asarray(self._plain()(np.array(values, dtype=float))).reshape(()))

    def traced(self, errordef: float) -> AbstractFCN:
        """The FCN for compiled machines. What its plain functions read (globals, closures) is looked at afresh.

        A cost stays a cost, with its data as leaves.
        """
        function = self._fresh()
        if isinstance(function, AbstractFCN) and self.grad is not None:
            graded = Graded(function, Captured(self.grad))
            return FCN(Call(graded, ARRAY if self.takes_array else SCALARS, self.names), errordef=errordef)
        if isinstance(function, AbstractFCN):
            if self.convention == ARRAY:
                return eqx.tree_at(lambda f: f.errordef, function, jnp.asarray(errordef, jnp.result_type(float)))
            function = Method(function)
        return FCN(Call(function, self.convention, self.names), errordef=errordef)

    def _fresh(self) -> Callable | AbstractFCN:
        """The function, with a key of what it reads in place of every plain function."""
        written = chain(self._written, repeat(frozenset()))
        if isinstance(self.function, AbstractFCN):
            plain = _is(StaticFunction)
            nodes, treedef = jax.tree_util.tree_flatten(self.function, is_leaf=plain)
            return treedef.unflatten([Static(Captured(x.function, next(written))) if plain(x) else x for x in nodes])
        if isinstance(self.function, eqx.Module | jax.tree_util.Partial) and self.grad is None:
            return self.function
        return Static(Captured(self.function, next(written)), None if self.grad is None else Captured(self.grad))

    def _keys(self) -> list[Captured]:
        """The keys of all plain functions."""
        return [x.key for x in jax.tree_util.tree_leaves(self._fresh(), is_leaf=_is(Static)) if _is(Static)(x)]

    def host(self, errordef: float) -> HostFCN:
        """The FCN for the host crank: called with Python floats, or a fresh NumPy array."""
        return HostFCN(self._plain(), errordef=errordef)

    def path(self, values: np.ndarray) -> str:
        """'exact' if JAX can differentiate the function, 'finite' if it can only trace it, 'host' if it cannot.

        Raises
        ------
        TypeError
            If the function returns something else than a scalar.
        Exception
            Whatever the function itself raises when it is called with numbers.
        """
        before = self._keys()
        fcn, at = self.traced(1.0), jax.ShapeDtypeStruct(np.shape(values), jnp.result_type(float))
        try:
            reply = jax.eval_shape(fcn.evaluate, at)
        except Exception:
            _check_shape(np.shape(self._plain()(np.array(values))))
            return "host"
        _check_shape(reply.shape)
        self._written = tuple(written_between(x, y) for x, y in zip(before, self._keys(), strict=True))
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

    def _plain(self) -> Callable:
        """The function of one NumPy array on the host."""
        function = self._fresh().evaluate if isinstance(self.function, AbstractFCN) else self.function
        if self.convention == ARRAY:
            return lambda x: function(np.array(x, dtype=float))
        if self.convention == MAPPING:
            return lambda x: function(dict(zip(self.names, map(float, x), strict=True)))
        if self.convention == TUPLE:
            return lambda x: function(tuple(map(float, x)))
        return lambda x: function(*map(float, x))


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda node: isinstance(node, kind)


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


class Graded(eqx.Module):
    """An FCN called with scalars or one array, and the user's gradient of it."""

    fcn: AbstractFCN
    grad: Captured = eqx.field(static=True)

    def __call__(self, *args):
        def value(*args):
            return self.fcn.evaluate(args[0] if len(args) == 1 and jnp.ndim(args[0]) == 1 else args)

        return _with_gradient(value, self.grad)(*args)


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
