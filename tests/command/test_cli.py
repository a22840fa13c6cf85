"""`jaxminuit run` and `jaxminuit --fcn`: exit statuses, what goes to which stream, pictures."""

import io
import sys
import types

import numpy as np
import pytest

from jaxminuit import cli
from jaxminuit.command import shell
from jaxminuit.command.drawing import Drawer
from jaxminuit.command.failures import DEBUG
from jaxminuit.command.pictures import ContourMap, ScanCurve
from jaxminuit.command.state import Parameter
from tests.command.decks import QUADRATIC

FCN = "tests.command.functions_to_load:quadratic"
pytest.importorskip("matplotlib")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The present folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def deck(folder, commands, name="fit.dat", head=QUADRATIC):
    (folder / name).write_text(head + commands)
    return str(name)


def test_a_deck_that_succeeds(folder, capsys):
    """Status 0, print-out on stdout, nothing on stderr; SAVE writes the file of --save, over an older one."""
    (folder / "saved.dat").write_text("old\n")
    path = deck(folder, "migrad\nsave\nstandard\nstop\n")
    stand = "tests.command.functions_to_load:stand"
    assert cli.main(["run", path, "--fcn", FCN, "--save", "saved.dat", "--stand", stand]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert " MIGRAD MINIMIZATION HAS CONVERGED." in out
    assert " STANDING" in out
    assert "old" not in (folder / "saved.dat").read_text()
    assert {p.name for p in folder.iterdir()} == {"fit.dat", "saved.dat"}


def test_options_stand_before_or_behind_the_command(folder, capsys):
    """--fcn FCN run DECK is the same."""
    path = deck(folder, "return\n")
    assert cli.main(["--fcn", FCN, "run", path]) == cli.main(["run", path, "--fcn", FCN]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ("migrad 3\nstop\n", 1),
        ("migrad 3\nmigrad\nstop\n", 0),
        ("migrad\nmigrad 3\nminos\nstop\n", 0),
        ("simplex 3\nshow par\nstop\n", 1),
        ("migrad\nxyz\nstop\n", 2),
        ("migrad 1e999\nstop\n", 2),
        ("save\nstop\n", 2),
        ("migrad", 0),
        ("end\n", 0),
        ("set input 21 missing.dat\n", 2),
        ("set input 21 .\n", 2),
    ],
)
def test_exit_statuses(folder, capsys, commands, status):
    """The last fit decides between 0 and 1; wrong input is 2, and the problem is told with file and line."""
    assert cli.main(["run", deck(folder, commands), "--fcn", FCN]) == status
    out, err = capsys.readouterr()
    assert "MINUIT TERMINATED" in out
    assert (err.startswith("fit.dat:")) == (status == 2 or "stop" not in commands)


def test_problems_name_the_nested_file(folder, capsys):
    """File and line of the record, and those of the SET INPUT that led there; names of files are not cut."""
    inner = "a_file_with_a_rather_long_name.dat"
    (folder / inner).write_text("\nfix 1\nfoo 3\n")
    assert cli.main(["run", deck(folder, f"set input 21 {inner}\nbar\nstop\n"), "--fcn", FCN]) == 2
    err = capsys.readouterr().err.splitlines()
    assert err == [f"{inner}:3: FOO: no such command (read by fit.dat:7)", "fit.dat:8: BAR: no such command"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "missing.dat", "--fcn", FCN], "the deck missing.dat cannot be read: No such file"),
        (["run", ".", "--fcn", FCN], "the deck . cannot be read: Is a directory"),
        (["run", "fit.dat", "--fcn", "missing.py:fcn"], "there is no file missing.py"),
        (["run", "fit.dat", "--fcn", "tests.command.functions_to_load:wrong"], "fcn must take one array"),
        (["run", "fit.dat", "--fcn", "tests.command.functions_to_load:number"], "is not a function"),
        (["run", "fit.dat", "--fcn", FCN, "--plot", "fit.dat"], "pictures cannot be written to fit.dat"),
        (["run", "fit.dat", "--fcn", FCN, "--stand", "x"], "FILE:FUNC"),
    ],
)
def test_what_cannot_be_had_is_told_before_anything_runs(folder, capsys, arguments, message):
    """Status 2, a sentence on stderr, an empty stdout."""
    deck(folder, "stop\n")
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jaxminuit: ")
    assert message in err


def test_a_deck_needs_an_fcn(folder, capsys):
    """The usage, and status 2; help ends with the statuses."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["run", deck(folder, "stop\n")])
    assert "--fcn" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        cli.main(["run", "--help"])
    assert "exit status:" in capsys.readouterr().out


def test_an_fcn_that_fails_is_told_with_its_line(folder, capsys):
    """At the first call the run ends; in a command it goes on. In the end too: EXIT is an end all the same."""
    (folder / "fails.py").write_text(
        "def fcn(npar, grad, xval, iflag, futil):\n"
        "    if xval[0] > 0.2 or iflag == 3:\n"
        "        raise RuntimeError('no data')\n"
        "    return 1.0\n"
    )
    path = deck(folder, "set param 1 0.5\ncall 4\nset param 1 0\nexit\n")
    assert cli.main(["run", path, "--fcn", "fails.py:fcn"]) == 2
    out, err = capsys.readouterr()
    assert "MINUIT TERMINATED BY MINUIT COMMAND: EXIT" in out
    failed = "the FCN failed: RuntimeError: no data (fails.py:3)"
    assert err.splitlines() == [f"fit.dat:8: CALL: {failed}", f"fit.dat:10: EXIT: {failed}"]


@pytest.mark.slow
def test_pictures(folder, capsys, monkeypatch):
    """One PNG each of SCAN, CONTOUR and MNCONTOUR, numbered; the print-out is the same without."""
    path = deck(folder, "migrad\nscan 1 10\ncontour 1 2\nmncontour 1 2 8\nstop\n")
    assert cli.main(["run", path, "--fcn", FCN, "--plot", "pictures"]) == 0
    out, err = capsys.readouterr()
    names = ["01-scan-X.png", "02-contour-X-Y.png", "03-mncontour-X-Y.png"]
    assert sorted(p.name for p in (folder / "pictures").iterdir()) == names
    assert all((folder / "pictures" / name).read_bytes().startswith(b"\x89PNG") for name in names)
    assert all(name in err for name in names)
    assert cli.main(["run", path, "--fcn", FCN]) == 0
    assert capsys.readouterr().out == out
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert cli.main(["run", path, "--fcn", FCN, "--plot"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert 'pip install "jaxminuit[plot]"' in err


def test_what_is_no_terminal_is_read_in_batch(folder, capsys, monkeypatch):
    """`jaxminuit --fcn ... < deck`: no prompts."""
    data = io.BytesIO((QUADRATIC + "show par\nxyz\nstop\n").encode() + b"\xff")
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=data, isatty=lambda: False))
    assert cli.main(["--fcn", FCN]) == 2
    out, err = capsys.readouterr()
    assert "ENTER MINUIT" not in out
    assert err == "standard input:8: XYZ: no such command\n"


def test_ctrl_c_ends_a_deck(folder, capsys, monkeypatch):
    """Status 130, and where it was."""

    def fcn(npar, grad, xval, iflag, futil):
        if iflag == 3:
            raise KeyboardInterrupt
        return 1.0

    monkeypatch.setattr(shell, "load_function", lambda name: fcn)
    assert cli.main(["run", deck(folder, "call 3\nstop\n"), "--fcn", FCN]) == 130
    assert capsys.readouterr().err == "fit.dat:7: interrupted\n"


def test_errors_of_our_own_are_told_or_traced(folder, capsys, monkeypatch):
    """In a command the run goes on; elsewhere it ends; status 3, and with --debug the traceback."""

    def broken(*arguments):
        raise AttributeError("oops")

    path = deck(folder, "show par\nset param 1 2\nstop\n")
    monkeypatch.setenv(DEBUG, "0")
    monkeypatch.setattr("jaxminuit.command.run.Run.table", broken)
    assert cli.main(["run", path, "--fcn", FCN]) == 3
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    monkeypatch.setenv(DEBUG, "0")
    monkeypatch.setattr("jaxminuit.command.showing.SHOWERS", {"PAR": broken})
    assert cli.main(["run", path, "--fcn", FCN]) == 3
    out, err = capsys.readouterr()
    assert "MINUIT TERMINATED BY MINUIT COMMAND: STOP" in out
    assert "Traceback" not in err
    assert "fit.dat:7: SHOW PAR: an error in jaxminuit: AttributeError: oops" in err
    assert cli.main(["run", path, "--fcn", FCN, "--debug"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_pictures_of_strange_numbers(folder):
    """NaN is left out, nothing finite is no picture, dollars are no formulae."""
    p = Parameter(1, "a $/b", 0.0, 1.0, "variable", -1.0, 1.0, minus=np.inf)
    drawer, x = Drawer(folder / "new"), np.linspace(-1.0, 1.0, 5)
    assert drawer(ScanCurve(p, x, np.full(5, np.nan), 0.0, 1.0)) is None
    values = np.array([np.inf, 1.0, 0.0, 1.0, np.nan])
    assert drawer(ScanCurve(p, x, values, 0.0, 1.0), "50 $").name == "01-scan-a_b.png"
    assert drawer(ContourMap((p, p), x, x, np.zeros((5, 5)), 0.0, 1.0)).is_file()
