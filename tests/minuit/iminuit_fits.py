"""iminuit's results of many fits, and our classes filled with the same numbers."""

import iminuit
import numpy as np
from iminuit import testing

from jaxminuit.minuit.matrix import Matrix
from jaxminuit.minuit.results import FMin, MError, MErrors, Param, Params

FACTS = [name for name in dir(iminuit.util.FMin) if name[0] != "_"]


def fits():
    """Fits of different sizes, scales, verdicts, limits; by name."""

    def line(a, b):
        x = np.linspace(0, 5, 20)
        return float(np.sum((2 + 3 * x + np.sin(7 * x) - a - b * x) ** 2 / 0.3))

    line.ndata = 20

    def scales(tiny, huge, plain):
        return (tiny * 1e8 - 3) ** 2 + (huge * 1e-7 + 2) ** 2 + (plain - 0.5 * tiny * 1e8) ** 2

    def wild(x):
        return float(np.sum((x - np.arange(len(x))) ** 2 * 10.0 ** np.arange(-6, len(x) - 6)))

    m = {name: iminuit.Minuit(line, 0, 0) for name in ("line", "at limit", "fixed", "all fixed", "start", "hesse")}
    m["line"].migrad().minos()
    m["at limit"].limits = [(0, 1.5), (None, 10)]
    m["at limit"].migrad().minos()
    m["fixed"].fixed["a"] = True
    m["fixed"].migrad().minos()
    m["all fixed"].fixed = True
    m["hesse"].values = (2, 3)
    m["hesse"].hesse()
    m["limits"] = iminuit.Minuit(lambda a, b: (a - 1) ** 2 + (b + a) ** 2, 1, -1, name=("alpha", "a_long_name_of_b"))
    m["limits"].limits = [(0.123456789, 123456789), (-1.2, 1e-7)]
    m["limits"].migrad().minos("alpha")
    m["scales"] = iminuit.Minuit(scales, 1e-8, 1e7, 1).migrad().minos()
    m["many"] = iminuit.Minuit(wild, np.zeros(12)).migrad().minos(0, 3, 11)
    m["calls"] = iminuit.Minuit(testing.rosenbrock, -1.2, 1).migrad(ncall=20, iterate=1)
    m["simplex"] = iminuit.Minuit(testing.rosenbrock, -1.2, 1).simplex()
    m["strategy 0"] = iminuit.Minuit(testing.beale, 1, 1, grad=None)
    m["strategy 0"].strategy = 0
    m["strategy 0"].migrad()
    m["gradient"] = iminuit.Minuit(testing.rosenbrock, -1.2, 1, grad=testing.rosenbrock_grad).migrad()
    m["saddle"] = iminuit.Minuit(lambda x, y: x**2 - y**2 + 0.01 * y**4, 0.3, 0.0).migrad(iterate=1)
    m["flat"] = iminuit.Minuit(lambda x, y: (x + y) ** 2, 1, 2).migrad()
    m["nan"] = iminuit.Minuit(lambda x: float("nan"), 1.0).migrad(iterate=1)
    m["limit hit by minos"] = iminuit.Minuit(lambda x, y: (x - 0.1) ** 2 + y**2, 1, 1)
    m["limit hit by minos"].limits["x"] = (0, 5)
    m["limit hit by minos"].migrad().minos()
    return m


def our_fmin(fm, message="", compiling=0.0):
    return FMin(**{name: getattr(fm, name) for name in FACTS}, _compiling=compiling, _message=message)


def our_params(ps):
    return Params(Param(**{f: getattr(p, f) for f in Param.__dataclass_fields__}) for p in ps)


def our_merrors(mes):
    return MErrors((k, MError(**{f: getattr(e, f) for f in MError.__dataclass_fields__})) for k, e in mes.items())


def our_matrix(m):
    return Matrix(np.asarray(m), tuple(m._var2pos))
