"""Logical units: the numbers by which the routines name their files."""

import sys
from collections.abc import Iterable
from pathlib import Path

from jaxminuit.command.streams import MAX_RECORD, Output, ReadError, Source, from_file

STANDARD_OUTPUT = 6
HIGHEST = 999


class StandardInput(Source):
    """Whatever sys.stdin is when records are read; prompts are part of the print-out."""

    def __init__(self, unit: int):
        super().__init__(unit, "standard input")

    def read(self, prompt: str = "") -> str | None:
        """The next record, None at the end; ReadError beyond it."""
        try:
            record = input()[:MAX_RECORD]
        except EOFError:
            if self.ended:
                raise ReadError("standard input: two ends of input in a row") from None
            self.ended = True
            return None
        self.ended, self.position = False, self.position + 1
        return record

    def is_terminal(self) -> bool:
        """Whether a person types what is read."""
        return sys.stdin is not None and sys.stdin.isatty()


class FileOutput(Output):
    """A file to which lines are appended; it is closed after every command, so that it can be read at any time."""

    def __init__(self, path: str | Path, begin: bool = True):
        super().__init__(self._append, str(path))
        self.path = Path(path)
        with self.path.open("w" if begin else "a", encoding="utf-8"):
            pass  # errors of opening come now

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines."""
        self._append("".join(line + "\n" for line in lines))

    def _append(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as out:
            out.write(text)


class Units:
    """The units that a program has opened.

    Attributes
    ----------
    sources
        Units to read from.
    outputs
        Units to write to; 6 is standard output until it is opened on a file.
    """

    def __init__(self):
        self.sources: dict[int, Source] = {}
        self.outputs: dict[int, Output] = {STANDARD_OUTPUT: standard_output()}
        self.appended: set[int] = set()

    def open(self, unit: int, file, mode: str) -> None:
        """Connect a unit with a file or a text stream; see Session.open_unit."""
        check_unit("unit", unit)
        if mode not in ("r", "w", "a"):
            raise ValueError(f"mode must be 'r', 'w' or 'a', not {mode!r}")
        if mode == "r":
            source = Source(unit, "", file.read().splitlines()) if hasattr(file, "read") else from_file(unit, file)
            self.sources[unit] = source
            return
        self.outputs[unit] = Output(file.write) if hasattr(file, "write") else FileOutput(file, begin=mode == "w")
        (self.appended.add if mode == "a" else self.appended.discard)(unit)

    def close(self, unit: int) -> None:
        """Forget what a unit was connected with."""
        self.sources.pop(unit, None)
        self.outputs.pop(unit, None)
        self.outputs.setdefault(STANDARD_OUTPUT, standard_output())

    def source(self, unit: int) -> Source:
        """The unit to read from: standard input if nothing was opened on it."""
        return self.sources.setdefault(unit, StandardInput(unit))

    def path(self, unit: int) -> str | None:
        """The file that a unit writes, None if there is none."""
        output = self.outputs.get(unit)
        return output.name if isinstance(output, FileOutput) else None


def standard_output() -> Output:
    """Whatever sys.stdout is when lines are written."""
    return Output(lambda text: sys.stdout.write(text), "standard output")


def check_unit(name: str, unit: int) -> None:
    """ValueError if a number cannot be that of a unit."""
    if not isinstance(unit, int) or not 0 < unit <= HIGHEST:
        raise ValueError(f"{name} must be a whole number from 1 to {HIGHEST}, not {unit!r}")
