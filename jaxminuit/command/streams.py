"""Where records come from and where lines go: units with files, as Fortran has them."""

from collections.abc import Callable, Iterable
from pathlib import Path

MAX_NESTING = 10
MAX_RECORD = 100_000  # characters of a record that are looked at
MAX_FILE = 2**26  # bytes


class ReadError(OSError):
    """A record cannot be read; the run has to end."""


class Closed(Exception):
    """The person at the terminal has closed the input (Ctrl-D): the session ends as by EXIT."""


class Source:
    """A unit to read from.

    Parameters
    ----------
    unit, name
        Its number and the name of its file.
    records
        Its records; or `ask`, a function from the prompt, which it shows, to the next record. It raises EOFError at the
        end of a file, Closed where a person ends the session.
    """

    def __init__(self, unit: int, name: str, records: Iterable[str] = (), ask: Callable[[str], str] | None = None):
        self.unit, self.name, self.ask = unit, name, ask
        self.records = [record[:MAX_RECORD] for record in records]
        self.position, self.ended = 0, False

    def read(self, prompt: str = "") -> str | None:
        """The next record, None at the end; ReadError beyond it."""
        if self.ask is not None:
            return self._asked(self.ask, prompt)
        if self.ended:
            raise ReadError("reading beyond the end of the file")
        if self.position == len(self.records):
            self.ended = True
            return None
        self.position += 1
        return self.records[self.position - 1]

    def _asked(self, ask: Callable[[str], str], prompt: str) -> str | None:
        try:
            record = ask(prompt)[:MAX_RECORD]
        except EOFError:
            if self.ended:
                raise ReadError("two ends of input in a row") from None
            self.ended = True
            return None
        self.ended, self.position = False, self.position + 1
        return record

    def rewind(self) -> None:
        """Back to the first record."""
        self.position, self.ended = 0, False


def from_file(unit: int, path: str | Path) -> Source:
    """A unit that reads a file; OSError if there is none or it is huge, bytes that are no text are replaced."""
    with Path(path).open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise OSError(f"{path} is larger than {MAX_FILE // 2**20} MiB")
    return Source(unit, str(path), lines_of(data.decode("utf-8-sig", errors="replace")))


def lines_of(text: str) -> list[str]:
    """The records of a text. Only ends of lines end them: other control characters stay inside."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


class Inputs:
    """The stack of units that are read, and all that were ever opened."""

    def __init__(self, primary: Source, folder: str | Path = "."):
        self.stack, self.opened, self.folder = [primary], {primary.unit: primary}, Path(folder)

    @property
    def current(self) -> Source:
        """The unit that is read now."""
        return self.stack[-1]

    @property
    def at_primary(self) -> bool:
        """Whether nothing is nested."""
        return len(self.stack) == 1

    def open(self, unit: int, name: str) -> None:
        """Open a file on a unit; OSError if it cannot be read."""
        source = from_file(unit, self.folder / name)
        source.name = name
        self.opened[unit] = source

    def enter(self, unit: int) -> None:
        """Read from a unit that is open; ReadError if the nesting is too deep."""
        if len(self.stack) > MAX_NESTING:
            raise ReadError("input files are nested too deeply")
        self.stack.append(self.opened[unit])

    def leave(self) -> None:
        """Go on with the unit before."""
        self.stack.pop()


class Output:
    """A unit to write to: every line at once."""

    def __init__(self, write: Callable[[str], object], name: str = ""):
        self.write, self.name = write, name

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines."""
        for line in lines:
            self.write(line + "\n")
