"""Migrad: the variable-metric minimiser, for exact derivatives or for finite differences."""

from jaxminuit.core.precision import Precision
from jaxminuit.core.types import Mask, Scalar
from jaxminuit.minimise.migrad_exact import ExactMigrad
from jaxminuit.minimise.migrad_finite import FiniteMigrad
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem.strategy import Strategy


def migrad_machine(
    errordef: Scalar, tol: Scalar, precision: Precision, limited: Mask, strategy: Strategy, exact: bool
) -> VariableMetric:
    """The Migrad that belongs to a kind of derivatives."""
    kind = ExactMigrad if exact else FiniteMigrad
    return kind(errordef, tol, precision, limited, strategy)
