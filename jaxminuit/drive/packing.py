"""Many small arrays as a few long ones: what is stored row by row is cheaper to store in one piece."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Packed = dict[str, jnp.ndarray]


def pack(tree: Any) -> Packed:
    """All leaves of one dtype behind each other in one vector, by name of the dtype."""
    parts: dict[str, list] = {}
    for leaf in jax.tree_util.tree_leaves(tree):
        parts.setdefault(str(leaf.dtype), []).append(leaf.reshape(-1))
    return {dtype: jnp.concatenate(leaves) for dtype, leaves in parts.items()}


def unpacker(like: Any) -> Callable[[Packed], Any]:
    """The way back from `pack` for trees whose leaves have the shapes and dtypes of `like`."""
    leaves, treedef = jax.tree_util.tree_flatten(like)

    def unpack(packed: Packed) -> Any:
        first = dict.fromkeys(packed, 0)
        found = []
        for leaf in leaves:
            dtype, size = str(leaf.dtype), math.prod(leaf.shape)
            found.append(packed[dtype][first[dtype] : first[dtype] + size].reshape(leaf.shape))
            first[dtype] += size
        return jax.tree_util.tree_unflatten(treedef, found)

    return unpack
