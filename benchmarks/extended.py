"""Workload W2: toys of a Gaussian on an exponential in [0, 10] with the numbers of events fitted, for any minimiser."""

import importlib.util
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers import MISSING
from jaxminuit import FCN, Parameters

NAMES = ("mu", "sigma", "lambda", "nsig", "nbkg")
START = (5.0, 1.0, -0.01, 1000.0, 1000.0)
LIMITS = ((0.0, 10.0), (0.01, 10.0), (-1.0, 0.0), (0.0, 10000.0), (0.0, 10000.0))
UPPER, SLOPE = 10.0, 100.0


def toys(number: int, seed: int = 1) -> list[np.ndarray]:
    """Samples with Poisson(1000) events of each kind, all in [0, 10]."""
    rng = np.random.default_rng(seed)
    return [_toy(rng) for _ in range(number)]


def _toy(rng) -> np.ndarray:
    signal, background = rng.poisson(1000, 2)
    peak = rng.normal(5.0, 1.0, signal)
    while np.any(outside := (peak < 0.0) | (peak > UPPER)):
        peak[outside] = rng.normal(5.0, 1.0, outside.sum())
    u = rng.uniform(size=background)
    return np.concatenate([peak, -SLOPE * np.log1p(u * np.expm1(-UPPER / SLOPE))])


def padded(samples: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(toys, events) numbers and weights: 1, or 0 behind the end of a sample. The length is a multiple of 64."""
    longest = -(-max(sample.size for sample in samples) // 64) * 64
    x, w = np.full((len(samples), longest), 5.0), np.zeros((len(samples), longest))
    for i, sample in enumerate(samples):
        x[i, : sample.size], w[i, : sample.size] = sample, 1.0
    return x, w


def nll(p, data):
    """Extended negative log-likelihood of one sample in JAX; p has the parameters in the order of NAMES."""
    x, w = data
    mu, sigma, slope, nsig, nbkg = p
    inside = jax.scipy.special.ndtr((UPPER - mu) / sigma) - jax.scipy.special.ndtr(-mu / sigma)
    peak = nsig / (jnp.sqrt(2.0 * jnp.pi) * sigma * inside)
    level = slope == 0.0  # its limit, where the density is constant
    flat = nbkg / jnp.where(level, UPPER, jnp.expm1(UPPER * slope) / jnp.where(level, 1.0, slope))
    z = (x - mu) / sigma
    return nsig + nbkg - jnp.sum(w * jnp.log(peak * jnp.exp(-0.5 * z * z) + flat * jnp.exp(slope * x)))


def our_problem(samples: list[np.ndarray]) -> tuple[FCN, Parameters]:
    """All toys as one FCN whose data have a leading axis, and the start."""
    data = tuple(jnp.asarray(leaf) for leaf in padded(samples))
    parameters = Parameters(np.array(START), limits=dict(zip(NAMES, LIMITS, strict=True)), names=NAMES)
    return FCN(nll, data=data, errordef=0.5), parameters


def numba_nll():
    """The same compiled by numba, a function of the sample and the parameters; a sentence if numba is missing."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    import math

    import numba

    @numba.njit(fastmath=True, error_model="numpy")
    def total(x, mu, sigma, slope, nsig, nbkg):
        root = math.sqrt(2.0)
        inside = 0.5 * (math.erf((UPPER - mu) / (root * sigma)) - math.erf(-mu / (root * sigma)))
        peak = nsig / (math.sqrt(2.0 * math.pi) * sigma * inside)
        flat = nbkg * slope / math.expm1(UPPER * slope) if slope != 0.0 else nbkg / UPPER
        s = 0.0
        for i in range(x.size):
            z = (x[i] - mu) / sigma
            s += math.log(peak * math.exp(-0.5 * z * z) + flat * math.exp(slope * x[i]))
        return nsig + nbkg - s

    return total


def iminuit_fits(samples: list[np.ndarray], strategy: int, then: Callable):
    """Toy after toy by one compiled function, and what `then` makes of each; a sentence if something is missing."""
    total = numba_nll()
    if isinstance(total, str):
        return total
    if importlib.util.find_spec("iminuit") is None:
        return MISSING
    import iminuit

    def fit(sample):
        m = iminuit.Minuit(partial(total, sample), *START, name=NAMES)
        m.errordef, m.strategy = 0.5, strategy
        m.limits = list(LIMITS)
        return then(m.migrad())

    return lambda: [fit(sample) for sample in samples]
