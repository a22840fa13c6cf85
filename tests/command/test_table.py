"""The table of commands."""

import pytest

from jaxminuit.command.setting import SETTERS, WORDS, option
from jaxminuit.command.showing import SHOWERS
from jaxminuit.command.table import TABLE, completions, find


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("mig", "MIGRAD"),
        ("MIGXYZ", "MIGRAD"),
        ("min", "MINIMIZE"),
        ("MINI", "MINIMIZE"),
        ("mino", "MINOS"),
        ("mnc", "MNCONTOUR"),
    ],
)
def test_abbreviations(word, name):
    """Three letters tell commands apart, four for MINOS."""
    assert find(word).name == name


@pytest.mark.parametrize("word", ["", "MI", "XYZ", "RUMBLE"])
def test_unknown(word):
    """Anything else is no command."""
    assert find(word) is None


def test_every_command_has_help():
    """The row of every command leads to its usage and its explanation."""
    for row in TABLE:
        assert row.help.usage.upper().replace(" ", "").startswith(row.name[:3])


def test_every_word_is_shown_and_those_of_set_are_known():
    """SHOW answers every word; SET knows those that are not results."""
    shortened = {word[:3].upper() for word in WORDS}
    assert set(SHOWERS) == shortened
    assert set(SETTERS) <= shortened
    assert shortened - set(SETTERS) == {"FCN", "COR", "EIG", "MIN", "VER", "SHO", "SET"}


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("SET PRI", "PRInt levl"),
        ("SHOW NOGRAD", "NOGradient"),
        ("SHOW COVAR", "COVariance"),
        ("SET XYZ", None),
        ("SHOW", None),
    ],
)
def test_options(command, word):
    """The words after SET and SHOW."""
    assert option(command) == word


def test_completion_reads_the_table():
    """Commands complete, and the words after SET and SHOW."""
    assert completions("mig") == ["MIGRAD"]
    assert completions("set pr") == ["PRINTOUT"]
    assert completions("migrad x") == []
