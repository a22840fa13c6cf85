"""W10: one fit that takes some sixty times the calls of the others must not make them wait."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxminuit as jm
from benchmarks.frame import Case, compare

TITLE = "stragglers: fits of 4 parameters, one of them very long"
SIZES, QUICK_SIZES = (10_000,), (256,)
TERMS = 200


def fcn(p, data):
    """A chain of curved valleys where `hard` is large, a parabola where it is 0."""
    x, hard = data
    valley = jnp.sum((p[1:] - p[:-1] ** 2) ** 2)
    return jnp.mean((p[0] - x) ** 2) + jnp.sum((p[1:] - 1.0) ** 2) * jnp.exp(-hard) + hard**6 * valley


def run(quick: bool) -> list[Case]:
    """The same fits with and without the long one, in lanes and by vmap."""
    return [_case(n, 3 if quick else 5) for n in (QUICK_SIZES if quick else SIZES)]


def _case(number: int, repeats: int) -> Case:
    x = jnp.asarray(np.random.default_rng(1).normal(1.0, 0.1, (number, TERMS)))
    start = jm.Parameters(np.array([-1.2, 1.0, -1.2, 1.0]))
    easy = jnp.zeros(number)
    with_one = jm.FCN(fcn, data=(x, easy.at[number // 2].set(8.0)))
    without = jm.FCN(fcn, data=(x, easy))
    options = {"strategy": 0, "max_calls": 100_000}

    def lanes(problem):
        return lambda: jax.block_until_ready(jm.fit_many(problem, start, iterate=0, **options))

    step = jax.jit(jax.vmap(lambda data: jm.migrad(jm.FCN(fcn, data=data), start, **options).values))

    def by_vmap(problem):
        return lambda: jax.block_until_ready(step(problem.data))

    candidates = {
        "jaxminuit": lanes(with_one),
        "without the long fit": lanes(without),
        "vmap": by_vmap(with_one),
        "vmap without it": by_vmap(without),
    }
    case = compare(f"{number} fits", candidates, repeats)
    calls = np.asarray(lanes(with_one)().nfcn)
    case.figures |= {"calls, median": float(np.median(calls)), "calls, largest": int(calls.max())}
    usual, own = case.entries[1].median, float(np.sum(calls))
    case.figures["time / time of the work"] = case.entries[0].median / (usual * own / (own - calls.max()))
    return case
