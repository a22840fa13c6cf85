"""Cost functions for fits: likelihoods, least squares, constraints and their sums. Data are leaves of a pytree."""

from jaxminuit.cost.base import AbstractCost, Constant, CostSum
from jaxminuit.cost.binned import BinnedNLL, ExtendedBinnedNLL
from jaxminuit.cost.chi2 import CHISQUARE, NEGATIVE_LOG_LIKELIHOOD, chi2, log_or_zero, multinomial_chi2, poisson_chi2
from jaxminuit.cost.constraint import NormalConstraint
from jaxminuit.cost.least_squares import LeastSquares
from jaxminuit.cost.unbinned import ExtendedUnbinnedNLL, UnbinnedNLL

__all__ = [
    "CHISQUARE",
    "NEGATIVE_LOG_LIKELIHOOD",
    "AbstractCost",
    "BinnedNLL",
    "Constant",
    "CostSum",
    "ExtendedBinnedNLL",
    "ExtendedUnbinnedNLL",
    "LeastSquares",
    "NormalConstraint",
    "UnbinnedNLL",
    "chi2",
    "log_or_zero",
    "multinomial_chi2",
    "poisson_chi2",
]
