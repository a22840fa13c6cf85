"""Types of what users hand over, and limits as annotations, under the names of iminuit.typing."""

from jaxminuit.minuit.typing import (
    Annotated,
    Cost,
    CostGradient,
    CostVector,
    Ge,
    Gt,
    Interval,
    Key,
    Le,
    LossFunction,
    Lt,
    Model,
    ModelGradient,
    PositiveFloat,
    Probability,
    UserBound,
)

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
