"""Many fits: one program whose lanes drain a queue of fits."""

from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.fits import Fits

__all__ = ["Fits", "fit_many"]
