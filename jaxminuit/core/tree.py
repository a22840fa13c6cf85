"""Operations on whole states."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.types import Flag


def select(condition: Flag | bool, yes, no):
    """`yes` where the condition holds, else `no`, leaf by leaf of two pytrees of the same structure."""
    if isinstance(condition, bool | np.bool_):
        return yes if condition else no
    return jax.tree_util.tree_map(lambda a, b: _select(condition, a, b), yes, no)


def _select(condition: Flag, a, b):
    if a is b:  # most leaves of two states that came from one: nothing to trace, lower and compile
        return a
    if isinstance(a, jax.Array) and isinstance(b, jax.Array) and (a.shape, a.dtype) == (b.shape, b.dtype):
        return lax.select(condition, a, b)  # of one instruction, where jnp.where traces a function of three
    return jnp.where(condition, a, b)


def select_rows(chosen: Any, yes, no):
    """`yes` in the rows that are chosen, else `no`; the flags have the leading axes of every leaf. NumPy remains."""
    where = np.where if isinstance(chosen, np.ndarray | np.generic) else jnp.where

    def one(a, b):
        return where(chosen.reshape(chosen.shape + (1,) * (np.ndim(a) - chosen.ndim)), a, b)

    return jax.tree_util.tree_map(one, yes, no)


def put_rows(old, places: Any, new):
    """NumPy arrays with the entries at some places taken from others, leaf by leaf."""

    def one(old, new):
        old = np.array(old)
        old[places] = new
        return old

    return jax.tree_util.tree_map(one, old, new)


def plain(method):
    """The bound method of a Module as a plain function: lax.cond and lax.switch hash their branches."""
    return lambda *args: method(*args)


def is_traced(tree) -> bool:
    """Whether any leaf is a tracer, so that its numbers cannot be looked at."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree_util.tree_leaves(tree))


def on_host(tree):
    """The tree with NumPy arrays, unless it is traced: an operation on the device is a program to be compiled."""
    return tree if is_traced(tree) else jax.tree_util.tree_map(np.asarray, tree)
