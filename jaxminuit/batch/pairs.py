"""Pairs of fits to very few numbers, with one parameter free and fixed: all by Newton's method in one program."""

from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from jaxminuit.batch.axes import Batch
from jaxminuit.batch.queue import AXIS, Plan, drain, placed
from jaxminuit.batch.stages import PAIR, Ends, Item, Options
from jaxminuit.batch.tuning import is_small, numbers_per_fit, pair_block, round_length
from jaxminuit.core.types import leaf
from jaxminuit.drive.lanes import Sizes
from jaxminuit.fit.job import Job


def suits(batch: Batch, job: Job) -> bool:
    """Whether the fits are so small that exact Hessians and algebra written out beat everything else."""
    numbers = numbers_per_fit(batch.stacked, batch.shared, batch.size)
    return job.exact and is_small(numbers, job.problem.parameters.size)


def fit_pairs(batch: Batch, job: Job, index: int, mu: np.ndarray, lanes: Any, devices: list, eps: Any, shown: Any):
    """The ends (fits,) of all pairs, free and with parameter number `index` fixed to `mu`, as NumPy arrays.

    Those of fits that were too hard have the status CALL_LIMIT.
    """
    count = max(1, len(devices))
    backend = devices[0].platform if devices else jax.default_backend()
    block = pair_block(backend, -(-batch.size // count), lanes)
    numbers = numbers_per_fit(batch.stacked, batch.shared, batch.size)
    length = round_length(batch.size, numbers, block, count, True)
    sizes = Sizes(block, block, block)
    mesh = Mesh(np.array(devices), (AXIS,)) if count > 1 else None
    plan = Plan(job.strategy, True, sizes, mesh, sizes, sizes)
    options = Options(job.tol, job.max_calls, leaf(np.int32(0)), leaf(np.ones((), mu.dtype)), eps)
    parts = []
    for first in range(0, batch.size, length):
        last = min(first + length, batch.size)
        rows = np.arange(last - first, dtype=np.int32)
        item = Item(*map(leaf, (rows, np.full(rows.size, index, np.int32), mu[first:last])))
        stacked = placed(batch.rows(first, last, length), mesh)
        parts.append(drain(PAIR, plan, stacked, batch.shared, item, options, length)[0])
        shown.add(2 * rows.size)
    free, conditional = (zip(*ends, strict=True) for ends in zip(*parts, strict=True))
    return Ends(*(leaf(np.concatenate(a)) for a in free)), Ends(*(leaf(np.concatenate(a)) for a in conditional))
