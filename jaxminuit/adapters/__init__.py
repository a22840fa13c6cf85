"""Bridges to other packages: their formats, and Migrad as their minimiser. None is imported before it is used."""

from jaxminuit.adapters.histfactory import HistFactory
from jaxminuit.adapters.optimistix_migrad import Migrad
from jaxminuit.adapters.pyhf import from_pyhf
from jaxminuit.adapters.pyhf_optimizer import pyhf_optimizer
from jaxminuit.adapters.scipy_migrad import scipy_migrad

__all__ = ["HistFactory", "Migrad", "from_pyhf", "pyhf_optimizer", "scipy_migrad"]
