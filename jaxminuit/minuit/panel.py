"""What an interactive fit does, without any toolkit: views show a Panel and tell it what the user did."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any

from jaxminuit.minuit import verdicts

ALGORITHMS = ("Migrad", "Simplex", "Scipy", "Scan")
WIDTH = 10  # half a slider without limits, in errors of the last fit
STEPS = 200  # of a slider, at least


@dataclass
class Row:
    """One parameter: where its slider stands and ends, and whether it is fixed, or fitted after every change."""

    name: str
    value: float
    low: float
    high: float
    fixed: bool = False
    fitted: bool = False

    @property
    def step(self) -> float:
        """Of the slider: a power of ten, between 1/200 and 1/2000 of its range."""
        return 10.0 ** floor(log10((self.high - self.low) / STEPS))


class Panel:
    """A Minuit object under the hands of a user.

    Parameters
    ----------
    minuit
        The Minuit object; all that is done is done to it.
    plot, kwargs
        Function of the values (and keyword arguments) that draws on matplotlib's current Axes.
    raise_on_exception
        Whether exceptions of `plot` and of fits are raised, or shown in place of the picture.

    Attributes
    ----------
    rows
        One for each parameter.
    algorithm
        Name of what `fit` runs, one of ALGORITHMS.
    status, good
        One line about the present point, and whether the last action was a valid fit (None: no fit).
    result
        Tables of the last fit as HTML; empty if the values were changed by hand since.
    """

    def __init__(self, minuit: Any, plot: Callable, kwargs: dict[str, Any], raise_on_exception: bool):
        self.minuit, self._plot, self._kwargs, self._raise = minuit, plot, kwargs, raise_on_exception
        self._original = minuit.values[:], minuit.limits[:], minuit.fixed[:]
        self.algorithm = ALGORITHMS[0]
        self._failure = ""
        self._fill()

    def move(self, i: int, value: float) -> None:
        """A slider was moved: another value for parameter i, within its limits. Fits those that are to follow."""
        low, high = self.minuit.limits[i]
        self.minuit.values[i] = min(max(value, low), high)
        self._take(i)
        self._changed()

    def set_range(self, i: int, low: float | None = None, high: float | None = None) -> None:
        """An end of a slider was set: it becomes a limit of parameter i. Ends in the wrong order are ignored."""
        row, (lower, upper) = self.rows[i], self.minuit.limits[i]
        ends = (row.low if low is None else low, row.high if high is None else high)
        if not (ends[0] < ends[1] and isfinite(ends[1] - ends[0])):
            return
        row.low, row.high = ends
        self.minuit.limits[i] = lower if low is None else low, upper if high is None else high
        if self.minuit.values[i] != row.value:
            row.value = self.minuit.values[i]
            self._changed()

    def fix(self, i: int, fixed: bool) -> None:
        """Fix or release parameter i in fits."""
        self.minuit.fixed[i] = fixed
        self.rows[i].fixed = fixed
        if fixed:
            self.rows[i].fitted = False

    def follow(self, i: int, fitted: bool) -> None:
        """Whether parameter i is fitted whenever another one is changed by hand (and at once)."""
        if fitted:
            self.fix(i, False)
        self.rows[i].fitted = fitted
        self._changed()

    def fit(self) -> None:
        """Run the chosen algorithm over all parameters that are not fixed."""
        self._guarded(self._minimise)

    def reset(self) -> None:
        """Back to how everything was when the panel was made."""
        self.minuit.reset()
        self.minuit.values, self.minuit.limits, self.minuit.fixed = self._original
        self._fill()

    def draw(self, figure: Any) -> None:
        """Draw data and model on an empty figure, which must be the current one; or what went wrong."""
        if not self._failure:
            self._guarded(lambda: self._plot(self.minuit.values, **self._kwargs))
        if self._failure:
            figure.clf()
            style = {"family": "monospace", "size": "small", "color": "#b00020"}
            figure.text(0.03, 0.5, self._failure, va="center", wrap=True, **style)

    def _fill(self) -> None:
        m = self.minuit
        self.rows = [
            Row(name, m.values[i], *slider_range(m.values[i], m.errors[i], m.limits[i], m.fmin is not None), m.fixed[i])
            for i, name in enumerate(m.parameters)
        ]
        self._changed()

    def _changed(self) -> None:
        """After a change by hand: fit the parameters that are to follow, the others held; else only evaluate."""
        followers = [not row.fitted for row in self.rows]
        if all(followers):
            self._guarded(self._evaluate)
            return
        fixed = self.minuit.fixed[:]
        self.minuit.fixed = followers
        try:
            self._guarded(self._minimise)
        finally:
            self.minuit.fixed = fixed

    def _take(self, i: int) -> None:
        """Read a value back from the Minuit object, and make room for it and beyond if it has left the slider."""
        row, value, (lower, upper) = self.rows[i], self.minuit.values[i], self.minuit.limits[i]
        row.value = value
        if value < row.low:
            row.low = max(lower, _rounded(value - 0.5 * (row.high - value), row.step))
        if value > row.high:
            row.high = min(upper, _rounded(value + 0.5 * (value - row.low), row.step))

    def _evaluate(self) -> None:
        self.status, self.result = f"FCN = {self.minuit.fcn(self.minuit.values):.6g}", ""
        self.good: bool | None = None

    def _minimise(self) -> None:
        m = self.minuit
        getattr(m, self.algorithm.lower())()
        for i in range(len(self.rows)):
            self._take(i)
        self.good = m.valid
        told = "valid" if m.valid else verdicts.reason(m.fmin) or "not valid"
        self.status = f"FCN = {m.fval:.6g}: {self.algorithm} {told}"
        self.result = m.fmin._repr_html_() + m.params._repr_html_()

    def _guarded(self, action: Callable[[], Any]) -> None:
        """Do it; what goes wrong is kept to be shown."""
        self._failure = ""
        try:
            action()
        except Exception as error:
            if self._raise:
                raise
            self._failure = traceback.format_exc(limit=-1)
            self.status, self.good, self.result = f"{type(error).__name__}: {error}", False, ""


def slider_range(value: float, error: float, limits: tuple[float, float], fitted: bool) -> tuple[float, float]:
    """From limit to limit; where there is none, 10 errors from the value, before a fit at least once the value."""
    low, high = limits
    width = WIDTH * error if isfinite(error) and error > 0 else 1.0
    width = width if fitted else max(width, abs(value))
    unit = 10.0 ** floor(log10(width)) / 10
    low = low if isfinite(low) else _rounded(value - width, unit)
    high = high if isfinite(high) else _rounded(value + width, unit)
    return (low, high) if high > low else (value - width, value + width)


def _rounded(x: float, unit: float) -> float:
    return round(x / unit) * unit
