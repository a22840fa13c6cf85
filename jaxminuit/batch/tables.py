"""Small tables as text and as HTML."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from jaxminuit.core.html import html_table
from jaxminuit.core.shown import Shown
from jaxminuit.core.status import Rung, SideStatus, Status


class Rows:
    """A result that is told by a title, a table of texts, and remarks (not in notebooks)."""

    _indent: ClassVar[str] = "  "
    _row_heads: ClassVar[bool] = False  # whether the first column is one of heads too

    def _title(self) -> str:
        raise NotImplementedError

    def _table(self) -> list[Sequence[str]]:
        """The rows, heads of columns first."""
        raise NotImplementedError

    def _remarks(self) -> list[str]:
        return []

    def _text(self) -> str:
        return "\n".join([self._title(), *text_rows(self._table(), self._indent), *self._remarks()]).rstrip()

    def _html(self) -> str:
        return html_table(self._title(), self._table(), self._row_heads)


class Table(Rows):
    """Shown by these."""

    def __str__(self) -> str:
        return self._text()

    def __repr__(self) -> str:
        return self._text()

    def _repr_html_(self) -> str:
        return self._html()


class ShownTable(Rows, Shown):
    """The same for results that are pytrees, where they hold numbers."""

    _indent: ClassVar[str] = ""
    _row_heads: ClassVar[bool] = True


def text_rows(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Aligned lines: the first column to the left, the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]

    def line(row):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        return (indent + "  ".join(cells)).rstrip()

    return [line(row) for row in rows]


def number(x: Any, digits: int = 4) -> str:
    """A number with a few digits, a dash where there is none."""
    return f"{float(x):.{digits}g}" if np.isfinite(x) else "-"


def with_error(x: Any, error: Any) -> str:
    """A number and its error, to two digits of the error."""
    if not np.isfinite(x):
        return "-"
    if not np.isfinite(error) or error <= 0:
        return number(x)
    digits = max(0, 1 - int(np.floor(np.log10(error))))
    return f"{float(x):.{digits}f} +- {float(error):.{digits}f}" if digits < 12 else f"{x:.4g} +- {error:.2g}"


def tally(status: np.ndarray, rung: np.ndarray, nfcn: np.ndarray) -> list[str]:
    """How many fits ended how, how many of them by a retry, and their calls."""
    lines = [*_counted(status, Status), *_counted(rung[rung > Rung.FIRST], Rung)]
    if nfcn.size:
        lines.append(f"FCN calls: mean {np.mean(nfcn):.4g}, largest {np.max(nfcn)}")
    return lines


def tally_of_ends(lower: np.ndarray, upper: np.ndarray) -> list[str]:
    """How many ends of Minos intervals were looked for, and how that ended, by their codes."""
    run = np.stack([lower, upper])
    run = run[run != SideStatus.NOT_RUN]
    return [f"Minos: {run.size} ends", *_counted(run, SideStatus)]


def _counted(codes: np.ndarray, kind: Any) -> list[str]:
    """A line for every code that occurs, with its number and its meaning."""
    return [f"  {count:>8}  {kind(int(code))}" for code, count in sorted(Counter(codes.ravel().tolist()).items())]
