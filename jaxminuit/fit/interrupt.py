"""What is left of a fit on the host that Ctrl-C stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from jaxminuit.core.status import Status
from jaxminuit.core.types import leaf
from jaxminuit.minimise.migrad_state import MigradState, Phase
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minimise.simplex import SimplexState


@contextmanager
def keeps_best(end: Callable[[Any], FunctionMinimum]) -> Iterator[None]:
    """A KeyboardInterrupt that passes gets the best point so far as its `minimum`, with status INTERRUPTED.

    `end` makes the result from a state of the machine.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        if hasattr(stop, "state"):
            stop.minimum = replace(end(best_so_far(stop.state)), status=leaf(np.int32(Status.INTERRUPTED)))  # type: ignore[attr-defined]
        raise


def best_so_far(state: Any) -> Any:
    """The state with x and f of the best point known, which may be a trial on a line or a corner of a simplex."""
    if isinstance(state, MigradState) and int(state.phase) == Phase.LINE:
        search = state.search
        if float(search.best_f) < float(state.f):
            return replace(state, x=state.x + search.best_lam * state.step, f=search.best_f)
    if isinstance(state, SimplexState) and np.any(state.used):
        best = int(np.argmin(np.where(state.used, state.fs, np.inf)))
        if float(state.fs[best]) < np.finfo(state.fs.dtype).max:
            return replace(state, x=state.corners[best], f=state.fs[best])
    return state
