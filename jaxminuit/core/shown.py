"""Results show themselves: as their text at a prompt, and as that in a notebook."""

import equinox as eqx
import jax
import numpy as np


class Shown(eqx.Module):
    """A result whose `str` is its text: shown at a prompt too, where all its numbers are there to be looked at."""

    def __repr__(self) -> str:
        leaves = jax.tree_util.tree_leaves(self)
        there = all(isinstance(leaf, np.ndarray | np.generic | int | float) or _is_there(leaf) for leaf in leaves)
        try:
            return str(self) if there and leaves else super().__repr__()
        except Exception:  # something was taken out of it, and errors are told with the help of this
            return super().__repr__()


def _is_there(leaf) -> bool:
    """Whether a leaf is an array that holds numbers: no tracer, no shape alone, not handed on."""
    return isinstance(leaf, jax.Array) and not isinstance(leaf, jax.core.Tracer) and not leaf.is_deleted()
