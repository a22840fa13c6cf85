"""Many very small fits in blocks that step together, each until its last one has ended.

For fits of nearly the same few steps, to a few numbers each: what lanes need to store one fit and load another would
cost more than the steps of those that wait.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.storing import stored
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Mask
from jaxminuit.drive.lanes import Work


def run(work: Work, fetch: Callable[[Count], Any], size: int, count: Count, block: int) -> tuple[Any, Count]:
    """Do the jobs of a queue, `block` of them side by side; arguments and results otherwise as in `lanes.run`.

    Work has no rare requests.
    """
    blocks = -(-size // block)

    def together(numbers):
        jobs = jax.vmap(lambda i: fetch(jnp.minimum(i, count - 1)))(numbers)
        states, trips = _turned(work, jobs, numbers < count)
        return jax.vmap(work.keep)(states), trips

    kept, trips = lax.map(together, jnp.arange(blocks * block, dtype=jnp.int32).reshape(-1, block))
    kept = jax.tree_util.tree_map(lambda x: x.reshape(-1, *x.shape[2:])[:size], kept)
    return kept, jnp.stack([jnp.sum(trips), jnp.int32(0), jnp.int32(blocks)])


def _turned(work: Work, jobs: Any, wanted: Mask) -> tuple[Any, Count]:
    """The last states of a block, and how many trips it took."""
    machines, states = jax.vmap(work.start)(jobs)

    def answers(states):
        return jax.vmap(lambda job, machine, state: work.common(job, machine.ask(state)))(jobs, machines, states)

    def tell(machine, state, reply, turning):
        told = machine.tell(state, reply)
        return select(turning, told, state), turning & ~machine.finished(told)

    def trip(carry):
        states, turning, trips = carry
        replies = stored(trips >= 0, answers, states)
        states, turning = stored(trips >= 0, jax.vmap(tell), machines, states, replies, turning)
        return states, turning, trips + 1

    states, _, trips = lax.while_loop(lambda c: jnp.any(c[1]), trip, (states, wanted, jnp.int32(0)))
    return states, trips
