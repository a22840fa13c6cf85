"""Programs of the original's callable mode: run by ours, the print-out and the outputs of every call compared.

    python -m tests.callable.transcripts [CASE ...]

The cases lie beside the checkout, as in tests/command/transcripts.py.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from jaxminuit.fortran import Session
from tests.command.transcripts import CASES, SHARED, agreement, index, load

OUTPUTS = ("MNPOUT", "MNSTAT", "MNEMAT", "MNERRS", "MNCONT")
CONTOURS = "MNCONT"


def callable_cases() -> list[str]:
    """Names of the cases that are lists of calls."""
    return [entry["name"] for entry in index() if entry["mode"] == "callable"]


def run_case(name: str):
    """(print-out, [(routine, arguments, what it returned)]) of a case."""
    entry = next(entry for entry in index() if entry["name"] == name)
    fcn = getattr(load(SHARED / "fortran-minuit" / "fcns.py"), entry["fcn"])
    folder = Path(tempfile.mkdtemp())
    session = Session()
    for file, unit in (("input.dat", 5), ("input21.dat", 21)):
        if (CASES / name / file).is_file():
            session.open_unit(unit, shutil.copy(CASES / name / file, folder))
    session.open_unit(6, folder / "output.txt", "w")
    results = []
    for routine, *arguments in json.loads((CASES / name / "calls.json").read_text()):
        results.append((routine, arguments, call(session, fcn, routine, arguments)))
    return (folder / "output.txt").read_text(), results


def call(session, fcn, routine: str, arguments):
    """What a routine returns, or None for those that are not of the interface."""
    if routine == "PRTERR":
        return [session.mnerrs(-i) for i in range(1, session.mnstat().npari + 1)]
    method = getattr(session, routine.lower(), None)
    if method is None:
        return None
    if routine in ("MNEXCM", "MNCOMD", "MNCONT", "MNINTR"):
        return method(fcn, *arguments)
    return method(*arguments)


def score(name: str, show: int = 0) -> float:
    """The share of matching lines of a case."""
    return agreement(name, run_case(name)[0], show)


def differences(name: str) -> list[str]:
    """Outputs that are not those of the original: codes and counts exactly, values within 0.02 sigma, errors 1 %."""
    records = [json.loads(line) if isinstance(line, str) else line for line in _records(name)]
    expected = [r for r in records if r["event"] == "call"]
    found = []
    for record, (routine, arguments, result) in zip(expected, run_case(name)[1], strict=True):
        assert record["routine"] == routine
        want = record.get("out", record.get("ierflg", record.get("ierr", record.get("icondn"))))
        if want is None or result is None:
            continue
        if not agree(routine, want, result):
            found.append(f"{routine}{tuple(arguments)}: {result}, and not {want}")
    return found


def _records(name):
    return json.loads((CASES / name / "summary.json").read_text())["records"]


def agree(routine: str, want, result) -> bool:
    """Whether what a routine returned is what the original gave."""
    if routine == "MNPOUT":
        values = [want["val"], want["error"], want["bnd1"], want["bnd2"]]
        near = np.allclose(result[1:5], values, rtol=0.01, atol=0.02 * want["error"] + 1e-12)
        return result[0] == want["chnam"].strip() and near and result[5] == want["ivarbl"]
    if routine == "MNSTAT":
        whole = [want[key] for key in ("npari", "nparx", "istat")]
        near = np.isclose(result[0], want["fmin"], rtol=1e-4, atol=1e-12) and result[2] == want["errdef"]
        known = (result[1] == result[2]) == (want["fedm"] == want["errdef"])  # UP stands for an unknown EDM
        return near and known and list(result[3:]) == whole
    if routine == "MNEMAT":
        matrix = np.array(want)
        matrix[matrix == -999.0] = np.nan
        return np.allclose(result, matrix, rtol=0.02, equal_nan=True)
    if routine in ("MNERRS", "PRTERR"):
        rows = np.atleast_2d(np.array([list(want.values())] if isinstance(want, dict) else want))
        return np.allclose(np.atleast_2d(np.array(result)), rows, rtol=0.01)
    if routine == "MNCONT":  # the points stand at other angles, but both contours reach as far
        reach = [[max(points, default=0.0), min(points, default=0.0)] for points in (want["xpt"], want["ypt"])]
        ours = [[max(points, default=0.0), min(points, default=0.0)] for points in result[:2]]
        return result[2] == want["nfound"] and np.allclose(ours, reach, rtol=0.02, atol=0.02 * np.max(np.abs(reach)))
    return result == want


if __name__ == "__main__":
    chosen = sys.argv[1:]
    for case in chosen or callable_cases():
        print(f"{score(case, 30 if chosen else 0):.3f} {case}", flush=True)
        print("\n".join(f"    {line}" for line in differences(case)), flush=True)
