"""Small HTML tables for notebooks: no scripts, the notebook's own colours, and black text where a cell is coloured."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

COLOURS = {"good": "#92CCA6", "bad": "#c15ef7", "warn": "#FFF79A"}
_LINES = "white-space:pre;text-align:left"  # of a caption of several lines


class Cell(NamedTuple):
    """The text of a cell with a grade: good, bad or warn; '' for one without colour."""

    text: str
    grade: str = ""


def html_table(title: str, rows: Sequence[Sequence[str | Cell]], row_heads: bool = False) -> str:
    """A caption and rows of texts, heads of columns first; with `row_heads` the first column is one of heads too."""
    first = th if row_heads else td
    body = [tr(_cell(th, cell) for cell in rows[0])]
    body += [tr(_cell(td if k else first, cell) for k, cell in enumerate(cells)) for cells in rows[1:]]
    return table([caption(title), *body] if title else body)


def facts_table(facts: Sequence[str | Cell]) -> str:
    """Sentences, a row each."""
    return table(tr([_cell(td, fact, "text-align:left")]) for fact in facts)


def caption(title: str) -> str:
    """What stands above a table; several lines stay lines."""
    return tag("caption", escape(title), {"style": _LINES if "\n" in title else None})


def coloured(grade: str) -> str | None:
    """The style of a cell of some grade; None for one without colour."""
    return f"background-color:{COLOURS[grade]};color:black" if grade else None


def th(content: str, **attributes: str | None) -> str:
    """A head; `content` is HTML."""
    return tag("th", content, attributes)


def td(content: str, **attributes: str | None) -> str:
    """A cell; `content` is HTML."""
    return tag("td", content, attributes)


def tag(name: str, content: str, attributes: dict[str, str | None]) -> str:
    """An element; attributes that are None are left out."""
    head = "".join(f' {key}="{value}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{head}>{content}</{name}>"


def tr(cells: Iterable[str]) -> str:
    """A row."""
    return f"<tr>{''.join(cells)}</tr>"


def table(rows: Iterable[str]) -> str:
    """A table of rows."""
    return "<table>\n" + "\n".join(rows) + "\n</table>"


def _cell(kind, cell: str | Cell, style: str | None = None) -> str:
    text, grade = cell if isinstance(cell, Cell) else (cell, "")
    return kind(escape(text), style=";".join(s for s in (style, coloured(grade)) if s) or None)
