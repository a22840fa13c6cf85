"""One machine turned by a Python loop: for FCNs that JAX cannot trace, and to watch or stop a fit on its way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from jaxminuit.core.compiling import quick_jit
from jaxminuit.drive.derivatives import plain_numbers
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.fcn import HostFCN
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Points


@quick_jit
def _ask(machine, state, problem):
    request = machine.ask(state)
    if problem is not None:
        request = replace(request, points=jax.vmap(problem.external)(request.points))
    return request, machine.finished(state)


@quick_jit
def _step(machine, state, reply, problem):
    state = machine.tell(state, reply)
    return state, *_ask(machine, state, problem)


def run(
    machine: Machine,
    state: Any,
    answer: Callable[[Any], Any],
    watch: Callable[[Any], None] | None = None,
    problem: Problem | None = None,
) -> Any:
    """Turn the machine until it is finished; `watch` sees every state and may raise to stop.

    With a problem, `answer` is asked for plain values at external points.

    A KeyboardInterrupt (Ctrl-C, or raised by the FCN) goes on its way with the last whole state as its `state`.
    """
    try:
        request, finished = _ask(machine, state, problem)
        while not finished:
            state, request, finished = _step(machine, state, answer(request), problem)
            if watch is not None:
                watch(state)
    except KeyboardInterrupt as stop:
        stop.state = state  # type: ignore[attr-defined]
        raise
    return state


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
