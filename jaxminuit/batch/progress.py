"""How far a batch is: a line on the terminal, or whatever the user does with the numbers."""

import sys
import time
from collections.abc import Callable
from typing import Any


class Progress:
    """Tells how many fits are done; `show` is called with fits done, all fits, and seconds since the beginning."""

    def __init__(self, total: int, show: Callable[[int, int, float], None] | None):
        self.total, self.show = total, show
        self.began = time.perf_counter()

    def __call__(self, done: int) -> None:
        if self.show is not None:
            self.show(done, self.total, time.perf_counter() - self.began)


def progress_of(progress: Any, total: int) -> Progress:
    """From the argument of `fit_many`: True, False, or a function."""
    if not isinstance(progress, bool) and not callable(progress):
        raise TypeError(f"progress must be True, False, or a function of fits done and all fits, not {progress!r}")
    if isinstance(progress, bool):
        return Progress(total, _line if progress else None)
    return Progress(total, lambda done, total, seconds: progress(done, total))


def _line(done: int, total: int, seconds: float) -> None:
    """One line that is written over and over, with rate and expected end."""
    rate = done / seconds
    left = f", {(total - done) / rate:.0f} s left" if done < total else ""
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} fits, {rate:.4g} a second{left}      ", end=end, file=sys.stderr, flush=True)
