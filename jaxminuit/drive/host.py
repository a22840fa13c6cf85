"""One machine turned by a Python loop: for FCNs that JAX cannot trace, and to watch or stop a fit on its way.

What would be branches of one large program are small programs here, of which only those are compiled that are needed,
and which several algorithms share: a sweep of a stencil, what the innermost machine is told, how each machine around it
goes on when that has finished.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial, wraps
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import tree_flatten, tree_leaves, tree_structure

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.tree import select
from jaxminuit.core.types import Flag, Vector, present
from jaxminuit.drive.derivatives import plain_numbers
from jaxminuit.minimise.machine import Machine, Nested
from jaxminuit.problem.fcn import HostFCN
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Points, Reply
from jaxminuit.problem.stencil import Phase, Stencil, StencilState

LEAF = tree_structure(0)

_tiny = partial(quick_jit, tiny=True)


class Asking(eqx.Module):
    """Requests go out as they are; points are external ones where there is a problem."""

    problem: Problem | None = None

    def sent(self, request: Any) -> tuple[Any, Any]:
        """What is kept of a request, and what goes out for it."""
        if self.problem is None:
            return (), request
        return (), replace(request, points=jax.vmap(self.problem.external)(request.points))

    def last(self, kept: Any) -> Flag:
        """Whether the answer to what is out is all that is needed for the reply."""
        del kept
        return jnp.array(True)

    def reply(self, kept: Any, answer: Any) -> Any:
        """What the machine is told."""
        del kept
        return answer


class Sweeping(Asking):
    """Requests for derivatives go out as the sweeps of a stencil, whose state is kept."""

    stencil: Stencil | None = None

    def sent(self, request: Any) -> tuple[StencilState, Points]:
        """The first sweep for a request."""
        return self._out(present(self.stencil).begin(request))

    def _out(self, state: StencilState) -> tuple[StencilState, Points]:
        return state, super().sent(present(self.stencil).ask(state))[1]

    def last(self, kept: StencilState) -> Flag:
        """A value alone needs no more."""
        return kept.phase == Phase.VALUE

    def reply(self, kept: StencilState, answer: Vector) -> Reply:
        """After the last sweep, or with a value alone."""
        told = replace(kept, f=answer[0], calls=kept.calls + 1)
        return present(self.stencil).reply(select(self.last(kept), told, kept))

    def swept(self, kept: StencilState, answer: Vector) -> tuple[StencilState, Points, Flag]:
        """The next sweep, or whether there is none."""
        stencil = present(self.stencil)
        state = stencil.tell(kept, answer)
        return *self._out(state), stencil.finished(state)


@_tiny
def _begin(machine, state, asking):
    kept, out = asking.sent(machine.ask(state))
    return kept, out, asking.last(kept), _finished(machine, state)


@_tiny
def _onward(machine, state, asking):
    state = machine.onward(state)
    return state, *_begin(machine, state, asking)


def _tell(machine, state, asking, kept, answer):
    state = machine.tell(state, asking.reply(kept, answer))
    kept, out = asking.sent(machine.ask(state))
    return state, kept, out, jnp.stack([asking.last(kept), machine.finished(state)])


def _sweep(asking, kept, answer):
    return asking.swept(kept, answer)


@lru_cache(maxsize=128)
def _flat(function: Callable, *trees: Any) -> Callable:
    """The function of the leaves of its arguments: lists are quicker to hand over than the trees that they make."""

    @wraps(function)
    def flat(*leaves):
        results = function(*(tree.unflatten(own) for tree, own in zip(trees, leaves, strict=True)))
        return [tree_leaves(result) for result in results]

    return _tiny(flat)


def _levels(machine: Machine, state: Any) -> list[tuple[Machine, Any]]:
    """The machine and those inside, with their states; the innermost one last."""
    levels = [(machine, state)]
    while isinstance(machine, Nested):
        machine, state = machine.inside(state)
        levels.append((machine, state))
    return levels


def _whole(levels: list[tuple[Machine, Any]]) -> Any:
    """The state of the outermost of these machines, with those of all inside."""
    state = levels[-1][1]
    for machine, outer in reversed(levels[:-1]):
        state = machine.holding(outer, state)
    return state


def _finished(machine: Machine, state: Any) -> Flag:
    """Whether each of the machines is finished, the outermost first."""
    return jnp.stack([jnp.asarray(level.finished(at)) for level, at in _levels(machine, state)])


class _Turn:
    """The innermost machine on its way, in flat lists; and what is out."""

    tree: Any  # PyTreeDefs, of the state and of what is out
    out_tree: Any

    def __init__(self, machine: Machine, state: Any, asking: Asking, kept: Any, out: Any, last: Flag):
        (self.machine, machine_tree), (self.state, self.tree) = tree_flatten(machine), tree_flatten(state)
        (self.asking, asking_tree), (self.kept, kept_tree) = tree_flatten(asking), tree_flatten(kept)
        (self.out, self.out_tree), self.last = tree_flatten(out), bool(last)
        self._tell = partial(_flat, _tell, machine_tree, self.tree, asking_tree, kept_tree)
        self._sweep = _flat(_sweep, asking_tree, kept_tree, LEAF)

    def on(self, answer: Callable[[Any], Any]) -> bool:
        """Tell the machine what it wants to know; whether it is finished."""
        told = answer(self.out_tree.unflatten(self.out))
        while not self.last:
            self.kept, self.out, (self.last,) = self._sweep(self.asking, self.kept, [told])
            if not self.last:
                told = answer(self.out_tree.unflatten(self.out))
        leaves, tree = tree_flatten(told)
        tell = self._tell(tree)
        self.state, self.kept, self.out, (marks,) = tell(self.machine, self.state, self.asking, self.kept, leaves)
        self.last, finished = np.asarray(marks)
        return finished


def run(
    machine: Machine,
    state: Any,
    answer: Callable[[Any], Any],
    watch: Callable[[Any], None] | None = None,
    asking: Asking | None = None,
) -> Any:
    """Turn the machine until it is finished; `watch` sees every state and may raise to stop.

    A KeyboardInterrupt (Ctrl-C, or raised by the FCN) goes on its way with the last whole state as its `state`.
    """
    machine, asking = jax.device_put((machine, Asking() if asking is None else asking))
    levels = _levels(machine, state)
    kept, out, last, finished = _begin(machine, state, asking)
    turn, finished = _Turn(*levels[-1], asking, kept, out, last), np.array(finished)

    def whole(outermost: int = 0) -> Any:
        return _whole([*levels[outermost:-1], (levels[-1][0], turn.tree.unflatten(turn.state))])

    try:
        while not finished[0]:
            finished[-1] = turn.on(answer)
            for k in range(len(levels) - 2, -1, -1):
                if finished[k + 1]:
                    state, *rest, finished[k:] = _onward(levels[k][0], whole(k), asking)
                    levels[k:] = _levels(levels[k][0], state)
                    turn = _Turn(*levels[-1], asking, *rest)
            if watch is not None:
                watch(whole())
    except KeyboardInterrupt as stop:
        stop.state = whole()  # type: ignore[attr-defined]
        raise
    return whole()


def values_on_host(fcn: HostFCN, parameters: Parameters) -> Callable[[Points], np.ndarray]:
    """The answer to a request for plain values at external points: one call of the user's function for each."""
    structured = plain_numbers(parameters)

    def answer(request: Points) -> np.ndarray:
        points = np.asarray(request.points)
        values = np.zeros(len(points), points.dtype)
        for i in np.flatnonzero(np.asarray(request.wanted)):
            values[i] = fcn.evaluate(structured(points[i]))
        return values

    return answer
