"""The table of parameters as text and as HTML."""

from typing import Any

import numpy as np

from jaxminuit.core.html import html_table
from jaxminuit.core.numerals import columns, numeral


def text_of(p: Any) -> str:
    """A line for each parameter; one line for a batch."""
    if np.ndim(p.values) > 1:
        return _batch(p)
    rows = []
    for name, value, step, limits, fixed in _rows(p):
        rows.append((f"  {name}", value, fixed or f"step {step}", f"limits {limits}" if limits else ""))
    return "\n".join([_title(p), *columns(rows)])


def html_of(p: Any) -> str:
    """The same as a table."""
    if np.ndim(p.values) > 1:
        return html_table(_batch(p), [("", *p.names)])
    return html_table(_title(p), [("", "value", "step", "limits", ""), *_rows(p)], row_heads=True)


def limits_of(p: Any, i: int) -> str:
    """The limits of one parameter; '' if it has none."""
    low, high = float(p.lower[i]), float(p.upper[i])
    return f"({numeral(low, 6)}, {numeral(high, 6)})" if np.isfinite(low) or np.isfinite(high) else ""


def _title(p: Any) -> str:
    return f"{p.size} parameter{'s' if p.size > 1 else ''}"


def _batch(p: Any) -> str:
    return f"{np.size(p.values) // p.size} starts of {_title(p)}: {', '.join(p.names)}"


def _rows(p: Any) -> list[tuple[str, str, str, str, str]]:
    """Name, value, step ('' of a fixed parameter), limits and the flag of each parameter."""
    rows = []
    for i, name in enumerate(p.names):
        step, flag = ("", "fixed") if p.fixed[i] else (numeral(p.step[i], 4), "")
        rows.append((name, numeral(p.values[i], 8, sign=" "), step, limits_of(p, i), flag))
    return rows
