"""Wall time of a fit, and how much of it JAX spent on tracing and compiling."""

import time
from typing import Any, Self

from jax import monitoring


class Clock:
    """``with Clock() as clock:`` measures what is done inside; afterwards `seconds` and `compiling`, part of them.

    What other threads compile meanwhile counts too.
    """

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

    def _heard(self, event: str, start: float, end: float, **_: Any) -> None:
        if event.startswith("/jax/core/compile/"):
            self._spans.append((start, end))


def _covered(spans: list[tuple[float, float]]) -> float:
    """Length of the union of intervals: functions that are traced inside others would count twice in a sum."""
    covered, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered
