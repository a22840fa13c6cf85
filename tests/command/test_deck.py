"""Whole decks: numbers, order of records, files, and what happens to bad input."""

import numpy as np
import pytest

from jaxminuit.command.deck import Deck
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.streams import Source
from tests.command.decks import QUADRATIC, bounded, kaons, quadratic, quadratic_fortran, run

KAONS = """\
SET TITLE
Fit to time distribution of K decays
PARAMETERS
1 'Real(X)' 0. .1
2 'Imag(X)' 0. .1
5 'Delta M' .535 .01
10 'K Short LT' .892
11 'K Long LT' 518.3

"""
# Fortran Minuit 96.03: value, parabolic error, Minos errors, global correlation, with Delta M fixed and then free
FIXED = {
    1: (0.01640732, 0.072089924, -0.06352609, 0.082845993, 0.5435947),
    2: (0.070951113, 0.10114066, -0.084443737, 0.10295297, 0.5435947),
}
FREE = {
    1: (0.055647596, 0.088809196, -0.073133442, 0.094477279, 0.73654179),
    2: (0.027689946, 0.12534616, -0.17858879, 0.12320898, 0.75453702),
    5: (0.32669595, 0.24294699, -0.8592984, 0.20590654, 0.37018586),
}


def agree(state, expected):
    """Values within 0.02 sigma; errors within 1 %; global correlations within 0.005."""
    correlations = dict(zip([p.number for p in state.variable], state.global_correlations(), strict=True))
    for number, (value, error, minus, plus, correlation) in expected.items():
        p = state.find(number)
        assert p.value == pytest.approx(value, abs=0.02 * error)
        assert (p.error, p.minus, p.plus) == pytest.approx((error, minus, plus), rel=0.01)
        assert correlations[number] == pytest.approx(correlation, abs=0.005)


@pytest.mark.parametrize("gradient", ["set nograd", "set grad"])
def test_the_example_of_the_manual(gradient):
    """The K0 fit gives the numbers of the original, with differences and with autodiff."""
    _, deck = run(KAONS + f"{gradient}\nfix 5\nmigrad\nminos\nreturn\n", kaons)
    assert deck.state.fcn == pytest.approx(34.460339, rel=1e-4)
    agree(deck.state, FIXED)
    _, deck = run(KAONS + f"{gradient}\nmigrad\nminos\nreturn\n", kaons)
    assert deck.state.fcn == pytest.approx(33.434571, rel=1e-4)
    agree(deck.state, FREE)
    assert deck.status == 0
    assert deck.state.user_gradient == (gradient == "set grad")


@pytest.mark.parametrize("fcn", [quadratic, quadratic_fortran])
def test_both_forms_of_the_fcn(fcn):
    """One array or five arguments: the same minimum, errors and print-out."""
    lines, deck = run(QUADRATIC + "migrad\nset grad\nhesse\nstop\n", fcn)
    assert [p.value for p in deck.state.parameters] == pytest.approx([1.0, 2.0], abs=1e-6)
    assert [p.error for p in deck.state.parameters] == pytest.approx([1.336306, 1.889822], rel=1e-4)
    assert deck.state.user_gradient
    assert " MIGRAD MINIMIZATION HAS CONVERGED." in lines
    assert (" LAST CALL" in lines) == (fcn is quadratic_fortran)
    assert lines[-1].rstrip() == " ..........MINUIT TERMINATED BY MINUIT COMMAND: STOP"


def test_the_fcn_prints_between_the_lines():
    """What the FCN prints stands after the announcement of the call."""
    lines, _ = run(QUADRATIC + "exit\n", quadratic_fortran)
    assert lines.index(" LAST CALL") > lines.index(" CALL TO USER FUNCTION WITH IFLAG = 3")


def test_fixing_squeezes_the_matrix_and_releasing_drops_it():
    """FIX gives the errors of the others at once: 1/sqrt(2) for X; RELEASE leaves no matrix."""
    _, deck = run(QUADRATIC + "migrad\nfix 2\nreturn\n", quadratic)
    assert deck.state.find(1).error == pytest.approx(np.sqrt(0.5), rel=1e-5)
    assert (deck.state.matrix_status, deck.state.dcovar) == (1, 0.5)
    _, deck = run(QUADRATIC + "migrad\nfix 2\nrelease 2\nreturn\n", quadratic)
    assert deck.state.matrix is None
    assert deck.state.find(2).error == pytest.approx(1.889822, rel=1e-4)


def test_limits_hold_and_warn():
    """A minimum beyond a limit: the parameter ends at it; SET LIMITS without numbers frees it."""
    text = "Limits\n1 'A' 1. .3 0. 5.\n2 'B' .5 .1 -.8 2.\n3 'C' .3 .05\n\n"
    lines, deck = run(text + "migrad\nset limits 2\nmigrad\nreturn\n", bounded)
    assert any("** at limit **" in line for line in lines)
    assert deck.state.find(2).value == pytest.approx(-1.0, abs=1e-3)
    lines, _ = run("Limits\n1 'A' 7. .3 5. 0.\n\nreturn\n", lambda x: x[0] ** 2)
    assert sum("MINUIT WARNING IN PARAM DEF" in line for line in lines) == 2


def test_explicit_tolerance_is_multiplied_by_up():
    """The manual: EDM below 0.001 tolerance UP."""
    lines, _ = run(QUADRATIC + "set err 4\nmigrad 500 100\nreturn\n", quadratic)
    assert any("CONVERGENCE WHEN EDM .LT. 0.40E+00" in line for line in lines)


def test_several_data_blocks():
    """END begins another block: parameters are forgotten, settings persist."""
    _, deck = run(QUADRATIC + "set err 4\nend\nSecond\n1 'U' 3. .1\n2 'V' 0.\n\nreturn\n", quadratic)
    assert deck.state.title == "Second"
    assert [(p.name, p.kind) for p in deck.state.parameters] == [("U", "variable"), ("V", "constant")]
    assert deck.state.up == 4.0


def test_input_files_nest_and_saved_fits_come_back(tmp_path):
    """SET INPUT within SET INPUT; SAVE writes what SET INPUTREWIND reads, error matrix included."""
    (tmp_path / "outer.dat").write_text("set input 22 inner.dat\nset print 2\n")
    (tmp_path / "inner.dat").write_text("migrad\n")
    text = QUADRATIC + "set input 21 outer.dat\nset print 0\nsave\nset inputrewind 7\nreturn\n"
    lines, deck = run(text, quadratic, folder=str(tmp_path), saves="out.dat")
    assert deck.state.print_level == 0
    assert deck.status == 0
    assert deck.state.matrix_status == 3
    assert [p.value for p in deck.state.parameters] == pytest.approx([1.0, 2.0], rel=1e-4)
    assert deck.state.covariance()[0, 1] == pytest.approx(-2.142857, rel=1e-3)
    assert {path.name for path in tmp_path.iterdir()} == {"outer.dat", "inner.dat", "out.dat"}
    assert any("INPUT WILL NOW BE READ IN BATCH MODE" in line for line in lines)


@pytest.mark.parametrize(
    ("command", "ending"),
    [
        ("set input 21 missing.dat", "READ ERROR"),
        ("set input abc", "READ ERROR"),
        ("set input 21", "READ ERROR"),
        ("set input 5", "READ ERROR"),
        ("\0\x7f\u2028", "READ ERROR"),
        ("x" * 10_000, "READ ERROR"),
        ("set covariance", "READ ERROR"),
    ],
)
def test_bad_input_ends_the_run_and_says_where(command, ending):
    """Errors name file and line; the status is that of bad input; the parameters are as they were."""
    lines, deck = run(QUADRATIC + command + "\n", quadratic)
    assert ending in lines[-1]
    assert deck.status == 2
    assert deck.problems[0].startswith("test.dat:")
    assert [p.value for p in deck.state.parameters] == [0.0, 0.0]


def test_files_that_read_themselves_end(tmp_path):
    """Recursion stops at ten nested inputs."""
    (tmp_path / "loop.dat").write_text("set inputrewind 21\n")
    lines, deck = run(QUADRATIC + "set input 21 loop.dat\n", quadratic, folder=str(tmp_path))
    assert any("STACK SIZE EXCEEDED" in line for line in lines)
    assert deck.status == 2


def test_a_failing_fcn_leaves_the_parameters():
    """An exception of the FCN is reported, and nothing changes."""

    def failing(npar, grad, xval, iflag, futil):
        if xval[0] > 0.2:
            raise RuntimeError("no data\nleft")
        return (xval[0] - 1.0) ** 2

    lines, deck = run("Fails\n1 'X' 0. .5\n\nmigrad\nreturn\n", failing)
    assert deck.state.find(1).value == 0.0
    assert " THE USER FUNCTION FAILED: RuntimeError: no data left" in lines
    assert deck.status == 2


def test_a_person_who_ends_the_input_twice_ends_the_run():
    """One end of input is announced, the second in a row is the end."""
    records = iter(["People", "1 'X' 0. .5", "", None, "show title", None, None])

    def ask(prompt):
        record = next(records)
        if record is None:
            raise EOFError
        return record

    written: list[str] = []
    source = Source(5, "terminal", ask=ask)
    deck = Deck(UserFunction(lambda x: x[0] ** 2), source, written.append, interactive=True)
    assert deck.run() == 0
    text = "".join(written)
    assert " TITLE OF CURRENT TASK IS:People" in text
    assert text.count("TWO CONSECUTIVE EOFs") == 2
    assert deck.state.width == 80


def test_pages_cannot_be_made_absurd():
    """A page of a thousand million lines is not drawn."""
    _, deck = run("Page\n1 'X' 0. .5\n\nset lines 99999999\nset width 1e8\nreturn\n", quadratic_fortran)
    assert (deck.state.width, deck.state.length) == (9999, 9999)
    assert deck.status == 0
