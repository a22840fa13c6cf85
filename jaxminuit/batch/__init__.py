"""Many fits: one program whose lanes drain a queue of fits; toys, and what they say about a fit."""

from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.fits import Fits
from jaxminuit.batch.study import Study
from jaxminuit.batch.toys import toys

__all__ = ["Fits", "Study", "fit_many", "toys"]
