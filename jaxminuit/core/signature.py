"""What a compiled program is called with: the arrays of its arguments, and all else that they are made of."""

import re
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np


@dataclass(frozen=True)
class Signature:
    """Paths, shapes and kinds of number of all arrays, in order, and the text of what holds them.

    The text is that of JAX's tree structure, without addresses: types, names of functions, names of parameters.
    """

    paths: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[str, ...]
    structure: str

    def check(self, other: "Signature") -> None:
        """TypeError or ValueError that says where another signature differs."""
        if other.paths != self.paths:
            raise TypeError(
                f"the fit was compiled for arrays at {list(self.paths)}, "
                f"but the arguments have them at {list(other.paths)}"
            )
        if other.structure != self.structure:
            mine, theirs = _difference(self.structure, other.structure)
            raise TypeError(
                "the fit was compiled for another function, for other names of parameters or for other options: "
                f"... {mine} ..., not ... {theirs} ..."
            )
        for path, wanted, shape in zip(self.paths, self.shapes, other.shapes, strict=True):
            if shape != wanted:
                raise ValueError(f"{path} must have the shape that the fit was compiled for, {wanted}, not {shape}")


def signature_of(arguments: tuple) -> Signature:
    """The signature of arguments, which hold arrays, or shapes and kinds of number in their place."""
    flat, structure = jax.tree_util.tree_flatten_with_path(arguments)
    leaves = [as_array(leaf, path_name(path)) for path, leaf in flat]
    return Signature(
        paths=tuple(path_name(path) for path, _ in flat),
        shapes=tuple(tuple(leaf.shape) for leaf in leaves),
        dtypes=tuple(str(leaf.dtype) for leaf in leaves),
        structure=re.sub(r" at 0x[0-9a-f]+", "", str(structure)),
    )


def path_name(path) -> str:
    """Where an array stands in the arguments: argument 0['x'].values."""
    return f"argument {path[0].idx}{jax.tree_util.keystr(path[1:])}"


def as_array(leaf: Any, name: str) -> Any:
    """The leaf if it is an array or stands for one, else a NumPy array; TypeError for what is not numbers."""
    if isinstance(leaf, jax.Array | jax.ShapeDtypeStruct):
        return leaf
    array = np.asarray(leaf)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} must be an array of numbers, not {leaf!r}")
    return array.astype(jax.dtypes.canonicalize_dtype(array.dtype), copy=False)


def as_kind(leaf: Any, dtype: str, name: str) -> Any:
    """The array in the kind of number that a program takes; TypeError where that would lose something."""
    array = as_array(leaf, name)
    if str(array.dtype) == dtype:
        return array
    is_key = jax.dtypes.issubdtype(array.dtype, jax.dtypes.extended) or dtype.startswith("key")
    if is_key or not np.can_cast(array.dtype, np.dtype(dtype), "same_kind"):
        raise TypeError(f"{name} must hold numbers of the kind {dtype}, not {array.dtype}")
    return array.astype(dtype)


def _difference(mine: str, theirs: str) -> tuple[str, str]:
    """The surroundings of the first letter in which two texts differ."""
    first = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    window = slice(max(first - 40, 0), first + 40)
    return mine[window], theirs[window]
