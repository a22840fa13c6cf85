"""What may still change, under the names of iminuit.experimental."""

from jaxminuit.minuit.signatures import expanded

__all__ = ["expanded"]
