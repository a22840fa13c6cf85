"""The picture under the tables, and progress."""

import io
import sys

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

from jaxminuit.minuit import Minuit, late_progress  # noqa: E402
from jaxminuit.minuit.inquiry import is_module_available  # noqa: E402
from tests.minuit.side_models import bowl  # noqa: E402


class Pictured:
    """A function with a picture."""

    errordef = 1.0

    def __init__(self):
        self.broken = None

    def __call__(self, x, y, z):
        return bowl(x, y, z)

    def visualize(self, values):
        if self.broken:
            raise self.broken
        plt.plot(np.asarray(values))
        plt.title("seen")


@pytest.fixture(scope="module")
def m():
    m = Minuit(Pictured(), x=0.0, y=0.0, z=0.0)
    assert "<svg" not in m._repr_html_()
    return m.migrad()


def test_picture_under_the_tables(m):
    mine, ax = plt.subplots(figsize=(3, 3))
    plt.figure()
    plt.figure(mine.number)
    before = plt.get_fignums()
    html = m._repr_html_()
    assert html.count("<svg") == html.count("</svg>") == 1
    assert html.index("<table") < html.index("<svg")
    assert "<?xml" not in html
    assert "<!-- seen -->" in html  # the title, drawn as shapes
    assert plt.get_fignums() == before
    assert plt.gcf() is mine
    assert plt.gca() is ax
    assert not ax.lines
    plt.close("all")
    m._repr_html_()
    assert not plt.get_fignums()


@pytest.mark.parametrize("broken", [ValueError("no"), AttributeError("no"), ZeroDivisionError("no")])
def test_tables_do_not_need_the_picture(m, broken):
    m.fcn.function.broken = broken
    try:
        html = m._repr_html_()
    finally:
        m.fcn.function.broken = None
    assert "<table" in html
    assert "<svg" not in html
    assert not plt.get_fignums()


def test_tables_do_not_need_matplotlib(m, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    monkeypatch.delattr(matplotlib, "pyplot")
    html = m._repr_html_()
    assert "<table" in html
    assert "<svg" not in html
    for draw in (
        m.draw_profile,
        m.draw_mnprofile,
        lambda x: m.draw_contour(x, "y"),
        lambda x: m.draw_mncontour(x, "y"),
    ):
        with pytest.raises(ImportError, match=r"jaxminuit\[plot\]"):
            draw("x")


class Terminal(io.StringIO):
    """Output that somebody reads."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("patience", "terminal", "expected"),
    [
        (0.0, True, "\r0 %\r25 %\r50 %\r     "),
        (0.0, False, ""),
        (100.0, True, ""),
    ],
)
def test_late_progress(monkeypatch, patience, terminal, expected):
    monkeypatch.setattr(sys, "stdout", out := Terminal() if terminal else io.StringIO())
    with late_progress.LateProgress(4, patience) as progress:
        progress += 1
        progress += 1
    monkeypatch.undo()
    assert out.getvalue() == expected


def test_late_progress_appears_in_notebooks(monkeypatch):
    monkeypatch.setattr(late_progress, "is_jupyter", lambda: True)
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    with late_progress.LateProgress(4, 0.0) as progress:
        progress += 1
    monkeypatch.undo()
    assert "25 %" in out.getvalue()


@pytest.mark.skipif(not is_module_available("unicodeitplus"), reason="needs unicodeitplus")
def test_names_in_latex():
    """In tables as Unicode, in pictures as matplotlib draws them."""
    m = Minuit(lambda x: bowl(*x), (0.0, 0.0, 0.0), name=(r"$\alpha$", r"$\beta_1$", "plain_name"))
    html = m._repr_html_()
    assert "alpha" not in html
    assert "$" not in html
    m.draw_profile(0, bound=(-1, 1), size=5)
    plt.gcf().canvas.draw()
    plt.close("all")
