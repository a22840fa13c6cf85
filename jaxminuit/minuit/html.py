"""Results as HTML tables for notebooks, with colours for good, bad and doubtful."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from jaxminuit.core.html import coloured, table, td, th, tr
from jaxminuit.minuit import text, verdicts
from jaxminuit.minuit.latex_names import shown

_CENTRE = "text-align:center"
_TINTS = ((120.0, 120.0, 250.0), (250.0, 250.0, 250.0), (250.0, 100.0, 100.0))  # correlation -1, 0, 1
_HEAD = {
    "Name": "Parameter",
    "Value": "Value at the minimum, or where the fit starts",
    "Hesse Error": "Parabolic error from the second derivatives",
    "Minos Error-": "Lower Minos error",
    "Minos Error+": "Upper Minos error",
    "Limit-": "Lower limit",
    "Limit+": "Upper limit",
    "Fixed": "Kept fixed in the fit",
}
_HINTS = {
    "Error": "Lower and upper Minos error",
    "Valid": "Whether the end of the interval was found",
    "At Limit": "A parameter limit was reached first",
    "Max FCN": "The call limit was reached",
    "New Min": "A lower minimum was found on the way",
}
_NUMBER_HINTS = (
    ("FCN value at the minimum", "Calls so far, and those that gave derivatives"),
    ("Estimated distance to the minimum, and its goal", "Time of the algorithms"),
)


def fmin(fm: Any) -> str:
    """The table for one minimum; an invalid one says why in the last row."""
    rows = [tr([th(escape(fm.algorithm), colspan="2", style=_CENTRE, title="Algorithm")])]
    for pair, hints in zip(verdicts.numbers(fm), _NUMBER_HINTS, strict=True):
        aligned = zip(pair, hints, ("text-align:left", _CENTRE), strict=True)
        rows.append(tr(td(escape(fact.text), style=style, title=hint) for fact, hint, style in aligned))
    for pair in verdicts.verdicts(fm):
        rows.append(tr(td(escape(f.text), style=f"{_CENTRE};{coloured(f.grade)}") for f in pair))
    if why := verdicts.reason(fm):
        rows.append(tr([td(escape(why), colspan="2", style=_CENTRE)]))
    return table(rows)


def params(ps: Sequence[Any]) -> str:
    """The parameter table; a parameter whose error reaches over a limit is marked."""
    rows = [tr([td(""), *(th(title, title=hint) for title, hint in _HEAD.items())])]
    for p in ps:
        low, up = verdicts.near_limit(p)
        marked = {0: low or up, 5: low, 6: up}
        texts = [shown(p.name), *text.param_row(p)[1:]]
        row = [td(escape(t), style=coloured("warn") if marked.get(k) else None) for k, t in enumerate(texts)]
        rows.append(tr([th(str(p.number)), *row]))
    return table(rows)


def merrors(mes: Any) -> str:
    """Minos errors, two columns a parameter."""
    return _merrors(list(mes.values()))


def merror(me: Any) -> str:
    """Minos errors of one parameter."""
    return _merrors([me])


def _merrors(errors: Sequence[Any]) -> str:
    if not errors:
        return ""
    heads = [th(escape(shown(e.name)), colspan="2", style=_CENTRE, title="Parameter") for e in errors]
    rows = [tr([td(""), *heads])]
    rows.append(tr([_hinted("Error"), *(td(t) for e in errors for t in text.error_pair(e))]))
    for title, *sides in text.MERROR_ROWS:
        flags = [getattr(e, side) for e in errors for side in sides]
        grades = ["good" if flag == (title == "Valid") else "bad" for flag in flags]
        rows.append(tr([_hinted(title), *(td(str(f), style=coloured(g)) for f, g in zip(flags, grades, strict=True))]))
    return table(rows)


def matrix(m: Any) -> str:
    """A matrix whose off-diagonal cells are tinted by the correlation, and show it if it differs from the element."""
    values, rho, names = np.asarray(m), np.asarray(m.correlation()), [escape(shown(name)) for name in m.labels]
    rows = [tr([td(""), *map(th, names)])]
    for i, texts in enumerate(text.matrix_rows(m)):
        row = [th(names[i])]
        for j, element in enumerate(texts[1:]):
            if i == j:
                row.append(td(element))
                continue
            bold = f" <strong>({rho[i, j]:.3f})</strong>" if abs(rho[i, j] - values[i, j]) > 1e-3 else ""
            row.append(td(element + bold, style=f"background-color:{_tint(rho[i, j])};color:black"))
        rows.append(tr(row))
    return table(rows)


def _tint(rho: float) -> str:
    """Grey-white for no correlation, towards red for a positive and blue for a negative one."""
    rho = float(np.clip(rho, -1.0, 1.0)) if np.isfinite(rho) else 0.0
    end = _TINTS[2] if rho > 0 else _TINTS[0]
    mixed = (a + abs(rho) * (b - a) for a, b in zip(_TINTS[1], end, strict=True))
    return "rgb({:.0f},{:.0f},{:.0f})".format(*mixed)


def _hinted(title: str) -> str:
    return th(title, title=_HINTS[title])
