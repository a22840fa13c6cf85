"""SAVE: parameters and error matrix as records that can be read again."""

from pathlib import Path

from jaxminuit.command.report import files
from jaxminuit.command.streams import from_file


def run_save(deck, records: list[str]) -> None:
    """Write the records to the file of the save unit, after what was written in this run before.

    A file that was there before is written over; an interactive session asks first.
    """
    state, unit = deck.state, deck.state.save_unit
    name, rewind = deck.saves, False
    if name is None:
        deck.say(*files.not_opened(unit))
        if not state.interactive:
            deck.say(*files.save_not_opened(unit))
            deck.problem("SAVE: there is no file to save to", mended=deck.person)
            return
        deck.say(*files.ASK_NAME)
        name = _answer(deck) or None
        if name is None:
            return
    else:
        deck.say(*files.saving(unit, name))
    path = deck.inputs.folder / name
    if state.interactive:
        if not deck.save_begun and _exists(path):
            deck.say(*files.ask_overwrite(name))
            if not _yes(deck):
                deck.say(*files.NOT_SAVED)
                return
        deck.say(*files.ask_rewind(unit, writing=True))
        rewind = _yes(deck)
    try:
        _write(path, records, append=deck.save_begun and not rewind)
    except (OSError, ValueError) as error:  # no such folder, no permission; a name that no file can have
        deck.say(*files.cannot_open(name))
        if not deck.person:
            deck.problem(f"SAVE: cannot write {name!r}: {getattr(error, 'strerror', None) or error}")
        return
    deck.saves, deck.save_begun = name, True
    _can_be_read(deck, unit, path)
    deck.say(*files.saved(records, unit, name))


def _answer(deck) -> str:
    return (deck.inputs.current.read() or "").strip()


def _yes(deck) -> bool:
    return _answer(deck).upper().startswith("Y")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _write(path: Path, records: list[str], append: bool) -> None:
    with path.open("a" if append else "w", encoding="utf-8") as out:
        out.writelines(record + "\n" for record in records)


def _can_be_read(deck, unit: int, path: Path) -> None:
    """The unit can be read by SET INPUTREWIND; without REWIND it stands at its end."""
    if not path.is_file():
        return
    source = from_file(unit, path)
    source.name, source.position = deck.saves, len(source.records)
    deck.inputs.opened[unit] = source
