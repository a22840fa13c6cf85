"""What can follow what was typed: commands, words after SET and SHOW, numbers of parameters by their names."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from jaxminuit.command.state import Parameter
from jaxminuit.command.table import completions, find, options

TAKES_PARAMETERS = re.compile(r"[<\[]par")  # in the usage of a command


class Suggestion(NamedTuple):
    """What is to stand in place of the word that was begun, and what a menu shows for it."""

    text: str
    shown: str


def suggestions(text: str, parameters: Sequence[Parameter] = ()) -> list[Suggestion]:
    """What can stand in place of the last word of a text, which may be empty.

    Where a command takes numbers of parameters, the beginning of a name (in any case) or of a number suggests the
    number: commands know parameters by number only.
    """
    words = [Suggestion(name, name) for name in completions(text)]
    if words or not _takes_parameters(text):
        return words
    last = last_word(text)
    return [
        Suggestion(str(p.number), f"{p.number}  {p.name}")
        for p in parameters
        if p.name.upper().startswith(last.upper()) or str(p.number).startswith(last)
    ]


def last_word(text: str) -> str:
    """The word that is being typed."""
    return text.rpartition(" ")[2]


def _takes_parameters(text: str) -> bool:
    """Whether numbers of parameters can follow the words before the last one."""
    words = text.upper().split(" ")[:-1]
    words = [word for word in words if word]
    row = find(words[0]) if words else None
    if row is None:
        return False
    if row.name in ("SET", "SHOW"):
        entries = options(words[0])
        found = next((entries[n] for n in entries if len(words) > 1 and n[:3] == words[1][:3]), None)
        return row.name == "SET" and found is not None and bool(TAKES_PARAMETERS.search(found.usage))
    return bool(TAKES_PARAMETERS.search(row.help.usage))
