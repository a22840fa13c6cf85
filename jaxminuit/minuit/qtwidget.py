"""The interactive fit in a window of its own."""

from collections.abc import Callable
from math import log10
from typing import Any

from jaxminuit.minuit.figures import keep_current
from jaxminuit.minuit.latex_names import shown
from jaxminuit.minuit.panel import ALGORITHMS, Panel
from jaxminuit.plot.library import pyplot

TICKS = 10_000  # positions of a slider
DIGITS = 2  # decimals of a box beyond those of the step of the slider
GOOD, BAD = "#2e7d32", "#b00020"


def make_widget(
    minuit: Any, plot: Callable, kwargs: dict[str, Any], raise_on_exception: bool, run_event_loop: bool = True
) -> Any:
    """A window of PySide6: on the left the picture and the results, on the right buttons and parameters.

    Parameters
    ----------
    minuit
        Minuit object that is changed and fitted.
    plot, kwargs
        Function of the values (and keyword arguments) that draws on matplotlib's current Axes.
    raise_on_exception
        Whether exceptions of `plot` and of fits are raised, or shown in place of the picture.
    run_event_loop
        Whether to show the window and wait until it is closed. False: it is returned instead, and a QApplication must
        be there. It is also returned, and shown, where an event loop is running already.

    Returns
    -------
    PySide6.QtWidgets.QWidget or None

    Raises
    ------
    ImportError
        If PySide6 or matplotlib is not installed.
    """
    pyplot()
    qt = _Toolkit()
    if not run_event_loop:
        return View(qt, Panel(minuit, plot, kwargs, raise_on_exception)).window
    app = qt.widgets.QApplication.instance() or qt.widgets.QApplication([])
    window = View(qt, Panel(minuit, plot, kwargs, raise_on_exception)).window
    window.show()
    if qt.core.QThread.currentThread().loopLevel() > 0:
        return window
    app.exec()
    return None


class _Toolkit:
    """Qt and matplotlib's canvas for it; ImportError that says what to install."""

    def __init__(self):
        try:
            from PySide6 import QtCore, QtWidgets  # before the canvas, which takes the Qt that it finds
        except ImportError as error:
            message = 'interactive() outside Jupyter needs PySide6: pip install "jaxminuit[qt]"'
            raise ImportError(message) from error
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg

        self.core, self.widgets, self.canvas = QtCore, QtWidgets, FigureCanvasQTAgg


class View:
    """The window of one panel, with its parts as attributes: fit_button, parameters ..."""

    def __init__(self, qt: _Toolkit, panel: Panel):
        self.panel, self.busy = panel, False
        self.window = window = qt.widgets.QWidget()
        window.setWindowTitle("jaxminuit")
        window.setAttribute(qt.core.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows = [RowView(qt, self, i) for i in range(len(panel.rows))]
        layout = qt.widgets.QHBoxLayout(window)
        layout.addLayout(self._left(qt), 3)
        layout.addLayout(self._right(qt), 2)
        window.parameters, window.canvas, window.view = self.rows, self.canvas, self  # kept alive with it
        window.resize(1150, 680)
        figure = self.figure
        window.destroyed.connect(lambda: pyplot().close(figure))
        self.show()

    def _left(self, qt: _Toolkit) -> Any:
        """Picture, one line, tables."""
        plt = pyplot()
        with keep_current(), plt.ioff(), plt.rc_context({"figure.max_open_warning": 0}):
            self.figure = plt.figure()
            manager = self.figure.canvas.manager
            self.canvas = qt.canvas(self.figure)
            self.canvas.manager = manager  # by which pyplot knows the figure
        self.status = qt.widgets.QLabel()
        self.status.setWordWrap(True)
        self.result = qt.widgets.QTextEdit(readOnly=True)
        self.result.setMaximumHeight(230)
        column = qt.widgets.QVBoxLayout()
        column.addWidget(self.canvas, 1)
        column.addWidget(self.status)
        column.addWidget(self.result)
        return column

    def _right(self, qt: _Toolkit) -> Any:
        """Buttons, and the parameters in an area that scrolls."""
        window, panel, line = self.window, self.panel, qt.widgets.QHBoxLayout()
        window.fit_button, window.reset_button = (qt.widgets.QPushButton(text) for text in ("Fit", "Reset"))
        window.fit_button.setStyleSheet("background-color: #1f5fa8; color: white")
        window.reset_button.setStyleSheet("background-color: #c1440e; color: white")
        window.update_button = qt.widgets.QPushButton("Continuous", checkable=True, checked=True)
        window.update_button.setToolTip("Draw while dragging")
        window.algo_choice = qt.widgets.QComboBox()
        window.algo_choice.addItems(ALGORITHMS)
        for part in (window.fit_button, window.update_button, window.reset_button, window.algo_choice):
            line.addWidget(part)
        window.fit_button.clicked.connect(lambda: self.do(panel.fit))
        window.reset_button.clicked.connect(lambda: self.do(panel.reset))
        window.update_button.toggled.connect(self._drag)
        window.algo_choice.currentTextChanged.connect(lambda name: setattr(panel, "algorithm", name))

        inside = qt.widgets.QWidget()
        stack = qt.widgets.QVBoxLayout(inside)
        for row in self.rows:
            stack.addWidget(row.box)
        stack.addStretch()
        area = qt.widgets.QScrollArea(widgetResizable=True)
        area.setFrameShape(qt.widgets.QFrame.Shape.NoFrame)
        area.setWidget(inside)
        column = qt.widgets.QVBoxLayout()
        column.addLayout(line)
        column.addWidget(area)
        return column

    def do(self, action: Callable, *args: Any, **kwargs: Any) -> None:
        """What the user asked for, unless it is this view that changes the widgets."""
        if not self.busy:
            action(*args, **kwargs)
            self.show()

    def show(self) -> None:
        """Everything as the panel says."""
        self.busy = True
        try:
            for row in self.rows:
                row.show()
        finally:
            self.busy = False
        with keep_current():
            pyplot().figure(self.figure.number)
            size = self.figure.get_size_inches()
            self.figure.clf()
            self.panel.draw(self.figure)
            self.figure.set_size_inches(size, forward=False)  # that of the window, whatever the plot asks for
        self.canvas.draw_idle()
        colour = {None: "palette(text)", True: GOOD, False: BAD}[self.panel.good]
        self.status.setStyleSheet(f"color: {colour}")
        self.status.setText(self.panel.status)
        self.result.setHtml(self.panel.result)

    def _drag(self, continuous: bool) -> None:
        for row in self.rows:
            row.slider.setTracking(continuous)


class RowView:
    """The widgets of one parameter: name, slider, value, Fix; below, the ends of the slider and Fit."""

    def __init__(self, qt: _Toolkit, view: View, i: int):
        self.panel, self.i = view.panel, i
        panel, row = self.panel, self.panel.rows[i]
        self.slider = qt.widgets.QSlider(qt.core.Qt.Orientation.Horizontal, minimum=0, maximum=TICKS)
        self.value, self.tmin, self.tmax = (qt.widgets.QDoubleSpinBox(keyboardTracking=False) for _ in range(3))
        for part, hint in ((self.value, "Value"), (self.tmin, "Lower limit"), (self.tmax, "Upper limit")):
            part.setRange(-1e300, 1e300)
            part.setMinimumWidth(90)
            part.setSizePolicy(qt.widgets.QSizePolicy.Policy.Ignored, qt.widgets.QSizePolicy.Policy.Fixed)
            part.setToolTip(hint)
        self.fix, self.fit = (qt.widgets.QPushButton(text, checkable=True) for text in ("Fix", "Fit"))
        self.fix.setToolTip("Keep fixed in fits")
        self.fit.setToolTip("Fit whenever another parameter is changed")
        self.box = qt.widgets.QGroupBox(shown(row.name))
        grid = qt.widgets.QGridLayout(self.box)
        grid.addWidget(self.slider, 0, 0, 1, 2)
        grid.addWidget(self.value, 0, 2)
        grid.addWidget(self.fix, 0, 3)
        for k, part in enumerate((self.tmin, self.tmax)):
            grid.addWidget(part, 1, k)
        grid.addWidget(self.fit, 1, 3)

        self.slider.valueChanged.connect(lambda tick: view.do(panel.move, i, self._at(tick)))
        self.value.valueChanged.connect(lambda value: view.do(panel.move, i, value))
        self.tmin.valueChanged.connect(lambda value: view.do(panel.set_range, i, low=value))
        self.tmax.valueChanged.connect(lambda value: view.do(panel.set_range, i, high=value))
        self.fix.toggled.connect(lambda on: view.do(panel.fix, i, on))
        self.fit.toggled.connect(lambda on: view.do(panel.follow, i, on))

    def _at(self, tick: int) -> float:
        row = self.panel.rows[self.i]
        return row.low + tick / TICKS * (row.high - row.low)

    def show(self) -> None:
        """As the panel says."""
        row = self.panel.rows[self.i]
        decimals = max(0, DIGITS - round(log10(row.step)))
        for part, value in ((self.value, row.value), (self.tmin, row.low), (self.tmax, row.high)):
            part.setDecimals(decimals)
            part.setSingleStep(row.step if part is self.value else 10 * row.step)
            part.setValue(value)
        self.slider.setValue(round((row.value - row.low) / (row.high - row.low) * TICKS))
        for part in (self.slider, self.value):
            part.setEnabled(not row.fitted)
        self.fix.setChecked(row.fixed)
        self.fit.setChecked(row.fitted)
