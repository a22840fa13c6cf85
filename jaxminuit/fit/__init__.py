"""The one door: functions that join a machine with a crank. Pure; they work under jit and vmap."""

from jaxminuit.fit.contours import mncontour
from jaxminuit.fit.errors import minos
from jaxminuit.fit.gradient import check_gradient
from jaxminuit.fit.mnprofiles import mnprofile
from jaxminuit.fit.profiles import contour, profile
from jaxminuit.fit.single import hesse, migrad, simplex

__all__ = ["check_gradient", "contour", "hesse", "migrad", "minos", "mncontour", "mnprofile", "profile", "simplex"]
