"""Which programs JAX compiles."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jax import monitoring


@contextmanager
def compilations() -> Iterator[Counter]:
    """Counts programs by the name of their function while the block runs."""
    names: Counter = Counter()

    def heard(event: str, start: float, end: float, fun_name: str = "", **_: Any) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            names[fun_name.removeprefix("jit(").removesuffix(")")] += 1

    monitoring.register_event_time_span_listener(heard)
    try:
        yield names
    finally:
        monitoring.unregister_event_time_span_listener(heard)
