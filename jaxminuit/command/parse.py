"""Records of the command language: words, numbers, parameter definitions.

Words are separated by blanks, by one comma, or both; a second comma is a null field, which reads as 0. All words before
the first number make the command, so that `SET PRINT 2` is the command `SET PRINT` with the argument 2. A word that
begins like a number and is none makes the record unreadable (Minuit manual, sections 3.2.1 and 4).
"""

import re
from math import isfinite
from typing import NamedTuple

from jaxminuit.command.report import frame

MAX_WORDS = 25
MAX_WORD = 19
MAX_COMMAND = 20
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(([ED][+-]?|[+-])\d{1,4})?$", re.ASCII)
WORD = re.compile(r"[^ ,]+")
SEPARATOR = re.compile(r" *,? *")


class Command(NamedTuple):
    """A command as it was given: its words in upper case, joined, and its numeric arguments."""

    word: str
    arguments: tuple[float, ...] = ()
    problems: tuple[str, ...] = ()  # lines that say why a record cannot be read, or what was cut

    @property
    def readable(self) -> bool:
        """Whether the command may be executed."""
        return not any("NUMERIC FIELD" in line for line in self.problems)


class Definition(NamedTuple):
    """A parameter definition: step 0 makes a constant, equal limits of 0 mean none."""

    number: int
    name: str
    value: float
    step: float
    lower: float
    upper: float


class BadDefinition(ValueError):
    """A record that is no parameter definition."""


def upper(record: str) -> str:
    """The record in upper case, but for what stands in single quotes."""
    parts = record.split("'")
    closed = len(parts) - 1 if len(parts) % 2 else len(parts)
    return "'".join(part.upper() if i % 2 == 0 or i >= closed else part for i, part in enumerate(parts))


def split(record: str) -> tuple[list[str], list[str]]:
    """The words of a record, null fields as empty ones, and messages about words that had to be cut."""
    words: list[str] = []
    messages: list[str] = []
    position = len(record) - len(record.lstrip(" "))
    while position < len(record) and len(words) < MAX_WORDS:
        if record[position] == ",":
            words.append("")
            position = _end(SEPARATOR, record, position)
            continue
        begin, position = position, _end(WORD, record, position)
        word = record[begin:position]
        if len(word) > MAX_WORD:
            messages += frame.word_too_long(word)
            word = word[:MAX_WORD]
        words.append(word)
        position = _end(SEPARATOR, record, position)
    return words, messages


def _end(pattern: re.Pattern[str], record: str, position: int) -> int:
    """Where a pattern that begins at a position ends."""
    found = pattern.match(record, position)
    return position if found is None else found.end()


def looks_numeric(word: str) -> bool:
    """Whether a word begins like a number; null fields do."""
    return word == "" or word[0] in "0123456789+-."


def number(word: str) -> float | None:
    """The number that a word spells as in Fortran, None if it is too large or no number; a sign or a point is 0."""
    if word in ("", "+", "-", "."):
        return 0.0
    word = word.upper()
    found = NUMBER.match(word)
    if found is None:
        return None
    exponent = found.group(2) or ""
    mantissa = word[: len(word) - len(exponent)]
    value = float(f"{mantissa}E{exponent.lstrip('ED') or '0'}")
    return value if isfinite(value) else None


def numbers(words: list[str]) -> tuple[list[float], list[str]]:
    """All numbers, and a line for every word that is none."""
    values, messages = [], []
    for word in words:
        value = number(word)
        if value is None:
            messages += frame.unreadable_field(word)
        values.append(0.0 if value is None else value)
    return values, messages


def parse_command(record: str) -> Command:
    """The command in a record."""
    words, cut = split(upper(printable(record)).rstrip())
    first = next((i for i, word in enumerate(words) if looks_numeric(word)), len(words))
    arguments, errors = numbers(words[first:])
    return Command(" ".join(words[:first])[:MAX_COMMAND], tuple(arguments), (*cut, *errors))


def printable(record: str) -> str:
    """The record without control characters other than tabs, which would spoil the print-out."""
    return "".join(c if c.isprintable() or c == "\t" else "?" for c in record)


def parse_definition(record: str) -> Definition | None:
    """The definition in a record, in free or fixed fields; None for the record that ends the definitions.

    Raises
    ------
    BadDefinition
        If the record cannot be read.
    """
    record = printable(record).rstrip()
    if not record:
        return None
    return _free_fields(record) if record.count("'") >= 2 else _fixed_fields(record)


def _free_fields(record: str) -> Definition | None:
    before, name, after = record.split("'", 2)
    place = whole(before)
    if place <= 0:
        return None
    words, _ = split(upper(after))
    first = next((i for i, word in enumerate(words) if looks_numeric(word)), len(words))
    values, errors = numbers(words[first:])
    if errors:
        raise BadDefinition(errors[0].strip())
    return Definition(place, name[:10].rstrip(), *_four(values))


def _fixed_fields(record: str) -> Definition | None:
    fields = [record[i : i + 10] for i in range(0, 60, 10)]
    try:
        place = whole(fields[0])
    except BadDefinition as error:
        raise BadDefinition(f"{error} (columns 1 to 10; in free format the name stands in quotes)") from None
    if place <= 0:
        return None
    values, errors = numbers([field.replace(" ", "") for field in fields[2:]])
    if errors:
        raise BadDefinition(errors[0].strip())
    return Definition(place, fields[1].rstrip(), *_four(values))


def _four(values: list[float]) -> tuple[float, float, float, float]:
    """Value, step and limits, 0 where they were not given."""
    value, step, lower, upper = (*values, 0.0, 0.0, 0.0, 0.0)[:4]
    return value, step, lower, upper


def whole(text: str) -> int:
    """A parameter number; BadDefinition if the text is none."""
    value = number(text.replace(" ", ""))
    if value is None or abs(value) > 1e9:
        raise BadDefinition(f"{text.strip()!r} is not a parameter number")
    return int(value)
