"""Names for the array shapes that the whole package speaks of (n: number of parameters), and how they are met."""

from typing import Any, TypeVar

import numpy as np
from jaxtyping import Array, Bool, Float, Int

Part = TypeVar("Part")
AnyArray = Array | np.ndarray

Scalar = Float[Array, ""]
Count = Int[Array, ""]
Flag = Bool[Array, ""]
Vector = Float[Array, " n"]
Mask = Bool[Array, " n"]
Matrix = Float[Array, "n n"]
AnyMatrix = Float[AnyArray, "n n"]


def leaf(value: Any) -> Array:
    """A NumPy array or number where a JAX array is declared: it becomes one when it enters a program, not before.

    Made on the device it would cost a program of its own.
    """
    return value


def present(part: Part | None) -> Part:
    """A part of a machine, of its state, or of a user's input, which may be absent but is not here."""
    if part is None:
        raise TypeError("a part is absent that was taken to be there")
    return part
