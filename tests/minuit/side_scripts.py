"""Scripts as users of iminuit write them, generated over functions, settings and methods.

A script is text. PACKAGE stands for the package that it imports, which is all that changes.
"""

from typing import NamedTuple

HEAD = """
import copy, pickle
import numpy as np
from PACKAGE import Minuit, cost
from tests.minuit.side_models import *
"""


class Kit(NamedTuple):
    """A function to minimise: how to make m, three parameter names (or fewer), and whether JAX can trace it."""

    make: str
    names: tuple[str, ...]
    traced: bool


KITS = {
    "scalars": Kit("m = Minuit(bowl, x=0.3, y=0.1, z=0.2)", ("x", "y", "z"), True),
    "array": Kit("m = Minuit(bowl_of_array, (0.3, 0.1, 0.2), name=('x', 'y', 'z'))", ("x", "y", "z"), True),
    "host": Kit("m = Minuit(bowl_on_host, x=0.3, y=0.1, z=0.2)", ("x", "y", "z"), False),
    "array on host": Kit("m = Minuit(bowl_of_array_on_host, [0.3, 0.1, 0.2])", ("x0", "x1", "x2"), False),
    "gradient": Kit("m = Minuit(bowl_on_host, x=0.3, y=0.1, z=0.2, grad=bowl_gradient)", ("x", "y", "z"), False),
    "least squares": Kit("m = Minuit(cost.LeastSquares(X, Y, YERR, parabola), a=1, b=0, c=0)", ("a", "b", "c"), True),
    "least squares on host": Kit(
        "m = Minuit(cost.LeastSquares(X, Y, YERR, wave_on_host), a=1, b=0.1, c=0.1)", ("a", "b", "c"), False
    ),
    "constrained": Kit(
        "m = Minuit(cost.LeastSquares(X, Y, YERR, parabola) + cost.NormalConstraint('c', 0.5, 0.1), a=1, b=0, c=0)",
        ("a", "b", "c"),
        True,
    ),
    "unbinned": Kit("m = Minuit(cost.UnbinnedNLL(SAMPLE, slope_pdf), s=0.2)", ("s",), True),
    "unbinned on host": Kit(
        "m = Minuit(cost.UnbinnedNLL(GAUSS, gauss_pdf_on_host), mu=0.1, sigma=1.0); m.limits['sigma'] = (0.1, None)",
        ("mu", "sigma"),
        False,
    ),
    "extended": Kit(
        "m = Minuit(cost.ExtendedUnbinnedNLL(SAMPLE, scaled_slope_pdf), n=350, s=0.2); m.limits['n'] = (0, None)",
        ("n", "s"),
        True,
    ),
    "binned": Kit("m = Minuit(cost.BinnedNLL(N, XE, slope_cdf), s=0.2)", ("s",), True),
    "extended binned": Kit(
        "m = Minuit(cost.ExtendedBinnedNLL(N, XE, scaled_slope_cdf), n=350, s=0.2)", ("n", "s"), True
    ),
}

# {0}, {1} ... are the parameters
PLANS = {
    "migrad": "m.migrad()",
    "again": "m.migrad(); m.migrad(); m.hesse()",
    "hesse": "m.hesse()",
    "minos": "m.migrad().minos()",
    "minos of one": "m.migrad().minos('{0}', cl=0.9)",
    "minos in sigmas": "m.migrad().minos(0, cl=2)",
    "simplex": "m.simplex().migrad()",
    "scan": "m.scan(ncall=30).migrad()",
    "strategy 0": "m.strategy = 0; m.migrad(); m.hesse()",
    "strategy 2": "m.strategy = 2; m.migrad()",
    "tolerance": "m.tol = 0.01; m.migrad()",
    "errordef": "m.migrad(); m.errordef = 4",
    "limits": "m.limits['{0}'] = (-10, 1000); m.migrad().minos('{0}')",
    "one limit": "m.limits['{0}'] = (None, 1000); m.migrad()",
    "fixed first": "m.fixed['{0}'] = True; m.values['{0}'] *= 1.05; m.migrad()",
    "fixto and release": "m.fixto('{0}', m.values[0] * 1.1).migrad(); m.fixed = False; m.migrad()",
    "moved": "m.migrad(); m.values[-1] += m.errors[-1]; m.migrad()",
    "steps": "m.errors = [0.05 * (1 + abs(v)) for v in m.values]; m.migrad()",
    "reset": "m.migrad(); m.reset(); before = (m.fmin, m.nfcn, m.values[:]); m.migrad()",
    "call limit": "m.migrad(ncall=3, iterate=1)",
    "profile": "m.migrad(); out = m.profile('{0}', size=7), m.profile(-1, grid=[0.1, 0.2], subtract_min=True)",
    "mnprofile": "m.migrad(); out = m.mnprofile('{0}', size=5, bound=1.5, subtract_min=True)",
    "copies": "m.migrad(); c = copy.deepcopy(m); c.values[0] += 1; m.hesse(); out = c.values[0] - m.values[0]",
    "pickled": "m.migrad(); m = pickle.loads(pickle.dumps(m)); m.minos('{0}')",
}
FOR_TWO = {
    "contour": "m.migrad(); out = m.contour('{0}', '{1}', size=(3, 4), bound=1, subtract_min=True)",
    "mncontour": "m.migrad(); c = m.mncontour('{0}', '{1}', size=20); "
    "out = c.shape, c.min(axis=0), c.max(axis=0), c[0] - c[-1]",
    "two fixed": "m.fixed[0:1] = True; m.migrad().minos('{1}'); m.fixed['{0}'] = False; m.migrad()",
    "at a limit": "m.limits['{1}'] = (m.values['{1}'] * 0.9, m.values['{1}'] * 1.001 + 0.001); m.migrad()",
}


def scripts():
    """(name, text, traced) of every script."""
    for kit, (make, names, traced) in KITS.items():
        plans = PLANS | (FOR_TWO if len(names) > 1 else {})
        for plan, text in plans.items():
            if plan == "fixed first" and len(names) == 1:
                continue
            if plan == "fixto and release" and len(names) == 1:
                continue
            yield f"{kit}: {plan}", HEAD + make + "\n" + text.format(*names) + "\n", traced
