"""The iminuit-compatible front end: class Minuit, its views, results and tables; minimize; helpers."""

from jaxminuit.minuit.minimize import minimize
from jaxminuit.minuit.minuit import Minuit

__all__ = ["Minuit", "minimize"]
