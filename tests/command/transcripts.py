"""Decks of the original program: run by ours, and the share of the lines that agree.

    python -m tests.command.transcripts [CASE ...]

The cases lie beside the checkout, in ../shared/fortran-minuit; `compare_transcript.py` there is the measure.
"""

import importlib.util
import json
import shutil
import sys
import tempfile
from pathlib import Path

from jaxminuit.command.deck import Deck
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.report.frame import STAND
from jaxminuit.command.streams import from_file

SHARED = next(
    (p / "shared" for p in Path(__file__).resolve().parents if (p / "shared" / "fortran-minuit").is_dir()),
    Path("/nowhere"),
)
CASES = SHARED / "fortran-minuit" / "cases"


def load(path: Path):
    """A module of the shared folder."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def data_driven() -> list[str]:
    """Names of the cases that are decks."""
    return [entry["name"] for entry in index() if entry["mode"].startswith("data-driven")]


def index() -> list[dict]:
    """What is known of every case."""
    path = SHARED / "fortran-minuit" / "index.json"
    return json.loads(path.read_text()) if path.is_file() else []


def run_case(name: str):
    """(output, Deck) of a case, run in a copy of its folder."""
    entry = next(entry for entry in index() if entry["name"] == name)
    functions = load(SHARED / "fortran-minuit" / "fcns.py")
    fcn = getattr(functions, entry["fcn"])
    folder = Path(tempfile.mkdtemp())
    for path in (CASES / name).glob("*.dat"):
        if not path.name.startswith("save"):
            shutil.copy(path, folder)
    written: list[str] = []
    futil = functions.line_util if entry["fcn"] == "futil_line" else None
    function = UserFunction(fcn, futil, stand=lambda: print(STAND[0]))
    primary = from_file(5, folder / "input.dat")
    primary.name = "input.dat"
    interactive = "interactive" in entry["mode"]
    saves = "save.dat" if (CASES / name / "save.dat").is_file() else None
    deck = Deck(function, primary, written.append, interactive=interactive, folder=str(folder), saves=saves)
    deck.run()
    return "".join(written), deck


def score(name: str, show: int = 0) -> float:
    """The share of matching lines of a case."""
    compare = load(SHARED / "tools" / "compare_transcript.py").compare
    output, _ = run_case(name)
    reference = (CASES / name / "output.txt").read_text(errors="replace").splitlines()
    share, problems = compare(reference, output.splitlines())
    for kind, expected, got in problems[:show]:
        print(f"  {kind:8s} | {expected}" + (f"\n           > {got}" if got else ""))
    return share


if __name__ == "__main__":
    chosen = sys.argv[1:]
    for case in chosen or data_driven():
        print(f"{score(case, 30 if chosen else 0):.3f} {case}", flush=True)
