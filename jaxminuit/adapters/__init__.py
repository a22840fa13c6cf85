"""Bridges to other packages' formats."""

from jaxminuit.adapters.histfactory import HistFactory
from jaxminuit.adapters.pyhf import from_pyhf

__all__ = ["HistFactory", "from_pyhf"]
