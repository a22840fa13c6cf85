"""What a run says at its end: the exit status, and what was wrong with the input."""

from collections.abc import Callable

from jaxminuit.command.interpret import FCN_FAILED, INTERNAL_ERROR, Outcome
from jaxminuit.command.run import FAILED, UNKNOWN, UNREADABLE
from jaxminuit.command.table import find

SUCCESS, NOT_CONVERGED, BAD_INPUT, INTERNAL = 0, 1, 2, 3
FITS = ("MIGRAD", "MINIMIZE", "SIMPLEX", "MNCONTOUR")  # converged by what they answer
MINIMISING = ("MINOS", "IMPROVE")  # converged if what they leave is a minimum


class Verdict:
    """Collects what decides the exit status.

    Parameters
    ----------
    tell
        Takes each problem at once, with file and line.

    Attributes
    ----------
    problems
        All of them.
    bad
        Whether there was one that a person at a terminal could not mend.
    failed
        Whether the last minimisation did not converge.
    broken
        Whether jaxminuit itself failed.
    """

    def __init__(self, tell: Callable[[str], object] | None = None):
        self.problems: list[str] = []
        self.bad = self.failed = self.broken = False
        self.tell = tell

    @property
    def status(self) -> int:
        """0; 1 if the last minimisation did not converge; 2 after input that could not be understood; 3 after a bug."""
        if self.broken:
            return INTERNAL
        return BAD_INPUT if self.bad else NOT_CONVERGED if self.failed else SUCCESS

    def problem(self, text: str, mended: bool = False) -> None:
        """Something is wrong with the input."""
        self.problems.append(text)
        self.bad = self.bad or not mended
        if self.tell is not None:
            self.tell(text)

    def fitted(self, outcome: Outcome, word: str) -> None:
        """Take note of how a minimisation ended."""
        row = find(word)
        self.broken = self.broken or outcome.code == INTERNAL_ERROR
        if row is None or outcome.code in (FCN_FAILED, INTERNAL_ERROR):
            self.failed = self.failed or row is not None
        elif row.name in FITS:
            self.failed = outcome.code == FAILED
        elif row.name in MINIMISING:
            self.failed = bool(outcome.state.variable) and outcome.state.minimised < 1

    def interrupted(self, word: str) -> None:
        """A minimisation that was interrupted did not converge."""
        row = find(word)
        self.failed = self.failed or (row is not None and row.name in (*FITS, *MINIMISING))


def complaint(outcome: Outcome, word: str) -> str | None:
    """What is wrong with a command; None if nothing is."""
    if outcome.code == UNREADABLE:
        return f"{word or 'the command'}: an argument is not a number, or too large for one"
    if outcome.code == UNKNOWN:
        return f"{word}: " + ("no such command" if find(word) is None else "wrong arguments")
    return f"{word}: {outcome.problem}" if outcome.problem else None
