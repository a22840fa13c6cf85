"""Workload W1: a Gaussian spot on 5 x 5 pixels over a flat background, for any minimiser (the data set of Gpufit)."""

import importlib.util
import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit import Parameters, ResidualFCN, cost

NAMES = ("A", "x0", "y0", "width", "background")
TYPICAL = (500.0, 2.0, 2.0, 1.0, 10.0)
SIDE = 5
NOISE = 2.0 * math.pi * 500.0 / 4.292**2 / 10.0  # a tenth of the mean signal
EDGES = np.arange(SIDE + 1.0) - 0.5
PIXELS = np.stack([axis.ravel() for axis in np.meshgrid(np.arange(float(SIDE)), np.arange(float(SIDE)), indexing="ij")])


def spot(x, a, x0, y0, width, background):
    """Expectation in pixels at x (2, N)."""
    r2 = (x[0] - x0) ** 2 + (x[1] - y0) ** 2
    return a * jnp.exp(-r2 / (2.0 * width**2)) + background


def samples(number: int, poisson: bool, dtype=float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """(number, 25) pixels with Gaussian noise, or counts, and (number, 5) start values.

    Truth: TYPICAL times U(0.9, 1.1), each parameter by itself; start: truth times U(0.9, 1.1).
    """
    rng = np.random.default_rng(seed)
    truth = np.array(TYPICAL) * rng.uniform(0.9, 1.1, (number, 5))
    a, x0, y0, width, background = truth.T[:, :, None]
    r2 = (PIXELS[0] - x0) ** 2 + (PIXELS[1] - y0) ** 2
    mean = a * np.exp(-r2 / (2.0 * width**2)) + background
    y = rng.poisson(mean) if poisson else mean + rng.normal(0.0, NOISE, mean.shape)
    return y.astype(dtype), (truth * rng.uniform(0.9, 1.1, truth.shape)).astype(dtype)


def our_problem(y: np.ndarray, starts: np.ndarray, poisson: bool):
    """All fits as one FCN whose data have a leading axis, and the starts. Works for one fit too."""
    parameters = Parameters(np.array(TYPICAL, y.dtype), names=NAMES).replace(values=starts)
    if not poisson:
        return ResidualFCN(_residuals, data=y), parameters

    def counts(n):
        return cost.ExtendedBinnedNLL(n.reshape(SIDE, SIDE), (EDGES, EDGES), spot, use_pdf="approximate", name=NAMES)

    return (counts(y) if y.ndim == 1 else jax.vmap(counts)(jnp.asarray(y))), parameters


def _residuals(p, y):
    pixels = jnp.asarray(PIXELS, y.dtype)
    return (spot(pixels, *p) - y) / NOISE


def numba_cost(poisson: bool):
    """The same compiled by numba, a function of the pixels and the parameters; a sentence if numba is missing."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    import numba

    xs, ys = PIXELS

    @numba.njit(fastmath=True, error_model="numpy")
    def total(y, a, x0, y0, width, background):
        s = 0.0
        for i in range(y.size):
            r2 = (xs[i] - x0) ** 2 + (ys[i] - y0) ** 2
            mu = a * math.exp(-r2 / (2.0 * width**2)) + background
            if poisson:
                s += 2.0 * (mu - y[i])
                if y[i] > 0:
                    s += 2.0 * y[i] * math.log(y[i] / mu)
            else:
                s += ((mu - y[i]) / NOISE) ** 2
        return s

    return total
