"""Numbers with uncertainties as the Particle Data Group writes them, under the names of iminuit.pdg_format."""

from jaxminuit.minuit.pdg_format import Format, latex, pdg_format, term

__all__ = ["Format", "latex", "pdg_format", "term"]
