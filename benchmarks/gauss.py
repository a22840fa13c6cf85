"""Workload W9: mean and width of a Gaussian sample, two parameters."""

import importlib.util

import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from jaxminuit import FCN, Parameters

NAMES = ("mu", "sigma")
START = (0.0, 1.0)
LIMITS = ((None, None), (0.01, None))


def sample(events: int) -> np.ndarray:
    """`events` numbers from normal(0.3, 1.2), seed 9."""
    return np.random.default_rng(9).normal(0.3, 1.2, events)


def nll(p, x):
    """Negative log-likelihood in JAX."""
    return -jnp.sum(norm.logpdf(x, p[0], p[1]))


def our_problem(x) -> tuple[FCN, Parameters]:
    """The problem for jaxminuit."""
    parameters = Parameters(np.array(START), limits=dict(zip(NAMES, LIMITS, strict=True)), names=NAMES)
    return FCN(nll, data=x, errordef=0.5), parameters


def numpy_nll(x: np.ndarray):
    """The same in NumPy."""
    constant = 0.5 * np.log(2.0 * np.pi) * x.size
    return lambda mu, sigma: np.sum(0.5 * ((x - mu) / sigma) ** 2) + x.size * np.log(sigma) + constant


def numba_nll(x: np.ndarray):
    """The same as one loop compiled by numba; a sentence if it is missing."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    import numba

    @numba.njit(fastmath=True)
    def total(x, mu, sigma):
        s = 0.0
        for value in x:
            pull = (value - mu) / sigma
            s += 0.5 * pull * pull
        return s + x.size * (np.log(sigma) + 0.5 * np.log(2.0 * np.pi))

    return lambda mu, sigma: total(x, mu, sigma)
