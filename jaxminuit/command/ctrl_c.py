"""Ctrl-C while a command runs: heard between the steps of a fit and in the user's own code, never inside JAX.

An exception that strikes JAX while it traces or compiles can leave its caches in a state in which the next call waits
for ever.
"""

import signal
import threading
from contextlib import contextmanager


class CtrlC:
    """Keeps a first Ctrl-C until somebody can hear it; a second one is heard wherever the program is."""

    def __init__(self):
        self._pressed, self._at_once = False, False

    @contextmanager
    def kept(self):
        """While this lasts Ctrl-C waits for `hear` or for the end of `heard_at_once`."""
        if threading.current_thread() is not threading.main_thread():  # only the main thread has signals
            yield
            return
        self._pressed, before = False, signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @property
    def waits(self) -> bool:
        """Whether Ctrl-C was pressed and nobody has heard it."""
        return self._pressed

    def hear(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self._pressed:
            self._pressed = False
            raise KeyboardInterrupt

    @contextmanager
    def heard_at_once(self):
        """While the user's own code runs."""
        self.hear()
        before, self._at_once = self._at_once, True
        try:
            yield
        finally:
            self._at_once = before

    def _press(self, *_) -> None:
        if self._at_once or self._pressed:
            self._pressed = False
            raise KeyboardInterrupt
        self._pressed = True
