"""`minimize`, where iminuit has it."""

from jaxminuit.minuit.minimize import minimize

__all__ = ["minimize"]
