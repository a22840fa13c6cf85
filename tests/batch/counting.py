"""Counting experiments for the statistics: one count over a known background, and one with a measured background."""

import jax
import jax.numpy as jnp
from jax.scipy.special import xlogy

import jaxminuit as jm

BACKGROUND = 3.0
TAU = 4.0
TRACES = []  # one entry for each time that the single count's function is traced


def single_nll(p, n):
    """-ln Poisson(n; mu + b) but for what does not depend on mu."""
    TRACES.append(1)
    rate = p["mu"] + BACKGROUND
    return rate - xlogy(n, rate)


def single_toy(key, p):
    """A count."""
    return jax.random.poisson(key, p["mu"] + BACKGROUND).astype(float)


def single(n, lower=0.0):
    """FCN and start values."""
    return jm.FCN(single_nll, n, 0.5), jm.Parameters({"mu": 1.0}, limits={"mu": (lower, None)})


def on_off_nll(p, d):
    """A count n with signal and background, and a count m with tau times the background."""
    rate = p["mu"] + p["b"]
    return rate - xlogy(d["n"], rate) + TAU * p["b"] - xlogy(d["m"], TAU * p["b"])


def on_off_toy(key, p):
    """Both counts."""
    n, m = jax.random.split(key)
    return {"n": jax.random.poisson(n, p["mu"] + p["b"]), "m": jax.random.poisson(m, TAU * p["b"])}


def on_off(n, m):
    """FCN and start values."""
    start = jm.Parameters({"b": 3.0, "mu": 1.0}, limits={"b": (1e-6, None), "mu": (0.0, None)})
    return jm.FCN(on_off_nll, {"n": jnp.asarray(n, float), "m": jnp.asarray(m, float)}, 0.5), start
