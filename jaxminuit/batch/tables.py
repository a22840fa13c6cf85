"""Small tables as text and as HTML."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxminuit.core.html import html_table


class Table:
    """A result that is shown as a title and a table of texts."""

    def _title(self) -> str:
        raise NotImplementedError

    def _table(self) -> list[Sequence[str]]:
        """The rows, heads of columns first."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join([self._title(), *text_rows(self._table())]).rstrip()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return html_table(self._title(), self._table())


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under their heads, without an indent."""
    return "\n".join(text_rows([head, *rows], indent=""))


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


def counted(codes: np.ndarray, kind: Any) -> list[str]:
    """A line for every code that occurs, with its number and its meaning."""
    return [f"  {count:>8}  {kind(int(code))}" for code, count in sorted(Counter(codes.ravel().tolist()).items())]
