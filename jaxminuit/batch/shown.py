"""Tables of results as text and as HTML."""

from collections.abc import Sequence
from html import escape


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under their heads, the first to the left, the others to the right."""
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(x.rjust(w) for x, w in zip(line[1:], widths[1:], strict=True))]).rstrip()
        for line in lines
    )


def html_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for notebooks."""
    heads = "".join(f"<th>{escape(x)}</th>" for x in head)
    body = "".join(
        f"<tr><th>{escape(row[0])}</th>{''.join(f'<td>{escape(x)}</td>' for x in row[1:])}</tr>" for row in rows
    )
    return f"<table><caption>{escape(title)}</caption><tr>{heads}</tr>{body}</table>"
