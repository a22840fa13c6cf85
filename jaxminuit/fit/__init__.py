"""The one door: functions that join a machine with a crank. Pure; they work under jit and vmap."""

from jaxminuit.fit.bookkeeping import fix, joint_up, release
from jaxminuit.fit.covariance import covariance
from jaxminuit.fit.errors import minos
from jaxminuit.fit.fumili import fumili
from jaxminuit.fit.gradient import check_gradient
from jaxminuit.fit.propagate import propagate
from jaxminuit.fit.single import hesse, migrad, simplex

__all__ = [
    "check_gradient",
    "covariance",
    "fix",
    "fumili",
    "hesse",
    "joint_up",
    "migrad",
    "minos",
    "propagate",
    "release",
    "simplex",
]
