"""What a first fit compiles: the time that users wait for."""

import numpy as np

from jaxminuit.minuit import Minuit
from tests.helpers.compilations import compilations

RNG = np.random.default_rng(3)
START = dict.fromkeys("abcdefg", 0.5)  # as many parameters as no other test has: nothing is compiled yet
DESIGN = RNG.normal(size=(30, len(START)))
DATA = DESIGN @ np.arange(1.0, 8.0) + RNG.normal(size=30)


def chi2(a, b, c, d, e, f, g):
    return float(np.sum((DATA - DESIGN @ np.array([a, b, c, d, e, f, g])) ** 2))


def test_a_first_fit_of_a_numpy_model_compiles_few_programs():
    """Every operation by itself would be one more; the later algorithms find most of what they need already there."""
    m = Minuit(chi2, **START)
    found = {}
    for name, do in {
        "migrad": m.migrad,
        "hesse": m.hesse,
        "minos": lambda: m.minos("a", "b"),
        "mncontour": lambda: m.mncontour("a", "b", size=8),
    }.items():
        with compilations() as found[name]:
            do()
    assert m.gradient_path == "host"
    assert m.valid
    # two numbers more: whether XLA knows the options, and copies of the parameters to the device
    assert found["migrad"].total() <= 10
    assert found["hesse"].total() <= 4
    assert found["minos"].total() <= 4
    assert found["mncontour"].total() <= 4
    assert sum(programs["_sweep"] for programs in found.values()) == 1  # all strategies have the same
    assert sum(programs["_tell"] for programs in found.values()) == 2  # of Migrad, and of Hesse


def test_a_second_fit_compiles_nothing():
    """Nor does one with other values, limits, fixed parameters, tolerance or strategy."""
    Minuit(chi2, **START).migrad().hesse().minos("a")
    m = Minuit(lambda *x: 2.0 * chi2(*x), **dict.fromkeys(START, 1.5))
    m.limits["b"], m.fixed["c"], m.tol, m.errordef = (0, 9), True, 0.01, 2.0
    with compilations() as found:
        m.migrad().hesse().minos("a")
    assert not found
    m.strategy = 2
    with compilations() as found:
        m.migrad()
    assert found["_tell"] == found["_sweep"] == 0
