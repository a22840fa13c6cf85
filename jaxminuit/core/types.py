"""Names for the array shapes that the whole package speaks of (n: number of parameters)."""

from jaxtyping import Array, Bool, Float, Int

Scalar = Float[Array, ""]
Count = Int[Array, ""]
Flag = Bool[Array, ""]
Vector = Float[Array, " n"]
Mask = Bool[Array, " n"]
Matrix = Float[Array, "n n"]
