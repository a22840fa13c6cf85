"""Functions that are named on the command line."""

import sys

import pytest

from jaxminuit.command.load import LoadError, load_function


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that is the present one; what is imported is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_from_a_file_with_neighbours(folder, capsys):
    """The file may import the one beside it, lie elsewhere, have another ending, and print (to the standard error)."""
    (folder / "sub").mkdir()
    (folder / "sub" / "neighbour.py").write_text("TWO = 2.0\n")
    (folder / "sub" / "model.py").write_text("from neighbour import TWO\nprint('reading')\ndef fcn(x): return TWO\n")
    assert load_function("sub/model.py:fcn")(0) == 2.0
    assert load_function(f"{folder}/sub/model.py:fcn")(0) == 2.0
    out = capsys.readouterr()
    assert (out.out, "reading" in out.err) == ("", True)
    assert vars(sys.modules["model"])["fcn"] is load_function("sub/model.py:fcn")
    (folder / "model.txt").write_text("class A:\n    def fcn(x): return 3.0\n")
    assert load_function("model.txt:A.fcn")(0) == 3.0
    assert {path.name for path in folder.iterdir()} == {"sub", "model.txt"}


def test_from_a_module(folder):
    """Modules of the present folder, and installed ones."""
    (folder / "mymodel.py").write_text("def fcn(x): return 4.0\n")
    assert load_function("mymodel:fcn")(0) == 4.0
    assert load_function("math:hypot")(3.0, 4.0) == 5.0


BAD = {
    "syntax.py": "def fcn(:\n",
    "raises.py": "x = 1\nx / 0\n",
    "leaves.py": "import sys\nsys.exit(3)\n",
    "lacks.py": "import nothing_of_that_name\n",
    "other.py": "def chi2(x): return 0.0\nnumber = 3\n",
}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fcn", "FILE:FUNC or module:func, but not as 'fcn'"),
        ("other.py:", "FILE:FUNC or module:func"),
        (":fcn", "FILE:FUNC or module:func"),
        ("missing.py:fcn", "no file missing.py"),
        ("missing:fcn", "no module 'missing'"),
        ("./:fcn", "is a folder"),
        ("syntax.py:fcn", "SyntaxError"),
        ("raises.py:fcn", r"ZeroDivisionError: division by zero \(raises.py:2\)"),
        ("raises:fcn", r"ZeroDivisionError: division by zero \(raises.py:2\)"),
        ("leaves.py:fcn", "SystemExit: 3"),
        ("lacks:fcn", "No module named 'nothing_of_that_name'"),
        ("other.py:fcn", "no function 'fcn'; it has chi2"),
        ("other.py:number", "is not a function, but int"),
        ("\0.py:fcn", "no file"),
    ],
)
def test_what_cannot_be_had_is_told(folder, name, message):
    """One sentence, with the line of the file where there is one."""
    for file, text in BAD.items():
        (folder / file).write_text(text)
    with pytest.raises(LoadError, match=message):
        load_function(name)
