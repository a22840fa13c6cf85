"""The one door: functions that join a machine with a crank. Pure; they work under jit and vmap."""

from jaxminuit.fit.errors import minos
from jaxminuit.fit.gradient import check_gradient
from jaxminuit.fit.ladder import minimize_all
from jaxminuit.fit.single import hesse, migrad, simplex

__all__ = ["check_gradient", "hesse", "migrad", "minimize_all", "minos", "simplex"]
