"""The iminuit-compatible front end: class Minuit, its views, results and tables."""

from jaxminuit.minuit.minuit import Minuit

__all__ = ["Minuit"]
