"""Fingerprints of traced functions, by which a store recognises a study."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def print_of(closed: Any) -> str:
    """A hash of the text of a traced program and of the arrays that it holds.

    It is free of what differs from one process to the next.
    """
    digest = hashlib.sha256(re.sub(r"0x[0-9a-f]+", "0x", str(closed)).encode())
    for array in _held(closed):
        if jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
            array = jax.random.key_data(array)
        array = np.asarray(array)
        digest.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _held(part: Any) -> Iterator[Any]:
    """Every array that a traced program holds, in those inside it too: its text does not show them."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from _held(item)
    elif hasattr(part, "consts") and hasattr(part, "jaxpr"):
        yield from (x for x in part.consts if hasattr(x, "dtype"))
        yield from _held(part.jaxpr)
    elif hasattr(part, "eqns"):
        for equation in part.eqns:
            yield from (x.val for x in equation.invars if hasattr(x, "val") and np.ndim(x.val) > 0)
            yield from _held(list(equation.params.values()))


def print_of_arrays(tree: Any) -> str:
    """A hash of all arrays of a tree."""
    digest = hashlib.sha256()
    for leaf in jax.tree_util.tree_leaves(tree):
        array = np.asarray(leaf)
        digest.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
