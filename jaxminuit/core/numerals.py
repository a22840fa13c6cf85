"""Numbers as texts, for results that show themselves."""

from collections.abc import Sequence
from typing import SupportsFloat

NOTHING = 1e-8  # of the size of the error: what a minimiser leaves where 0 is meant


def cleared(x: SupportsFloat, size: SupportsFloat) -> float:
    """The number, or 0 where it is nothing beside `size`."""
    return 0.0 if abs(float(x)) <= NOTHING * float(size) else float(x)


def numeral(x: SupportsFloat, digits: int, size: SupportsFloat = 0.0, sign: str = "-") -> str:
    """A number with a few digits; 0 where it is nothing beside `size`. `sign` as in format specifications."""
    return f"{cleared(x, size) + 0.0:{sign}.{digits}g}"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of texts that stand under each other, all to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
