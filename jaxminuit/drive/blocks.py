"""Jobs of a single rare request, a block of them at a time: a queue without lanes, for nothing is ever waited for."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.types import Count
from jaxminuit.drive.lanes import Work
from jaxminuit.drive.packing import pack, unpacker


def run(work: Work, fetch: Callable[[Count], Any], size: int, count: Count, block: int) -> tuple[Any, Count]:
    """Answer the first request of every job, by `work.rare`; arguments and results as in `lanes.run`."""

    def last(i):
        job = fetch(i)
        machine, state = work.start(job)
        return work.keep(machine.tell(state, work.rare(job, machine.ask(state))))

    def step(carry):
        done, rows = carry
        numbers = jnp.minimum(done + jnp.arange(block, dtype=jnp.int32), size - 1)
        found = jax.vmap(lambda i: pack(last(i)))(numbers)
        put = jax.tree_util.tree_map(lambda old, new: lax.dynamic_update_slice_in_dim(old, new, done, 0), rows, found)
        return done + block, put

    like = jax.eval_shape(last, jnp.int32(0))
    rows = jax.tree_util.tree_map(lambda x: jnp.zeros((size + block, *x.shape), x.dtype), jax.eval_shape(pack, like))
    _, rows = lax.while_loop(lambda carry: carry[0] < count, step, (jnp.int32(0), rows))
    blocks = (count + block - 1) // block
    return jax.vmap(unpacker(like))({k: v[:size] for k, v in rows.items()}), jnp.zeros(3, jnp.int32).at[1].set(blocks)
