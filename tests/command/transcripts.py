"""Decks of the original program: run by ours, the share of the lines that agree, and the states after every command.

    python -m tests.command.transcripts [CASE ...]

The cases lie beside the checkout, in ../shared/fortran-minuit; `compare_transcript.py` there is the measure.
"""

import functools
import importlib.util
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from jaxminuit.command.deck import Deck
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.report.frame import STAND
from jaxminuit.command.state import State
from jaxminuit.command.streams import from_file
from tests.command import states

SHARED = next(
    (p / "shared" for p in Path(__file__).resolve().parents if (p / "shared" / "fortran-minuit").is_dir()),
    Path("/nowhere"),
)
KAONS = re.compile(
    r"  LEPTONIC|.PLUS, MINUS|0 .*(TIME|POSITIVE)|      TIME| DATA EVTS|"
    r" {43,}[\d.]+( +[\d.]+){3}$| +[\d.]+( +[\d.E+-]+){3,7} *$"
)
UNITS = (15, "input15.dat", 16, 17)  # of the case that changes them all: read, name, write, save
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


class Recorded(Deck):
    """A deck that keeps (record, state afterwards) of every command."""

    def command(self, record):
        if not hasattr(self, "history"):
            self.history = []
        try:
            return super().command(record)
        finally:
            self.history.append((record, self.state))


@functools.cache
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
    units = UNITS if name == "mintio_units" else (5, "input.dat", 6, 7)
    primary = from_file(units[0], folder / units[1])
    primary.name = units[1]
    state = State(output_unit=units[2], save_unit=units[3])
    interactive = "interactive" in entry["mode"]
    saves = next((path.name for path in (CASES / name).glob("save*.dat") if not interactive), None)
    deck = Recorded(
        function, primary, written.append, interactive=interactive, folder=str(folder), saves=saves, state=state
    )
    deck.run()
    return "".join(written), deck


def score(name: str, show: int = 0) -> float:
    """The share of matching lines of a case."""
    output, _ = run_case(name)
    return agreement(name, output, show, "output16.txt" if name == "mintio_units" else "output.txt")


def agreement(name: str, output: str, show: int = 0, file: str = "output.txt") -> float:
    """The share of lines in which an output is that of the original; as many differences as are to be shown."""
    compare = load(SHARED / "tools" / "compare_transcript.py").compare
    reference = (CASES / name / file).read_text(errors="replace").splitlines()
    if name.startswith("k0"):  # without what the FCN and the program of the manual print themselves
        reference = [line for line in reference if not KAONS.match(line)]
    share, problems = compare(reference, output.splitlines())
    for kind, expected, got in problems[:show]:
        print(f"  {kind:8s} | {expected}" + (f"\n           > {got}" if got else ""))
    return share


def misses(name: str) -> list[str]:
    """What differs in the states after the commands of a case."""
    _, deck = run_case(name)
    records = json.loads((CASES / name / "summary.json").read_text())["records"]
    return states.misses(getattr(deck, "history", []), records)


if __name__ == "__main__":
    chosen = sys.argv[1:]
    for case in chosen or data_driven():
        share, found = score(case, 30 if chosen else 0), misses(case)
        print(f"{share:.3f} {case:30} {len(found)} misses {found if chosen else found[:2]}", flush=True)
