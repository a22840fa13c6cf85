"""HELP: which entries answer a request, and their lines."""

import textwrap

from jaxminuit.command.report.help_commands import COMMANDS, Entry
from jaxminuit.command.report.help_settings import SETTINGS, SHOWS

UNKNOWN = (" Unknown MINUIT command. Type HELP for list of commands.",)
WIDTH = 68


def help_lines(request=""):
    """The lines that answer HELP.

    Parameters
    ----------
    request : str
        What was typed after HELP: nothing, ``*``, a command, or SET or SHOW with or without one of their options.

    Returns
    -------
    list[str]
        Its lines.
    """
    words = request.upper().split()
    if not words or words[0] == "*":
        return command_list()
    name = _find(COMMANDS, words[0])
    if name is None:
        return list(UNKNOWN)
    if name in ("SET", "SHOW"):
        return _options(COMMANDS[name], SETTINGS if name == "SET" else SHOWS | _shown_settings(), words[1:])
    return entry_lines(COMMANDS[name])


def command_list():
    """All commands, a line for each."""
    lines = ["   ==>List of MINUIT commands:"]
    return lines + [f" {_first_word(entry):<10}{entry.summary}" for entry in COMMANDS.values()]


def entry_lines(entry):
    """The form of a command and its explanation."""
    return [f" ***>{entry.usage}", *(" " + line for line in textwrap.wrap(entry.text, WIDTH))]


def _options(command, entries, words):
    """The explanation of one option of SET or SHOW, or of all."""
    if words:
        name = _find(entries, words[0])
        return list(UNKNOWN) if name is None else entry_lines(entries[name])
    lines = [f" ***>{command.usage}"]
    for entry in entries.values():
        lines += ["", "  " + entry.usage, *("    " + line for line in textwrap.wrap(entry.text, WIDTH))]
    return lines


def _shown_settings():
    """Every setting can be shown: its entry as an option of SHOW."""
    return {
        name: Entry("SHOw " + entry.usage.split()[1], "", "What SET " + entry.usage.split()[1] + " has set.")
        for name, entry in SETTINGS.items()
    }


def _find(entries, word):
    """The name whose first letters ``word`` gives; as many of them as the capitals of its entry, at least."""
    for name, entry in entries.items():
        shortest = sum(letter.isupper() for letter in _first_word(entry))
        if len(word) >= shortest and name.startswith(word[:shortest]):
            return name
    return "MINIMIZE" if word == "MIN" and "MINIMIZE" in entries else None


def _first_word(entry):
    """The word of the usage that tells entries apart."""
    words = entry.usage.split()
    return words[1] if words[0] in ("SET", "SHOw") and not words[1].startswith("<") else words[0]
