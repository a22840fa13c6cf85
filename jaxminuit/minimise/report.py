"""A minimum as text and as HTML."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxminuit.core.html import Cell, facts_table, html_table
from jaxminuit.core.numerals import columns, numeral
from jaxminuit.core.status import MatrixStatus, Rung, Status
from jaxminuit.problem.listing import limits_of

_HELD = {-1: "held at its lower limit", 0: "", 1: "held at its upper limit"}
_GRADES = {MatrixStatus.ACCURATE: "good", MatrixStatus.APPROXIMATE: "warn", MatrixStatus.MADE_POSITIVE_DEFINITE: "warn"}


def text_of(m: Any) -> str:
    """A few lines for one minimum, one line for a batch."""
    if np.ndim(m.fval) > 0:
        return _batch(m)
    rows = [(f"  {name}", value, f"+- {error}" if error else "fixed", held) for name, value, error, held in _rows(m)]
    return "\n".join([*_verdict(m), *_notes(m), *columns(rows)])


def html_of(m: Any) -> str:
    """The same as two tables: the verdict, and the parameters; one line for a batch."""
    if np.ndim(m.fval) > 0:
        return facts_table([_batch(m)])
    (valid, numbers, matrix), matrix_status = _verdict(m), MatrixStatus(int(m.matrix_status))
    facts = Cell(valid, "good" if m.valid else "bad"), numbers, Cell(matrix, _GRADES.get(matrix_status, "bad"))
    rows: list[list[str | Cell]] = [["", "value", "error", "limits", ""]]
    for i, (name, value, error, held) in enumerate(_rows(m)):
        rows.append(
            [name, value, error, limits_of(m.parameters, i), Cell(held, "warn" if held else "") if error else "fixed"]
        )
    return facts_table([*facts, *_notes(m)]) + html_table("", rows, row_heads=True)


def _batch(m: Any) -> str:
    return f"{m.fval.size} fits by {m.algorithm}, {int(np.sum(m.valid))} valid"


def _verdict(m: Any) -> tuple[str, str, str]:
    """How the fit ended, its numbers, and its error matrix."""
    status = Status(int(m.status))
    fval, edm, goal = numeral(m.fval, 10), numeral(m.edm, 3), numeral(m.goal, 3)
    return (
        f"{m.algorithm}: {'valid' if m.valid else 'INVALID'} minimum ({status})",
        f"FCN = {fval}   EDM = {edm} (goal {goal})   calls = {int(m.nfcn)}",
        f"error matrix: {MatrixStatus(int(m.matrix_status))}",
    )


def _notes(m: Any) -> Iterator[str]:
    """What else there is to say about it."""
    if m.status == Status.FLAT_DIRECTION and np.all(np.isfinite(m.flat_direction)):
        parts = zip(m.names, np.asarray(m.flat_direction), strict=True)
        yield "flat along " + " ".join(f"{c:+.3g} {name}" for name, c in parts if abs(c) > 0.01)
    if m.rung > 0:
        yield f"found by: {Rung(int(m.rung))}"


def _rows(m: Any) -> Iterator[tuple[str, str, str, str]]:
    """Name, value, error ('' of a fixed parameter) and the limit that holds it, of every parameter."""
    for i, name in enumerate(m.names):
        value, error = float(m.values[i]), float(m.errors[i])
        text = "" if m.parameters.fixed[i] else numeral(error, 4)
        yield name, numeral(value, 8, error, sign=" "), text, _HELD[int(m.held[i])]
