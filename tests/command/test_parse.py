"""Records: words, numbers, definitions."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxminuit.command.parse import BadDefinition, Definition, number, parse_command, parse_definition, split


@pytest.mark.parametrize(
    ("record", "word", "arguments"),
    [
        ("migrad", "MIGRAD", ()),
        ("  mig 500", "MIG", (500.0,)),
        ("SET LIMITS 14 -1.0,1.0", "SET LIMITS", (14.0, -1.0, 1.0)),
        ("MINOS 500 1,3,5,21,22", "MINOS", (500.0, 1.0, 3.0, 5.0, 21.0, 22.0)),
        ("mig rad", "MIG RAD", ()),
        ("migrad abc 500", "MIGRAD ABC", (500.0,)),
        ("migrad ,,", "MIGRAD", (0.0,)),
        ("migrad ,1000.", "MIGRAD", (1000.0,)),
        ("mncontour ,,10", "MNCONTOUR", (0.0, 10.0)),
        ("migrad -", "MIGRAD", (0.0,)),
        ("migrad 1e3", "MIGRAD", (1000.0,)),
        ("set eps 1.d-7", "SET EPS", (1e-7,)),
        ("", "", ()),
        ("123", "", (123.0,)),
    ],
)
def test_commands(record, word, arguments):
    """Blanks, commas, null fields and case, as the original reads them."""
    assert parse_command(record)[:2] == (word, arguments)
    assert parse_command(record).readable


@pytest.mark.parametrize("record", ["migrad 500 abc", "migrad 5.5.5", "migrad 12abc", "set err 4x"])
def test_unreadable_numbers(record):
    """What begins like a number, or follows one, must be one."""
    assert not parse_command(record).readable


def test_long_words_and_many_words():
    """Words are cut at 19 characters with a message; a record has 25 words at most."""
    command = parse_command("x" * 40)
    assert command.word == "X" * 19
    assert any("TRUNCATED" in line for line in command.problems)
    assert len(parse_command("scan " + "1 " * 60).arguments) == 24


@pytest.mark.parametrize(
    ("record", "definition"),
    [
        ("1 'Real(X)' 0. .1", Definition(1, "Real(X)", 0.0, 0.1, 0.0, 0.0)),
        ("10   'K Short LT'  .892", Definition(10, "K Short LT", 0.892, 0.0, 0.0, 0.0)),
        (" 15 'Lambda Mass' 1.2, 0.1", Definition(15, "Lambda Mas", 1.2, 0.1, 0.0, 0.0)),
        ("1 'X' abc 0.5", Definition(1, "X", 0.5, 0.0, 0.0, 0.0)),
        ("2 'Y' 1 .1 -2 3", Definition(2, "Y", 1.0, 0.1, -2.0, 3.0)),
        (
            "         2Beta  long       0.5       0.1      -0.8        2.",
            Definition(2, "Beta  long", 0.5, 0.1, -0.8, 2.0),
        ),
        ("    ", None),
        ("0 'Z' 1. .1", None),
        ("-3 'W' 1. .1", None),
    ],
)
def test_definitions(record, definition):
    """Free and fixed fields; a blank record or a number below 1 ends them."""
    assert parse_definition(record) == definition


@pytest.mark.parametrize(
    "record", ["migrad", "1,'X' 1. .1", "1 'X' 1. 5x", "         2Beta long name       0.5       0.1"]
)
def test_bad_definitions(record):
    """What is no definition says so."""
    with pytest.raises(BadDefinition):
        parse_definition(record)


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    """Nothing that can be typed raises anything but BadDefinition, and arguments are numbers."""
    record = text.replace("\n", " ")
    assert all(isinstance(a, float) for a in parse_command(record).arguments)
    assert len(split(record)[0]) <= 25
    with suppress(BadDefinition):
        parse_definition(record)


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("-.5E-1", -0.05), ("+2.D3", 2000.0), ("1+2", 100.0), (".", 0.0)]
)
def test_numbers(text, value):
    """Fortran's ways to write a number."""
    assert number(text) == value


def test_a_name_without_quotes_is_told_of():
    """Such a record is read by columns, which nobody remembers."""
    with pytest.raises(BadDefinition, match="'1 mass 0.5' is not a parameter number .* name stands in quotes"):
        parse_definition("1 mass 0.5 0.1")
    assert parse_definition("1 'mass' 0.5 0.1") == Definition(1, "mass", 0.5, 0.1, 0.0, 0.0)
