"""Pictures of SCAN, CONTOUR and MNCONTOUR as PNG files."""

import re
import warnings
from pathlib import Path

import numpy as np

from jaxminuit.command.pictures import ContourLine, ContourMap, Picture, ScanCurve
from jaxminuit.command.state import Parameter
from jaxminuit.plot.contour import draw_contour, draw_grid
from jaxminuit.plot.library import file_figure
from jaxminuit.plot.profile import draw_profile

SIZE, DPI = (6.4, 4.8), 120
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.+-]+")


class Drawer:
    """Writes one PNG file for every picture, numbered in their order.

    Parameters
    ----------
    folder
        Where they go; it is made if it does not exist.

    Raises
    ------
    ImportError
        If matplotlib is not installed: says what to install.
    OSError
        If the folder cannot be made.
    """

    def __init__(self, folder: str | Path):
        file_figure(SIZE)  # what is missing is missed before a long session
        self.folder, self.number = Path(folder), 0
        self.folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, picture: Picture, title: str = "") -> Path | None:
        """Draw one and write it; None if there is no finite number in it. OSError if the file cannot be written."""
        if not np.any(np.isfinite(picture.points if isinstance(picture, ContourLine) else picture.values)):
            return None
        self.number += 1
        path = self.folder / f"{self.number:02d}-{NOT_IN_NAMES.sub('_', picture.name).strip('_')}.png"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that no contour lies inside the map, for one
            self._write(picture, title, path)
        return path

    def _write(self, picture: Picture, title: str, path: Path) -> None:
        figure = file_figure(SIZE)
        ax = figure.subplots()
        _draw(picture, ax)
        if title:
            figure.suptitle(_literal(title), fontsize="medium")
        figure.savefig(path, dpi=DPI)


def _draw(picture: Picture, ax) -> None:
    if isinstance(picture, ScanCurve):
        p = picture.best
        values = np.where(np.isfinite(picture.values), picture.values, np.nan)
        draw_profile(
            picture.x, values, value=p.value, interval=interval(p), fval=picture.fcn, errordef=picture.up,
            name=_literal(p.name), ax=ax,
        )  # fmt: skip
        return
    names = [_literal(p.name) for p in picture.best]
    minimum, errors = [p.value for p in picture.best], np.abs([interval(p) for p in picture.best])
    if isinstance(picture, ContourMap):
        draw_grid(
            picture.x, picture.y, picture.values, fval=picture.fcn, errordef=picture.up, names=names, ax=ax,
            minimum=minimum, errors=errors,
        )  # fmt: skip
    else:
        draw_contour(picture.points, names=names, label=f"UP = {picture.up:g}", ax=ax, minimum=minimum, errors=errors)
        ax.legend(frameon=False)


def interval(p: Parameter) -> tuple[float, float]:
    """Its Minos errors, each the parabolic error or the way to the limit where there is none."""
    ends = []
    for end, side, limit in ((p.minus, -1.0, p.lower), (p.plus, 1.0, p.upper)):
        if end is not None and np.isinf(end) and limit is not None:
            end = limit - p.value
        ends.append(side * p.error if end is None or not np.isfinite(end) else end)
    return ends[0], ends[1]


def _literal(text: str) -> str:
    """A text in which no dollar begins a formula."""
    return text.replace("$", r"\$")
