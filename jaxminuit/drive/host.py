"""One machine turned by a Python loop: for FCNs that JAX cannot trace, and to watch or stop a fit on its way.

What would be branches of one large program are small programs here, of which only those are compiled that are needed,
and which several algorithms share: a sweep of a stencil, what the innermost machine is told, how each machine around it
goes on when that has finished.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.tree import select
from jaxminuit.drive.derivatives import plain_numbers
from jaxminuit.minimise.machine import Machine, Nested
from jaxminuit.problem.fcn import HostFCN
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Points, Reply
from jaxminuit.problem.stencil import Phase, Stencil, StencilState

_tiny = partial(quick_jit, tiny=True)


class Asking(eqx.Module):
    """Requests go out as they are; points are external ones where there is a problem."""

    problem: Problem | None = None

    def sent(self, request: Any) -> Any:
        """What goes out for a request."""
        if self.problem is None:
            return request
        return replace(request, points=jax.vmap(self.problem.external)(request.points))

    def reply(self, sent: Any, answer: Any) -> Any:
        """What the machine is told."""
        del sent
        return answer

    def answered(self, sent: Any, answer: Callable[[Any], Any]) -> tuple[Any, Any]:
        """What has gone out at last, and the answer to it: by Python."""
        return sent, answer(sent)


class Sweeping(Asking):
    """Requests for derivatives go out as the sweeps of a stencil: (its state, points)."""

    stencil: Stencil | None = None

    def sent(self, request: Any) -> tuple[StencilState, Points]:
        return self._out(self.stencil.begin(request))

    def _out(self, state: StencilState) -> tuple[StencilState, Points]:
        return state, Asking.sent(self, self.stencil.ask(state))

    def reply(self, sent: tuple[StencilState, Points], answer: Any) -> Reply:
        """A single value needs no sweep; everything else is complete."""
        state, _ = sent
        told = replace(state, f=answer[0], calls=state.calls + 1)
        return self.stencil.reply(select(state.phase == Phase.VALUE, told, state))

    def answered(self, sent: Any, answer: Callable[[Any], Any]) -> tuple[Any, Any]:
        while True:
            values = answer(sent[1])
            if int(sent[0].phase) == Phase.VALUE:
                return sent, values
            sent, complete = _sweep(self, sent[0], values)
            if complete:
                return sent, values

    def swept(self, state: StencilState, values: Any) -> tuple[Any, Any]:
        """The next sweep, and whether there is none."""
        state = self.stencil.tell(state, values)
        return self._out(state), self.stencil.finished(state)


@_tiny
def _begin(machine, state, asking):
    return asking.sent(machine.ask(state)), _finished(machine, state)


@_tiny
def _sweep(asking, state, values):
    return asking.swept(state, values)


@_tiny
def _tell(machine, state, asking, sent, answer):
    state = machine.tell(state, asking.reply(sent, answer))
    return state, asking.sent(machine.ask(state)), machine.finished(state)


@_tiny
def _onward(machine, state, asking):
    state = machine.onward(state)
    return state, asking.sent(machine.ask(state)), _finished(machine, state)


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


def _finished(machine: Machine, state: Any) -> list[Any]:
    return [jnp.asarray(level.finished(at)) for level, at in _levels(machine, state)]


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
    asking, levels = Asking() if asking is None else asking, _levels(machine, state)
    try:
        sent, finished = _begin(machine, state, asking)
        while not finished[0]:
            sent, told = asking.answered(sent, answer)
            inner, at = levels[-1]
            at, sent, finished[-1] = _tell(inner, at, asking, sent, told)
            levels[-1] = inner, at
            for k in range(len(levels) - 1, 0, -1):
                if finished[k]:
                    outer = levels[k - 1][0]
                    at, sent, finished[k - 1 :] = _onward(outer, _whole(levels[k - 1 :]), asking)
                    levels[k - 1 :] = _levels(outer, at)
            if watch is not None:
                watch(_whole(levels))
    except KeyboardInterrupt as stop:
        stop.state = _whole(levels)  # type: ignore[attr-defined]
        raise
    return _whole(levels)


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
