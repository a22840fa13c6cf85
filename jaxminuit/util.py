"""Result classes and helpers under the names of iminuit.util."""

from jaxminuit.core.surroundings import is_jupyter
from jaxminuit.minuit.inquiry import g2, gradient, hessian, is_module_available, is_positive_definite
from jaxminuit.minuit.matrix import Matrix
from jaxminuit.minuit.progress import ProgressBar
from jaxminuit.minuit.propagation import propagate
from jaxminuit.minuit.results import FMin, MError, MErrors, Param, Params
from jaxminuit.minuit.signatures import make_func_code, make_with_signature, merge_signatures
from jaxminuit.minuit.views import BasicView, ErrorView, FixedView, LimitView, ValueView
from jaxminuit.minuit.warnings import HesseFailedWarning, IMinuitWarning, PerformanceWarning
from jaxminuit.problem.describe import describe

__all__ = [
    "BasicView",
    "ErrorView",
    "FMin",
    "FixedView",
    "HesseFailedWarning",
    "IMinuitWarning",
    "LimitView",
    "MError",
    "MErrors",
    "Matrix",
    "Param",
    "Params",
    "PerformanceWarning",
    "ProgressBar",
    "ValueView",
    "describe",
    "g2",
    "gradient",
    "hessian",
    "is_jupyter",
    "is_module_available",
    "is_positive_definite",
    "make_func_code",
    "make_with_signature",
    "merge_signatures",
    "propagate",
]
