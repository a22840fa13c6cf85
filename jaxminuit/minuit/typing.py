"""Types of what users hand over: models, cost functions, their derivatives, limits, keys."""

from collections.abc import Sequence
from types import EllipsisType
from typing import Annotated, NamedTuple, Protocol, runtime_checkable

import numpy as np

from jaxminuit.problem.annotations import Ge, Gt, Interval, Le, Lt, PositiveFloat, Probability

__all__ = [
    "Annotated",
    "Cost",
    "CostGradient",
    "CostVector",
    "Ge",
    "Gt",
    "Interval",
    "Key",
    "Le",
    "LossFunction",
    "Lt",
    "Model",
    "ModelGradient",
    "PositiveFloat",
    "Probability",
    "UserBound",
]

Key = int | str | slice | Sequence[int | str | bool] | EllipsisType


@runtime_checkable
class Model(Protocol):
    """A model of data: an array of values at the points x for some parameters."""

    def __call__(self, x: np.ndarray, *args: float) -> np.ndarray:
        """Values at x."""
        ...


@runtime_checkable
class ModelGradient(Protocol):
    """The gradient of a model with respect to its parameters: one row of values at x per parameter."""

    def __call__(self, x: np.ndarray, *args: float) -> np.ndarray:
        """Derivatives at x."""
        ...


@runtime_checkable
class Cost(Protocol):
    """A function to minimise."""

    def __call__(self, *args: float) -> float:
        """Its value."""
        ...


@runtime_checkable
class CostVector(Protocol):
    """Gradient, diagonal of the Hessian, or Hessian of a function to minimise."""

    def __call__(self, *args: float) -> np.ndarray:
        """The derivatives."""
        ...


CostGradient = CostVector


@runtime_checkable
class LossFunction(Protocol):
    """A loss for least squares: what takes the place of z, the square of a pull."""

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Loss for each z."""
        ...


class UserBound(NamedTuple):
    """Limits of one parameter; None where there is none."""

    min: float | None
    max: float | None
