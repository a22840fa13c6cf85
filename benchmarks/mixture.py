"""Workload W3: the fraction z of a Gaussian on a truncated exponential on [0, 1], for any minimiser."""

import importlib.util

import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from jaxminuit import FCN, Parameters

NAMES = ("z", "mu", "sigma", "slope")
START = (0.5, 0.5, 0.1, 1.0)
LIMITS = ((0.0, 1.0), (0.0, 1.0), (0.0, 10.0), (0.0, 10.0))


def sample(events: int) -> np.ndarray:
    """`events` numbers in [0, 1], half from normal(0.5, 0.1), half from exponential(1), seed 1."""
    rng = np.random.default_rng(1)
    half = events // 2
    signal = rng.normal(0.5, 0.1, half)
    background = np.empty(0)
    while background.size < events - half:
        drawn = rng.exponential(1.0, 2 * (events - half))
        background = np.concatenate([background, drawn[drawn < 1.0]])
    return np.clip(np.concatenate([signal, background[: events - half]]), 0.0, 1.0)


def nll(p, x):
    """Negative log-likelihood in JAX."""
    z, mu, sigma, slope = p
    background = jnp.exp(-x / slope) / (slope * -jnp.expm1(-1.0 / slope))
    return -jnp.sum(jnp.log((1.0 - z) * background + z * norm.pdf(x, mu, sigma)))


def our_problem(x) -> tuple[FCN, Parameters]:
    """The problem for jaxminuit, start at the truth, with limits."""
    parameters = Parameters(np.array(START), limits=dict(zip(NAMES, LIMITS, strict=True)), names=NAMES)
    return FCN(nll, data=x, errordef=0.5), parameters


def numpy_nll(x: np.ndarray):
    """The same in NumPy, as a function of four numbers."""

    def value(z, mu, sigma, slope):
        background = np.exp(-x / slope) / (slope * -np.expm1(-1.0 / slope))
        signal = np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (np.sqrt(2.0 * np.pi) * sigma)
        return -np.sum(np.log((1.0 - z) * background + z * signal))

    return value


def numba_nll(x: np.ndarray, parallel: bool):
    """The same as one loop compiled by numba (fastmath), on one core or on all; a sentence if numba is missing."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    import numba

    @numba.njit(fastmath=True, error_model="numpy", parallel=parallel)
    def total(x, z, mu, sigma, slope):
        background = (1.0 - z) / (slope * -np.expm1(-1.0 / slope))
        signal = z / (np.sqrt(2.0 * np.pi) * sigma)
        s = 0.0
        for i in numba.prange(x.size):
            pull = (x[i] - mu) / sigma
            s -= np.log(background * np.exp(-x[i] / slope) + signal * np.exp(-0.5 * pull * pull))
        return s

    return lambda z, mu, sigma, slope: total(x, z, mu, sigma, slope)
