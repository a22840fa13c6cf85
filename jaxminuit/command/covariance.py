"""SET COVARIANCE: an error matrix from the records that follow."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.records import Stop
from jaxminuit.command.report import frame
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import Run
from jaxminuit.command.state import with_errors

FIELD, FIELDS = 11, 7  # columns of a number, numbers of a record
UNREADABLE = "SET COVARIANCE: the error matrix cannot be read"


def set_covariance(deck, record: str) -> None:
    """Read the lower triangle of the internal matrix, row by row, in fields of eleven columns.

    Raises
    ------
    Stop
        If a record is no such row, or the records end.
    """
    deck.state = replace(deck.state, commands=deck.state.commands + 1)
    deck.say(*frame.record_echo(deck.state.commands, record))
    n = len(deck.state.variable)
    values: list[float] = []
    while len(values) < n * (n + 1) // 2:
        row = deck.inputs.current.read()
        found = [_plain(row[i : i + FIELD]) for i in _fields(row)] if row else [None]
        values += [value for value in found if value is not None]
        if None in found:
            raise Stop("read error", UNREADABLE)
    matrix = np.zeros((n, n))
    matrix[np.tril_indices(n)] = values[: n * (n + 1) // 2]
    matrix = matrix + np.tril(matrix, -1).T
    if n and np.all(np.isfinite(matrix)):
        deck.state = with_errors(replace(deck.state, matrix=matrix, matrix_status=3, dcovar=0.0))
    run = Run(deck.state, deck.function)
    run.matrix()
    if deck.state.parameters:
        run.table(Columns.INTERNAL)
    deck.say(*run.lines)


def _fields(row: str) -> range:
    return range(0, min(len(row.rstrip()), FIELD * FIELDS), FIELD)


def _plain(word: str) -> float | None:
    try:
        value = float(word.upper().replace("D", "E"))
    except ValueError:
        return None
    return value if np.isfinite(value) else None
