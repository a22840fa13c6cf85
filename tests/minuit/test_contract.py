"""The interface as users type it: these lines run as they stand."""

import matplotlib as mpl
import numpy as np
import pytest

from jaxminuit.minuit.warnings import IMinuitWarning

mpl.use("Agg")

IMINUITS_WAY = """
from jaxminuit import Minuit, cost                     # also: minimize, describe, util, typing, pdg_format ...
m = Minuit(cost.LeastSquares(x, y, yerr, line), a=1.0, b=2.0)
m.limits["a"] = (0, None); m.fixed["b"] = True
m.migrad().hesse().minos()
m                                                      # shows itself: text, HTML in Jupyter
m.draw_mncontour("a", "b", cl=[0.68, 0.95])
"""


def line(x, a, b):
    return a + b * x


def test_iminuits_way():
    """With one of the parameters fixed, its joint region with another one is an interval of that."""
    rng = np.random.default_rng(4)
    x = np.linspace(0, 1, 20)
    names = {"x": x, "y": 1 + 2 * x + rng.normal(0, 0.1, 20), "yerr": 0.1, "line": line}
    with pytest.warns(IMinuitWarning, match="b is fixed: the region of a and b is only a line"):
        exec(IMINUITS_WAY, names)
    m = names["m"]
    assert m.valid
    assert "Migrad" in str(m)
    assert "<table>" in m._repr_html_()
    with pytest.warns(IMinuitWarning):
        segments = m._segment(0, 1, 0.68)[:2, 0], m._segment(1, 0, 0.68)[:2, 1]
    half = m.errors["a"] * np.sqrt(2.27887)  # chi-square of two parameters at 68 %; the errors are parabolic
    for ends in segments:
        np.testing.assert_allclose(ends, m.values["a"] + half * np.array([-1, 1]), rtol=1e-4)
