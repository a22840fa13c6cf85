"""Imports go down the floors, never up, never sideways, and stand at the top of the file."""

import ast

import pytest

from tests.house.floors import FLOORS, OPTIONAL, PACKAGE, ROOT_READERS, imports, room_of, sources

FILES = {str(path.relative_to(PACKAGE)): path for path in sources()}


def wrong_imports(path, package=PACKAGE):
    """Sentences about imports that go up or sideways."""
    room = room_of(path, package)
    for target in imports(path, package):
        if target.room in (None, room) or (target.room == "__init__" and room in ROOT_READERS):
            continue
        assert target.room in FLOORS, f"room {target.room} has no floor in tests/house/floors.py"
        if FLOORS[target.room] >= FLOORS[room]:
            yield f"line {target.line}: {room} on floor {FLOORS[room]} imports {target.room} on {FLOORS[target.room]}"


def hidden_imports(path, package=PACKAGE):
    """Sentences about imports inside functions that are not of optional third parties."""
    for target in imports(path, package):
        if target.hidden and (target.room is not None or target.module.split(".")[0] not in OPTIONAL):
            yield f"line {target.line}: {target.module} is imported inside a function or a condition"


def test_every_room_has_a_floor():
    missing = {room_of(path) for path in FILES.values()} - set(FLOORS)
    assert not missing, f"give {sorted(missing)} a floor in tests/house/floors.py"


@pytest.mark.parametrize("name", FILES)
def test_imports_go_down(name):
    assert not list(wrong_imports(FILES[name]))


@pytest.mark.parametrize("name", FILES)
def test_no_hidden_imports(name):
    assert not list(hidden_imports(FILES[name]))


@pytest.mark.parametrize("name", FILES)
def test_only_public_interfaces_of_jax_and_equinox(name):
    text = FILES[name].read_text()
    for forbidden in ("jax._src", "equinox.internal", "eqx.internal", "from __future__ import annotations"):
        assert forbidden not in text, f"{name} uses {forbidden}"


@pytest.mark.parametrize("name", FILES)
def test_every_module_says_what_it_is(name):
    assert ast.get_docstring(ast.parse(FILES[name].read_text())), f"{name} has no docstring"


@pytest.mark.parametrize(
    ("file", "text", "up", "hidden"),
    [
        ("core/a.py", "from jaxminuit.fit import migrad", 1, 0),
        ("core/a.py", "from jaxminuit import fit", 1, 0),
        ("core/a.py", "import jaxminuit.problem.fcn", 1, 0),
        ("core/a.py", "from ..problem import fcn", 1, 0),
        ("core/a.py", "from jaxminuit import FCN", 1, 0),
        ("core/a.py", "from . import safe", 0, 0),
        ("minuit/a.py", "from jaxminuit.batch import toys", 1, 0),
        ("minuit/a.py", "from jaxminuit.fit import migrad", 0, 0),
        ("fit.py", "from .drive.host import run", 0, 0),
        ("fit.py", "def f():\n    from jaxminuit.core import safe", 0, 1),
        ("fit.py", "def f():\n    import json", 0, 1),
        ("plot/a.py", "def f():\n    from matplotlib.figure import Figure", 0, 0),
        ("plot/a.py", "try:\n    import matplotlib\nexcept ImportError:\n    matplotlib = None", 0, 0),
    ],
)
def test_the_test_itself(tmp_path, file, text, up, hidden):
    """Wrong imports of every form are found, right ones are not."""
    package = tmp_path / "jaxminuit"
    for room in ("core", "problem", "drive"):
        (package / room).mkdir(parents=True)
    (package / "fit.py").touch()
    path = package / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert len(list(wrong_imports(path, package))) == up
    assert len(list(hidden_imports(path, package))) == hidden
