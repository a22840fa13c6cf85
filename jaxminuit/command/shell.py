"""Decks and sessions as the command line runs them: print-out on stdout, what is wrong on stderr."""

import sys
import traceback
from collections.abc import Callable
from typing import NamedTuple, TextIO

from jaxminuit.command.deck import Deck
from jaxminuit.command.drawing import Drawer
from jaxminuit.command.failures import debugging, in_words, internal_error
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.load import LoadError, load_function
from jaxminuit.command.pictures import Picture
from jaxminuit.command.streams import Source, from_file, lines_of
from jaxminuit.command.terminal import Terminal, history_file
from jaxminuit.command.verdict import BAD_INPUT, INTERNAL

UNIT = 5
STDIN = "-"
INTERRUPTED = 130  # as shells have it for Ctrl-C


class Options(NamedTuple):
    """What the command line says.

    Attributes
    ----------
    fcn, stand
        FILE:FUNC or module:func of the FCN, and of the routine that STANDARD calls.
    plot
        Folder for pictures; None: none.
    save
        File that SAVE writes to; None: not opened, or asked for at a terminal.
    history
        Whether lines are kept for the next session.
    plain
        Whether to do without prompt_toolkit.
    """

    fcn: str
    stand: str | None = None
    plot: str | None = None
    save: str | None = None
    history: bool = True
    plain: bool = False


class Wrong(Exception):
    """The command line asks for something that cannot be had; nothing has run."""


def run_deck(path: str, options: Options) -> int:
    """Batch: the records of a file, or of standard input where the path is "-"; the exit status."""
    try:
        function, drawer = _prepared(options)
        source = _source(path)
    except Wrong as error:
        print(f"jaxminuit: {error}", file=sys.stderr)
        return BAD_INPUT
    return _run(Deck(function, source, _writer(sys.stdout), **_common(options, drawer)))


def run_shell(options: Options) -> int:
    """Interactive at a terminal, batch where standard input is none; the exit status."""
    if not sys.stdin.isatty():
        return run_deck(STDIN, options)
    try:
        function, drawer = _prepared(options)
    except Wrong as error:
        print(f"jaxminuit: {error}", file=sys.stderr)
        return BAD_INPUT
    terminal = Terminal(history_file() if options.history else None, plain=options.plain)
    source = Source(UNIT, "terminal", ask=terminal.ask)
    deck = Deck(function, source, _writer(sys.stdout), interactive=True, **_common(options, drawer))
    terminal.parameters = lambda: deck.state.parameters
    return _run(deck)


def _run(deck: Deck) -> int:
    try:
        return deck.run()
    except KeyboardInterrupt:
        source = deck.inputs.current
        _tell(f"{source.name}:{source.position}: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # none is expected
        if debugging():
            traceback.print_exc()
        else:
            _tell("\n".join(internal_error(error)))
        return INTERNAL


def _prepared(options: Options) -> tuple[UserFunction, Drawer | None]:
    """The FCN, and what draws; Wrong with a sentence if they cannot be had."""
    try:
        stand = None if options.stand is None else load_function(options.stand)
        function = UserFunction(load_function(options.fcn), stand=stand)
    except LoadError as error:
        raise Wrong(error) from error
    except TypeError as error:
        raise Wrong(f"{options.fcn}: {error}") from error
    try:
        return function, None if options.plot is None else Drawer(options.plot)
    except ImportError as error:
        raise Wrong(error) from error
    except OSError as error:
        raise Wrong(f"pictures cannot be written to {options.plot}: {_reason(error)}") from error


def _source(path: str) -> Source:
    if path == STDIN:
        data = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
        return Source(UNIT, "standard input", lines_of(data))
    try:
        return from_file(UNIT, path)
    except (OSError, ValueError) as error:
        raise Wrong(f"the deck {path} cannot be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What the system says, without number and file name."""
    return getattr(error, "strerror", None) or str(error)


def _common(options: Options, drawer: Drawer | None) -> dict:
    return {"saves": options.save, "tell": _tell, "draw": None if drawer is None else _drawn(drawer)}


def _drawn(drawer: Drawer) -> Callable[[Picture, str], str | None]:
    """Draws, says where the file is, and gives back what went wrong."""

    def draw(picture: Picture, title: str) -> str | None:
        try:
            path = drawer(picture, title)
        except OSError as error:
            return f"the picture {picture.name} cannot be written: {_reason(error)}"
        except Exception as error:  # numbers that matplotlib has no axis for: the fit goes on
            if debugging():
                raise
            return f"the picture {picture.name} cannot be drawn: {in_words(error)}"
        if path is not None:
            _tell(f"picture {path}")
        return None

    return draw


def _writer(stream: TextIO) -> Callable[[str], object]:
    """Writes to a stream whatever its encoding, at once where a person looks at it."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace", line_buffering=stream.isatty())
    return stream.write


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
