"""Every density with parameters, points inside its support, and what SciPy says it is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy import stats as reference

from jaxminuit import stats


@dataclass(frozen=True)
class Family:
    """One module: parameter sets (K, P), points (M,) away from kinks, support of the first set, reference functions."""

    name: str
    parameters: tuple
    x: np.ndarray
    support: tuple = (-np.inf, np.inf)
    pdf: Callable | None = None
    cdf: Callable | None = None

    @property
    def module(self):
        return getattr(stats, self.name)

    @property
    def rows(self) -> np.ndarray:
        """(K M, 1 + P): every point with every parameter set."""
        return np.array([[x, *p] for p in self.parameters for x in self.x], float)


def crystalball(x, beta, m, loc, scale):
    return reference.crystalball(beta, m, loc, scale)


def two_halves(kind):
    """A two-sided Crystal Ball from the halves of one-sided ones, weighted so that they meet at the mode."""

    def function(x, bl, ml, sl, br, mr, sr, loc):
        left, right = reference.crystalball(bl, ml, loc, sl), reference.crystalball(br, mr, -loc, sr)
        wl, wr = left.cdf(loc) / left.pdf(loc), right.cdf(-loc) / right.pdf(-loc)
        fl, fr = 1 / left.pdf(loc) / (wl + wr), 1 / right.pdf(-loc) / (wl + wr)
        if kind == "pdf":
            return np.where(x < loc, fl * left.pdf(x), fr * right.pdf(-x))
        return np.where(x < loc, fl * left.cdf(x), 1.0 - fr * right.cdf(-x))

    return function


def argus(x, chi, c, p):
    """In SciPy only p = 1/2; otherwise by the incomplete gamma function."""
    v, y = 1 - (x / c) ** 2, chi * chi / 2
    whole = special.gammainc(p + 1, y) * special.gamma(p + 1) / y ** (p + 1)
    return 2 * x / c**2 * v**p * np.exp(-y * v) / whole


def argus_cdf(x, chi, c, p):
    v, y = 1 - (x / c) ** 2, chi * chi / 2
    return 1 - special.gammainc(p + 1, y * v) / special.gammainc(p + 1, y)


def tsallis(kind):
    """The q-Gaussian as Student's distribution, SciPy's normal at q = 1."""

    def function(x, q, mu, sigma):
        df, scale = ((3 - q) / (q - 1), sigma * np.sqrt(2 / (3 - q))) if q > 1 else (np.inf, sigma)
        frozen = reference.t(df, mu, scale) if q > 1 else reference.norm(mu, scale)
        return getattr(frozen, kind)(x)

    return function


def scipy_of(name, order):
    """SciPy's pdf and cdf with our order of arguments translated by `order`."""
    distribution = getattr(reference, name)
    return {
        "pdf": lambda x, *p: distribution.pdf(x, *order(*p)),
        "cdf": lambda x, *p: distribution.cdf(x, *order(*p)),
    }


def same(*p):
    return p


def late_start(xmin, xmax, loc, scale):
    low = max(xmin, loc)
    return (xmax - low) / scale, low, scale


def normal_bounds(xmin, xmax, loc, scale):
    return (xmin - loc) / scale, (xmax - loc) / scale, loc, scale


LINE = np.array([-6.3, -2.1, -0.4, 0.03, 0.7, 1.9, 4.4])
UNIT = np.array([0.013, 0.21, 0.48, 0.77, 0.981])
FAMILIES = [
    Family("norm", ((0.0, 1.0), (0.4, 2.3)), LINE, **scipy_of("norm", same)),
    Family("expon", ((0.0, 1.3), (-0.2, 0.4)), UNIT, (0.0, np.inf), **scipy_of("expon", same)),
    Family("uniform", ((0.0, 1.0), (-0.5, 3.0)), UNIT, (0.0, 1.0), **scipy_of("uniform", same)),
    Family(
        "truncnorm",
        ((-0.1, 1.1, 0.4, 0.3), (-0.2, 1.0, 3.0, 0.2), (-0.1, 1.2, -4.0, 0.25), (0.0, 1.0, 0.5, 30.0)),
        UNIT,
        (-0.1, 1.1),
        **scipy_of("truncnorm", normal_bounds),
    ),
    Family(
        "truncexpon",
        ((0.0, 1.0, -0.1, 0.3), (-0.1, 1.2, 0.008, 2.5), (-0.2, 1.2, -0.1, 80.0)),
        UNIT,
        (0.0, 1.0),
        **scipy_of("truncexpon", late_start),
    ),
    Family(
        "crystalball",
        ((1.5, 3.0, 0.0, 1.0), (0.7, 1.6, 0.3, 1.8), (4.0, 20.0, 0.0, 1.1)),
        LINE,
        **scipy_of("crystalball", same),
    ),
    Family(
        "crystalball_ex",
        ((1.5, 3.0, 1.0, 0.8, 2.0, 1.7, 0.1), (0.6, 1.5, 2.0, 3.0, 4.0, 1.3, -0.2)),
        LINE,
        pdf=two_halves("pdf"),
        cdf=two_halves("cdf"),
    ),
    Family("cruijff", ((0.2, 0.1, 0.1, 1.0, 1.4), (0.02, 0.4, -0.3, 2.0, 0.8)), LINE),
    Family("argus", ((1.0, 1.2, 0.5), (3.0, 1.0, 1.7), (0.1, 1.1, -0.4)), UNIT, (0.0, 1.2), pdf=argus, cdf=argus_cdf),
    Family(
        "voigt",
        ((0.5, 0.1, 1.0), (1e-5, 0.0, 1.3), (6.0, -0.4, 0.3), (1.0, 0.2, 0.05)),
        LINE,
        pdf=lambda x, gamma, loc, scale: special.voigt_profile(x - loc, scale, gamma),
    ),
    Family("bernstein", ((1.0, 0.4, 2.0, 0.9, -0.1, 1.2),), UNIT),
    Family("t", ((3.0, 0.1, 1.2), (0.6, 0.0, 0.8), (45.0, -0.2, 1.0)), LINE, **scipy_of("t", same)),
    Family(
        "qgaussian", ((1.0, 0.1, 1.2), (1.02, 0.0, 1.0), (2.4, 0.3, 0.7)), LINE, pdf=tsallis("pdf"), cdf=tsallis("cdf")
    ),
    Family("poisson", ((0.3,), (4.2,), (60.0,)), np.array([0.0, 1.0, 3.0, 9.0, 48.0])),
    Family("lognorm", ((0.6, -0.1, 1.3), (1.7, 0.0, 0.5)), UNIT, (-0.1, np.inf), **scipy_of("lognorm", same)),
    Family(
        "beta",
        ((2.3, 1.4, -0.1, 1.2), (0.7, 0.4, 0.0, 1.0), (30.0, 12.0, -0.2, 1.3)),
        UNIT,
        (-0.1, 1.1),
        **scipy_of("beta", same),
    ),
]


def functions(family: Family) -> tuple[Callable, Callable]:
    """The logarithm of the density and the distribution function (or their like), of a row (x, *parameters)."""
    module = family.module
    if family.name == "bernstein":
        return tuple(lambda row, f=f: f(row[0], row[1:-2], row[-2], row[-1]) for f in (module.density, module.integral))
    names = {"poisson": ("logpmf", "cdf"), "cruijff": ("logdensity", "integral")}.get(family.name, ("logpdf", "cdf"))
    return tuple(lambda row, f=f: f(*row) for f in (getattr(module, name) for name in names))
