"""Many fits in one compiled loop: a fixed number of lanes that drain a queue, so that no lane waits for a straggler.

Each trip asks all lanes, evaluates the FCN once for all of them, and tells them. What only some lanes want is done for
a few lanes at a time, when enough of them wait for it or nobody can do anything else: Hessians (or the stencils of
finite differences), and storing a finished job and loading the next one. The loops are nested rather than chosen
between, so that the data of the lanes are only written when a job is loaded.
"""

import enum
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.storing import stored
from jaxminuit.core.tree import select, select_rows
from jaxminuit.core.types import Count, Flag, Mask, present
from jaxminuit.drive import compiled
from jaxminuit.drive.packing import pack, unpacker
from jaxminuit.minimise.machine import Machine

NOBODY = 2**31 - 1  # the number of no job
SMALL_JOB = 256  # numbers in a job up to which all lanes are written rather than those that get a new one


class Mode(enum.IntEnum):
    """What a lane wants next."""

    COMMON = 0
    RARE = 1
    DONE = 2
    EMPTY = 3


class Work(NamedTuple):
    """What is done with a job, a pytree without the leading axis of the queue. All functions are pure.

    `start` gives the machine and its first state (the machine is made again where it is needed, never stored); `common`
    answers the requests of every trip, `rare` those that `is_rare` holds back; `keep` picks from the last state what is
    stored. Without `rare` every request is common. With `together` a rare request is answered for all lanes at once
    (`rare` also answers common ones then), and the machine stands only once in the program. `whole` answers any request
    of a single job.
    """

    start: Callable[[Any], tuple[Machine, Any]]
    common: Callable[[Any, Any], Any]
    rare: Callable[[Any, Any], Any] | None
    is_rare: Callable[[Any], Flag] | None
    keep: Callable[[Any], Any]
    whole: Callable[[Any, Any], Any]
    together: bool = False

    def mode(self, machine: Machine, state: Any) -> Count:
        """What a lane in this state wants."""
        mode = jnp.int32(Mode.COMMON)
        if self.rare is not None:
            mode = jnp.where(present(self.is_rare)(machine.ask(state)), Mode.RARE, mode)
        return jnp.where(machine.finished(state), Mode.DONE, mode).astype(jnp.int32)


class Sizes(NamedTuple):
    """Lanes, and how many of them are served together with a rare request and with a new job."""

    lanes: int
    rare: int
    load: int


class Lanes(eqx.Module):
    """The lanes and the queue: jobs, states and modes with a leading axis of lanes.

    Results stand in the order in which the jobs were done, with the numbers of the jobs in `done`; `stored` of them.
    """

    jobs: Any
    states: Any
    mode: Count
    number: Count
    following: Count
    results: Any
    done: Count
    stored: Count
    trips: Count


class Picked(NamedTuple):
    """The first few lanes of a kind: their numbers (0 where there are none), whether they are there, and the way back.

    For every lane, `chosen` says whether it is among them and `rank` at which place.
    """

    slots: Count
    there: Mask
    chosen: Mask
    rank: Count


def run(work: Work, fetch: Callable[[Count], Any], size: int, count: Count, sizes: Sizes) -> tuple[Any, Count]:
    """Drain the queue.

    Parameters
    ----------
    work
        What is done with a job.
    fetch
        The job of a number: read from stacked arrays, or generated.
    size, count
        Length of the queue as a shape, and how many jobs at its beginning are to be done.
    sizes
        Lanes and blocks.

    Returns
    -------
    What was kept of every job's last state, with a leading axis (`size`), zeros where nothing was done; and how often
    common requests, rare requests and jobs were served, (3,).
    """
    if sizes.lanes == 1:
        return _one_by_one(work, fetch, size, count)
    job = jax.eval_shape(fetch, jnp.int32(0))
    state = jax.eval_shape(lambda job: work.start(job)[1], job)
    kept = jax.eval_shape(work.keep, state)
    packed = jax.eval_shape(pack, kept)
    first = fetch(jnp.int32(0))
    lanes = Lanes(
        jax.tree_util.tree_map(lambda x: jnp.broadcast_to(x, (sizes.lanes, *x.shape)), first),
        _zeros(state, sizes.lanes),
        jnp.full(sizes.lanes, Mode.EMPTY, jnp.int32),
        jnp.zeros(sizes.lanes, jnp.int32),
        jnp.int32(0),
        _zeros(packed, size + sizes.load),
        jnp.full(size + sizes.load, NOBODY, jnp.int32),
        jnp.int32(0),
        jnp.zeros(3, jnp.int32),
    )

    def rounds(s: Lanes) -> Lanes:
        s = lax.while_loop(lambda s: _loads(s, count, sizes), lambda s: _load(work, fetch, count, sizes, s), s)
        if work.rare is not None and not work.together:
            s = lax.while_loop(lambda s: _serves_rare(s, sizes), lambda s: _rare_trip(work, sizes, s), s)
        return _common_trips(work, count, sizes, s)

    lanes = lax.while_loop(lambda s: _unfinished(s, count), rounds, lanes)
    return jax.vmap(unpacker(kept))(_in_order(lanes, size, count)), lanes.trips


def _in_order(s: Lanes, size: int, count: Count) -> Any:
    """The results in the order of the jobs, and zeros where there are none."""
    place = jnp.argsort(s.done)[:size]
    real = jnp.arange(size) < count
    return jax.tree_util.tree_map(lambda x: jnp.where(real[:, None], x[place], jnp.zeros((), x.dtype)), s.results)


def _one_by_one(work: Work, fetch: Callable, size: int, count: Count) -> tuple[Any, Count]:
    """A single lane: branches that are not taken cost nothing, and the program is as small as that of one fit."""

    def kept(i):
        job = fetch(i)
        machine, state = work.start(job)
        return work.keep(compiled.run(machine, state, lambda request: work.whole(job, request)))

    like = jax.eval_shape(kept, jnp.int32(0))

    def write(i, results):
        return jax.tree_util.tree_map(
            lambda all_rows, row: lax.dynamic_update_index_in_dim(all_rows, row, i, 0), results, pack(kept(i))
        )

    results = lax.fori_loop(0, count, write, _zeros(jax.eval_shape(pack, like), size))
    return jax.vmap(unpacker(like))(results), jnp.zeros(3, jnp.int32).at[2].set(count)


def _zeros(like: Any, leading: int) -> Any:
    return jax.tree_util.tree_map(lambda x: jnp.zeros((leading, *x.shape), x.dtype), like)


# ---- what comes next ----------------------------------------------------------------------------------------------


def _number(s: Lanes, mode: Mode) -> Count:
    return jnp.sum(s.mode == mode)


def _ready(s: Lanes, count: Count) -> Mask:
    """Lanes with a job to store, or with room for another."""
    return (s.mode == Mode.DONE) | ((s.mode == Mode.EMPTY) & (s.following < count))


def _unfinished(s: Lanes, count: Count) -> Flag:
    return (s.following < count) | jnp.any(s.mode != Mode.EMPTY)


def _loads(s: Lanes, count: Count, sizes: Sizes) -> Flag:
    ready = jnp.sum(_ready(s, count))
    working = jnp.any((s.mode == Mode.COMMON) | (s.mode == Mode.RARE))
    return (ready >= sizes.load) | (~working & (ready > 0))


def _serves_rare(s: Lanes, sizes: Sizes) -> Flag:
    waiting = _number(s, Mode.RARE)
    return (waiting >= sizes.rare) | ((waiting > 0) & (_number(s, Mode.COMMON) == 0))


# ---- the trips ----------------------------------------------------------------------------------------------------


def _common_trips(work: Work, count: Count, sizes: Sizes, s: Lanes) -> Lanes:
    """Common requests, until something else is due."""

    def tell(job, state, mode, reply, served):
        machine = work.start(job)[0]
        lower = work.rare is not None and not work.together
        told = machine.tell_lower(state, reply) if lower else machine.tell(state, reply)
        turning = (mode == Mode.COMMON) | ((mode == Mode.RARE) & served)
        return select(turning, told, state), jnp.where(turning, work.mode(machine, told), mode)

    def answers(answer):
        return lambda states: jax.vmap(lambda job, state: answer(job, work.start(job)[0].ask(state)))(s.jobs, states)

    def onward(carry):
        now = _with(s, *carry)
        working = (_number(now, Mode.COMMON) > 0) & ~_serves_rare(now, sizes)
        if work.together:
            working = jnp.any((now.mode == Mode.COMMON) | (now.mode == Mode.RARE))
        return working & ~_loads(now, count, sizes)

    def trip(carry):
        states, mode, trips = carry
        served = jnp.array(False)
        if work.together:
            served = _serves_rare(_with(s, *carry), sizes)
            replies = lax.cond(served, answers(work.rare), answers(work.common), states)
        else:
            replies = stored(trips[0] >= 0, answers(work.common), states)
        states, mode = jax.vmap(tell, in_axes=(0, 0, 0, 0, None))(s.jobs, states, mode, replies, served)
        return states, mode, trips.at[served.astype(int)].add(1)

    return _with(s, *lax.while_loop(onward, trip, (s.states, s.mode, s.trips)))


def _rare_trip(work: Work, sizes: Sizes, s: Lanes) -> Lanes:
    """The rare requests of the first few lanes that wait."""
    picked = _pick(s.mode == Mode.RARE, sizes.rare)

    def one(job, state):
        machine = work.start(job)[0]
        told = machine.tell(state, present(work.rare)(job, machine.ask(state)))
        return told, work.mode(machine, told)

    states, mode = jax.vmap(one)(_at(s.jobs, picked.slots), _at(s.states, picked.slots))
    return _with(s, _placed(states, picked, s.states), _placed(mode, picked, s.mode), s.trips.at[1].add(1))


def _load(work: Work, fetch: Callable, count: Count, sizes: Sizes, s: Lanes) -> Lanes:
    """Store the first few lanes that are done, and give them the next jobs."""
    picked = _pick(_ready(s, count), sizes.load)
    finished = _pick(picked.chosen & (s.mode == Mode.DONE), sizes.load)
    kept = jax.vmap(lambda state: pack(work.keep(state)))(_at(s.states, finished.slots))
    results = jax.tree_util.tree_map(lambda old, rows: _appended(old, rows, s.stored), s.results, kept)
    done = _appended(s.done, jnp.where(finished.there, s.number[finished.slots], NOBODY), s.stored)

    number = s.following + jnp.arange(sizes.load, dtype=jnp.int32)
    fresh = picked.there & (number < count)
    jobs = jax.vmap(fetch)(jnp.minimum(number, count - 1))
    states, mode = jax.vmap(lambda job: _first(work, *work.start(job)))(jobs)
    mode = jnp.where(fresh, mode, Mode.EMPTY).astype(jnp.int32)
    small = sum(leaf.size for leaf in jax.tree_util.tree_leaves(jobs)) <= SMALL_JOB * sizes.load
    return Lanes(
        _placed(jobs, picked, s.jobs) if small else _written(s.jobs, jobs, picked.slots, fresh),
        _placed(states, picked, s.states),
        _placed(mode, picked, s.mode),
        _placed(number, picked, s.number),
        s.following + jnp.sum(fresh, dtype=jnp.int32),
        results,
        done,
        s.stored + jnp.sum(finished.there, dtype=jnp.int32),
        s.trips.at[2].add(1),
    )


def _first(work: Work, machine: Machine, state: Any) -> tuple[Any, Count]:
    return state, work.mode(machine, state)


def _with(s: Lanes, states: Any, mode: Count, trips: Count) -> Lanes:
    return eqx.tree_at(lambda s: (s.states, s.mode, s.trips), s, (states, mode, trips))


# ---- some of the lanes --------------------------------------------------------------------------------------------


def _pick(wanted: Mask, size: int) -> Picked:
    """The first `size` lanes of those wanted."""
    before = jnp.cumsum(wanted, dtype=jnp.int32)
    slots = jnp.searchsorted(before, jnp.arange(1, size + 1, dtype=jnp.int32), method="scan_unrolled")
    there = slots < wanted.size
    return Picked(jnp.where(there, slots, 0), there, wanted & (before <= size), jnp.clip(before - 1, 0, size - 1))


def _at(tree: Any, slots: Count) -> Any:
    return jax.tree_util.tree_map(lambda x: x[slots], tree)


def _placed(rows: Any, picked: Picked, old: Any) -> Any:
    """Small rows put back into the lanes that were picked."""
    return select_rows(picked.chosen, _at(rows, picked.rank), old)


def _appended(target: Any, rows: Any, first: Count) -> Any:
    """A block of rows put behind the first few of the target."""
    return lax.dynamic_update_slice_in_dim(target, rows, first, 0)


def _written(target: Any, rows: Any, places: Count, really: Mask) -> Any:
    """Rows written over those of the target, one by one: nothing else of it is touched."""

    def write(r, target):
        def one(old, row):
            row = jnp.where(really[r], row[r], lax.dynamic_index_in_dim(old, places[r], keepdims=False))
            return lax.dynamic_update_index_in_dim(old, row, places[r], 0)

        return jax.tree_util.tree_map(one, target, rows)

    return lax.fori_loop(0, places.size, write, target)
