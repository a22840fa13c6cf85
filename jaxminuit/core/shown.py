"""Results show themselves: as their text at a prompt, as tables in a notebook."""

from html import escape

import equinox as eqx
import jax
import numpy as np


class Shown(eqx.Module):
    """A result shown by its `_text`, at a prompt and printed; by its structure while it holds no numbers."""

    def __repr__(self) -> str:
        try:
            return self._text() if self._is_there() else super().__repr__()
        except Exception:  # something was taken out of it, and errors are told with the help of this
            return super().__repr__()

    def __str__(self) -> str:
        return repr(self)

    def _text(self) -> str:
        raise NotImplementedError

    def _repr_html_(self) -> str | None:
        """What a notebook shows; None, for which it takes the text, where numbers are not there."""
        try:
            return self._html() if self._is_there() else None
        except Exception:  # as above
            return None

    def _html(self) -> str:
        """The text as it is, where a result has no tables of its own."""
        return f"<pre>{escape(self._text())}</pre>"

    def _is_there(self) -> bool:
        leaves = jax.tree_util.tree_leaves(self)
        there = (isinstance(leaf, np.ndarray | np.generic | int | float) or _is_there(leaf) for leaf in leaves)
        return bool(leaves) and all(there)


def _is_there(leaf) -> bool:
    """Whether a leaf is an array that holds numbers: no tracer, no shape alone, not handed on."""
    return isinstance(leaf, jax.Array) and not isinstance(leaf, jax.core.Tracer) and not leaf.is_deleted()
