"""How far a study is, with rate and expected end: in a terminal, in Jupyter, or wherever the user wants it."""

import sys
import time
from collections.abc import Callable
from typing import Any

Show = Callable[["Watch"], None]


class Watch:
    """Counts the toys that are done; those that were there at the beginning do not count for the rate.

    Parameters
    ----------
    progress
        False, True (tqdm if it is installed, a bar in Jupyter, else a line on stderr), or a function of the number of
        toys done and that of all.
    done, total
        Toys that are there already, and all.
    """

    def __init__(self, progress: Any, done: int, total: int):
        self.first, self.done, self.total = done, done, total
        self.began = time.perf_counter()
        self.show = _nowhere
        if callable(progress):
            self.show = lambda watch: progress(watch.done, watch.total)
        elif progress:
            self.show = _notebook() or _tqdm(self) or _line
            self.show(self)

    @property
    def rate(self) -> float:
        """Toys a second; 0 before the first."""
        seconds = time.perf_counter() - self.began
        return (self.done - self.first) / seconds if seconds > 0 else 0.0

    def add(self, toys: int) -> None:
        """So many more are done."""
        self.done += toys
        self.show(self)

    def __str__(self) -> str:
        text = f"{self.done} of {self.total} toys"
        if self.rate == 0.0:
            return text
        text += f", {self.rate:.4g} a second"
        if self.done >= self.total:
            return text
        left = (self.total - self.done) / self.rate
        end = time.strftime("%H:%M:%S" if left < 86400 else "%d %b %H:%M", time.localtime(time.time() + left))
        return f"{text}, {left:.0f} s left, until {end}"


def check_progress(progress: Any) -> None:
    """TypeError for what is neither a flag nor a function."""
    if not isinstance(progress, bool) and not callable(progress):
        raise TypeError(f"progress must be True, False, or a function of toys done and all toys, not {progress!r}")


def _nowhere(watch: Watch) -> None:
    pass


def _line(watch: Watch) -> None:
    """One line that is written over and over."""
    end = "\n" if watch.done >= watch.total else ""
    print(f"\r{watch}".ljust(78), end=end, file=sys.stderr, flush=True)


def _tqdm(watch: Watch) -> Show | None:
    """A bar of tqdm, if there is one."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    bar = tqdm(total=watch.total, initial=watch.first, unit=" toys")

    def show(watch: Watch) -> None:
        bar.update(watch.done - bar.n)
        if watch.done >= watch.total:
            bar.close()

    return show


def _notebook() -> Show | None:
    """A bar in Jupyter, without widgets; None anywhere else."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if type(shell).__name__ != "ZMQInteractiveShell":
        return None
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)

    def show(watch: Watch) -> None:
        handle.update(HTML(f"<progress value='{watch.done}' max='{watch.total}'></progress> {watch}"))

    return show
