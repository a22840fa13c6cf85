"""Results as tables of text in boxes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxminuit.core.numerals import cleared
from jaxminuit.minuit import verdicts
from jaxminuit.minuit.latex_names import shown
from jaxminuit.minuit.pdg_format import cells

_INNER, _LEFT, _RIGHT = 73, 34, 38  # widths inside the borders of the box for a minimum
_PARAM_WIDTHS = (11, 11, 12, 12, 9, 9, 7)
_PER_TABLE = 6  # parameters side by side in the table of Minos errors
PARAM_HEAD = ("Name", "Value", "Hesse Err", "Minos Err-", "Minos Err+", "Limit-", "Limit+", "Fixed")
MERROR_ROWS = (
    ("Valid", "lower_valid", "upper_valid"),
    ("At Limit", "at_lower_limit", "at_upper_limit"),
    ("Max FCN", "at_lower_max_fcn", "at_upper_max_fcn"),
    ("New Min", "lower_new_min", "upper_new_min"),
)


def fmin(fm: Any) -> str:
    """The box for one minimum; an invalid one says why in the last line."""
    lines = [f"┌{'─' * _INNER}┐", f"│{fm.algorithm + '   ':^{_INNER}}│"]
    rule = f"├{'─' * _LEFT}{{}}{'─' * _RIGHT}┤"
    lines.append(rule.format("┬"))
    lines += [f"│ {left.text:<{_LEFT - 1}}│{right.text:^{_RIGHT}}│" for left, right in verdicts.numbers(fm)]
    for left, right in verdicts.verdicts(fm):
        lines += [rule.format("┼"), f"│{left.text:^{_LEFT}}│{right.text:^{_RIGHT}}│"]
    why = verdicts.reason(fm)
    if not why:
        return "\n".join([*lines, f"└{'─' * _LEFT}┴{'─' * _RIGHT}┘"])
    return "\n".join([*lines, rule.format("┴"), *_wrapped(why), f"└{'─' * _INNER}┘"])


def params(ps: Sequence[Any]) -> str:
    """The parameter table."""
    rows = [["", *PARAM_HEAD], *([str(p.number), shown(p.name), *param_row(p)[1:]] for p in ps)]
    numbers, names = (max(len(row[k]) for row in rows) for k in (0, 1))
    return table(rows, "llccccccc", (max(3, numbers + 1), names + 2, *_PARAM_WIDTHS))


def param_row(p: Any, limit: str = "%g") -> list[str]:
    """Name, value, error, Minos errors, limits and the fixed flag of one parameter as text."""
    low, up = p.merror or (None, None)
    value, error, *sides = cells(*_cleared(p.value, p.error, low, up))
    limits = ["" if x is None else limit % x for x in (p.lower_limit, p.upper_limit)]
    return [p.name, value, error, *sides, *limits, "yes" if p.is_fixed else "CONST" if p.is_const else ""]


def merrors(mes: Any) -> str:
    """Minos errors, two columns a parameter, a few parameters a table."""
    errors = list(mes.values())
    return "\n".join(_merrors(errors[k : k + _PER_TABLE]) for k in range(0, len(errors), _PER_TABLE))


def merror(me: Any) -> str:
    """Minos errors of one parameter."""
    return _merrors([me])


def _merrors(errors: Sequence[Any]) -> str:
    names = [shown(e.name) for e in errors]
    width = max(11, *(len(n) // 2 + 1 for n in names), *(len(t) + 1 for e in errors for t in error_pair(e)))
    rows = [("Error", [error_pair(e) for e in errors])]
    rows += [(title, [(str(getattr(e, a)), str(getattr(e, b))) for e in errors]) for title, a, b in MERROR_ROWS]
    rule = "├──────────┼" + "┼".join(f"{'─' * width}{{}}{'─' * width}" for _ in errors) + "┤"
    lines = [rule.format(*"─" * len(errors)).replace("├", "┌").replace("┤", "┐").replace("┼", "┬")]
    lines.append("│          │" + "".join(f"{n:^{2 * width + 1}}│" for n in names))
    lines.append(rule.format(*"┬" * len(errors)))
    for title, pairs in rows:
        lines.append(f"│{title:^10}│" + "".join(f"{a:^{width}}│{b:^{width}}│" for a, b in pairs))
    lines.append("└──────────┴" + "┴".join(f"{'─' * width}┴{'─' * width}" for _ in errors) + "┘")
    return "\n".join(lines)


def error_pair(e: Any) -> tuple[str, str]:
    """Lower and upper error, rounded together."""
    low, up = cells(*_cleared(None, e.lower, e.upper))
    return low, up


def _cleared(value: float | None, *errors: float | None) -> list[float | None]:
    """The numbers of a parameter, 0 where one is nothing beside the largest error, as the way to a limit may be."""
    size = max((abs(e) for e in errors if e is not None and math.isfinite(e)), default=0.0)
    return [None if x is None else cleared(x, size) for x in (value, *errors)]


def matrix(m: Any) -> str:
    """A square matrix with the names of its rows and columns."""
    names, rows = [shown(name) for name in m.labels], matrix_rows(m)
    first = max(map(len, names), default=0)
    width = max(first, *(len(t) for row in rows for t in row[1:]), 0)
    body = (len(names)) * (width + 1) + 1

    def line(head: str, texts: Sequence[str]) -> str:
        return f"│ {head:>{first}} │{''.join(f' {t:>{width}}' for t in texts)} │"

    lines = [f"┌{'─' * (first + 2)}┬{'─' * body}┐", line("", names), f"├{'─' * (first + 2)}┼{'─' * body}┤"]
    lines += [line(name, row[1:]) for name, row in zip(names, rows, strict=True)]
    return "\n".join([*lines, f"└{'─' * (first + 2)}┴{'─' * body}┘"])


def matrix_rows(m: Any) -> list[list[str]]:
    """Rows of text with the name first: elements rounded as numbers whose errors are the two variances."""
    values = np.asarray(m)
    diagonal = np.diagonal(values)
    return [
        [name, *(_element(values[i, j], diagonal[i], diagonal[j], i == j) for j in range(len(values)))]
        for i, name in enumerate(m.labels)
    ]


def _element(x: float, first: float, second: float, diagonal: bool) -> str:
    return f"{x:.3g}" if diagonal else cells(float(x), float(first), float(second))[0]


def table(rows: Sequence[Sequence[str]], align: str, least: Sequence[int]) -> str:
    """Rows in a box, the first one as a head. `align` has l or c for every column; `least` are the least widths.

    A column whose texts need more has one blank on either side of the longest.
    """
    longest = [max(len(row[k]) for row in rows) for k in range(len(align))]
    widths = [w if n <= w else n + 2 for n, w in zip(longest, least, strict=True)]

    def line(row: Sequence[str]) -> str:
        texts = (_aligned(t, a, w) for t, a, w in zip(row, align, widths, strict=True))
        return "│" + "│".join(texts) + "│"

    def rule(left: str, cross: str, right: str) -> str:
        return left + cross.join("─" * w for w in widths) + right

    body = [line(row) for row in rows[1:]]
    return "\n".join([rule("┌", "┬", "┐"), line(rows[0]), rule("├", "┼", "┤"), *body, rule("└", "┴", "┘")])


def _aligned(text: str, align: str, width: int) -> str:
    return f"{text:^{width}}" if align == "c" else f" {text:<{width - 1}}"


def _wrapped(sentence: str) -> list[str]:
    lines, line = [], ""
    for word in sentence.split():
        if len(line) + len(word) + 1 > _INNER - 2:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [f"│{text:^{_INNER}}│" for text in [*lines, line]]
