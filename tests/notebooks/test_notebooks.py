"""The notebooks run as they are, on small sizes, and what is stored in them is what comes out."""

import ast
import json
import os
import re

import pytest

import jaxminuit
from tests.conftest import CACHE
from tests.house.floors import PACKAGE, ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = {path.stem: path for path in sorted(FOLDER.glob("*.ipynb"))}
QUICK = {"first_fit"}  # the others take more than 20 s when nothing is compiled
LARGEST = 300_000  # bytes
SECONDS = 600  # for one cell, on a busy machine
VARIES = "varies"  # tag of cells that print sizes or times
ALL = pytest.mark.parametrize("name", NOTEBOOKS)
RUNS = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NOTEBOOKS]


def cells(name, kind="code"):
    notebook = json.loads(NOTEBOOKS[name].read_text())
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def outputs(cell, kind="stream"):
    return [output for output in cell.get("outputs", ()) if output["output_type"] == kind]


def printed(cell):
    """What a cell printed or returned as text, without objects that only say where they are."""
    streams = "".join("".join(output["text"]) for output in outputs(cell))
    returned = ["".join(o["data"].get("text/plain", "")) for o in outputs(cell, "execute_result")]
    return streams + "".join(text for text in returned if " at 0x" not in text)


def pictures(cell):
    """How many pictures a cell shows."""
    return sum("image/png" in output["data"] for output in outputs(cell, "display_data"))


def rounded(text):
    """Words, and numbers to three digits; what is only rounding noise counts as 0."""
    text = re.sub(r"EDM *= *\S+", "EDM", text)
    number = r"-?\d+\.?\d*(?:[eE][+-]?\d+)?"
    return re.sub(number, lambda m: f"{float(m.group()) if abs(float(m.group())) > 1e-6 else 0.0:.3g}", text).split()


def public(tree):
    """(module, name) of everything that a cell takes from jaxminuit, `jm.name` included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "jaxminuit":
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "jm":
            yield "jaxminuit", node.attr


def modules():
    """Modules whose names users may take: those beside the rooms, and the rooms that the package shows."""
    beside = {f"jaxminuit.{path.stem}" for path in PACKAGE.glob("*.py")}
    return beside | {"jaxminuit", "jaxminuit.cost", "jaxminuit.plot", "jaxminuit.stats"}


def test_there_are_seven():
    lines = (FOLDER / "README.md").read_text()
    assert len(NOTEBOOKS) == 7
    for name in NOTEBOOKS:
        assert f"({name}.ipynb)" in lines


@ALL
def test_each_says_what_the_reader_learns(name):
    first = source(cells(name, "markdown")[0])
    assert first.startswith("# ")
    assert "What you learn here:" in first


@ALL
def test_only_public_names(name):
    taken = [found for cell in cells(name) for found in public(ast.parse(source(cell)))]
    assert taken
    for module, what in taken:
        assert module in modules(), f"{module} is no public module"
        if module == "jaxminuit":
            assert what in jaxminuit.__all__, f"jaxminuit.{what} is not public"


@ALL
def test_what_is_stored(name):
    """Small, from one run from the top, without warnings, errors, or paths of the machine it was made on."""
    assert NOTEBOOKS[name].stat().st_size < LARGEST
    code = cells(name)
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        assert not outputs(cell, "error")
        assert all(output["name"] == "stdout" for output in outputs(cell))
    text = NOTEBOOKS[name].read_text()
    for word in (str(ROOT), str(PACKAGE), "/tmp/", "/home/", "site-packages", "Warning:"):
        assert word not in text


@pytest.mark.parametrize("name", RUNS)
def test_runs_and_prints_what_is_stored(name, tmp_path):
    """Every cell, in a new kernel; the text of cells that do not depend on sizes or times, to three digits."""
    nbformat = pytest.importorskip("nbformat", reason="running notebooks needs nbformat: it is in the extra test")
    nbclient = pytest.importorskip("nbclient", reason="running notebooks needs nbclient: it is in the extra test")
    pytest.importorskip("ipykernel", reason="running notebooks needs ipykernel: it is in the extra test")
    notebook = nbformat.read(NOTEBOOKS[name], 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    place = {"metadata": {"path": str(tmp_path)}}
    client = nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=place)
    client.execute(env=environment())
    made = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for stored, cell in zip(cells(name), made, strict=True):
        assert pictures(cell) == pictures(stored), source(cell)
        assert not [output for output in outputs(cell) if output["name"] == "stderr"]
        if VARIES not in cell.metadata.get("tags", ()):
            assert rounded(printed(cell)) == rounded(printed(stored)), source(cell)


def environment():
    """That of this process, with the package, small sizes, and the cache of compiled programs."""
    old = os.environ
    return {
        **old,
        "SMALL": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [old.get("PYTHONPATH")])]),
        "JAX_COMPILATION_CACHE_DIR": old.get("JAX_COMPILATION_CACHE_DIR", str(CACHE)),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
