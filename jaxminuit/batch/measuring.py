"""The number of lanes from a short measurement, instead of by a table."""

import time
from collections.abc import Callable, Hashable
from typing import Any

import jax
import numpy as np

FACTORS = (0.25, 1.0, 4.0)  # of what "auto" stands for
FILLS = 8  # times that the lanes are filled in a measurement
CLEARLY = 0.95  # part of the time that another number must need to be taken

_known: dict[Hashable, int] = {}


def remembered(of: Any, static: Hashable, automatic: int, measure: Callable[[int], int]) -> int:
    """What `measure` found for programs like this one, measured once in a process.

    The structure, shapes and dtypes of the pytree `of` tell programs apart, and what is static in them.
    """
    leaves, structure = jax.tree_util.tree_flatten(of)
    shapes = tuple((np.shape(leaf), str(getattr(leaf, "dtype", type(leaf)))) for leaf in leaves)
    key = structure, shapes, static, automatic
    if key not in _known:
        _known[key] = measure(automatic)
    return _known[key]


def quickest(automatic: int, fits: int, most: int, timed: Callable[[int, int], float]) -> int:
    """The number of lanes with the shortest time per fit; the automatic one unless another is clearly better.

    `timed(lanes, fits)` is the time that some fits take, after compilation; `fits` is how many there are.
    """
    numbers = sorted({min(most, max(1, int(factor * automatic))) for factor in FACTORS} | {automatic})
    per_fit: dict[int, float] = {}
    for lanes in numbers:
        some = min(fits, FILLS * lanes)
        timed(lanes, some)  # compiles
        per_fit[lanes] = min(timed(lanes, some) for _ in range(2)) / some
    best = min(per_fit, key=per_fit.__getitem__)
    return best if per_fit[best] < CLEARLY * per_fit[automatic] else automatic


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    first = time.perf_counter()
    work()
    return time.perf_counter() - first
