"""A progress bar for the terminal and for notebooks."""

import sys
from collections.abc import Callable
from typing import Any, Self

from jaxminuit.core.surroundings import is_jupyter


class ProgressBar:
    """Shows how much is done: a line that is written again in a terminal, a bar in Jupyter.

    Use it in a ``with`` statement, which clears it at the end, and add to it: ``bar += 1``.

    Parameters
    ----------
    max_value
        Total number of steps.
    """

    value: int = 0
    max_value: int

    def __init__(self, max_value: int):
        self.max_value = max_value
        self._show = _in_notebook() if is_jupyter() else _in_terminal
        self._update()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: Any) -> None:
        self._show(None)

    def __add__(self, steps: int) -> Self:
        self.value += steps
        self._update()
        return self

    def _update(self) -> None:
        self._show(100.0 * self.value / self.max_value if self.max_value else 100.0)


def _in_terminal(percent: float | None) -> None:
    sys.stdout.write("\r     " if percent is None else f"\r{percent:.0f} %")
    sys.stdout.flush()


def _in_notebook() -> Callable[[float | None], None]:
    from IPython.display import HTML, display

    def show(percent: float | None) -> None:
        bar = "" if percent is None else f"<progress value='{percent:.0f}' max='100'></progress> {percent:.0f} %"
        display(HTML(bar), clear=True)

    return show
