"""Limits of parameters as metadata of ``Annotated`` types, with the attributes of the package annotated-types."""

import dataclasses
from typing import Annotated


@dataclasses.dataclass
class Gt:
    """Greater than `gt`. Minuit makes no difference between open and closed intervals."""

    gt: float


@dataclasses.dataclass
class Ge:
    """Greater than or equal to `ge`."""

    ge: float


@dataclasses.dataclass
class Lt:
    """Less than `lt`."""

    lt: float


@dataclasses.dataclass
class Le:
    """Less than or equal to `le`."""

    le: float


@dataclasses.dataclass
class Interval:
    """Between two limits, each open or closed, or absent (None)."""

    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None


PositiveFloat = Annotated[float, Gt(0)]
Probability = Annotated[float, Interval(ge=0, le=1)]
NAMES = {
    thing.__name__: thing for thing in (Gt, Ge, Lt, Le, Interval)
} | {"Annotated": Annotated, "PositiveFloat": PositiveFloat, "Probability": Probability}  # fmt: skip
