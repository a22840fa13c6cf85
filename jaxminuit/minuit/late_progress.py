"""How much is done, for somebody who has been waiting for a while."""

import sys
import time
from typing import Any, Self

from jaxminuit.core.surroundings import is_jupyter
from jaxminuit.minuit.progress import ProgressBar

PATIENCE = 2.0  # seconds


class LateProgress:
    """A ProgressBar that appears only in a terminal or a notebook, and only once the work has taken some seconds.

    Used as a ProgressBar is.

    Parameters
    ----------
    max_value
        Total number of steps.
    patience
        Seconds before it appears. Default 2.
    """

    def __init__(self, max_value: int, patience: float = PATIENCE):
        self.max_value, self.value = max_value, 0
        self._from = time.monotonic() + patience
        self._bar: ProgressBar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._bar is not None:
            self._bar.__exit__(*exception)

    def __iadd__(self, steps: int) -> Self:
        self.value += steps
        if self._bar is not None:
            self._bar += steps
        elif time.monotonic() >= self._from and (_in_terminal() or is_jupyter()):
            self._bar = ProgressBar(self.max_value)
            self._bar += self.value
        return self


def _in_terminal() -> bool:
    """Whether output is read by a person."""
    return hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
