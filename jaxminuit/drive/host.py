"""One machine turned by a Python loop: for FCNs that JAX cannot trace, and to watch or stop a fit on its way."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from jaxminuit.drive.derivatives import plain_numbers
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.fcn import HostFCN
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Points

_ask = jax.jit(lambda machine, state: (machine.ask(state), machine.finished(state)))
_step = jax.jit(lambda machine, state, reply: _next(machine, machine.tell(state, reply)))


def _next(machine, state):
    return state, machine.ask(state), machine.finished(state)


def run(machine: Machine, state: Any, answer: Callable[[Any], Any], watch: Callable[[Any], None] | None = None) -> Any:
    """Turn the machine until it is finished; `watch` sees every state and may raise to stop.

    A KeyboardInterrupt (Ctrl-C, or raised by the FCN) goes on its way with the last whole state as its `state`.
    """
    try:
        request, finished = _ask(machine, state)
        while not finished:
            state, request, finished = _step(machine, state, answer(request))
            if watch is not None:
                watch(state)
    except KeyboardInterrupt as stop:
        stop.state = state
        raise
    return state


def values_on_host(fcn: HostFCN, problem: Problem) -> Callable[[Points], np.ndarray]:
    """The answer to a request for plain values: one call of the user's function for each wanted point."""

    def answer(request: Points) -> np.ndarray:
        wanted = np.flatnonzero(np.asarray(request.wanted))
        external = np.asarray(_external(problem, request.points))
        values = np.zeros(len(request.wanted), external.dtype)
        for i in wanted:
            values[i] = fcn.evaluate(plain_numbers(problem, external[i]))
        return values

    return answer


@jax.jit
def _external(problem: Problem, points):
    return jax.vmap(problem.external)(points)
