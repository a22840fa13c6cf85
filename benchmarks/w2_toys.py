"""W2: many toys of one unbinned extended fit of five parameters, some 2000 events each."""

import importlib.util
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jaxminuit as jm
from benchmarks import extended
from benchmarks.frame import Case, compare, paired

TITLE = "toys, extended unbinned fits of 5 parameters to 2000 events"
SIZES, QUICK_SIZES = (1_000, 10_000), (64,)
PEER_TOYS = 100  # a peer that takes one toy after the other is timed on the first of them, and its time scaled up
BLOCK = 16  # toys side by side in the bare evaluation and in the peer that steps them together


def run(quick: bool) -> list[Case]:
    """Migrad from the minimum of a typical fit, strategy 0, without and with Hesse, and with the default strategy."""
    sizes = QUICK_SIZES if quick else SIZES
    variants = {
        "strategy 0": {"strategy": 0},
        "strategy 0 and Hesse": {"strategy": 0, "hesse": True},
        "strategy 1": {"strategy": 1},
    }
    return [_case(n, label, options, 3 if quick else 5) for n in sizes for label, options in variants.items()]


def _case(number: int, label: str, options: dict, repeats: int) -> Case:
    samples = extended.toys(number)
    fcn, start = extended.our_problem(samples)
    typical = jm.migrad(_typical(), start)
    devices = "all" if len(jax.devices()) > 1 else None
    ours = partial(jm.fit_many, fcn, typical, devices=devices, **options)
    peers = min(number, PEER_TOYS)
    level = 1 if options.get("strategy") else 0
    candidates = {
        "jaxminuit": lambda: jax.block_until_ready(ours()),
        "iminuit + numba": extended.iminuit_fits(
            samples[:peers], level, lambda m: m.hesse() if options.get("hesse") else m
        ),
        "optimistix BFGS": _optimistix(fcn, start, peers),
    }
    case = compare(f"{number} toys, {label}", candidates, repeats)
    for entry in case.entries[1:]:
        entry.seconds = [s * number / peers for s in entry.seconds]
    fits = ours()
    case.figures |= {
        "fits / s": number / case.entries[0].median,
        "devices": len(jax.devices()) if devices else 1,
        "calls, mean": float(np.mean(fits.nfcn)),
        "calls, largest": int(np.max(fits.nfcn)),
        "valid": float(np.mean(fits.valid)),
        "time / (calls x bare)": case.entries[0].median / (float(np.sum(fits.nfcn)) * _bare(fcn, start)),
    }
    return case


def _typical() -> jm.FCN:
    """A toy outside the sample."""
    x, w = extended.padded(extended.toys(1, seed=1000))
    return jm.FCN(extended.nll, data=(x[0], w[0]), errordef=0.5)


def _bare(fcn, start) -> float:
    """Seconds that value and gradient take for one toy, in a block of toys."""
    one = jax.vmap(jax.value_and_grad(extended.nll), in_axes=(None, 0))
    block = jax.tree_util.tree_map(lambda leaf: leaf[:BLOCK], fcn.data)
    bare = jax.jit(one)
    run = {"bare": lambda: jax.block_until_ready([bare(start.values, block) for _ in range(5)])}
    return paired(run, 15)["bare"].median / (5 * len(block[0]))


def _optimistix(fcn, start, number: int):
    """BFGS in Minuit's internal coordinates under vmap, in blocks; a sentence if it is missing."""
    if importlib.util.find_spec("optimistix") is None:
        return "optimistix is not installed"
    import optimistix as optx

    low, high = start.lower, start.upper
    first = jnp.arcsin(2.0 * (start.values - low) / (high - low) - 1.0)
    solver = optx.BFGS(rtol=1e-6, atol=1e-6)

    def value(u, data):
        return extended.nll(low + 0.5 * (high - low) * (jnp.sin(u) + 1.0), data)

    def fit(data):
        return optx.minimise(value, solver, first, args=data, max_steps=1000, throw=False).value

    block = jax.jit(jax.vmap(fit))
    parts = [
        jax.tree_util.tree_map(lambda leaf, i=i: leaf[i : i + BLOCK], fcn.data)
        for i in range(0, number - number % BLOCK, BLOCK)
    ]
    return lambda: jax.block_until_ready([block(part) for part in parts])
