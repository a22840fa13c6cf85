"""One machine in one compiled loop."""

from collections.abc import Callable
from typing import Any

from jax import lax

from jaxminuit.minimise.machine import Machine


def run(machine: Machine, state: Any, answer: Callable[[Any], Any]) -> Any:
    """Turn the machine until it is finished: while not finished, tell(answer(ask)). The FCN stands once in `answer`."""
    return lax.while_loop(lambda s: ~machine.finished(s), lambda s: machine.tell(s, answer(machine.ask(s))), state)
