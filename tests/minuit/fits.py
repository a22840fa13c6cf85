"""Realistic fits, each as a function that NumPy and JAX can both run, with its start."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import jax.numpy as jnp
import numpy as np
from jax.scipy import special


@dataclass(frozen=True)
class Case:
    """A fit: `make(np)` gives the function for iminuit, `make(jnp)` the one for jaxminuit."""

    make: Callable[[ModuleType], Callable]
    start: dict[str, float] | list[float]
    errordef: float = 1.0
    limits: dict = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    path: str = "exact"


RNG = np.random.default_rng(20240614)
X = np.linspace(0.5, 10.0, 40)
LINE = 1.5 + 0.7 * X + RNG.normal(0.0, 0.4, X.size)
PEAK = 30 * np.exp(-0.5 * ((X - 5.0) / 0.8) ** 2) + 40 * np.exp(-X / 6.0) + RNG.normal(0.0, 3.0, X.size)
GAUSS = RNG.normal(1.2, 2.3, 800)
DECAY = RNG.exponential(1.7, 500)
EDGES = np.linspace(-4.0, 4.0, 31)
COUNTS = RNG.poisson(60 * np.exp(-0.5 * (0.5 * (EDGES[1:] + EDGES[:-1]) / 1.3) ** 2) + 3.0)
MASS = np.concatenate([RNG.normal(0.4, 0.05, 150), RNG.uniform(0.0, 1.0, 350)])
OUTLIERS = RNG.standard_cauchy(300) * 0.8 + 2.0


def line(m):
    return lambda a, b: m.sum(((LINE - a - b * X) / 0.4) ** 2)


def peak(m):
    def chi2(height, mean, width, base, tau):
        model = height * m.exp(-0.5 * ((X - mean) / width) ** 2) + base * m.exp(-X / tau)
        return m.sum(((PEAK - model) / 3.0) ** 2)

    return chi2


def gauss_nll(m):
    def nll(mu, sigma):
        return m.sum(0.5 * ((GAUSS - mu) / sigma) ** 2) + GAUSS.size * m.log(sigma)

    return nll


def decay(m):
    return lambda tau: m.sum(DECAY) / tau + DECAY.size * m.log(tau)


def poisson(m):
    centre = 0.5 * (EDGES[1:] + EDGES[:-1])

    def nll(p):
        mu = p[0] * m.exp(-0.5 * (centre / p[1]) ** 2) + p[2]
        return m.sum(mu - COUNTS * m.log(mu))

    return nll


def extended(m):
    def nll(ns, nb, mean):
        density = ns * m.exp(-0.5 * ((MASS - mean) / 0.05) ** 2) / (0.05 * np.sqrt(2 * np.pi)) + nb
        return ns + nb - m.sum(m.log(density))

    return nll


def constrained(m):
    """A line whose parameters were measured before, with a correlation."""
    known, weight = np.array([1.0, 0.8]), np.linalg.inv([[0.04, -0.008], [-0.008, 0.0025]])

    def chi2(a, b):
        pull = m.stack([a - known[0], b - known[1]])
        return m.sum(((LINE - a - b * X) / 0.4) ** 2) + pull @ weight @ pull

    return chi2


def cauchy(m):
    def nll(x0, gamma):
        return -m.sum(m.log(gamma / np.pi / ((OUTLIERS - x0) ** 2 + gamma**2)))

    return nll


def pinned(m):
    """A fraction that wants to be negative, and another parameter: the limit of f at 0 is active."""
    return lambda f, s: m.sum((X * 0.1 + 0.3 + f) ** 2) / 0.04 + (s - 2.0 + 0.1 * f) ** 2 / 0.01


def turn_on(m, plateau=0.93):
    """An efficiency curve, binomial likelihood."""
    passed = np.round(100 * plateau / (1 + np.exp(-(X - 4.0) / 0.9)))
    erf = special.erf if m is jnp else np.vectorize(math.erf)

    def nll(p):
        eff = 0.5 * p[2] * (1 + erf((X - p[0]) / p[1])) * 0.998 + 0.001
        return -m.sum(passed * m.log(eff) + (100 - passed) * m.log(1 - eff))

    return nll


def numpy_only(m):
    """Cannot be traced: NumPy on both sides."""
    return lambda a, b: float(np.sum(np.square((LINE - np.polyval([b, a], X)) / 0.4)) + np.cosh(a - 1.0))


def branching(m):
    """Cannot be traced: Python decides on a value."""

    def chi2(a, b):
        if b < 0:
            return 1e6 + b**2
        return line(np)(a, b)

    return chi2


CASES = {
    "line": Case(line, {"a": 0.0, "b": 0.0}),
    "peak": Case(peak, {"height": 20.0, "mean": 4.5, "width": 1.0, "base": 30.0, "tau": 5.0}),
    "gauss": Case(gauss_nll, {"mu": 0.0, "sigma": 1.0}, 0.5, {"sigma": (0.0, None)}),
    "decay": Case(decay, {"tau": 1.0}, 0.5),
    "poisson": Case(poisson, [40.0, 1.0, 5.0], 0.5, {"x1": (0.1, 10.0), "x2": (0.0, None)}),
    "extended": Case(
        extended,
        {"ns": 100.0, "nb": 300.0, "mean": 0.45},
        0.5,
        {"ns": (0.0, None), "nb": (0.0, None), "mean": (0.3, 0.5)},
    ),
    "constrained": Case(constrained, {"a": 0.0, "b": 0.0}),
    "cauchy": Case(cauchy, {"x0": 1.0, "gamma": 1.0}, 0.5, {"gamma": (1e-3, None)}),
    "fixed": Case(
        peak, {"height": 20.0, "mean": 4.5, "width": 0.8, "base": 30.0, "tau": 6.0}, fixed=("width", "tau")
    ),
    "turn on": Case(turn_on, [3.0, 1.0, 0.9], 0.5, {"x2": (0.0, 1.0)}),
    "numpy only": Case(numpy_only, {"a": 0.0, "b": 0.5}, path="host"),
    "branching": Case(branching, {"a": 0.0, "b": 0.5}, path="host"),
}  # fmt: skip
