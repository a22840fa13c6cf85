"""The user's function as something to minimise: how it is called, and whether JAX can trace and differentiate it."""

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.fit.programs import program
from jaxminuit.minuit import conventions
from jaxminuit.minuit.captured import Captured, written_between
from jaxminuit.minuit.clock import Counts
from jaxminuit.minuit.conventions import ARRAY, MAPPING, NATIVE, SCALARS, TUPLE, Call, Method, Static, plain
from jaxminuit.minuit.effects import Effects
from jaxminuit.minuit.given import brought
from jaxminuit.problem.describe import declared_limits
from jaxminuit.problem.fcn import FCN, AbstractFCN, HostFCN, StaticFunction
from jaxminuit.problem.returned import WrongResultError, real_vector

PATHS = ("exact", "finite", "host")


class Target:
    """The function given to Minuit, with its calling convention, its derivatives, errordef and ndata.

    Parameters
    ----------
    function
        A cost (AbstractFCN) or any callable.
    names
        Parameter names.
    takes_array
        Whether the callable takes one array instead of one scalar a parameter.
    **given
        The user's grad, g2 and hessian, called as the function is; absent or None if there is none. The host asks a
        cost for its own gradient unless `own_gradient` is False.
    """

    __slots__ = (
        "function", "names", "takes_array", "convention", "given", "own_gradient", "counts", "throw_nan", "_written",
        "_kept",
    )  # fmt: skip

    def __init__(
        self,
        function: Callable | AbstractFCN,
        names: tuple[str, ...],
        takes_array: bool,
        own_gradient: bool = True,
        **given: Callable | None,
    ):
        native = conventions.compiled_function(function)
        if native is None and not callable(function) and not isinstance(function, AbstractFCN):
            raise TypeError(f"{function!r} is not a callable object")
        self.function, self.names, self.takes_array, self.own_gradient = function, names, takes_array, own_gradient
        absent: dict[str, Callable | None] = {"grad": None, "g2": None, "hessian": None}
        self.given = absent | given
        self.counts, self.throw_nan = Counts(), False
        self._written: tuple[frozenset[tuple], ...] = ()
        self._kept: tuple[Any, AbstractFCN] | None = None
        self.convention = NATIVE if native is not None else ARRAY if takes_array else SCALARS
        if isinstance(function, AbstractFCN) and not takes_array:
            # one scalar in an array of one would be taken for an array parameter
            self.convention = MAPPING if declared_limits(function) is None else ARRAY if len(names) > 1 else TUPLE
        if self.given["grad"] is not None and self.convention == MAPPING:
            raise ValueError("grad= cannot be used with an FCN of a mapping: put the derivative into its function")

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "_kept"} | {"_kept": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

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
        """FCN at one sequence of values, by a plain call on the host, which is counted."""
        return self._counted("nfcn", self._plain(), self.counts)(np.array(values, dtype=float).reshape(len(values)))

    def gradient(self, values: Any, by_jax: Callable[[], bool]) -> np.ndarray:
        """Gradient at one sequence of values, counted: the user's, or by autodiff; TypeError if there is none."""
        x, own = np.array(values, dtype=float).reshape(len(values)), self._own("grad")
        if own is None and not by_jax():
            raise TypeError("there is no gradient: none was given, and JAX cannot trace and differentiate the function")
        if own is None:
            self.counts.ngrad += 1
            return np.asarray(gradient_of(self.traced(1.0), x))
        return real_vector(self._counted("ngrad", own, self.counts)(x), len(self.names))

    # ---- for the fits -----------------------------------------------------------------------------------------------

    def traced(self, errordef: float) -> AbstractFCN:
        """The FCN for compiled machines. What its plain functions read (globals, closures) is looked at afresh.

        A cost stays a cost, with its data as leaves.
        """
        function, (grad, hessian) = self._fresh(), (self._key("grad"), self._key("hessian"))
        if isinstance(function, AbstractFCN):
            if self.convention == ARRAY and grad is None:
                if float(function.errordef) == errordef:
                    return function
                return eqx.tree_at(lambda f: f.errordef, function, jnp.asarray(errordef, jnp.result_type(float)))
            function = Method(function)
        key = (function.key, grad, hessian, errordef) if isinstance(function, Static) else None
        if key is None or self._kept is None or self._kept[0] != key:
            call = Call(function, self.convention, self.names, grad, hessian, self.takes_array)
            self._kept = key, FCN(call, errordef=errordef)
        return self._kept[1]

    def host(self, errordef: float, counts: Counts | None = None) -> HostFCN:
        """The FCN for the host crank: called with Python floats, or a fresh NumPy array; with its own derivatives."""
        counts = self.counts if counts is None else counts
        functions = {kind: self._own(kind) for kind in ("grad", "g2", "hessian")}
        if functions["grad"] is None:  # second derivatives alone are of no use
            functions = {}
        elif functions["hessian"] is not None:
            functions["g2"] = None
        counted = {kind: self._counted(f"n{kind}", f, counts) for kind, f in functions.items() if f is not None}
        return HostFCN(self._counted("nfcn", self._plain(), counts), errordef, **counted)

    def host_of_traced(self, errordef: float, exact: bool, counts: Counts) -> HostFCN:
        """The traced function call by call, so that any of its values can raise; with exact derivatives if `exact`."""
        fcn = self.traced(errordef)

        def made(kind, function):
            return self._counted(kind, lambda x: np.asarray(function(fcn, x)), counts)

        derivatives = {"grad": made("ngrad", gradient_of), "hessian": made("nhessian", hessian_of)} if exact else {}
        return HostFCN(made("nfcn", value_of), errordef, **derivatives)

    def _counted(self, kind: str, function: Callable, counts: Counts) -> Callable:
        """The function of one array with its calls counted; if it is the FCN, its values checked."""

        def count(x):
            setattr(counts, kind, getattr(counts, kind) + 1)
            return function(x)

        def value(x):
            result = conventions.scalar(count(x))
            if result != result:
                if self.throw_nan:
                    raise RuntimeError(nan_message(x))
                counts.nan_at = tuple(x) if counts.nan_at is None else counts.nan_at
            return result

        def derivative(x):
            result = count(x)
            if self.throw_nan and np.any(np.isnan(np.asarray(result, dtype=float))):
                raise RuntimeError(nan_message(x))
            return result

        return value if kind == "nfcn" else derivative

    def _plain(self) -> Callable[[np.ndarray], Any]:
        """The function of one NumPy array on the host."""
        if not isinstance(self.function, AbstractFCN):
            return plain(self.function, self.convention, self.names)
        fresh: Any = self._fresh()
        return plain(fresh.evaluate, self.convention, self.names)

    def _own(self, kind: str) -> Callable[[np.ndarray], Any] | None:
        """A derivative of the user's, or that of a cost that JAX cannot trace, as a function of one NumPy array."""
        function = self.given[kind]
        if function is None and kind == "grad" and self.own_gradient and isinstance(self.function, AbstractFCN):
            function = brought(self.function, kind)
        convention = ARRAY if self.takes_array else SCALARS
        return None if function is None else plain(function, convention, self.names)

    # ---- tracing ----------------------------------------------------------------------------------------------------

    def _fresh(self) -> Callable | AbstractFCN:
        """The function, with a key of what it reads in place of every plain function."""
        written = chain(self._written, repeat(frozenset()))
        if isinstance(self.function, AbstractFCN):
            is_plain = _is(StaticFunction)
            treedef: Any
            nodes, treedef = jax.tree_util.tree_flatten(self.function, is_leaf=is_plain)
            return treedef.unflatten([Static(Captured(x.function, next(written))) if is_plain(x) else x for x in nodes])
        if isinstance(self.function, eqx.Module | jax.tree_util.Partial):
            return self.function
        return Static(Captured(self.function, next(written)))

    def _key(self, kind: str) -> Captured | None:
        function = self.given["grad"] and self.given[kind]
        return None if function is None else Captured(function)

    def _keys(self) -> list[Captured]:
        """The keys of all plain functions."""
        return [x.key for x in jax.tree_util.tree_leaves(self._fresh(), is_leaf=_is(Static)) if _is(Static)(x)]

    def path(self, values: np.ndarray, pure: bool = False) -> str:
        """'exact' if JAX can differentiate the function, 'finite' if it can only trace it, 'host' if it cannot.

        'host' too for derivatives that JAX cannot trace, and for a function that changes something at every call unless
        it is to be taken for `pure`.

        Raises
        ------
        WrongResultError
            If the function returns something else than a real scalar.
        """
        if self.convention == NATIVE:
            return "host"
        keys = self._keys()
        functions = [key.function for key in keys] + [f for f in self.given.values() if f is not None]
        at, before = jax.ShapeDtypeStruct(np.shape(values), jnp.result_type(float)), Effects(functions)
        try:
            with before.watch():
                reply = self._traced_once(at)
            known = chain(self._written, repeat(frozenset()))
            found = (written_between(x, y) for x, y in zip(keys, self._keys(), strict=True))
            self._written = tuple(old | new for new, old in zip(found, known, strict=False))
            host = before.seen and not pure and self._changes_again(at, functions)
        except Exception:
            host = True
        except BaseException:  # Ctrl-C
            before.undo()
            raise
        if host:
            before.undo()
            return "host"
        conventions.check_size(int(np.prod(reply.shape)))  # type: ignore[possibly-undefined]
        if not jnp.issubdtype(reply.dtype, jnp.floating):
            raise WrongResultError(f"Unable to cast Python instance of type <class '{reply.dtype}'> to real numbers")
        path = self._differentiable(at, functions)
        if pure:
            before.undo()
        return path

    def _changes_again(self, at, functions) -> bool:
        """Whether a second call changes something too: what is done once, such as filling a cache, does no harm."""
        effects = Effects(functions)
        with effects.watch():
            self._traced_once(at)
        return effects.seen

    def _traced_once(self, at):
        fcn = self.traced(1.0)
        return jax.eval_shape(lambda x: fcn.evaluate(x), at)

    def _differentiable(self, at, functions) -> str:
        effects, fcn = Effects(functions), self.traced(1.0)
        try:
            with effects.watch():
                jax.eval_shape(jax.hessian(lambda x: jnp.reshape(fcn.evaluate(x), ())), at)
        except Exception:
            path = "finite" if self.given["grad"] is None else "host"
        else:
            # the function itself was looked at before: it can only be its derivatives
            path = "host" if effects.seen and self.given["grad"] is not None else "exact"
        effects.undo()
        return path


def nan_message(values: Any) -> str:
    """The sentence for a function that is NaN somewhere."""
    return f"result is NaN for [ {' '.join(f'{float(v):g}' for v in values)} ]"


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda node: isinstance(node, kind)


def possible_path(best: str, forced: str | None) -> str:
    """The forced path as far as the function allows it; ValueError if an exact gradient is not possible.

    Finite differences are always possible, on the host if need be.
    """
    if forced == "exact" != best:
        verb = "trace" if best == "host" else "differentiate"
        raise ValueError(f"an exact gradient was asked for, but JAX cannot {verb} the function or its derivatives")
    return best if forced is None else max(best, forced, key=PATHS.index)


@program()
def value_of(fcn: AbstractFCN, x):
    """FCN at one array of all parameters."""
    return jnp.reshape(fcn.evaluate(x), ())


@program()
def gradient_of(fcn: AbstractFCN, x):
    """Its gradient, (n,)."""
    return jax.grad(lambda x: jnp.reshape(fcn.evaluate(x), ()))(x)


@program()
def hessian_of(fcn: AbstractFCN, x):
    """Its Hessian, (n, n)."""
    return jax.hessian(lambda x: jnp.reshape(fcn.evaluate(x), ()))(x)
