"""HELP answers for every command and every option, and for words that it does not know."""

import pytest

from jaxminuit.command.report.help import UNKNOWN, command_list, help_lines
from jaxminuit.command.report.help_commands import COMMANDS
from jaxminuit.command.report.help_settings import SETTINGS, SHOWS

WORDS = (
    "CALL CLEAR CONTOUR END EXIT FIX HELP HESSE IMPROVE JUMP MIGRAD MINIMIZE MINOS MNCONTOUR PARAMETERS RELEASE "
    "RESTORE RETURN SAVE SCAN SEEK SET SHOW SIMPLEX STANDARD STOP TOPOFPAGE"
)


def test_every_command_of_the_manual_has_an_entry():
    assert list(COMMANDS) == WORDS.split()
    assert len(command_list()) == len(COMMANDS) + 1


@pytest.mark.parametrize("name", COMMANDS)
def test_name_and_abbreviation_find_the_entry(name):
    lines = help_lines(name.lower())
    assert lines[0].lower().startswith(f" ***>{name.lower()}"[:8])
    assert len(lines) > 1
    shortest = sum(letter.isupper() for letter in COMMANDS[name].usage.split()[0])
    assert help_lines(name[:shortest]) == lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(name):
    assert help_lines(f"set {name[:3]}")[0].startswith(f" ***>{SETTINGS[name].usage}")
    assert help_lines(f"show {name[:3]}")[0].lower().startswith(f" ***>show {name[:3].lower()}")
    assert SETTINGS[name].usage in "\n".join(help_lines("set"))


@pytest.mark.parametrize("name", SHOWS)
def test_shows(name):
    assert help_lines(f"SHOW {name[:3]}")[0].startswith(f" ***>{SHOWS[name].usage}")


def test_min_means_minimize():
    assert help_lines("MIN") == help_lines("MINIMIZE")
    assert help_lines("MINO") == help_lines("MINOS")


@pytest.mark.parametrize("request_", ["xyz", "12", "mi", "set xyz", "show xyz", "é"])
def test_unknown_words(request_):
    assert help_lines(request_) == list(UNKNOWN)


@pytest.mark.parametrize("request_", ["", "  ", "*"])
def test_without_a_command_all_are_listed(request_):
    assert help_lines(request_) == command_list()
