"""What `jax.vmap` makes of a fit's loop: a queue for the lanes, instead of one loop in lock step.

A loop under `vmap` turns until its slowest row has finished, and takes both branches of everything. The rule here puts
the rows into a queue; a `vmap` around that one more axis, and so on: always one queue for all axes together.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.custom_batching import custom_vmap

from jaxminuit.core.types import Count
from jaxminuit.drive import lanes
from jaxminuit.drive.tuning import lanes_for, seldom_for, sizes_for
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.problem import Problem

# Jobs up to which a CPU does one after the other: lanes would save milliseconds, and compile several times longer.
FEW = 64


class Crank(NamedTuple):
    """How a machine is turned: alone, from its first state to its last one, and what lanes do with it.

    `work` takes the problem, and the machine with its first state, as functions of a job. `exact`: derivatives come
    from autodiff. `seldom`: a large program with branches that few jobs take.
    """

    alone: Callable[[Problem, Machine, Any], Any]
    work: Callable[[Callable[[Any], Problem], Callable[[Any], tuple[Machine, Any]]], lanes.Work]
    exact: bool = True
    seldom: bool = False


class Axes(NamedTuple):
    """The axes of a batch, the outermost first, and which of them each leaf has: they lead its own axes."""

    sizes: tuple[int, ...]
    of: tuple[tuple[bool, ...], ...]

    def within(self, size: int, batched: list[bool]) -> "Axes":
        """The same inside one more axis."""
        return Axes((size, *self.sizes), tuple((has, *held) for has, held in zip(batched, self.of, strict=True)))

    def row(self, leaf: jax.Array, held: tuple[bool, ...], number: Count) -> jax.Array:
        """A leaf for one job of the queue, in which the last axis runs fastest."""
        index = jnp.unravel_index(number, self.sizes)
        return leaf[tuple(i for i, has in zip(index, held, strict=True) if has)]


def run(crank: Crank, problem: Problem, machine: Machine, state: Any) -> Any:
    """Turn the machine until it is finished; its last state."""
    leaves, treedef = jax.tree_util.tree_flatten((problem, machine, state))
    # the numbers of problem and machine, which come first, are needed all the time, those of the state only once
    lasting = len(jax.tree_util.tree_leaves((problem, machine)))
    return _turned(crank, treedef, lasting, Axes((), ((),) * len(leaves)), leaves)


def _turned(crank: Crank, treedef, lasting: int, axes: Axes, leaves: list) -> Any:
    @custom_vmap
    def turn(leaves):
        if axes.sizes:
            return _drained(crank, treedef, lasting, axes, leaves)
        return crank.alone(*jax.tree_util.tree_unflatten(treedef, leaves))

    @turn.def_vmap
    def in_a_queue(size, batched, leaves):
        states = _turned(crank, treedef, lasting, axes.within(size, batched[0]), leaves)
        return states, jax.tree_util.tree_map(lambda _: True, states)

    return turn(leaves)


def _drained(crank: Crank, treedef, lasting: int, axes: Axes, leaves: list) -> Any:
    """The last states of all jobs, with the axes of the batch leading."""
    varies = [any(held) for held in axes.of]

    def fetch(number):
        own = [axes.row(leaves[k], axes.of[k], number) for k in range(lasting) if varies[k]]
        return number, own

    def whole(job):
        number, own = job
        own = iter(own)
        known = [next(own) if varies[k] else leaves[k] for k in range(lasting)]
        first = [axes.row(leaf, held, number) for leaf, held in zip(leaves[lasting:], axes.of[lasting:], strict=True)]
        return jax.tree_util.tree_unflatten(treedef, known + first)

    size = math.prod(axes.sizes)
    sizes = _sizes(crank, jax.tree_util.tree_unflatten(treedef, _sizes_of_rows(axes, leaves))[0], size)
    work = crank.work(lambda job: whole(job)[0], lambda job: whole(job)[1:])
    states, _ = lanes.run(work, fetch, size, jnp.int32(size), sizes)
    return jax.tree_util.tree_map(lambda leaf: leaf.reshape(*axes.sizes, *leaf.shape[1:]), states)


def _sizes_of_rows(axes: Axes, leaves: list) -> list[int]:
    """How many numbers of each leaf belong to one job."""
    return [math.prod(jnp.shape(leaf)[sum(held) :]) for leaf, held in zip(leaves, axes.of, strict=True)]


def _sizes(crank: Crank, numbers: Problem, size: int) -> lanes.Sizes:
    backend = jax.default_backend()
    if backend == "cpu" and size <= FEW:
        return sizes_for(1)
    found = lanes_for(backend, sum(jax.tree_util.tree_leaves(numbers.fcn)), size, crank.exact)
    return sizes_for(seldom_for(backend, found) if crank.seldom else found)
