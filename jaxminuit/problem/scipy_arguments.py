"""Functions with further arguments, and bounds, as scipy.optimize.minimize takes them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import equinox as eqx
import jax
import numpy as np

from jaxminuit.problem.fcn import AbstractFCN, StaticFunction, as_errordef


class _WithArgs(AbstractFCN):
    """function(x, *args) whose arrays are leaves, everything else static."""

    function: StaticFunction
    arrays: tuple
    others: tuple = eqx.field(static=True)
    errordef: jax.Array

    def evaluate(self, params: Any) -> Any:
        """The function with its arguments in their order."""
        args = (other if array is None else array for array, other in zip(self.arrays, self.others, strict=True))
        return self.function(params, *args)


def with_args(function: Callable, args: tuple, errordef: float) -> Callable | AbstractFCN:
    """function(x) for function(x, *args); the same object for no args, so that its programs are found again."""
    if not args:
        return function
    arrays = tuple(a if isinstance(a, np.ndarray | jax.Array) and a.dtype.kind in "fiub" else None for a in args)
    others = tuple(a if array is None else None for a, array in zip(args, arrays, strict=True))
    try:
        hash(others)
    except TypeError:
        return lambda x: function(x, *args)
    wrapped, up = StaticFunction(function), as_errordef(errordef)
    return _WithArgs(function=wrapped, arrays=arrays, others=others, errordef=up)


def bound_pairs(bounds: Any, n: int) -> Sequence[Any]:
    """Limits from a scipy Bounds, whose numbers may stand for all parameters, or from pairs."""
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        return list(zip(np.broadcast_to(bounds.lb, n), np.broadcast_to(bounds.ub, n), strict=True))
    pairs = list(bounds) if isinstance(bounds, Iterable) else bounds
    if n == 1 and len(pairs) == 2 and all(x is None or np.ndim(x) == 0 for x in pairs):
        return [tuple(pairs)]
    return pairs
