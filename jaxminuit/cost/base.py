"""What all cost functions share, and their sum."""

import abc
import numbers
from collections.abc import Sequence
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import Scalar, Vector
from jaxminuit.cost import calls, pictures
from jaxminuit.cost.arguments import gathered, positional
from jaxminuit.cost.editable import AbstractEditable
from jaxminuit.problem.describe import Limits, Signature, merge
from jaxminuit.problem.fcn import as_errordef
from jaxminuit.problem.terms import Part, Terms, joined, no_terms

NO_GRADIENT = "no gradient available: JAX cannot trace the model, and no grad was given"


class AbstractCost(AbstractEditable):
    """A cost function with named parameters; its data are leaves of the pytree, everything else is static.

    Called as ``cost(*args)`` with one number for each parameter (or one array for a model of one array parameter), it
    gives a Python float, and prints arguments and result if `verbose` is 1 or more. Inside jit, vmap or grad it gives
    the traced scalar. Data can be edited in place or assigned to (see `AbstractEditable`).
    """

    errordef: eqx.AbstractVar[Scalar]
    signature: eqx.AbstractVar[Signature]
    verbose: eqx.AbstractVar[int]

    __array_ufunc__ = None  # NumPy numbers leave additions to __radd__

    @abc.abstractmethod
    def traced_value(self, args: tuple) -> Scalar:
        """The value at positional arguments, in terms that JAX can trace."""

    @abc.abstractmethod
    def host_value(self, args: tuple) -> Scalar:
        """The value at concrete positional arguments when JAX cannot trace the model."""

    def traced_terms(self, args: tuple) -> Terms:
        """The terms at positional arguments, in terms that JAX can trace; TypeError if the cost has none."""
        raise no_terms(self)

    def terms(self, params: Any) -> Terms:
        """The terms that the cost is the sum of, at parameters in any form that `evaluate` takes."""
        return self.traced_terms(self.positional(params))

    @property
    @abc.abstractmethod
    def ndata(self):
        """Number of points or bins in use, infinite for unbinned costs: the degrees of freedom before the fit."""

    @property
    def gradient_given(self) -> bool:
        """Whether `grad` follows a gradient of the model that the user gave, rather than autodiff."""
        return False

    def explicit_gradient(self, args: tuple) -> tuple:
        """The gradient at concrete numbers, one array for each argument, without autodiff through the model."""
        raise ValueError(NO_GRADIENT)

    @property
    def parameters(self) -> dict[str, Limits]:
        """Parameter names, each with ``(lower, upper)`` or None."""
        return dict(self.signature)

    @property
    def _parameters(self) -> dict[str, Limits]:
        return self.parameters

    @property
    def npar(self) -> int:
        """Number of parameters; an array parameter counts once."""
        return len(self.signature)

    def __call__(self, *args: Any):
        """The value at one number for each parameter, or at one mapping, sequence or array of all of them."""
        value = self._value(self.positional(gathered(args)))
        result = value if isinstance(value, jax.core.Tracer) else float(value)
        if self.verbose >= 1:
            print(args, "->", result)
        return result

    def evaluate(self, params: Any) -> Scalar:
        """The value at a mapping from names, a sequence, or one array of all parameters."""
        return self._value(self.positional(params))

    def grad(self, *args):
        """Gradient with respect to the parameters, (npar,).

        A NumPy array on concrete numbers, by the user's model gradient (`grad` of the constructor) if there is one,
        else by autodiff. In compiled code always by autodiff.

        Raises
        ------
        ValueError
            If the model can only be called with NumPy arrays and no model gradient was given.
        """
        parts = self._gradient(self.positional(gathered(args)))
        if not parts:
            return np.zeros(0)
        result = jnp.concatenate([jnp.ravel(part) for part in parts])
        return result if isinstance(result, jax.core.Tracer) else np.array(result)

    @property
    def has_grad(self) -> bool:
        """Whether `grad` can be called: a model gradient was given, or JAX can trace the cost."""
        return self.gradient_given or self.traceable

    @property
    def traceable(self) -> bool:
        """Whether JAX can trace the cost, called with scalars. For array parameters ask `is_traceable`."""
        return self.is_traceable(tuple(0.0 for _ in self.signature))

    def is_traceable(self, params: Any) -> bool:
        """Whether JAX can trace the cost at parameters of these shapes (asked once, then cached)."""
        return calls.can_trace(self, calls.numbers(self.positional(params)))

    def positional(self, params: Any) -> tuple:
        """Parameters in any of the accepted forms as a tuple in the order of the signature."""
        return positional(type(self).__name__, tuple(name for name, _ in self.signature), params)

    def __add__(self, other):
        return CostSum(self, other) if _is_term(other) else NotImplemented

    def __radd__(self, other):
        return CostSum(other, self) if _is_term(other) else NotImplemented

    def _value(self, args: tuple) -> Scalar:
        if is_traced((self, args)):
            return self.traced_value(args)
        args = calls.numbers(args)
        return calls.value(self, args) if calls.can_trace(self, args) else self.host_value(args)

    def _gradient(self, args: tuple) -> tuple:
        if is_traced((self, args)):
            return calls.traced_gradient(self, tuple(jnp.asarray(a, jnp.result_type(float, a)) for a in args))
        args = calls.numbers(args)
        if not self.gradient_given and calls.can_trace(self, args):
            return calls.gradient(self, args)
        return self.explicit_gradient(args)


class Constant(AbstractCost):
    """A number as a cost without parameters. Added to a cost far from 0, it keeps digits from being lost."""

    settable = frozenset({"value", "verbose"})

    value: Scalar
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)

    def __init__(self, value: float):
        self.value = value if isinstance(value, jax.Array) else jnp.result_type(float).type(value)
        self.errordef = as_errordef(1.0)
        self.signature = ()
        self.verbose = 0

    @property
    def ndata(self) -> int:
        """0."""
        return 0

    def traced_value(self, args: tuple) -> Scalar:
        """The number."""
        return jnp.asarray(self.value)

    host_value = traced_value

    def traced_terms(self, args: tuple) -> Terms:
        """None of them: nothing depends on parameters."""
        none = jnp.zeros(0, self.value.dtype)
        return Terms(none, none, none, none, jnp.asarray(self.value))

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return {"value": self.value}


class CostSum(AbstractCost, Sequence):
    """Sum of costs, each divided by its errordef; parameters of equal name are shared. Made by ``+``.

    Sums in it are flattened, numbers become `Constant` (0 is dropped, so that ``sum(costs)`` works), limits of a
    shared parameter are those that all its costs allow. Indexing, ``len`` and iteration give the terms,
    which are the costs themselves: the sum sees what is edited in them.

    Raises
    ------
    TypeError
        If something is neither a cost nor a number.
    ValueError
        If there is nothing to add, or the limits of a shared parameter exclude each other.
    """

    items: tuple[AbstractCost, ...]
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    maps: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    verbose: int = eqx.field(static=True)

    def __init__(self, *items: AbstractCost | float):
        self.items = tuple(term for item in items for term in _terms(item))
        if not self.items:
            raise ValueError("a CostSum needs at least one cost")
        self.signature, self.maps = merge(item.signature for item in self.items)
        self.errordef = as_errordef(1.0)
        self.verbose = max(item.verbose for item in self.items)

    @property
    def ndata(self):
        """Sum over the terms."""
        return sum(item.ndata for item in self.items)

    def split(self, args: tuple):
        """Pairs of a term and its arguments."""
        for item, positions in zip(self.items, self.maps, strict=True):
            yield item, tuple(args[i] for i in positions)

    def traced_value(self, args: tuple) -> Scalar:
        """sum_k F_k / UP_k."""
        return sum(item.traced_value(own) / item.errordef for item, own in self.split(args))

    def host_value(self, args: tuple) -> Scalar:
        """The same with each term evaluated in its own way."""
        return sum(item._value(own) / item.errordef for item, own in self.split(args))

    def traced_terms(self, args: tuple) -> Terms:
        """Those of all costs, each divided by its errordef."""
        return joined([item.traced_terms(own).scaled(1.0 / item.errordef) for item, own in self.split(args)])

    def parts(self, rows: int) -> tuple[Part, ...]:
        """Those of all costs."""
        return tuple(
            part._replace(factor=part.factor / item.errordef, arguments=partial(self._own, k))
            for k, item in enumerate(self.items)
            for part in item.parts(rows)
        )

    def _own(self, k: int, params: Any) -> tuple:
        """The arguments of term k."""
        args = self.positional(params)
        return tuple(args[i] for i in self.maps[k])

    @property
    def gradient_given(self) -> bool:
        """Whether any term has a model gradient."""
        return any(item.gradient_given for item in self.items)

    @property
    def has_grad(self) -> bool:
        """Whether every term has a gradient."""
        return all(item.has_grad for item in self.items)

    def explicit_gradient(self, args: tuple) -> tuple[Vector, ...]:
        """sum_k dF_k / UP_k, each term's gradient in its own way."""
        parts = [jnp.zeros_like(arg) for arg in args]
        for (item, own), positions in zip(self.split(args), self.maps, strict=True):
            for i, part in zip(positions, item._gradient(own), strict=True):
                parts[i] = parts[i] + part / item.errordef
        return tuple(parts)

    def recipe(self) -> dict[str, Any]:
        """Nothing: a sum is changed by adding changed terms."""
        return {}

    def visualize(self, args: Any, component_kwargs: dict[int, dict[str, Any]] | None = None) -> None:
        """Draw data and model of every term that can, side by side in the current matplotlib figure.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.
        component_kwargs
            Keyword arguments for `visualize` of terms, by their position in the sum.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        pictures.draw_sum(self.split(self.positional(args)), component_kwargs or {})

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, key):
        return self.items[key]


def _is_term(item: Any) -> bool:
    is_array = isinstance(item, np.ndarray | jax.Array)
    return item.ndim == 0 if is_array else isinstance(item, numbers.Real | AbstractCost)


def _terms(item: Any) -> tuple[AbstractCost, ...]:
    if isinstance(item, CostSum):
        return item.items
    if isinstance(item, AbstractCost):
        return (item,)
    if not _is_term(item):
        raise TypeError(f"only costs and numbers can be added, not {item!r}")
    if not isinstance(item, jax.core.Tracer) and item == 0:
        return ()
    return (Constant(item),)
