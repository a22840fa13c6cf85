"""What SCAN, CONTOUR and MNCONTOUR found, as plain data for pictures: interpretation makes it, `drawing` draws it."""

from typing import NamedTuple

import numpy as np

from jaxminuit.command.state import Parameter, State


class ScanCurve(NamedTuple):
    """The FCN along one parameter: (n,) values of both; `best` is the parameter as it was before the scan."""

    best: Parameter
    x: np.ndarray
    values: np.ndarray
    fcn: float
    up: float

    @property
    def name(self) -> str:
        """The command and the parameter."""
        return f"scan-{self.best.name}"


class ContourMap(NamedTuple):
    """The FCN on a grid: `values` (nx, ny) at x and y, the others held; `best` are the two parameters."""

    best: tuple[Parameter, Parameter]
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    fcn: float
    up: float

    @property
    def name(self) -> str:
        """The command and the parameters."""
        return "contour-" + "-".join(p.name for p in self.best)


class ContourLine(NamedTuple):
    """Points (n, 2) on a contour of MNCONTOUR, in order around it."""

    best: tuple[Parameter, Parameter]
    points: np.ndarray
    up: float

    @property
    def name(self) -> str:
        """The command and the parameters."""
        return "mncontour-" + "-".join(p.name for p in self.best)


Picture = ScanCurve | ContourMap | ContourLine


def scan_curve(state: State, number: int, x: np.ndarray, values: np.ndarray) -> ScanCurve:
    """A scan from a session as it was before."""
    return ScanCurve(state.parameter(number), np.asarray(x), np.asarray(values), state.fval, state.up)


def contour_map(state: State, numbers: tuple[int, int], x, y, heights: np.ndarray) -> ContourMap:
    """A map from its rows: `heights` is (ny, nx), as it is printed."""
    first, second = (state.parameter(number) for number in numbers)
    return ContourMap((first, second), np.asarray(x), np.asarray(y), np.asarray(heights).T, state.fval, state.up)


def contour_line(state: State, numbers: tuple[int, int], xs: np.ndarray, ys: np.ndarray) -> ContourLine:
    """A contour from its points."""
    first, second = (state.parameter(number) for number in numbers)
    return ContourLine((first, second), np.column_stack([xs, ys]), state.up)
