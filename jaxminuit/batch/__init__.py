"""Many fits: one program whose lanes drain a queue of fits, and the statistics that are made of them."""

from jaxminuit.batch.asymptotic import asymptotic_p_value
from jaxminuit.batch.bootstrap import Bootstrap, bootstrap
from jaxminuit.batch.feldman_cousins import FeldmanCousins, feldman_cousins
from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.fits import Fits
from jaxminuit.batch.hypotest import HypothesisTest, hypotest
from jaxminuit.batch.impacts import Impacts, impacts
from jaxminuit.batch.likelihood_ratio import LikelihoodRatio, likelihood_ratio

__all__ = [
    "Bootstrap",
    "FeldmanCousins",
    "Fits",
    "HypothesisTest",
    "Impacts",
    "LikelihoodRatio",
    "asymptotic_p_value",
    "bootstrap",
    "feldman_cousins",
    "fit_many",
    "hypotest",
    "impacts",
    "likelihood_ratio",
]
