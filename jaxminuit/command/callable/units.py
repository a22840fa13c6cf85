"""Logical units: the numbers by which the routines name their files."""

import sys
from collections.abc import Iterable
from pathlib import Path

from jaxminuit.command.streams import Output, Source, from_file

STANDARD_OUTPUT = 6
HIGHEST = 999


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
        return self.sources.setdefault(unit, Source(unit, "standard input", ask=lambda prompt: input()))

    def path(self, unit: int) -> str | None:
        """The file that a unit writes, None if there is none."""
        output = self.outputs.get(unit)
        return output.name if isinstance(output, FileOutput) else None

    def is_terminal(self, source: Source) -> bool:
        """Whether a person types what is read."""
        return source.ask is not None and sys.stdin is not None and sys.stdin.isatty()


def standard_output() -> Output:
    """Whatever sys.stdout is when lines are written."""
    return Output(lambda text: sys.stdout.write(text), "standard output")


def check_unit(name: str, unit: int) -> None:
    """ValueError if a number cannot be that of a unit."""
    if not isinstance(unit, int) or not 0 < unit <= HIGHEST:
        raise ValueError(f"{name} must be a whole number from 1 to {HIGHEST}, not {unit!r}")
