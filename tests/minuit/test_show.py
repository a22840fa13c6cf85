"""The picture under the tables, and progress."""

import io
import sys

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

from jaxminuit.minuit import Minuit, screen  # noqa: E402
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
    with pytest.raises(ImportError, match=r"jaxminuit\[plot\]"):
        m.draw_contour("x", "y", size=5)


class Terminal(io.StringIO):
    """Error output that somebody reads."""

    def isatty(self):
        return True


@pytest.mark.parametrize("patience", [0.0, 100.0])
def test_progress_in_a_terminal(monkeypatch, patience):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with screen.Progress(4, "points", patience) as progress:
        for _ in range(3):
            progress += 1
        shown = sys.stderr.getvalue()
    if patience:
        assert sys.stderr.getvalue() == ""
        return
    assert shown == "\rpoints: 1 of 4\rpoints: 2 of 4\rpoints: 3 of 4"
    assert sys.stderr.getvalue().removeprefix(shown).strip() == ""  # wiped out


def test_no_progress_in_a_file(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with screen.Progress(4, "points", 0.0) as progress:
        progress += 2
    assert sys.stderr.getvalue() == ""


def test_progress_in_a_notebook(monkeypatch):
    display = pytest.importorskip("IPython.display")
    shown = []

    class Handle:
        def update(self, thing):
            shown.append(thing.data)

    def first(thing, display_id):
        shown.append(thing.data)
        return Handle()

    monkeypatch.setattr(display, "display", first)
    monkeypatch.setattr(screen, "in_notebook", lambda: True)
    with screen.Progress(4, "points", 0.0) as progress:
        progress += 1
        progress += 1
    assert ["points: 1 of 4" in shown[0], "points: 2 of 4" in shown[1], shown[2]] == [True, True, ""]
    assert "value='1' max='4'" in shown[0]


def test_notebooks_are_told_from_other_shells(monkeypatch):
    IPython = pytest.importorskip("IPython")
    assert not screen.in_notebook()
    for shell, expected in ((None, False), (object(), False), (type("Shell", (), {"kernel": 1})(), True)):
        monkeypatch.setattr(IPython, "get_ipython", lambda shell=shell: shell)
        assert screen.in_notebook() is expected
