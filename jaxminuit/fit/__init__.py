"""The one door: functions that join a machine with a crank. Pure; they work under jit and vmap."""

from jaxminuit.fit.errors import minos
from jaxminuit.fit.gradient import check_gradient
from jaxminuit.fit.improve import improve
from jaxminuit.fit.ladder import minimize_all
from jaxminuit.fit.search import scan, scan_grid, seek
from jaxminuit.fit.single import hesse, migrad, simplex

__all__ = [
    "check_gradient",
    "hesse",
    "improve",
    "migrad",
    "minimize_all",
    "minos",
    "scan",
    "scan_grid",
    "seek",
    "simplex",
]
