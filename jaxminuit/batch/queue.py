"""One stage of a batch as one compiled program, on one device or with a queue on each of several."""

from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxminuit.batch.stages import Item, Options, Stage, Task
from jaxminuit.core.types import present
from jaxminuit.drive import lanes, lock_step
from jaxminuit.drive.lanes import Sizes
from jaxminuit.drive.solve import gauss_newton_work, lanes_work, small_work
from jaxminuit.fit.programs import program
from jaxminuit.minimise.finite import Finite
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import Strategy

AXIS = "fits"
STACK = 512  # fits whose results are made together; LAPACK, which takes one matrix after the other, has no part in it


class Plan(NamedTuple):
    """What is static of a stage's program besides the stage."""

    strategy: Strategy
    exact: bool
    sizes: Sizes
    mesh: Mesh | None
    seldom: Sizes  # for stages that few fits come to
    wide: Sizes | None = None  # for Gauss-Newton fits to a few numbers each

    @property
    def devices(self) -> int:
        """How many devices work."""
        return 1 if self.mesh is None else self.mesh.size


def drain(stage: Stage, plan: Plan, stacked: Any, shared: Any, item: Item, options: Options, length: int):
    """Results of a queue of entries, in their order, as NumPy arrays; and how often what was served, (3,).

    `stacked` has the arrays of all fits (rows), `item` the entries as NumPy vectors, `length` the length of the queue
    as a shape. With several devices each works on the entries whose rows it holds.
    """
    rows = jax.tree_util.tree_leaves(stacked)[0].shape[0] // plan.devices
    per_device = length // plan.devices
    device = item.row // rows
    counts = np.bincount(device, minlength=plan.devices).astype(np.int32)
    # places in the queue: each device's own part, filled from its beginning
    order = np.argsort(device, kind="stable")
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    place = np.empty(order.size, int)
    place[order] = np.arange(order.size) - first[device[order]] + per_device * device[order]
    local = eqx.tree_at(lambda i: i.row, item, item.row % rows)

    def queued(leaf):
        whole = np.zeros(length, leaf.dtype)
        whole[place] = leaf
        return whole

    arguments = (jax.tree_util.tree_map(queued, local), counts)
    few_numbers = stage.small or (stage.wide and plan.wide is not None)
    # those of Gauss-Newton fits to few numbers are sums written out, not batches of products
    hessians = stage.small or (not few_numbers and stage.hessian(plan.strategy))
    results, trips = PROGRAMS[few_numbers, hessians](stacked, shared, *arguments, options, stage=stage, plan=plan)
    results = jax.tree_util.tree_map(lambda leaf: np.asarray(leaf)[place], results)
    return results, np.asarray(trips).reshape(-1, 3).sum(axis=0)


def placed(tree: Any, mesh: Mesh | None) -> Any:
    """Rows spread over the devices."""
    return tree if mesh is None else jax.device_put(tree, NamedSharding(mesh, PartitionSpec(AXIS)))


def _on_all_devices(stacked, shared, item, counts, options, stage, plan):
    work = partial(_on_one_device, stage=stage, plan=plan)
    if plan.mesh is None:
        return work(stacked, shared, item, counts, options)
    split, whole = PartitionSpec(AXIS), PartitionSpec()
    spread = jax.shard_map(
        work, mesh=plan.mesh, in_specs=(split, whole, split, split, whole), out_specs=split, check_vma=False
    )
    return spread(stacked, shared, item, counts, options)


# by whether fits go through few numbers each, where XLA's fusion emitters only cost time, and whether there are batches
# of Hessians
PROGRAMS = {
    (small, hessians): program("stage", "plan", small=small, safe=hessians)(_on_all_devices)
    for small in (False, True)
    for hessians in (False, True)
}


def _on_one_device(stacked, shared, item, counts, options, stage, plan):
    def fetch(i):
        one = jax.tree_util.tree_map(lambda leaf: leaf[i], item)
        return one, jax.tree_util.tree_map(lambda leaf: leaf[one.row], stacked)

    def task(job) -> Task:
        one, row = job
        fcn, parameters, known = eqx.combine(row, shared)
        return Task(Problem(fcn, parameters, options.eps), known, one, options)

    strategy, exact = plan.strategy, plan.exact
    begin = (lambda job: stage.problem(task(job)), lambda job: stage.start(task(job), strategy, exact), stage.keep)
    if stage.gauss_newton:
        work = gauss_newton_work(*begin)
    elif stage.small:
        work = small_work(*begin)
    else:
        work = lanes_work(*begin, stage.strategy(strategy, exact), exact, stage.hessian(strategy))
    length = item.row.shape[0]
    wide = stage.wide and plan.wide is not None
    sizes = plan.wide if wide else plan.seldom if stage.seldom else plan.sizes
    if stage.once and exact:
        at_once = work._replace(common=present(work.rare), rare=None, is_rare=None)
        kept, trips = lock_step.run(at_once, fetch, length, counts[0], sizes.rare)
    elif stage.small:
        kept, trips = lock_step.run(work, fetch, length, counts[0], min(sizes.lanes, length))
    else:
        kept, trips = lanes.run(work, fetch, length, counts[0], sizes)

    def result(i, state):
        job = fetch(i)
        machine = work.start(job)[0]
        return stage.end(task(job), machine.machine if isinstance(machine, Finite) else machine, state, exact)

    return lax.map(lambda end: result(*end), (jnp.arange(length), kept), batch_size=min(STACK, length)), trips
