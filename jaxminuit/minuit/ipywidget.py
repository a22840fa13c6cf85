"""The interactive fit in a Jupyter notebook."""

import warnings
from collections.abc import Callable
from html import escape
from typing import Any

from jaxminuit.minuit.figures import as_png, own_figure
from jaxminuit.minuit.panel import ALGORITHMS, Panel
from jaxminuit.plot.library import pyplot

SIZE = (6.4, 4.8)  # of the picture, in inches
DPI = 100
GOOD, BAD = "#2e7d32", "#b00020"


def make_widget(minuit: Any, plot: Callable, kwargs: dict[str, Any], raise_on_exception: bool) -> Any:
    """An ipywidgets.HBox: on the left the picture and the results, on the right buttons and parameters.

    Parameters
    ----------
    minuit
        Minuit object that is changed and fitted.
    plot, kwargs
        Function of the values (and keyword arguments) that draws on matplotlib's current Axes.
    raise_on_exception
        Whether exceptions of `plot` and of fits are raised, or shown in place of the picture.

    Raises
    ------
    ImportError
        If ipywidgets or matplotlib is not installed.
    """
    pyplot()
    return View(_widgets(), Panel(minuit, plot, kwargs, raise_on_exception)).box


class View:
    """The widgets of one panel."""

    def __init__(self, widgets: Any, panel: Panel):
        self.panel = panel
        self.picture = widgets.Image(format="png")
        self.status, self.result = widgets.HTML(), widgets.HTML()
        narrow = widgets.Layout(max_width="8em")
        fit = widgets.Button(description="Fit", button_style="primary", layout=narrow)
        update = widgets.ToggleButton(True, description="Continuous", layout=narrow, tooltip="Draw while dragging")
        reset = widgets.Button(description="Reset", button_style="danger", layout=narrow)
        algorithm = widgets.Dropdown(options=ALGORITHMS, value=panel.algorithm, layout=narrow)
        longest = max(len(row.name) for row in panel.rows)
        self.rows = [RowView(widgets, self, i, f"{longest + 1}ch") for i in range(len(panel.rows))]

        fit.on_click(lambda _: self.do(panel.fit))
        reset.on_click(lambda _: self.do(panel.reset))
        update.observe(lambda change: self._drag(change["new"]), "value")
        algorithm.observe(lambda change: setattr(panel, "algorithm", change["new"]), "value")

        buttons = widgets.HBox([fit, update, reset, algorithm])
        controls = widgets.VBox([buttons, widgets.VBox([row.box for row in self.rows])])
        self.box = widgets.HBox([widgets.VBox([self.picture, self.status, self.result]), controls])
        self.busy = False
        self.show()

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
        with own_figure(SIZE, DPI) as figure:
            self.panel.draw(figure)
            self.picture.value = as_png(figure)
        colour = {None: "inherit", True: GOOD, False: BAD}[self.panel.good]
        self.status.value = f'<span style="color:{colour}">{escape(self.panel.status)}</span>'
        self.result.value = self.panel.result

    def _drag(self, continuous: bool) -> None:
        for row in self.rows:
            row.slider.continuous_update = continuous


class RowView:
    """The widgets of one parameter: name, lower end, slider with its value, upper end, Fix, Fit."""

    def __init__(self, widgets: Any, view: View, i: int, width: str):
        self.panel, self.i = view.panel, i
        row = self.panel.rows[i]
        label = widgets.Label(row.name, layout=widgets.Layout(width=width, min_width=width))
        end = widgets.Layout(width="6em", min_width="6em")
        self.low, self.high = (widgets.FloatText(x, layout=end) for x in (row.low, row.high))
        wide = widgets.Layout(min_width="16em")
        self.slider = widgets.FloatSlider(
            row.value, min=row.low, max=row.high, step=row.step, readout_format=".4g", layout=wide
        )
        toggle = widgets.Layout(width="3.5em", min_width="3.5em")
        self.fix = widgets.ToggleButton(row.fixed, description="Fix", tooltip="Keep fixed in fits", layout=toggle)
        hint = "Fit whenever another parameter is changed"
        self.fit = widgets.ToggleButton(row.fitted, description="Fit", tooltip=hint, layout=toggle)
        self.box = widgets.HBox([label, self.low, self.slider, self.high, self.fix, self.fit])

        panel = self.panel
        self.slider.observe(lambda change: view.do(panel.move, i, change["new"]), "value")
        self.low.observe(lambda change: view.do(panel.set_range, i, low=change["new"]), "value")
        self.high.observe(lambda change: view.do(panel.set_range, i, high=change["new"]), "value")
        self.fix.observe(lambda change: view.do(panel.fix, i, change["new"]), "value")
        self.fit.observe(lambda change: view.do(panel.follow, i, change["new"]), "value")

    def show(self) -> None:
        """As the panel says."""
        row = self.panel.rows[self.i]
        self.low.value, self.high.value = row.low, row.high
        with self.slider.hold_trait_notifications():
            self.slider.min, self.slider.max = row.low, row.high
            self.slider.value, self.slider.step = row.value, row.step
        self.slider.disabled = row.fitted
        self.fix.value, self.fit.value = row.fixed, row.fitted


def _widgets() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own dependencies
            import ipywidgets
    except ImportError as error:
        raise ImportError('interactive() in Jupyter needs ipywidgets: pip install "jaxminuit[jupyter]"') from error
    return ipywidgets
