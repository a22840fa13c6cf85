"""Where output goes: a notebook, a terminal or neither; and how much is done, when something takes long."""

import sys
import time
from typing import Any, Self

PATIENCE = 2.0  # seconds before anything is shown


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel."""
    if "IPython" not in sys.modules:  # a kernel has imported it
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def in_terminal() -> bool:
    """Whether error output is read by a person."""
    return hasattr(sys.stderr, "isatty") and sys.stderr.isatty()


class Progress:
    """Says in a terminal or a notebook how much is done, once that takes longer than a few seconds; else it is silent.

    Use it in a ``with`` statement, at whose end the line disappears, and add to it: ``progress += 1``.

    Parameters
    ----------
    total
        Number of steps.
    title
        What is being done.
    patience
        Seconds before anything is shown. Default 2.
    """

    def __init__(self, total: int, title: str, patience: float = PATIENCE):
        self._total, self._title, self._done = total, title, 0
        self._silent_until = time.monotonic() + patience
        self._notebook, self._terminal = in_notebook(), in_terminal()
        self._shown: Any = None  # the last text, or the handle of the display of a notebook

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._shown is None:
            return
        if self._notebook:
            self._in_notebook("")
        else:
            sys.stderr.write("\r" + " " * len(self._shown) + "\r")
            sys.stderr.flush()

    def __iadd__(self, steps: int) -> Self:
        self._done += steps
        if time.monotonic() >= self._silent_until:
            self._show()
        return self

    def _show(self) -> None:
        text = f"{self._title}: {self._done} of {self._total}"
        if self._notebook:
            self._in_notebook(f"<progress value='{self._done}' max='{self._total}'></progress> {text}")
        elif self._terminal:
            sys.stderr.write("\r" + text)
            sys.stderr.flush()
            self._shown = text

    def _in_notebook(self, markup: str) -> None:
        from IPython.display import HTML, display

        if self._shown is None:
            self._shown = display(HTML(markup), display_id=True)
        else:
            self._shown.update(HTML(markup))
