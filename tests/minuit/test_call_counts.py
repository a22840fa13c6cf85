"""On the host, without a gradient, the user's function is called as often as iminuit calls it: equal to the last call.

The machines follow Minuit2 step for step, so any difference is a difference of algorithm; the functions are evaluated
by the same NumPy code on both sides. Long curved valleys, where one rounding decides on a step, are left out.
"""

import iminuit
import numpy as np
import pytest

from jaxminuit.minuit import Minuit

RNG = np.random.default_rng(1)
X = np.linspace(0.5, 10.0, 40)
LINE = 1.5 + 0.7 * X + RNG.normal(0.0, 0.4, X.size)
DECAY = RNG.exponential(1.7, 500)
PEAK = 30 * np.exp(-0.5 * ((X - 5.0) / 0.8) ** 2) + 40 * np.exp(-X / 6.0) + RNG.normal(0.0, 3.0, X.size)


def rosenbrock(x, y):
    return float(np.float64((1 - x) ** 2 + 100 * (y - x * x) ** 2))


def line(a, b):
    return float(np.sum(((LINE - a - b * X) / 0.4) ** 2))


def gauss(mu, s):
    return float(np.sum(((DECAY - mu) / s) ** 2) + 2 * DECAY.size * np.log(s))


def peak(h, m, w, b, t):
    return float(np.sum(((PEAK - h * np.exp(-0.5 * ((X - m) / w) ** 2) - b * np.exp(-X / t)) / 3) ** 2))


LARGE = {"h": 20.0, "m": 4.5, "w": 0.8, "b": 30.0, "t": 6.0}
CASES = {
    "rosenbrock": (rosenbrock, {"x": -1.2, "y": 1.0}, {}, ()),
    "line": (line, {"a": 0.0, "b": 0.0}, {}, ()),
    "limit": (gauss, {"mu": 0.0, "s": 1.0}, {"s": (0.0, None)}, ()),
    "two limits": (gauss, {"mu": 0.0, "s": 1.0}, {"s": (0.1, 5.0), "mu": (None, 4.0)}, ()),
    "fixed": (line, {"a": 1.0, "b": 0.0}, {}, ("a",)),
    "peak": (peak, LARGE, {}, ()),
    "peak with limits": (peak, LARGE, {"h": (0, 100), "w": (0.1, 5), "t": (1, None)}, ()),
    "peak with two fixed": (peak, LARGE, {}, ("w", "t")),
}


def counts(m, case, strategy):
    """Totals after Migrad, Hesse, Minos, and the calls of each parameter in Minos."""
    _, _, limits, fixed = CASES[case]
    m.strategy = strategy
    for name, pair in limits.items():
        m.limits[name] = pair
    for name in fixed:
        m.fixed[name] = True
    found = [m.migrad().nfcn, m.hesse().nfcn]
    if strategy == 1:
        found += [m.minos().nfcn, *(error.nfcn for error in m.merrors.values())]
    return found


@pytest.mark.parametrize(
    "strategy", [1, pytest.param(0, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow) if "peak" in c else c for c in CASES])
def test_as_many_calls_as_iminuit(case, strategy):
    function, start = CASES[case][:2]
    calls = []

    def counted(x):
        calls.append(1)
        return function(*x)

    m = Minuit(counted, list(start.values()), name=list(start))
    assert counts(m, case, strategy) == counts(iminuit.Minuit(function, **start), case, strategy)
    assert len(calls) == m.nfcn
