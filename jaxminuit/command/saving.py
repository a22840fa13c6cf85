"""SAVE: parameters and error matrix as records that can be read again."""

from pathlib import Path

from jaxminuit.command.report import files
from jaxminuit.command.streams import from_file


def run_save(deck, records: list[str]) -> None:
    """Write the records to the file of the save unit, after what was written in this run before."""
    state, unit = deck.state, deck.state.save_unit
    rewind = False
    if deck.saves is None:
        deck.say(*files.not_opened(unit))
        if not state.interactive:
            deck.say(*files.save_not_opened(unit))
            return
        deck.say(*files.ASK_NAME)
        deck.saves = (deck.inputs.current.read() or "").strip() or None
        if deck.saves is None:
            return
    else:
        deck.say(*files.saving(unit, deck.saves))
    if state.interactive:
        deck.say(*files.ask_rewind(unit, writing=True))
        rewind = (deck.inputs.current.read() or "").strip().upper().startswith("Y")
    path = deck.inputs.folder / deck.saves
    try:
        _write(path, records, append=deck.save_begun and not rewind)
    except OSError:
        deck.say(*files.cannot_open(deck.saves))
        return
    deck.save_begun = True
    _can_be_read(deck, unit, path)
    deck.say(*files.saved(records, unit, deck.saves))


def _write(path: Path, records: list[str], append: bool) -> None:
    with path.open("a" if append else "w", encoding="utf-8") as out:
        out.writelines(record + "\n" for record in records)


def _can_be_read(deck, unit: int, path: Path) -> None:
    """The unit can be read by SET INPUTREWIND; without REWIND it stands at its end."""
    source = from_file(unit, path)
    source.name, source.position = deck.saves, len(source.records)
    deck.inputs.opened[unit] = source
