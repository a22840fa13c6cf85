"""Text and HTML from the same numbers as iminuit's, line by line and cell by cell.

Known differences, all on purpose: columns are widened for numbers that do not fit; a covariance that is only that of
the search is not called "Hesse ok"; limits in HTML have six digits, not three; what rounding leaves of an error
towards a limit is 0, and does not decide how the other numbers are rounded.
"""

import html.parser
import warnings
from dataclasses import replace

import pytest
from iminuit import util

from tests.minuit.iminuit_fits import fits, our_fmin, our_matrix, our_merrors, our_params

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # some of the fits are bad on purpose
    FITS = fits()
NOT_AT_THE_MINIMUM = ("Hesse not run at the minimum", "Hesse ok")


def results():
    for name, m in FITS.items():
        pairs = {"params": (our_params(m.params), m.params), "param": (our_params(m.params)[0], m.params[0])}
        if m.fmin:
            pairs["fmin"] = our_fmin(m.fmin), m.fmin
        if m.merrors:
            pairs["merrors"] = our_merrors(m.merrors), m.merrors
            pairs["merror"] = our_merrors(m.merrors)[0], m.merrors[0]
        if m.covariance is not None:
            pairs["covariance"] = our_matrix(m.covariance), m.covariance
            pairs["correlation"] = our_matrix(m.covariance).correlation(), m.covariance.correlation()
        for kind, pair in pairs.items():
            yield pytest.param(*pair, id=f"{name}-{kind}")


RESULTS = list(results())


def readable(theirs):
    """The same of iminuit with 0 for an error that is nothing beside the other one."""
    if isinstance(theirs, util.Params):
        return util.Params([readable(p) for p in theirs])
    if isinstance(theirs, util.MErrors):
        return util.MErrors({name: readable(e) for name, e in theirs.items()})
    if isinstance(theirs, util.Param) and theirs.merror:
        return replace(theirs, merror=tuple(_cleared(*theirs.merror)))
    if isinstance(theirs, util.MError):
        lower, upper = _cleared(theirs.lower, theirs.upper)
        return replace(theirs, lower=lower, upper=upper)
    return theirs


def _cleared(*pair):
    return [0.0 if abs(x) < 1e-8 * max(map(abs, pair)) else x for x in pair]


def text_cells(text):
    return [[cell.strip() for cell in line.split("│")] for line in text.splitlines() if line[0] == "│"]


@pytest.mark.parametrize(("ours", "theirs"), RESULTS)
def test_text(ours, theirs):
    mine, other = str(ours), str(readable(theirs))
    if len({len(line) for line in other.splitlines()}) == 1 and NOT_AT_THE_MINIMUM[0] not in mine:
        assert mine == other
    else:  # theirs has numbers that reach over their columns
        mine = mine.replace(*NOT_AT_THE_MINIMUM) if NOT_AT_THE_MINIMUM[1] in other else mine
        assert text_cells(mine) == text_cells(other)


class Cells(html.parser.HTMLParser):
    """Text, style and span of every cell."""

    def __init__(self, text):
        super().__init__()
        self.rows = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            facts = dict(attributes)
            self.rows[-1].append([tag, "", facts.get("style"), facts.get("colspan")])
        elif tag == "strong":
            self.rows[-1][-1][1] += "bold "

    def handle_data(self, text):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1][1] = f"{self.rows[-1][-1][1]} {text.strip()}".strip()


@pytest.mark.parametrize(("ours", "theirs"), [p for p in RESULTS if hasattr(p.values[1], "_repr_html_")])
def test_html(ours, theirs):
    mine, other = Cells(ours._repr_html_()).rows, Cells(readable(theirs)._repr_html_()).rows
    for row, their_row in zip(mine, other, strict=True):
        for cell, their_cell in zip(row, their_row, strict=True):
            if cell[1] != their_cell[1] and cell[1] != NOT_AT_THE_MINIMUM[0]:
                assert f"{float(cell[1]):.3G}" == their_cell[1]  # a limit
            elif cell[1] == NOT_AT_THE_MINIMUM[0]:
                assert their_cell[1] == NOT_AT_THE_MINIMUM[1]
            assert [cell[0], *cell[2:]] == [their_cell[0], *their_cell[2:]]


@pytest.mark.parametrize(("ours", "theirs"), RESULTS)
def test_repr_and_table(ours, theirs):
    assert repr(ours) == repr(theirs)
    if hasattr(theirs, "to_table"):
        assert ours.to_table() == readable(theirs).to_table()
