"""Units, input, output, exceptions, and sessions beside each other."""

import io
from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import pytest

from jaxminuit import fortran as mn
from tests.callable.functions import quadratic, session


def fails(npar, grad, xval, iflag, futil):
    """Raises as soon as it is called."""
    raise ZeroDivisionError("no data")


def test_an_fcn_that_raises_leaves_the_state_as_it_was():
    """Code 9, the exception kept, the print-out says so; then the session goes on."""
    minuit, output = session()
    minuit.mnexcm(quadratic, "CALL FCN", 4)
    before = minuit.state
    assert minuit.mnexcm(fails, "MIGRAD") == 9
    assert replace(minuit.state, commands=before.commands) == before
    assert isinstance(minuit.failure, ZeroDivisionError)
    assert "THE USER FUNCTION FAILED: ZeroDivisionError: no data" in output.getvalue()
    assert minuit.mncont(fails, 1, 2, 8)[2] == 0
    assert replace(minuit.state, commands=before.commands) == before
    assert minuit.mnexcm(quadratic, "MIGRAD") == 0
    assert minuit.failure is None
    before, calls = minuit.state, []

    def fails_later(npar, grad, xval, iflag, futil):
        calls.append(iflag)
        return fails(npar, grad, xval, iflag, futil) if len(calls) == 10 else quadratic(npar, grad, xval, iflag, futil)

    assert minuit.mnexcm(fails_later, "MINOS") == 9
    assert minuit.state.parameters is before.parameters


def test_an_interrupt_passes_and_leaves_the_state():
    """Ctrl-C in the FCN."""

    def interrupted(npar, grad, xval, iflag, futil):
        print("half a line of work")
        raise KeyboardInterrupt

    minuit, output = session()
    before = minuit.state
    with pytest.raises(KeyboardInterrupt):
        minuit.mnexcm(interrupted, "CALL FCN", 4)
    assert minuit.state is before
    assert minuit.mnexcm(quadratic, "CALL FCN", 4) == 0
    assert "half a line" not in output.getvalue()


def test_sessions_and_the_module_do_not_disturb_each_other(capsys):
    """Three problems open at once."""
    mn.mninit(5, 6, 7)
    one, _ = session()
    two, _ = session((("A", 3.0, 0.1),))
    assert mn.mnparm(1, "M", 7.0, 0.7) == 0
    one.mnexcm(quadratic, "SET ERR", 4)
    two.mnexcm(lambda x: x[0] ** 2, "CALL FCN", 4)
    mn.mnexcm(lambda x: (x[0] - 1.0) ** 2, "CALL FCN", 4)
    assert [s.mnstat() for s in (one, two, mn)] == [
        (0.0, 4.0, 4.0, 2, 2, 0),
        (9.0, 1.0, 1.0, 1, 1, 0),
        (36.0, 1.0, 1.0, 1, 1, 0),
    ]
    assert [s.mnpout(1).chnam for s in (one, two, mn)] == ["X", "A", "M"]
    assert mn.default.state.commands == 1
    one.mninit()
    assert mn.mnstat().npari == 1
    assert capsys.readouterr().out.count("INITIALIZED") == 1  # that of the module; the others have units of their own


def test_a_function_of_one_array_has_its_gradient_by_autodiff():
    """SET GRADIENT finds it right, and MIGRAD uses it."""

    def fcn(x):
        return 5.0 + 2.0 * (x[0] - 1.0) ** 2 + jnp.cosh(x[1] - 2.0)

    minuit, output = session()
    assert minuit.mnexcm(fcn, "SET GRAD") == 0
    assert minuit.state.user_gradient
    assert minuit.mnexcm(fcn, "MIGRAD") == 0
    assert minuit.mnpout(2).val == pytest.approx(2.0, abs=0.02)
    assert minuit.mnstat().fmin == pytest.approx(6.0, abs=1e-3)
    assert "GOOD" in output.getvalue()


def test_methods_are_recognised_when_they_come_again():
    """A bound method is a new object at every look-up, but the same FCN."""

    class Model:
        def fcn(self, x):
            return x[0] ** 2

    model, other = Model(), Model()
    minuit, _ = session()
    functions = []
    for fcn in (model.fcn, model.fcn, other.fcn, model.fcn):
        minuit.mnexcm(fcn, "CALL FCN", 4)
        functions.append(minuit._deck.function)
    assert functions[0] is functions[1] is functions[3] is not functions[2]


def test_mnintr_reads_commands_until_one_ends_it():
    """RETURN, END, then another unit by MNINPU, EXIT, back again, and the end of the file."""
    minuit, output = session()
    minuit.open_unit(5, io.StringIO("show par\nreturn\nshow fcn\nend\nset err 9\n"))
    minuit.mninit()
    minuit.mnparm(1, "X", 0.0, 0.5)
    minuit.mnparm(2, "Y", 0.0, 0.5)
    minuit.open_unit(21, io.StringIO("set err 4\nexit\n"))
    minuit.mnintr(quadratic)
    minuit.mnintr(quadratic)
    assert minuit.mninpu(0) == 0
    assert minuit.mninpu(21) == 0
    minuit.mnintr(quadratic)
    assert minuit.mnstat().errdef == 4.0
    assert minuit.state.input_unit == 21
    assert minuit.mninpu(0) == 0
    minuit.mnintr(quadratic)
    assert minuit.mnstat().errdef == 9.0
    text = output.getvalue()
    assert text.count(" END OF MINUIT COMMAND INPUT.    RETURN TO USER PROGRAM.") == 4
    assert "CALL TO MNINPU(0) IGNORED" in text
    assert "END OF DATA ON UNIT NO.  5" in text


def test_mnintr_stops_at_input_that_cannot_be_read():
    """SET INPUT without such a file, and parameters that cannot be defined, give control back."""
    for record in ("set input 22 /nowhere/at/all.dat", "parameters\n1 'X' abc.1x 0.1 0. z"):
        minuit, output = session()
        minuit.open_unit(5, io.StringIO(record + "\nset err 4\n"))
        minuit.mninit()
        minuit.mnintr(quadratic)
        assert minuit.mnstat().errdef == 1.0
        assert output.getvalue().endswith("RETURN TO USER PROGRAM.\n\n")


def test_mninpu_codes():
    """1 when ten units wait; a unit that is not open is refused."""
    minuit, output = session()
    minuit.open_unit(21, io.StringIO("show par\n"))
    assert [minuit.mninpu(21) for _ in range(11)] == [0] * 10 + [1]
    assert "INPUT FILE STACK SIZE EXCEEDED" in output.getvalue()
    with pytest.raises(ValueError, match="unit 22 is not open"):
        minuit.mninpu(22)


def test_a_person_is_asked_at_a_terminal(monkeypatch):
    """Prompts, and batch mode again afterwards."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal("show fcn\nset err 4\nreturn\n"))
    minuit, output = session()
    minuit.mnintr(quadratic)
    assert output.getvalue().count(" ENTER MINUIT COMMAND:") == 3
    assert minuit.mnstat().errdef == 4.0
    assert not minuit.state.interactive


def test_save_writes_to_the_file_of_its_unit(tmp_path):
    """Nothing if the unit is not open; anew with mode w; below what is there with mode a."""
    minuit, output = session()
    assert minuit.mnexcm(quadratic, "SAVE") == 0
    assert "UNIT  7 IS NOT OPENED." in output.getvalue()
    path = tmp_path / "save.dat"
    path.write_text("old\n")
    minuit.open_unit(7, path, "w")
    assert minuit.mncomd(quadratic, "save") == 0
    assert path.read_text().startswith("SET TITLE")
    once = path.read_text()
    minuit.open_unit(7, path, "a")
    minuit.mnexcm(quadratic, "SAVE")
    assert path.read_text() == once * 2
    minuit.close_unit(7)
    minuit.mnexcm(quadratic, "SAVE")
    assert path.read_text() == once * 2
    assert [file.name for file in tmp_path.iterdir()] == ["save.dat"]


def test_print_out_goes_where_its_unit_is(tmp_path, capsys):
    """Standard output unless opened; SET OUTPUT changes the unit; files can be read after every command."""
    minuit = mn.Session()
    minuit.open_unit(16, tmp_path / "out.txt", "w")
    minuit.mninit(5, 6, 7)
    minuit.mnexcm(quadratic, "SET OUTPUT", 16)
    minuit.mnexcm(quadratic, "SHOW ERR")
    minuit.mnexcm(quadratic, "SET OUTPUT", 6)
    minuit.mnexcm(quadratic, "SHOW STRATEGY")
    out = capsys.readouterr().out
    assert "ERRORS CORRESPOND TO" in (tmp_path / "out.txt").read_text()
    assert "ERRORS CORRESPOND TO" not in out
    assert "INITIALIZED" in out
    assert "NOW USING STRATEGY" in out


def test_units_that_cannot_be():
    """Numbers, modes and files are checked when they are given."""
    minuit, _ = session()
    for unit in (0, -1, 1000, 6.0, "6"):
        with pytest.raises(ValueError, match="unit must be a whole number from 1 to 999"):
            minuit.open_unit(unit, "out.txt", "w")
    with pytest.raises(ValueError, match="mode must be 'r', 'w' or 'a', not 'x'"):
        minuit.open_unit(21, "out.txt", "x")
    with pytest.raises(FileNotFoundError):
        minuit.open_unit(21, Path("/nowhere/at/all.dat"))
    with pytest.raises(ValueError, match="iwr must be a whole number"):
        minuit.mninit(5, 0, 7)
