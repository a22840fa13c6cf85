"""The one door: functions that join a machine with a crank. Pure; they work under jit and vmap."""

from jaxminuit.fit.bookkeeping import fix, joint_up, release
from jaxminuit.fit.compiled_fit import CompiledFit, compiled, load_compiled
from jaxminuit.fit.contours import mncontour
from jaxminuit.fit.covariance import covariance
from jaxminuit.fit.errors import minos
from jaxminuit.fit.fumili import fumili
from jaxminuit.fit.gradient import check_gradient
from jaxminuit.fit.improve import improve
from jaxminuit.fit.ladder import minimize_all
from jaxminuit.fit.mnprofiles import mnprofile
from jaxminuit.fit.multi_start import MultiStart, multi_start, random_starts
from jaxminuit.fit.profiles import contour, profile
from jaxminuit.fit.propagate import propagate
from jaxminuit.fit.search import scan, scan_grid, seek
from jaxminuit.fit.single import hesse, migrad, simplex

__all__ = [
    "CompiledFit",
    "MultiStart",
    "check_gradient",
    "compiled",
    "contour",
    "covariance",
    "fix",
    "fumili",
    "hesse",
    "improve",
    "joint_up",
    "load_compiled",
    "migrad",
    "minimize_all",
    "minos",
    "mncontour",
    "mnprofile",
    "multi_start",
    "profile",
    "propagate",
    "random_starts",
    "release",
    "scan",
    "scan_grid",
    "seek",
    "simplex",
]
