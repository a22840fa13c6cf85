"""Results as HTML tables for notebooks, with colours for good, bad and doubtful."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from jaxminuit.minuit import text, verdicts

COLOURS = {"good": "#92CCA6", "bad": "#c15ef7", "warn": "#FFF79A"}
_HINTS = {
    "Name": "Parameter",
    "Value": "Value at the minimum, or where the fit starts",
    "Hesse Err": "Parabolic error from the second derivatives",
    "Minos Err-": "Lower Minos error",
    "Minos Err+": "Upper Minos error",
    "Limit-": "Lower limit",
    "Limit+": "Upper limit",
    "Fixed": "Kept fixed in the fit",
    "Error": "Lower and upper Minos error",
    "Valid": "Whether the end of the interval was found",
    "At Limit": "A parameter limit was reached first",
    "Max FCN": "The call limit was reached",
    "New Min": "A lower minimum was found on the way",
}


def fmin(fm: Any) -> str:
    """The table for one minimum."""
    rows = [_tr([_th(escape(fm.algorithm), 'colspan="2" style="text-align:center"')])]
    for left, right in verdicts.numbers(fm):
        rows.append(_tr([_td(escape(left.text), align="left"), _td(escape(right.text), align="center")]))
    for left, right in verdicts.verdicts(fm):
        rows.append(_tr(_td(escape(f.text), COLOURS.get(f.grade), "center") for f in (left, right)))
    if why := verdicts.reason(fm):
        rows.append(_tr([f'<td colspan="2" style="text-align:center">{escape(why)}</td>']))
    return _table(rows)


def params(ps: Sequence[Any]) -> str:
    """The parameter table; a parameter within one error of a limit is marked."""
    rows = [_tr(["<td></td>", *(_hinted(title) for title in text.PARAM_HEAD)])]
    for p in ps:
        low, up = verdicts.near_limit(p)
        marked = {0: low or up, 5: low, 6: up}
        texts = text.param_row(p)
        row = [_td(escape(t), COLOURS["warn"] if marked.get(k) else None) for k, t in enumerate(texts)]
        rows.append(_tr([_th(str(p.number)), *row]))
    return _table(rows)


def merrors(mes: Any) -> str:
    """Minos errors, two columns a parameter."""
    return _merrors(list(mes.values()))


def merror(me: Any) -> str:
    """Minos errors of one parameter."""
    return _merrors([me])


def _merrors(errors: Sequence[Any]) -> str:
    if not errors:
        return ""
    heads = [_th(escape(e.name), 'colspan="2" style="text-align:center"') for e in errors]
    rows = [_tr(["<td></td>", *heads])]
    rows.append(_tr([_hinted("Error"), *(_td(t) for e in errors for t in text.error_pair(e))]))
    for title, *sides in text.MERROR_ROWS:
        flags = [getattr(e, side) for e in errors for side in sides]
        colours = [COLOURS["good" if flag == (title == "Valid") else "bad"] for flag in flags]
        rows.append(_tr([_hinted(title), *(_td(str(f), c) for f, c in zip(flags, colours, strict=True))]))
    return _table(rows)


def matrix(m: Any) -> str:
    """A matrix whose off-diagonal cells are tinted by, and show, the correlation."""
    rho = np.asarray(m.correlation())
    rows = [_tr(["<td></td>", *(_th(escape(name)) for name in m.names)])]
    for i, (name, *texts) in enumerate(text.matrix_rows(m)):
        row = [_th(escape(name))]
        for j, element in enumerate(texts):
            bold = f" <strong>({rho[i, j]:.3f})</strong>" if i != j and abs(rho[i, j]) >= 5e-4 else ""
            row.append(_td(escape(element) + bold, None if i == j else _tint(rho[i, j])))
        rows.append(_tr(row))
    return _table(rows)


def _tint(rho: float) -> str:
    """White for no correlation, towards red for a positive and blue for a negative one."""
    strength = min(1.0, abs(rho)) if np.isfinite(rho) else 0.0
    fade = round(250 - 150 * strength)
    return f"rgb(250,{fade},{fade})" if rho > 0 else f"rgb({fade},{fade},250)"


def _hinted(title: str) -> str:
    return _th(title, f'title="{_HINTS[title]}"')


def _th(content: str, attributes: str = "") -> str:
    return f"<th {attributes}>{content}</th>" if attributes else f"<th>{content}</th>"


def _td(content: str, colour: str | None = None, align: str | None = None) -> str:
    style = (f"text-align:{align};" if align else "") + (f"background-color:{colour};color:black" if colour else "")
    return f'<td style="{style}">{content}</td>' if style else f"<td>{content}</td>"


def _tr(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _table(rows: Iterable[str]) -> str:
    return "<table>\n" + "\n".join(rows) + "\n</table>"
