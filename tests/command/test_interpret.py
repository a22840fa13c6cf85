"""Interpretation is a function of state and command."""

from dataclasses import replace

import pytest

from jaxminuit.command.failures import DEBUG
from jaxminuit.command.functions import UserFunction, takes_five
from jaxminuit.command.interpret import INTERNAL_ERROR, interpret
from jaxminuit.command.parse import parse_command
from jaxminuit.command.state import Parameter, State
from jaxminuit.command.table import Row
from tests.command.decks import quadratic, quadratic_fortran

X = Parameter(1, "X", 0.0, 0.5, "variable")
Y = Parameter(2, "Y", 0.0, 0.5, "variable")
START = State(parameters=(X, Y))


def do(state, *records, fcn=quadratic_fortran):
    """(state, lines, codes) after some commands."""
    function, lines, codes = UserFunction(fcn), [], []
    for record in records:
        outcome = interpret(state, function, parse_command(record))
        state, lines, codes = outcome.state, lines + outcome.lines, [*codes, outcome.code]
    return state, lines, codes


def test_the_state_is_not_changed():
    """The same command on the same state gives the same, and leaves the state alone."""
    before = replace(START)
    first, second = (do(START, "set param 1 3", "fix 2", "show par") for _ in range(2))
    assert before == START
    assert first == second
    assert first[0].find(1).value == 3.0
    assert first[0].find(2).kind == "fixed"


@pytest.mark.parametrize(
    ("record", "code"),
    [("", 1), ("migrad 5x", 2), ("xyz", 3), ("restore 7", 3), ("contour 1 1", 3), ("scan 9", 3), ("fix 9", 0)]
    + [("end", 10), ("exit", 11), ("stop", 11), ("return", 12), ("end return", 12), ("set xyz", 0), ("set fcn", 0)],
)
def test_codes(record, code):
    """The return codes of MNEXCM and MNCOMD."""
    assert do(START, record)[2] == [code]


def test_echo_and_print_levels():
    """Commands are counted and repeated, but not at print level -1."""
    _, lines, _ = do(START, "set err 4", "set print -1", "set err 1", "show err")
    assert lines[1] == " **    1 **SET ERR    4.000    "
    assert lines[3:] == [" ERRORS CORRESPOND TO FUNCTION CHANGE OF   1.0000    "]


def test_errors_of_the_interpreter_itself_are_told_or_raised(monkeypatch):
    """A bug leaves the state alone and says how to see its traceback; while debugging it is raised."""

    def broken(run):
        run.update(up=7.0)
        raise AttributeError("oops")

    monkeypatch.setattr("jaxminuit.command.table.TABLE", (Row("SCAN", None, broken),))
    with pytest.raises(AttributeError, match="oops"):
        do(START, "scan")
    monkeypatch.setenv(DEBUG, "0")
    state, lines, codes = do(START, "scan")
    assert state.up == 1.0
    assert codes == [INTERNAL_ERROR]
    assert "AttributeError: oops" in lines[-2]
    assert DEBUG in lines[-1]


def test_warnings_are_kept_while_they_are_suppressed():
    """The last ten, listed by SET WARNINGS and then forgotten."""
    limited = replace(X, lower=-1.0, upper=1.0)
    state, lines, _ = do(State(parameters=(limited,)), "set nowarn", *["set param 1 9"] * 12)
    assert len(state.kept) == 10
    assert not any("MINUIT WARNING IN" in line for line in lines)
    state, lines, _ = do(state, "set warn")
    assert any("12 MINUIT WARNING MESSAGES WERE SUPPRESSED" in line for line in lines)
    assert state.kept == ()


def test_seek_is_reproducible():
    """The random generator of the original: the seed after so many steps, and the best point."""
    first, _, _ = do(START, "set random 20000", "seek 20")
    second, _, _ = do(START, "set random 20000", "seek 20")
    assert (first.seed, first.fcn) == (second.seed, second.fcn)
    assert first.fcn <= 15.8


def test_forms_of_fcns():
    """Told apart by the signature; anything else is refused."""
    assert takes_five(quadratic_fortran)
    assert not takes_five(quadratic)
    for wrong in (lambda a, b: 0.0, 3.0):
        with pytest.raises(TypeError, match="fcn must"):
            takes_five(wrong)
