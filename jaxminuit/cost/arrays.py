"""Data and masks of cost functions: conversion, checks, and models kept away from what a mask leaves out."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from jaxminuit.problem.columns import as_array, is_table
from jaxminuit.problem.fcn import StaticFunction

Mask = Bool[Array | np.ndarray, " points"] | None


def as_floats(value: Any, what: str) -> Float[Array | np.ndarray, "..."]:
    """A float array of at least one dimension: a copy of its own that can be edited in place, float32 stays float32.

    JAX arrays and tracers stay what they are; columns of pandas, pyarrow and awkward are read.

    Raises
    ------
    TypeError
        If `value` is not made of real numbers.
    ValueError
        If it is a column with missing values.
    """
    if not isinstance(value, jax.Array):
        value = as_array(value, what)
    if value.dtype.kind not in "biuf" and not jnp.issubdtype(value.dtype, jnp.floating):
        raise TypeError(f"{what} must be an array of real numbers, not of {value.dtype}")
    dtype = value.dtype if jnp.issubdtype(value.dtype, jnp.floating) else jnp.result_type(float)
    if isinstance(value, jax.Array):
        return jnp.atleast_1d(value.astype(dtype))
    return np.array(np.atleast_1d(value), _narrowed(dtype), order="C")


def as_points(value: Any, what: str) -> Float[Array | np.ndarray, "..."]:
    """The same for positions, (N,) or (D, N): of a table every row is a point; of one column (N,)."""
    if not is_table(value):
        return as_floats(value, what)
    columns = as_array(value, what).T
    return as_floats(columns[0] if len(columns) == 1 else columns, what)


def as_callable(function: Any, what: str) -> Callable:
    """A callable as part of a pytree: equinox Modules and Partials keep their leaves, others are static.

    Raises
    ------
    TypeError
        If it is not callable, or not hashable (its identity could not tell one compiled program from another).
    """
    if not callable(function):
        raise TypeError(f"{what} must be callable, not {function!r}")
    has_leaves = isinstance(function, eqx.Module | jax.tree_util.Partial)
    if has_leaves:
        return function
    try:
        hash(function)
    except TypeError:
        raise TypeError(f"{what} must be hashable, but {function!r} is not; wrap it in a function") from None
    return StaticFunction(function)


def plain(function: Callable) -> Callable:
    """The callable as the user gave it to `as_callable`."""
    return function.function if isinstance(function, StaticFunction) else function


def as_mask(mask: Any, size: int) -> Mask:
    """A boolean mask over `size` points, from None, booleans (True: use the point), or indices of the points to use.

    Raises
    ------
    ValueError
        Wrong length, an index out of range, or an index that occurs twice.
    """
    if mask is None:
        return None
    mask = mask if isinstance(mask, jax.Array) else as_array(mask, "mask")
    if mask.dtype == bool:
        if mask.shape != (size,):
            raise ValueError(f"mask has shape {mask.shape}, but ({size},) is required")
        return mask if isinstance(mask, jax.Array) else mask.copy()
    if mask.size and mask.dtype.kind not in "iu":
        raise ValueError(f"mask must be None, an array of bool, or an array of indices, not of {mask.dtype}")
    indices = np.asarray(mask, int).reshape(-1)
    if np.any((indices < -size) | (indices >= size)):
        raise ValueError(f"mask has an index out of range for {size} points: {indices.tolist()}")
    selected = np.zeros(size, bool)
    selected[indices] = True
    if selected.sum() != indices.size:
        raise ValueError(f"mask must not name a point twice: {indices.tolist()}")
    return selected


def count(mask: Mask, size: int):
    """Number of points in use: an int, or a traced integer if the mask is traced."""
    if mask is None:
        return size
    return jnp.sum(mask) if isinstance(mask, jax.core.Tracer) else int(np.sum(mask))


def where_used(mask: Mask, x, otherwise=0.0):
    """x with the points (last axis) left out by the mask set to `otherwise`."""
    return x if mask is None else jnp.where(mask, x, otherwise)


def models_points(mask: Mask, x):
    """x with the points (last axis) left out by the mask set to the first one in use.

    The model then sees every shape unchanged, and no point at which it, or its derivative, might not be finite.
    """
    x = jnp.asarray(x)
    if mask is None:
        return x
    return jnp.where(mask, x, jnp.take(x, jnp.argmax(mask), axis=-1)[..., None])


def along_first_axis(mask: Mask, shape: tuple[int, ...]):
    """The mask of the first axis spread over an array of that shape."""
    if mask is None:
        return None
    return jnp.broadcast_to(mask.reshape((-1,) + (1,) * (len(shape) - 1)), shape)


def _narrowed(dtype) -> np.dtype:
    """The dtype as JAX would have it: no more than 64 bit, or 32 if 64 is switched off."""
    wide = np.dtype(dtype).itemsize > 4
    return np.dtype(jnp.result_type(float)) if wide else np.dtype(dtype)
