"""Text and HTML: the same facts as iminuit, in boxes whose lines fit together."""

import html.parser

import numpy as np
import pytest

from jaxminuit.core.html import COLOURS
from jaxminuit.core.status import MatrixStatus, SideStatus, Status
from jaxminuit.minuit.matrix import Matrix
from jaxminuit.minuit.results import MErrors, Param, Params
from tests.minuit.handmade import NAMES, fmin, minos


def params(name="a", **changes):
    facts = {"number": 0, "name": name, "value": 1.23456, "error": 0.0354, "merror": (-0.04, 0.0321), "is_const": False}
    facts |= {"is_fixed": False, "lower_limit": 0.0, "upper_limit": None}
    return Params([Param(**{**facts, **changes})])


def shown():
    return [
        fmin(),
        fmin(status=Status.CALL_LIMIT, matrix_status=MatrixStatus.ABSENT, time=12.3),
        params(),
        params(name="a_very_long_name_of_a_parameter", value=1.2e9, is_fixed=True, merror=None),
        MErrors.of(minos(done=("a", "b", "c"))),
        MErrors.of(minos(status=(SideStatus.NEW_MINIMUM, SideStatus.CALL_LIMIT)))["a"],
        Matrix([[0.04, 1e-18, -0.01], [1e-18, 25e6, 0.0], [-0.01, 0.0, 0.5]], NAMES),
        Matrix([[np.nan, np.inf], [0.0, 0.0]], ("x", "<y>")),
    ]


@pytest.mark.parametrize("result", shown(), ids=lambda r: type(r).__name__)
def test_boxes_are_closed(result):
    lines = str(result).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert all(line[0] in "┌│├└" and line[-1] in "┐│┤┘" for line in lines)
    for above, below in zip(lines, lines[1:], strict=False):
        for k, (one, other) in enumerate(zip(above, below, strict=True)):
            assert (one in "┌┬┐├┼┤│") == (other in "└┴┘├┼┤│"), f"column {k}:\n{above}\n{below}"


class Checker(html.parser.HTMLParser):
    """Every tag is closed, in order; counts the cells of every row, spans included."""

    def __init__(self):
        super().__init__()
        self.open, self.rows = [], []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += int(dict(attributes).get("colspan", 1))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("result", shown(), ids=lambda r: type(r).__name__)
def test_html_is_well_formed(result):
    checker = Checker()
    checker.feed(result._repr_html_())
    assert not checker.open
    assert len(set(checker.rows)) == 1


def test_fmin_facts():
    text = str(fmin(time=0.3))
    for fact in ("Migrad", "FCN = 7.5 (χ²/ndof = 1.5)", "Nfcn = 40, Ngrad = 12, Nhessian = 2", "time = 0.3 sec"):
        assert fact in text
    for fact in ("EDM = 1e-06 (Goal: 0.0002)", "Valid Minimum", "Below EDM threshold (goal x 10)", "Below call limit"):
        assert fact in text
    assert "sec" not in str(fmin(time=0.05))
    assert "time = 5.7 sec (5.6 compiling)" in str(fmin(time=5.66, compiling=5.61))
    assert {len(line) for line in text.splitlines()} == {75}


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"status": Status.ABOVE_EDM_GOAL}, "INVALID Minimum"),
        ({"status": Status.CALL_LIMIT}, "ABOVE call limit"),
        ({"edm": 1.0}, "ABOVE EDM threshold"),
        ({"limits": {"a": (0.95, None)}}, "SOME parameters at limit"),
        ({"matrix_status": MatrixStatus.APPROXIMATE}, "Covariance APPROXIMATE"),
        ({"matrix_status": MatrixStatus.APPROXIMATE}, "Hesse not run at the minimum"),
        ({"matrix_status": MatrixStatus.MADE_POSITIVE_DEFINITE}, "Covariance FORCED pos. def."),
        ({"matrix_status": MatrixStatus.NOT_POSITIVE_DEFINITE}, "Covariance NOT pos. def."),
        ({"matrix_status": MatrixStatus.HESSE_FAILED}, "Hesse FAILED"),
        ({"matrix_status": MatrixStatus.ABSENT}, "NO covariance"),
    ],
)
def test_trouble_is_seen_in_text_and_colour(change, fact):
    bad = fmin(**change)
    assert fact in str(bad)
    assert fact in bad._repr_html_()
    assert fact not in str(fmin())
    for colour in (COLOURS["bad"], COLOURS["warn"]):
        assert colour not in fmin()._repr_html_()
    assert COLOURS["bad"] in bad._repr_html_() or COLOURS["warn"] in bad._repr_html_()


def test_params_are_rounded_together():
    row = [cell.strip() for cell in str(params()).splitlines()[3].split("│")[1:-1]]
    assert row == ["0", "a", "1.235", "0.035", "-0.040", "0.032", "0", "", ""]


def test_a_parameter_near_its_limit_is_marked():
    assert COLOURS["warn"] not in params()._repr_html_()
    assert COLOURS["warn"] in params(lower_limit=1.21)._repr_html_()
    assert COLOURS["warn"] not in params(lower_limit=1.21, is_fixed=True)._repr_html_()


def test_matrix_elements_are_rounded_by_the_variances():
    rows = Matrix([[0.04, 1e-18], [1e-18, 25e6]], ("a", "b")).to_table()[0]
    assert rows == [["a", "0.04", "0.00"], ["b", "0.00", "2.5e+07"]]


def test_matrix_colours_follow_the_correlation():
    strong = Matrix([[1.0, 0.9], [0.9, 1.0]], ("a", "b"))._repr_html_()
    assert "rgb(250,115,115)" in strong  # 250 - 150 * 0.9
    assert "rgb(133,133,250)" in Matrix([[1.0, -0.9], [-0.9, 1.0]], ("a", "b"))._repr_html_()  # 250 - 130 * 0.9
    assert "strong" not in strong  # the element is the correlation
    assert "<strong>(0.900)</strong>" in Matrix([[4.0, 1.8], [1.8, 1.0]], ("a", "b"))._repr_html_()


def test_names_are_escaped():
    assert "<b>" not in params(name="<b>")._repr_html_()
    assert "&lt;b&gt;" in params(name="<b>")._repr_html_()


def test_many_minos_errors_are_split():
    errors = MErrors((f"p{k}", MErrors.of(minos())["a"]) for k in range(8))
    lines = str(errors).splitlines()
    assert max(map(len, lines)) < 160
    assert sum(line.startswith("┌") for line in lines) == 2


def test_pretty_printing_of_cycles():
    class Printer:
        def text(self, text):
            self.got = text

    printer = Printer()
    fmin()._repr_pretty_(printer, True)
    assert printer.got == "<FMin ...>"
    fmin()._repr_pretty_(printer, False)
    assert printer.got == str(fmin())


def test_what_rounding_leaves_at_a_limit_is_0():
    """A value on its limit and the error towards it do not decide how the others are rounded."""
    shown = params(value=6e-13, error=0.48355, merror=(-6e-13, 0.41421))
    assert str(shown).splitlines()[3].split("│")[3:7] == ["    0.0    ", "    0.5    ", "    0.0     ", "    0.4     "]
    assert "e-12" not in shown._repr_html_()
    ends = MErrors.of(minos(status=(SideStatus.AT_LIMIT, SideStatus.VALID), lower=-6e-13, upper=0.41421))["a"]
    assert "e-12" not in str(ends)
    assert "0.4" in str(ends)
