"""Workload W5a: two bins, a signal, a background of uncorrelated uncertainty; toys of q-tilde, for any minimiser."""

import importlib.util
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import xlogy

from jaxminuit import FCN, Parameters

SIGNAL, BACKGROUND, SPREAD = np.array([12.0, 11.0]), np.array([50.0, 52.0]), np.array([3.0, 7.0])
EXPOSURE = (BACKGROUND / SPREAD) ** 2  # what the measurements of the backgrounds expect
LIMITS = {"mu": (0.0, 10.0), "g": (1e-10, 10.0)}


def nll(p, data):
    """-ln L but for constants: mu the signal strength, g (2,) the backgrounds in units of their expectations."""
    rate, measured = p["mu"] * SIGNAL + p["g"] * BACKGROUND, EXPOSURE * p["g"]
    return jnp.sum(rate - xlogy(data["n"], rate) + measured - xlogy(data["m"], measured))


def toy(key, p):
    """Counts in the bins and of the measurements."""
    n, m = jax.random.split(key)
    rate, measured = p["mu"] * SIGNAL + p["g"] * BACKGROUND, EXPOSURE * p["g"]
    return {"n": jax.random.poisson(n, rate).astype(float), "m": jax.random.poisson(m, measured).astype(float)}


@jax.jit
def toys(keys):
    """Toys of a signal strength of 1."""
    return jax.vmap(lambda key: toy(key, {"mu": 1.0, "g": jnp.ones(2)}))(keys)


def our_problem(data) -> tuple[FCN, Parameters]:
    """All toys as one FCN whose data have a leading axis, and the start."""
    return FCN(nll, data, 0.5), Parameters({"mu": 1.0, "g": np.ones(2)}, limits=LIMITS)


def numba_nll():
    """The same compiled by numba, a function of the four counts and the parameters; a sentence if numba is missing."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    import numba

    signal, background, exposure = SIGNAL, BACKGROUND, EXPOSURE

    @numba.njit(error_model="numpy")
    def total(n, m, mu, g0, g1):
        s = 0.0
        for i in range(2):
            g = g0 if i == 0 else g1
            rate, measured = mu * signal[i] + g * background[i], exposure[i] * g
            s += rate + measured
            s -= n[i] * math.log(rate) if n[i] > 0 else 0.0
            s -= m[i] * math.log(measured) if m[i] > 0 else 0.0
        return s

    return total
