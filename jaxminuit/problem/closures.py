"""Functions that close over traced arrays, with these arrays as leaves.

A function written inside another that JAX is transforming holds tracers in its cells. There neither `vmap`'s rule for
fits nor their derivatives would see them.
"""

import functools
import types
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np

from jaxminuit.problem.fcn import StaticFunction

DEPTH = 8  # functions within functions
PLAIN = (type(None), bool, int, float, complex, str, np.ndarray, np.generic, jax.Array, types.ModuleType, type)
LEAF = jax.tree_util.tree_structure(0)


class OpenFunction(eqx.Module):
    """A function and the traced arrays that it closes over, as leaves."""

    captured: list
    rebuild: Callable = eqx.field(static=True)

    def __call__(self, *args):
        """Call the function with what it closes over."""
        return self.rebuild(iter(self.captured))(*args)


def opened(tree: Any) -> Any:
    """The tree with every StaticFunction that closes over tracers replaced by an OpenFunction."""
    return jax.tree_util.tree_map(_opened, tree, is_leaf=lambda node: isinstance(node, StaticFunction))


def _opened(node: Any) -> Any:
    if not isinstance(node, StaticFunction):
        return node
    captured: list = []
    rebuild = _taken_apart(node.function, captured, DEPTH)
    return OpenFunction(captured, rebuild) if captured else node


def _taken_apart(value: Any, captured: list, depth: int) -> Callable:
    """Puts the tracers inside a value behind the others, and returns what makes the value anew from such a sequence."""
    if isinstance(value, jax.core.Tracer):
        captured.append(value)
        return next
    if depth == 0 or isinstance(value, PLAIN):
        return lambda found: value
    before = len(captured)
    if isinstance(value, types.FunctionType):
        again = _function(value, captured, depth - 1)
    elif isinstance(value, types.MethodType):
        parts = _all([value.__func__, value.__self__], captured, depth - 1)
        again = _then(parts, lambda whole: types.MethodType(*whole))
    elif isinstance(value, functools.partial):
        parts = _all([value.func, value.args, value.keywords], captured, depth - 1)
        again = _then(parts, lambda whole: functools.partial(whole[0], *whole[1], **whole[2]))
    else:
        treedef: Any
        leaves, treedef = jax.tree_util.tree_flatten(value)
        if treedef == LEAF:
            return lambda found: value
        parts = _all(leaves, captured, depth - 1)
        again = _then(parts, treedef.unflatten)
    return again if len(captured) > before else lambda found: value


def _all(values, captured: list, depth: int) -> Callable:
    makers = [_taken_apart(value, captured, depth) for value in values]
    return lambda found: [make(found) for make in makers]


def _then(parts: Callable, whole: Callable) -> Callable:
    return lambda found: whole(parts(found))


def _function(function: types.FunctionType, captured: list, depth: int) -> Callable:
    cells = [cell.cell_contents if _is_full(cell) else None for cell in function.__closure__ or ()]
    parts = _all([function.__defaults__, function.__kwdefaults__, *cells], captured, depth)

    def again(found):
        defaults, keyword_defaults, *contents = parts(found)
        closure = tuple(map(types.CellType, contents))
        new = types.FunctionType(function.__code__, function.__globals__, function.__name__, defaults, closure)
        new.__kwdefaults__ = keyword_defaults
        return new

    return again


def _is_full(cell) -> bool:
    """Whether a cell holds something: that of a name not yet assigned does not."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
