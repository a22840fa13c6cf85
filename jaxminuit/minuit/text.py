"""Results as tables of text in boxes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxminuit.minuit import verdicts
from jaxminuit.minuit.pdg_format import cells

_INNER, _LEFT, _RIGHT = 73, 34, 38  # widths inside the borders of the box for a minimum
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
    lines = [f"┌{'─' * _INNER}┐", f"│{fm.algorithm:^{_INNER}}│"]
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
    rows = [["", *PARAM_HEAD], *([str(p.number), *param_row(p)] for p in ps)]
    return table(rows, "rlcccccc" + "c", minimum=(1, 4, 9, 9, 10, 10, 7, 7, 5))


def param_row(p: Any) -> list[str]:
    """Name, value, error, Minos errors, limits and the fixed flag of one parameter as text."""
    low, up = p.merror or (None, None)
    value, error, *sides = cells(p.value, p.error, low, up)
    limits = ["" if x is None else f"{x:.5g}" for x in (p.lower_limit, p.upper_limit)]
    fixed = "CONST" if p.is_const else "yes" if p.is_fixed else ""
    return [p.name, value, error, *sides, *limits, fixed]


def merrors(mes: Any) -> str:
    """Minos errors, two columns a parameter, a few parameters a table."""
    errors = list(mes.values())
    return "\n".join(_merrors(errors[k : k + _PER_TABLE]) for k in range(0, len(errors), _PER_TABLE))


def merror(me: Any) -> str:
    """Minos errors of one parameter."""
    return _merrors([me])


def _merrors(errors: Sequence[Any]) -> str:
    width = max(11, *(len(e.name) // 2 + 2 for e in errors), *(len(t) + 2 for e in errors for t in error_pair(e)))
    rows = [("Error", [error_pair(e) for e in errors])]
    rows += [(title, [(str(getattr(e, a)), str(getattr(e, b))) for e in errors]) for title, a, b in MERROR_ROWS]
    rule = "├──────────┼" + "┼".join(f"{'─' * width}{{}}{'─' * width}" for _ in errors) + "┤"
    lines = [rule.format(*"─" * len(errors)).replace("├", "┌").replace("┤", "┐").replace("┼", "┬")]
    lines.append("│          │" + "".join(f"{e.name:^{2 * width + 1}}│" for e in errors))
    lines.append(rule.format(*"┬" * len(errors)))
    for title, pairs in rows:
        lines.append(f"│{title:^10}│" + "".join(f"{a:^{width}}│{b:^{width}}│" for a, b in pairs))
    lines.append("└──────────┴" + "┴".join(f"{'─' * width}┴{'─' * width}" for _ in errors) + "┘")
    return "\n".join(lines)


def error_pair(e: Any) -> tuple[str, str]:
    """Lower and upper error, rounded together."""
    _, low, up = cells(0.0, e.lower, e.upper)
    return low, up


def matrix(m: Any) -> str:
    """A square matrix with the names of its rows and columns."""
    rows = [["", *m.names], *matrix_rows(m)]
    return table(rows, "l" + "r" * len(m.names))


def matrix_rows(m: Any) -> list[list[str]]:
    """Rows of text with the name first: three digits, fewer where they would be below 0.001 in correlation."""
    values = np.asarray(m)
    scale = np.sqrt(np.abs(np.diagonal(values)))
    return [
        [name, *(_element(values[i, j], scale[i] * scale[j]) for j in range(len(values)))]
        for i, name in enumerate(m.names)
    ]


def _element(x: float, scale: float) -> str:
    if not math.isfinite(x) or scale == 0 or not math.isfinite(scale):
        return f"{x:.3g}"
    unit = 10.0 ** (math.floor(math.log10(scale)) - 3)
    text = f"{round(x / unit) * unit:.3g}"
    return "0" if float(text) == 0 else text


def table(rows: Sequence[Sequence[str]], align: str, minimum: Sequence[int] | None = None) -> str:
    """Rows in a box, the first one as a head. `align` has l, c or r for every column, `minimum` the least widths."""
    least = minimum or [1] * len(align)
    widths = [max(w, *(len(row[k]) for row in rows)) + 2 for k, w in enumerate(least)]
    sign = {"l": "<", "c": "^", "r": ">"}

    def line(row: Sequence[str], align: str) -> str:
        texts = (f" {t:{sign[a]}{w - 2}} " for t, a, w in zip(row, align, widths, strict=True))
        return "│" + "│".join(texts) + "│"

    def rule(left: str, cross: str, right: str) -> str:
        return left + cross.join("─" * w for w in widths) + right

    head = line(rows[0], align.replace("l", "c") if "c" in align else align)
    body = [line(row, align) for row in rows[1:]]
    return "\n".join([rule("┌", "┬", "┐"), head, rule("├", "┼", "┤"), *body, rule("└", "┴", "┘")])


def _wrapped(sentence: str) -> list[str]:
    lines, line = [], ""
    for word in sentence.split():
        if len(line) + len(word) + 1 > _INNER - 2:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [f"│{text:^{_INNER}}│" for text in [*lines, line]]
