"""What a fit took: wall time, how much of it JAX spent on tracing and compiling, and calls."""

import time
from dataclasses import dataclass
from typing import Any, Self

import jax
import numpy as np
from jax import monitoring


@dataclass
class Counts:
    """Calls of the function and its derivatives, and where the function was NaN for the first time."""

    nfcn: int = 0
    ngrad: int = 0
    ng2: int = 0
    nhessian: int = 0
    nan_at: tuple[float, ...] | None = None


class Clock:
    """``with Clock() as clock:`` measures what is done inside; afterwards `seconds` and `compiling`, part of them.

    What other threads compile meanwhile counts too. `counts` are the calls of the user's functions during that time
    where the host made them, else None; `exact` tells whether every call of the compiled function gave a gradient.
    """

    counts: Counts | None = None
    exact: bool = False

    def __init__(self):
        self.seconds = 0.0
        self.compiling = 0.0

    def __enter__(self) -> Self:
        self._spans: list[tuple[float, float]] = []
        monitoring.register_event_time_span_listener(self._heard)
        self._began = time.perf_counter()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.seconds = time.perf_counter() - self._began
        monitoring.unregister_event_time_span_listener(self._heard)
        self.compiling = min(_covered(self._spans), self.seconds)

    def _heard(self, event: str, start_time: float, end_time: float, **_: Any) -> None:
        if event.startswith("/jax/core/compile/"):
            self._spans.append((start_time, end_time))


def fetched(tree: Any) -> Any:
    """A pytree as NumPy arrays: one round of transfers from a device, or the memory itself on a CPU."""
    if jax.default_backend() != "cpu":
        return jax.device_get(tree)
    return jax.tree_util.tree_map(np.asarray, tree)


def _covered(spans: list[tuple[float, float]]) -> float:
    """Length of the union of intervals: functions that are traced inside others would count twice in a sum."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered
