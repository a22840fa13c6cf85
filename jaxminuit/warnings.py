"""Warnings of the Minuit class, under the names of iminuit.warnings."""

from jaxminuit.minuit.warnings import (
    ErrordefAlreadySetWarning,
    HesseFailedWarning,
    IMinuitWarning,
    OptionalDependencyWarning,
    PerformanceWarning,
)

__all__ = [
    "ErrordefAlreadySetWarning",
    "HesseFailedWarning",
    "IMinuitWarning",
    "OptionalDependencyWarning",
    "PerformanceWarning",
]
