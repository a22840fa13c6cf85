"""How far a batch is, with rate and expected end: in a terminal, in Jupyter, or wherever the user wants it."""

import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from jaxminuit.core.surroundings import is_jupyter


class Progress:
    """Counts what is done, and names what is being done; a context, at whose end a bar is closed.

    What was there at the beginning does not count for the rate.

    Parameters
    ----------
    wanted
        False, True (a bar in Jupyter, tqdm if it is installed, else a line on stderr), or a function that is called
        with the numbers of those done and of all.
    total, done
        How many there are, and how many were there at the beginning.
    unit
        What is counted: "fits", "toys".
    """

    def __init__(self, wanted: Any, total: int, unit: str = "fits", done: int = 0):
        self.first, self.done, self.total, self.unit = done, done, total, unit
        self.stage = ""
        self.began = time.perf_counter()
        self.shown = _shown(wanted, self)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_) -> None:
        self.shown.close()

    @property
    def rate(self) -> float:
        """How many a second; 0 before the first."""
        seconds = time.perf_counter() - self.began
        return (self.done - self.first) / seconds if seconds > 0 else 0.0

    def add(self, number: int) -> None:
        """So many more are done."""
        self.done = min(self.done + number, self.total)
        self.stage = ""
        self.shown.counted()

    def tell(self, stage: str) -> None:
        """What is being done now; users' functions are not called for it."""
        self.stage = stage
        self.shown.told()

    def inside(self, prefix: str = "", counts: bool = False) -> "Inside":
        """What a part sees: its stages are told with a prefix; what it has done counts, or not."""
        return Inside(self, prefix, counts)

    def __str__(self) -> str:
        text = f"{self.done} of {self.total} {self.unit}"
        if self.rate > 0.0:
            text += f", {self.rate:.4g} a second"
            if self.done < self.total:
                left = (self.total - self.done) / self.rate
                end = time.strftime("%H:%M:%S" if left < 86400 else "%d %b %H:%M", time.localtime(time.time() + left))
                text += f", {left:.0f} s left, until {end}"
        return f"{text}; {self.stage}" if self.stage else text


class Inside:
    """What a part of a larger task sees of the progress of the whole."""

    def __init__(self, whole: Progress, prefix: str, counts: bool):
        self.whole, self.prefix, self.counts = whole, prefix, counts

    def __enter__(self) -> "Inside":
        return self

    def __exit__(self, *_) -> None:
        """The whole goes on."""

    def add(self, number: int) -> None:
        """So many more are done."""
        if self.counts:
            self.whole.add(number)

    def tell(self, stage: str) -> None:
        """What is being done now."""
        self.whole.tell(self.prefix + stage)

    def inside(self, prefix: str = "", counts: bool = False) -> "Inside":
        """A part of a part."""
        return Inside(self.whole, self.prefix + prefix, self.counts and counts)


def check_progress(progress: Any) -> None:
    """TypeError for what is neither a flag nor a function."""
    if not isinstance(progress, bool | Progress | Inside) and not callable(progress):
        raise TypeError(
            f"progress must be True, False, or a function of the number done and that of all, not {progress!r}"
        )


def progress_of(progress: Any, total: int, unit: str = "fits", done: int = 0) -> Progress | Inside:
    """From the argument of that name; a progress that exists already goes on."""
    check_progress(progress)
    return progress if isinstance(progress, Progress | Inside) else Progress(progress, total, unit, done)


# ---- where it is shown ----------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What is done when something was counted, when a stage was told, and at the end."""

    counted: Callable[[], None]
    told: Callable[[], None]
    close: Callable[[], None]


def _shown(wanted: Any, progress: Progress) -> Shown:
    if callable(wanted):
        return Shown(lambda: wanted(progress.done, progress.total), _nothing, _nothing)
    if not wanted:
        return Shown(_nothing, _nothing, _nothing)
    shown = _notebook(progress) or _tqdm(progress) or _line(progress)
    shown.told()
    return shown


def _nothing() -> None:
    pass


def _line(progress: Progress) -> Shown:
    """One line that is written over and over."""
    width = 0

    def show(end: str = "") -> None:
        nonlocal width
        text = str(progress)
        print(f"\r{text.ljust(width)}", end=end, file=sys.stderr, flush=True)
        width = len(text)

    return Shown(show, show, lambda: show("\n"))


def _tqdm(progress: Progress) -> Shown | None:
    """A bar of tqdm, if there is one."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    bar = tqdm(total=progress.total, initial=progress.first, unit=f" {progress.unit}")

    def counted() -> None:
        bar.set_postfix_str("", refresh=False)
        bar.update(progress.done - bar.n)

    return Shown(counted, lambda: bar.set_postfix_str(progress.stage), bar.close)


def _notebook(progress: Progress) -> Shown | None:
    """A bar in Jupyter, without widgets; None anywhere else."""
    if not is_jupyter():
        return None
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)

    def show() -> None:
        bar = f"<progress value='{progress.done}' max='{progress.total}'></progress>"
        handle.update(HTML(f"{bar} {progress}"))

    return Shown(show, show, _nothing)
