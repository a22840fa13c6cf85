"""Cost functions for fits: likelihoods, least squares, constraints and their sums. Data are leaves of a pytree."""

import warnings
from typing import Any

from jaxminuit.cost.base import AbstractCost, Constant, CostSum
from jaxminuit.cost.binned import AbstractBinned, BinnedNLL, ExtendedBinnedNLL
from jaxminuit.cost.bins import BinnedCost
from jaxminuit.cost.chi2 import CHISQUARE, NEGATIVE_LOG_LIKELIHOOD, chi2, log_or_zero, multinomial_chi2, poisson_chi2
from jaxminuit.cost.constraint import NormalConstraint
from jaxminuit.cost.least_squares import LeastSquares
from jaxminuit.cost.masked import MaskedCost, MaskedCostWithPulls
from jaxminuit.cost.sample import AbstractUnbinned
from jaxminuit.cost.template import Template
from jaxminuit.cost.template_chi2 import template_chi2_da, template_chi2_jsc, template_nll_asy
from jaxminuit.cost.unbinned import ExtendedUnbinnedNLL, UnbinnedNLL

Cost = AbstractCost
UnbinnedCost = AbstractUnbinned
BinnedCostWithModel = AbstractBinned

__all__ = [
    "CHISQUARE",
    "NEGATIVE_LOG_LIKELIHOOD",
    "AbstractCost",
    "BinnedCost",
    "BinnedCostWithModel",
    "BinnedNLL",
    "Constant",
    "Cost",
    "CostSum",
    "ExtendedBinnedNLL",
    "ExtendedUnbinnedNLL",
    "LeastSquares",
    "MaskedCost",
    "MaskedCostWithPulls",
    "NormalConstraint",
    "Template",
    "UnbinnedCost",
    "UnbinnedNLL",
    "chi2",
    "log_or_zero",
    "multinomial_chi2",
    "poisson_chi2",
    "template_chi2_da",
    "template_chi2_jsc",
    "template_nll_asy",
]

_RENAMED = {
    "BarlowBeestonLite": "Template",
    "barlow_beeston_lite_chi2_jsc": "template_chi2_jsc",
    "barlow_beeston_lite_chi2_hpd": "template_chi2_da",
    "multinominal_chi2": "multinomial_chi2",
}


def __getattr__(name: str) -> Any:
    """Names that iminuit has had, with a FutureWarning."""
    new = _RENAMED.get(name)
    if new is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"{name} was renamed to {new}, please import {new} instead", FutureWarning, stacklevel=2)
    return globals()[new]
