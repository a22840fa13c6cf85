"""Fits of cost functions, each one script that runs with the costs of iminuit and with ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import iminuit
import iminuit.cost
import jax.numpy as jnp
import jax.scipy.stats
import numpy as np
import scipy.stats

import jaxminuit
import jaxminuit.cost


class Side(NamedTuple):
    """Where a script gets its names from."""

    Minuit: type
    cost: Any
    np: Any
    stats: Any


OURS = Side(jaxminuit.Minuit, jaxminuit.cost, jnp, jax.scipy.stats)
THEIRS = Side(iminuit.Minuit, iminuit.cost, np, scipy.stats)


@dataclass(frozen=True)
class CostFit:
    """`make(side)` gives the cost."""

    make: Callable[[Side], Any]
    start: dict[str, float] | list[float]
    limits: dict = field(default_factory=dict)
    path: str = "exact"

    def minuit(self, side: Side) -> Any:
        """Before the fit."""
        cost = self.make(side)
        m = side.Minuit(cost, self.start) if isinstance(self.start, list) else side.Minuit(cost, **self.start)
        for name, pair in self.limits.items():
            m.limits[name] = pair
        return m


RNG = np.random.default_rng(987654)
X = np.linspace(0.25, 10.0, 40)
LINE = 1.5 + 0.7 * X + RNG.normal(0.0, 0.4, X.size)
OUTLIERS = np.where(np.arange(X.size) % 9 == 4, LINE + 4.0, LINE)
PEAK = 30 * np.exp(-0.5 * ((X - 5.0) / 0.8) ** 2) + 40 * np.exp(-X / 6.0) + RNG.normal(0.0, 3.0, X.size)
MASS = np.concatenate([RNG.normal(0.4, 0.05, 200), RNG.exponential(0.5, 800)])
MASS = MASS[(MASS > 0.0) & (MASS < 1.0)]
EDGES = np.linspace(0.0, 1.0, 41)
COUNTS = np.histogram(MASS, EDGES)[0]
WEIGHTS = RNG.uniform(0.5, 1.5, MASS.size)
WEIGHTED = np.stack([np.histogram(MASS, EDGES, weights=WEIGHTS**k)[0] for k in (1, 2)], axis=-1)
NORMAL = RNG.normal(0.3, 1.1, 600)
LIFETIME = RNG.exponential(1.6, 300)
PLANE = np.array([RNG.normal(0.2, 1.0, 400), RNG.exponential(0.7, 400)])
PLANE_EDGES = np.linspace(-3.0, 3.0, 13), np.linspace(0.0, 4.0, 9)
PLANE_COUNTS = np.histogram2d(*PLANE, bins=PLANE_EDGES)[0]


def masked(cost, use):
    """The cost with some data left out."""
    if isinstance(cost, jaxminuit.AbstractFCN):
        return cost.replace(mask=use)
    cost.mask = use
    return cost


def straight(x, a, b):
    return a + b * x


def line(side):
    return side.cost.LeastSquares(X, LINE, 0.4, straight)


def outliers(side):
    return side.cost.LeastSquares(X, OUTLIERS, 0.4, straight, loss="soft_l1")


def peak(side):
    def model(x, height, mean, width: Annotated[float, 0.1:5], base, tau: Annotated[float, 0:]):
        return height * side.np.exp(-0.5 * ((x - mean) / width) ** 2) + base * side.np.exp(-x / tau)

    return side.cost.LeastSquares(X, PEAK, 3.0, model)


def polynomial(side):
    """One array of parameters."""
    return side.cost.LeastSquares(X, LINE, 0.4, lambda x, par: par[0] + par[1] * x + par[2] * x**2)


def unbinned(side):
    """A peak on an exponential, both normalised on (0, 1)."""
    norm = side.stats.norm

    def pdf(
        x,
        f: Annotated[float, 0:1],
        mean: Annotated[float, 0.3:0.5],
        width: Annotated[float, 0.01:0.2],
        tau: Annotated[float, 0.05:5],
    ):
        s = norm.pdf(x, mean, width) / (norm.cdf(1.0, mean, width) - norm.cdf(0.0, mean, width))
        return f * s + (1 - f) * side.np.exp(-x / tau) / (tau * (1 - side.np.exp(-1 / tau)))

    return side.cost.UnbinnedNLL(MASS, pdf)


def extended(side):
    norm = side.stats.norm

    def scaled_pdf(
        x, s, b, mean: Annotated[float, 0.3:0.5], width: Annotated[float, 0.01:0.2], tau: Annotated[float, 0.05:5]
    ):
        scale = b / (1 - side.np.exp(-1 / tau))
        inside = norm.cdf(1.0, mean, width) - norm.cdf(0.0, mean, width)
        return s * inside + b, s * norm.pdf(x, mean, width) + scale * side.np.exp(-x / tau) / tau

    return side.cost.ExtendedUnbinnedNLL(MASS, scaled_pdf)


def binned(side):
    counts, edges = np.histogram(NORMAL, np.linspace(-4.0, 4.0, 33))
    return side.cost.BinnedNLL(counts, edges, lambda x, mu, sigma: side.stats.norm.cdf(x, mu, sigma))


def mass_cdf(side):
    def scaled_cdf(
        x, s, b, mean: Annotated[float, 0.3:0.5], width: Annotated[float, 0.01:0.2], tau: Annotated[float, 0.05:5]
    ):
        return s * side.stats.norm.cdf(x, mean, width) + b * (1 - side.np.exp(-x / tau))

    return scaled_cdf


def weighted(side):
    return side.cost.ExtendedBinnedNLL(WEIGHTED, EDGES, mass_cdf(side))


def sideband(side):
    """Background alone, with the peak masked."""

    def scaled_cdf(x, b, tau):
        return b * (1 - side.np.exp(-x / tau))

    use = (EDGES[1:] < 0.25) | (EDGES[:-1] > 0.55)
    return masked(side.cost.ExtendedBinnedNLL(COUNTS, EDGES, scaled_cdf), use)


def plane_unbinned(side):
    """Two observables, model in logarithms."""

    def logpdf(xy, mu, sigma: Annotated[float, 0.01:], tau: Annotated[float, 0.01:]):
        return side.stats.norm.logpdf(xy[0], mu, sigma) - xy[1] / tau - side.np.log(tau)

    return side.cost.UnbinnedNLL(PLANE, logpdf, log=True)


def plane_binned(side):
    def scaled_cdf(xy, n, mu, sigma, tau):
        return n * side.stats.norm.cdf(xy[0], mu, sigma) * (1 - side.np.exp(-xy[1] / tau))

    return side.cost.ExtendedBinnedNLL(PLANE_COUNTS, PLANE_EDGES, scaled_cdf)


def constrained(side):
    known = side.cost.NormalConstraint(["a", "b"], [1.0, 0.8], [[0.04, -0.008], [-0.008, 0.0025]])
    return line(side) + known


def simultaneous(side):
    """A sample and a histogram with a lifetime in common, and an external value of a resolution."""
    counts, edges = np.histogram(LIFETIME[150:], np.linspace(0.0, 8.0, 17))

    def pdf(t, tau: Annotated[float, 0.01:]):
        return side.np.exp(-t / tau) / tau

    def scaled_cdf(t, n, tau):
        return n * (1 - side.np.exp(-t / tau))

    first = side.cost.UnbinnedNLL(LIFETIME[:150], pdf)
    second = side.cost.ExtendedBinnedNLL(counts, edges, scaled_cdf)
    return first + second + side.cost.NormalConstraint("n", 140.0, 15.0)


def numpy_only(side):
    """NumPy on both sides: JAX cannot trace it."""
    return side.cost.LeastSquares(X, LINE, 0.4, lambda x, a, b: np.polyval([b, a], x)) + side.cost.NormalConstraint(
        "b", 0.8, 0.05
    )


MASS_START = {"s": 150.0, "b": 700.0, "mean": 0.45, "width": 0.06, "tau": 0.6}
FITS = {
    "line": CostFit(line, {"a": 0.0, "b": 0.0}),
    "soft_l1": CostFit(outliers, {"a": 0.0, "b": 0.0}),
    "peak": CostFit(peak, {"height": 20.0, "mean": 4.5, "width": 1.0, "base": 30.0, "tau": 5.0}),
    "polynomial": CostFit(polynomial, [0.0, 0.0, 0.0]),
    "unbinned": CostFit(unbinned, {"f": 0.3, "mean": 0.45, "width": 0.06, "tau": 0.6}),
    "extended": CostFit(extended, MASS_START, {"s": (0, None), "b": (0, None)}),
    "binned": CostFit(binned, {"mu": 0.0, "sigma": 1.5}, {"sigma": (0, None)}),
    "weighted": CostFit(weighted, MASS_START, {"s": (0, None), "b": (0, None)}),
    "sideband": CostFit(sideband, {"b": 500.0, "tau": 0.6}),
    "plane unbinned": CostFit(plane_unbinned, {"mu": 0.0, "sigma": 1.5, "tau": 1.0}),
    "plane binned": CostFit(plane_binned, {"n": 300.0, "mu": 0.0, "sigma": 1.5, "tau": 1.0}),
    "constrained": CostFit(constrained, {"a": 0.0, "b": 0.0}),
    "simultaneous": CostFit(simultaneous, {"tau": 1.0, "n": 100.0}),
    "numpy only": CostFit(numpy_only, {"a": 0.0, "b": 0.5}, path="host"),
}
