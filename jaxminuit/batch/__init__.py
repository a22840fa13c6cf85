"""Many fits: one program whose lanes drain a queue of fits, studies of toys, and statistics made of them."""

from jaxminuit.batch.asymptotic import asymptotic_p_value
from jaxminuit.batch.bootstrap import Bootstrap, bootstrap
from jaxminuit.batch.feldman_cousins import FeldmanCousins, feldman_cousins
from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.fits import Fits
from jaxminuit.batch.hypotest import HypothesisTest, hypotest
from jaxminuit.batch.impacts import Impacts, impacts
from jaxminuit.batch.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from jaxminuit.batch.study import Study
from jaxminuit.batch.toys import toys

__all__ = [
    "Bootstrap",
    "FeldmanCousins",
    "Fits",
    "HypothesisTest",
    "Impacts",
    "LikelihoodRatio",
    "Study",
    "asymptotic_p_value",
    "bootstrap",
    "feldman_cousins",
    "fit_many",
    "hypotest",
    "impacts",
    "likelihood_ratio",
    "toys",
]
