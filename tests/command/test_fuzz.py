"""Hostile decks: whatever is typed, a run ends in a regular way, and only commands that can change parameters do.

Errors of the command language itself are raised here (see conftest), so a bug fails the test and is not told as a line.
"""

import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jaxminuit.command.parse import parse_command
from jaxminuit.command.records import is_covariance, is_input_command, is_parameters, is_title_command
from jaxminuit.command.table import OBSOLETE, TABLE, find
from tests.command.decks import quadratic_fortran, run

QUICKLY = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
START = "Fuzz\n1 'X' 0.5 0.1\n2 'Y' 0.5 0.1 0. 3.\n3 'Z' 1.\n\n"
VALUES = [0.5, 0.5, 1.0]
JUNK = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=80).map(lambda data: data.decode("latin-1")),
    st.text("SETHOMIGRANLPF ,.'+-0123456789e\t\0", max_size=40),
    st.sampled_from(["x" * 10_000, "9" * 10_000, "'" * 300, "," * 10_000, "migrad " + "1 " * 5_000, "\x1b[2J", "*EO"]),
)
NUMBERS = st.sampled_from(
    ["0", "1", "2", "3", "-1", "4", "1e40", "-1e40", "1e999", "-1e999", "nan", "inf", "1e300", "-1e300", "1e-300"]
    + ["99", "100", "101", "1e9", "2147483648", ",,", "1.5", "+", "."]
)
WORDS = st.sampled_from(
    ["param", "limits", "print", "err", "width", "lines", "page", "random", "strategy", "eps", "warn", "nowarn"]
    + ["debug", "nodebug", "output", "batch", "interactive", "grad", "nograd", "fcn", "corr", "eigen", "minos"]
    + ["title", "input", "cov"]
)
NAMES = st.sampled_from([row.name for row in TABLE if row.name not in ("SEEK", "IMPROVE")] + list(OBSOLETE))
ARGUMENTS = st.lists(NUMBERS, max_size=4)
RECORDS = st.one_of(
    st.tuples(NAMES, ARGUMENTS).map(lambda parts: " ".join((parts[0], *parts[1]))),
    st.tuples(st.sampled_from(["set", "show", "help set"]), WORDS, ARGUMENTS).map(
        lambda parts: " ".join((parts[0], parts[1], *parts[2]))
    ),
)
FITTING = ("MIGRAD", "MINIMIZE", "SIMPLEX", "MINOS", "HESSE", "MNCONTOUR", "CONTOUR", "SCAN", "STANDARD")


def harmless(record: str) -> bool:
    """Whether a record is no command at all, or one that is not understood."""
    if any(test(record) for test in (is_title_command, is_parameters, is_input_command, is_covariance)):
        return False
    command = parse_command(record)
    return not command.readable or (find(command.word) is None and command.word[:3] not in OBSOLETE)


def is_blank(record: str) -> bool:
    """Whether only numbers stand there, which is a blank command."""
    command = parse_command(record)
    return command.readable and not command.word


def ends_well(lines, deck):
    assert "MINUIT TERMINATED" in lines[-1]
    assert deck.status in (0, 1, 2)
    assert all(math.isfinite(p.value) and math.isfinite(p.error) for p in deck.state.parameters)


@settings(QUICKLY, max_examples=150)
@given(st.lists(JUNK.filter(harmless), max_size=5))
def test_junk_changes_nothing(records):
    """What is no command is refused with file and line, and parameters stay."""
    records = [" ".join(record.splitlines()) or "?" for record in records]
    records = [record for record in records if harmless(record) and record.strip()]
    lines, deck = run(START + "\n".join([*records, "return"]), quadratic_fortran)
    ends_well(lines, deck)
    assert [p.value for p in deck.state.parameters] == VALUES
    refused = [record for record in records if not (record.upper().startswith("*EOF") or is_blank(record))]
    assert len(deck.problems) == len(refused)
    assert deck.status == (2 if refused else 0)
    assert all(problem.startswith("test.dat:") for problem in deck.problems)


@settings(QUICKLY, max_examples=100)
@given(st.lists(JUNK, max_size=6))
def test_junk_from_the_first_record(records):
    """Title and definitions may be anything."""
    ends_well(*run("\n".join(records), quadratic_fortran))


@settings(QUICKLY, max_examples=150)
@given(st.lists(RECORDS.filter(lambda r: find(r) is None or find(r).name not in FITTING), max_size=8))
@example(["set limits 1 -1e300 1e300", "set param 1 1e300", "show all", "set param 2 -1e300"])
@example(["set err 1e-300", "set err 1e300", "set width -1e300", "topofpage"])
def test_commands_with_absurd_numbers(records):
    """Every command but the fits, with numbers that make no sense."""
    ends_well(*run(START + "\n".join(records), quadratic_fortran))


@settings(QUICKLY, max_examples=25)
@given(st.lists(RECORDS, max_size=4), st.sampled_from(FITTING), ARGUMENTS)
def test_fits_with_absurd_numbers(records, name, arguments):
    """Fits after any settings, two parameters throughout: one compilation of each algorithm."""
    text = START.replace("3 'Z' 1.\n", "") + "\n".join([*records, f"{name} {' '.join(arguments)}"])
    ends_well(*run(text, quadratic_fortran))


@settings(QUICKLY, max_examples=60)
@given(st.sampled_from([math.nan, math.inf, -math.inf, None, "text", "1.0", [1.0, 2.0], 1j, {}, 1e308, np.eye(2)]))
def test_whatever_the_fcn_returns(value):
    """NaN, None, words, arrays: a sentence at most."""

    def fcn(npar, grad, xval, iflag, futil):
        return value if xval[0] != 0.5 else 1.0

    lines, deck = run(START + "call 4\nset param 1 0.4\nscan 1 5\nshow fcn\ncall 4\nreturn", fcn)
    ends_well(lines, deck)
    wrong = isinstance(value, str | list | complex | dict | np.ndarray)
    assert any("must return a real number" in line for line in lines) == wrong
    assert deck.status == (2 if wrong else 0)


@settings(QUICKLY, max_examples=60)
@given(
    st.lists(st.sampled_from(["set input 21 a.dat", "set input 22 b.dat", "set input", "save", "set inputrewind 21"])),
    st.lists(st.sampled_from(["set inputrewind 21", "set inputrewind 22 b.dat", "save", "set input 7", "show par"])),
    JUNK,
)
def test_files_that_are_not_named_are_not_touched(outer, inner, junk):
    """SET INPUT only reads, SAVE writes one file; recursion ends."""
    with tempfile.TemporaryDirectory() as folder:
        contents = {"a.dat": "\n".join(inner).encode(), "b.dat": junk.encode("utf-8", "replace"), "c.dat": b"\0\xff"}
        for name, data in contents.items():
            (Path(folder) / name).write_bytes(data)
        ends_well(*run(START + "\n".join(outer), quadratic_fortran, folder=folder, saves="out.dat"))
        found = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        found.pop("out.dat", None)
        assert found == contents
