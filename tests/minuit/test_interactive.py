"""The interactive fit: what it does, and its two faces."""

import os
import sys
import types

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from matplotlib import pyplot as plt  # noqa: E402

from jaxminuit import ipywidget, qtwidget  # noqa: E402
from jaxminuit.minuit import Minuit, drawing  # noqa: E402
from jaxminuit.minuit.panel import ALGORITHMS, Panel, slider_range  # noqa: E402
from tests.minuit.side_models import bowl  # noqa: E402

START = {"x": 0.2, "y": -1.0, "z": 0.0}


class Plot:
    """A plot that remembers what it was called with."""

    def __init__(self):
        self.seen = []
        self.broken = None

    def __call__(self, values, **kwargs):
        if self.broken:
            raise self.broken
        self.seen.append((list(values), kwargs))
        plt.plot(np.asarray(values))


@pytest.fixture(autouse=True)
def _figures():
    plt.close("all")
    yield
    assert not plt.get_fignums()  # nothing is left open


@pytest.fixture
def m():
    m = Minuit(bowl, **START)
    m.limits["z"] = (-1, 3)
    return m


@pytest.fixture(scope="module")
def best():
    m = Minuit(bowl, **START)
    return np.array(m.migrad().values)


def panel(m, plot=None, **options):
    return Panel(m, plot or Plot(), {}, **{"raise_on_exception": True, **options})


def close(m, best):
    return np.allclose(m.values, best, atol=0.02)  # the errors are about 1, the EDM below 0.0002


def test_rows_at_the_start(m):
    m.fixed["y"] = True
    p = panel(m)
    assert [(row.name, row.value, row.fixed, row.fitted) for row in p.rows] == [
        ("x", 0.2, False, False),
        ("y", -1.0, True, False),
        ("z", 0.0, False, False),
    ]
    assert (p.rows[2].low, p.rows[2].high) == (-1, 3)
    assert all(row.low < row.value < row.high for row in p.rows)
    assert (p.status, p.good, p.result) == (f"FCN = {bowl(**START):.6g}", None, "")


@pytest.mark.parametrize(
    ("value", "error", "limits", "fitted", "expected"),
    [
        (5.0, 0.05, (-np.inf, np.inf), False, (0.0, 10.0)),  # from 0 to twice the value
        (5.0, 0.05, (-np.inf, np.inf), True, (4.5, 5.5)),  # 10 errors
        (0.0, 0.1, (-np.inf, np.inf), False, (-1.0, 1.0)),
        (0.0, np.nan, (-np.inf, np.inf), True, (-1.0, 1.0)),
        (5.0, 0.05, (4.0, np.inf), False, (4.0, 10.0)),
        (5.0, 0.05, (4.0, 4e3), True, (4.0, 4e3)),
    ],
)
def test_slider_ranges(value, error, limits, fitted, expected):
    np.testing.assert_allclose(slider_range(value, error, limits, fitted), expected)


def test_moving_a_slider(m):
    p = panel(m)
    p.move(0, 0.3)
    assert (m.values["x"], p.rows[0].value) == (0.3, 0.3)
    assert p.status == f"FCN = {bowl(0.3, -1.0, 0.0):.6g}"
    p.move(0, 50.0)  # typed: the slider makes room
    assert (m.values["x"], p.rows[0].value) == (50.0, 50.0)
    assert p.rows[0].low <= 0.2
    assert p.rows[0].high > 50
    p.move(2, 50.0)  # a limit stands
    assert (m.values["z"], p.rows[2].value, p.rows[2].high) == (3.0, 3.0, 3.0)


def test_parameters_that_follow(m):
    """Those are fitted after every change of another one; what was fixed is fixed again."""
    m.fixed["y"] = True
    p = panel(m)
    p.follow(2, True)
    np.testing.assert_allclose(m.values, [0.2, -1.0, 0.1], atol=1e-3)  # z = x / 2
    p.move(0, 0.8)
    np.testing.assert_allclose(m.values, [0.8, -1.0, 0.4], atol=1e-3)
    assert list(m.fixed) == [False, True, False]
    assert p.good
    assert p.rows[2].value == m.values["z"]
    p.follow(1, True)
    assert not m.fixed["y"]
    assert not p.rows[1].fixed
    p.fix(1, True)
    p.follow(2, False)
    assert [row.fitted for row in p.rows] == [False, False, False]
    p.move(0, 0.0)
    assert m.values["z"] == pytest.approx(0.4, abs=1e-3)
    assert p.good is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_algorithms(m, best, algorithm):
    p = panel(m)
    p.algorithm = algorithm
    p.fit()
    assert p.status.startswith(f"FCN = {m.fval:.6g}: {algorithm} ")
    assert m.fval < bowl(**START)
    if algorithm in ("Migrad", "Scipy"):
        assert close(m, best)
        assert p.status.endswith("valid")
    assert m.fmin.algorithm.startswith(algorithm[:3])
    assert p.good == m.valid
    assert [row.value for row in p.rows] == list(m.values)
    assert p.result.count("<table") == 2


def test_ends_become_limits(m):
    p = panel(m)
    p.set_range(0, low=-2.0)
    assert m.limits["x"] == (-2.0, np.inf)
    p.set_range(0, high=0.1)  # below the value
    assert m.limits["x"] == (-2.0, 0.1)
    assert p.rows[0].value == m.values["x"] <= 0.1
    p.set_range(0, low=0.5)  # above the upper end
    p.set_range(0, high=np.nan)
    assert m.limits["x"] == (-2.0, 0.1)
    assert (p.rows[0].low, p.rows[0].high) == (-2.0, 0.1)


def test_reset(m):
    p = panel(m)
    p.set_range(0, low=-2.0)
    p.fix(1, True)
    p.fit()
    p.follow(2, True)
    p.reset()
    assert m.values.to_dict() == START
    assert m.limits.to_dict() == {"x": (-np.inf, np.inf), "y": (-np.inf, np.inf), "z": (-1, 3)}
    assert list(m.fixed) == [False, False, False]
    assert m.fmin is None
    assert [(row.value, row.fixed, row.fitted) for row in p.rows] == [(v, False, False) for v in START.values()]


def test_errors_are_shown(m):
    plot = Plot()
    p = panel(m, plot, raise_on_exception=False)
    plot.broken = ValueError("no such picture")
    figure = plt.figure()
    p.draw(figure)
    assert "ValueError: no such picture" in figure.texts[0].get_text()
    assert (p.good, p.status) == (False, "ValueError: no such picture")
    plot.broken = None
    for k in range(3):
        p.fix(k, True)
    p.algorithm = "Scan"
    p.fit()
    figure.clf()
    p.draw(figure)
    assert "all parameters are fixed" in figure.texts[0].get_text()
    p.move(0, 0.1)  # and the next change clears it
    figure.clf()
    p.draw(figure)
    assert not figure.texts
    assert len(figure.axes) == 1
    plt.close(figure)


def test_errors_are_raised_if_wanted(m):
    p = panel(m)
    p._plot = Plot()
    p._plot.broken = ValueError("no such picture")
    with pytest.raises(ValueError, match="no such picture"):
        p.draw(None)
    for k in range(3):
        p.fix(k, True)
    p.algorithm = "Scan"
    with pytest.raises(RuntimeError, match="all parameters are fixed"):
        p.fit()


def test_interactive_takes_the_right_face(m, monkeypatch):
    calls = []
    for name, notebook in (("ipywidget", True), ("qtwidget", False)):
        face = types.SimpleNamespace(make_widget=lambda *args, name=name: calls.append((name, *args)))
        monkeypatch.setattr(drawing, name, face)
        monkeypatch.setattr(drawing, "is_jupyter", lambda notebook=notebook: notebook)
        m.interactive(plot := Plot(), True, bins=3)
        assert calls.pop() == (name, m, plot, {"bins": 3}, True)


@pytest.mark.parametrize(
    ("face", "package", "extra"), [(ipywidget, "ipywidgets", "jupyter"), (qtwidget, "PySide6", "qt")]
)
def test_missing_packages(m, monkeypatch, face, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf'needs {package}: pip install "jaxminuit\[{extra}\]"'):
        face.make_widget(m, Plot(), {}, True)


@pytest.fixture
def notebook(m):
    pytest.importorskip("ipywidgets")
    plot = Plot()
    return m, plot, ipywidget.make_widget(m, plot, {"bins": 3}, False)


def test_notebook(notebook, best):
    m, plot, box = notebook
    (picture, status, result), ui = box.children[0].children, box.children[1]
    (fit, update, reset, algorithm), rows = ui.children[0].children, ui.children[1].children
    label, low, slider, high, fix, follow = rows[0].children
    assert (label.value, slider.value, len(rows)) == ("x", 0.2, 3)
    assert plot.seen == [([0.2, -1.0, 0.0], {"bins": 3})]
    assert bytes(picture.value).startswith(b"\x89PNG")

    slider.value = 0.3
    assert [values for values, _ in plot.seen[1:]] == [[0.3, -1.0, 0.0]]  # drawn once
    fit.click()
    assert close(m, best)
    assert slider.value == m.values["x"] <= slider.max
    assert "Migrad valid" in status.value
    assert "<table" in result.value
    assert len(plot.seen) == 3

    low.value, high.value = -2.0, 0.5
    assert m.limits["x"] == (-2.0, 0.5)
    assert (slider.min, slider.max, slider.value) == (-2.0, 0.5, m.values["x"])
    fix.value = True
    assert m.fixed["x"]
    follow.value = True
    assert (fix.value, m.fixed["x"], slider.disabled) == (False, False, True)
    update.value = False
    assert not slider.continuous_update
    algorithm.value = "Simplex"
    fit.click()
    assert m.fmin.algorithm == "Simplex"

    plot.broken = ValueError("no such picture")
    reset.click()
    assert m.values.to_dict() == START
    assert (slider.value, slider.disabled, follow.value, low.value) == (0.2, False, False, slider.min)
    assert "no such picture" in status.value


@pytest.fixture(scope="module")
def app():
    widgets = pytest.importorskip("PySide6.QtWidgets")
    return widgets.QApplication.instance() or widgets.QApplication([])


def test_window(app, m, best):
    from PySide6 import QtCore

    plot = Plot()
    users = plt.figure()
    window = qtwidget.make_widget(m, plot, {"bins": 3}, False, run_event_loop=False)
    assert plt.gcf() is users
    row = window.parameters[0]
    assert (row.box.title(), row.value.value(), len(window.parameters)) == ("x", 0.2, 3)
    assert plot.seen == [([0.2, -1.0, 0.0], {"bins": 3})]

    row.slider.setValue(row.slider.maximum())
    assert m.values["x"] == window.view.panel.rows[0].high
    row.value.setValue(0.3)
    assert m.values["x"] == pytest.approx(0.3)
    assert len(plot.seen) == 3
    window.fit_button.click()
    assert close(m, best)
    assert row.value.value() == pytest.approx(m.values["x"], abs=1e-3)
    assert "Migrad valid" in window.view.status.text()
    assert "Valid Minimum" in window.view.result.toPlainText()

    row.tmin.setValue(-2.0)
    row.tmax.setValue(0.5)
    assert m.limits["x"] == (-2.0, 0.5)
    assert m.values["x"] <= 0.5
    row.fix.click()
    assert m.fixed["x"]
    row.fit.click()
    assert (row.fix.isChecked(), m.fixed["x"], row.slider.isEnabled()) == (False, False, False)
    window.update_button.click()
    assert not row.slider.hasTracking()
    window.algo_choice.setCurrentText("Simplex")
    window.fit_button.click()
    assert m.fmin.algorithm == "Simplex"

    plot.broken = ValueError("no such picture")
    window.reset_button.click()
    assert m.values.to_dict() == START
    assert (row.value.value(), row.slider.isEnabled(), row.fit.isChecked()) == (0.2, True, False)
    assert "no such picture" in window.view.status.text()
    assert plt.gcf() is users

    window.close()
    app.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    assert plt.get_fignums() == [users.number]
    plt.close(users)


def test_window_fits_its_picture(app, m):
    """The size of the picture is that of the window, whatever the plot asks for."""
    from PySide6 import QtCore

    def plot(values):
        plt.gcf().set_size_inches(40, 2)

    window = qtwidget.make_widget(m, plot, {}, True, run_event_loop=False)
    window.show()
    window.parameters[0].value.setValue(0.3)
    app.processEvents()
    width, height = window.canvas.get_width_height()
    assert (width, height) == (window.canvas.width(), window.canvas.height())
    assert width < 2 * height
    window.close()
    app.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def test_window_waits_until_it_is_closed(app, m):
    """Unless the event loop of somebody else is running: then the window is returned."""
    from PySide6 import QtCore

    inner = []

    def again():
        inner.append(qtwidget.make_widget(m, Plot(), {}, True))
        for window in app.topLevelWidgets():
            window.close()

    QtCore.QTimer.singleShot(0, again)
    assert m.interactive(Plot(), raise_on_exception=True) is None
    assert inner[0] is not None
    app.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
