"""SET INPUT: reading from other files."""

import re
from dataclasses import replace

from jaxminuit.command.parse import printable
from jaxminuit.command.report import files, frame
from jaxminuit.command.streams import MAX_NESTING, ReadError

WORD = re.compile(r"'[^']*'|[^ ,]+")  # names of files are never cut, and may have blanks within quotes


def set_input(deck, record: str) -> None:
    """SET INPUT [unitno] [filename], or SET INPUTREWIND.

    Raises
    ------
    ReadError
        If there is nothing to read from then: no such file, no name for it, no such unit.
    """
    record = printable(record)
    deck.state = replace(deck.state, commands=deck.state.commands + 1)
    deck.say(*frame.record_echo(deck.state.commands, record))
    _, option, *words = WORD.findall(record)
    rewind = "REW" in option.upper()
    if not words:
        _previous(deck, record)
        return
    deck.say(*files.unit_number(words[0]))
    unit = _unit(deck, words[0])
    name = words[1].strip("'") if len(words) > 1 else ""
    if unit == 0:
        _previous(deck, record)
        return
    if name:
        deck.say(*files.file_name(name))
    if len(deck.inputs.stack) > MAX_NESTING:
        deck.say(*files.TOO_DEEP)
        raise ReadError("SET INPUT: input files are nested too deeply")
    if unit not in deck.inputs.opened:
        name = name or _ask_name(deck, unit)
        if words[1:]:
            deck.say(*files.not_opened(unit))
        _open(deck, unit, name)
    elif name and name != deck.inputs.opened[unit].name:
        deck.say(*files.already_opened(unit, deck.inputs.opened[unit].name, name))
    if not rewind and deck.state.interactive:
        deck.say(*files.ask_rewind(unit))
        rewind = (deck.inputs.current.read() or "").strip().upper().startswith("Y")
    deck.inputs.enter(unit)
    if rewind:
        deck.inputs.current.rewind()
    deck.state = replace(
        deck.state, input_unit=unit, input_name=deck.inputs.opened[unit].name, interactive=False
    )  # fmt: skip


def _unit(deck, word: str) -> int:
    try:
        unit = int(word)
    except ValueError:
        deck.say(*files.not_an_integer(word))
        raise ReadError(f"SET INPUT: {word!r} is no unit number") from None
    if not 0 <= unit < 1000:
        raise ReadError(f"SET INPUT: {unit} is no unit number")
    return unit


def _previous(deck, record: str) -> None:
    if deck.inputs.at_primary:
        deck.say(*files.nothing_to_revert_to(record))
    else:
        deck.revert()


def _ask_name(deck, unit: int) -> str:
    deck.say(*files.not_opened(unit), *files.NO_NAME)
    if not deck.state.interactive:
        raise ReadError(f"SET INPUT: no file name for unit {unit}")
    deck.say(*files.ASK_NAME)
    return (deck.inputs.current.read() or "").strip()


def _open(deck, unit: int, name: str) -> None:
    try:
        deck.inputs.open(unit, name)
    except (OSError, ValueError) as error:
        deck.say(*files.cannot_open(name))
        raise ReadError(f"SET INPUT: cannot read {name!r}") from error
    deck.say(*files.OPENED)
