"""The terminal of an interactive session: line editing, history and completion, by prompt_toolkit or readline."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from jaxminuit.command.completion import last_word, suggestions
from jaxminuit.command.report.frame import COMMAND_PROMPT
from jaxminuit.command.state import Parameter
from jaxminuit.command.streams import Closed

REMEMBERED = 5000  # lines of the history that readline keeps


class Terminal:
    """Asks a person for records.

    Parameters
    ----------
    history
        File that keeps the lines from one session to the next; None: none. A file that cannot be written is left out.
    parameters
        Gives the parameters that completion can suggest.
    plain
        Do without prompt_toolkit even if it is installed.
    """

    def __init__(
        self,
        history: Path | None = None,
        parameters: Callable[[], Sequence[Parameter]] = tuple,
        plain: bool = False,
        **streams,
    ):
        self.parameters = parameters
        line = None if plain else _prompt_toolkit(self, _writable(history), streams)
        self._line = _readline(self, _writable(history)) if line is None else line

    def ask(self, prompt: str = "") -> str:
        """The next line; Closed after Ctrl-D, KeyboardInterrupt after Ctrl-C."""
        completes = prompt == COMMAND_PROMPT
        try:
            return self._line(f"{prompt.rstrip()} " if prompt.strip() else " > ", completes)
        except EOFError:
            print()
            raise Closed from None
        except KeyboardInterrupt:
            print()
            raise


def history_file() -> Path:
    """Where the history is kept: in the folder for the state of programs that the system or the user names."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "jaxminuit" / "history"


def _writable(history: Path | None) -> Path | None:
    """The file, if it can be appended to."""
    if history is None:
        return None
    try:
        history.parent.mkdir(parents=True, exist_ok=True)
        with history.open("a"):
            return history
    except OSError:
        return None


def _prompt_toolkit(terminal: Terminal, history: Path | None, streams: dict) -> Callable[[str, bool], str] | None:
    """A function that asks with the help of prompt_toolkit; None if that is not installed."""
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import Completer, Completion, DummyCompleter
        from prompt_toolkit.history import FileHistory, InMemoryHistory
    except ImportError:
        return None

    class Words(Completer):
        """Suggestions as prompt_toolkit wants them."""

        def get_completions(self, document, complete_event):
            text = document.text_before_cursor
            for found in suggestions(text, terminal.parameters()):
                yield Completion(found.text, start_position=-len(last_word(text)), display=found.shown)

    session: PromptSession[str] = PromptSession(
        history=InMemoryHistory() if history is None else FileHistory(str(history)),
        enable_history_search=True,
        complete_while_typing=False,
        **streams,
    )
    words, nothing = Words(), DummyCompleter()

    def line(prompt, completes):
        return session.prompt(prompt, completer=words if completes else nothing)

    return line


def _readline(terminal: Terminal, history: Path | None) -> Callable[[str, bool], str]:
    """A function that asks by `input`, with the standard library's readline where there is one."""
    try:
        import readline
    except ImportError:
        return lambda prompt, completes: input(prompt)

    def complete(text, state):
        found = suggestions(readline.get_line_buffer()[: readline.get_endidx()], terminal.parameters())
        numbers = [s for s in found if s.text != s.shown]
        if len(numbers) > 1:  # readline would replace the name by what the numbers have in common
            found = []
        return found[state].text + " " if state < len(found) else None

    readline.set_completer_delims(" ")
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    if history is not None:
        readline.set_history_length(REMEMBERED)
        try:
            readline.read_history_file(history)
        except OSError:
            history = None

    def line(prompt, completes):
        readline.set_completer(complete if completes else None)
        try:
            return input(prompt)
        finally:
            if history is not None:
                readline.write_history_file(history)

    return line
