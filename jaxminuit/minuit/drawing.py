"""The part of Minuit that draws, with matplotlib on its current Axes."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxminuit import fit
from jaxminuit.core.levels import probability, rise_factor
from jaxminuit.core.surroundings import is_jupyter
from jaxminuit.minuit import ipywidget, qtwidget
from jaxminuit.minuit.clock import Counts
from jaxminuit.minuit.mnmatrix import MnMatrix, colour, level_name
from jaxminuit.minuit.scans import Scans
from jaxminuit.minuit.warnings import IMinuitWarning
from jaxminuit.plot import draw_profile
from jaxminuit.plot.library import pyplot

LEVELS = 4  # lines of draw_contour, at 1 to 4 errordef


class Drawing(Scans):
    """Pictures of scans, profiles and contours, and of the data beside the model."""

    __slots__ = ()

    def draw_profile(
        self, vname: int | str, *, band: bool = True, text: bool = True, **kwargs: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw the function along one parameter, the others kept (needs matplotlib).

        Parameters
        ----------
        vname
            Name or number.
        band
            Whether to show the error interval: that of Minos if there is one. Default True.
        text
            Whether to write value and errors above. Default True.
        **kwargs
            As in `profile`; `subtract_min` is True unless given.

        Returns
        -------
        tuple
            What `profile` returns.
        """
        pyplot()
        x, y = self.profile(vname, **{"subtract_min": True, **kwargs})
        self._draw_along(vname, x, y, band, text)
        return x, y

    def draw_mnprofile(
        self, vname: int | str, *, band: bool = True, text: bool = True, **kwargs: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw the function along one parameter, minimised over the others (needs matplotlib).

        Arguments as in `draw_profile`, those of `mnprofile` in place of those of `profile`. Points whose minimisation
        failed are marked.

        Returns
        -------
        tuple
            Values of the parameter and of the function.
        """
        pyplot()
        x, y, ok = self.mnprofile(vname, **{"subtract_min": True, **kwargs})
        self._draw_along(vname, x, y, band, text, ok)
        return x, y

    def draw_contour(self, x: int | str, y: int | str, **kwargs: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw lines of equal function on a grid of two parameters, the others kept (needs matplotlib).

        Parameters
        ----------
        x, y
            Names or numbers.
        **kwargs
            As in `contour`; `subtract_min` is True unless given.

        Returns
        -------
        tuple
            What `contour` returns. The lines are 1, 2, 3 and 4 errordef above the smallest value.
        """
        plt, s = pyplot(), self._session  # what is missing is missed before a long scan
        i, j = self._position(x), self._position(y)
        xs, ys, values = self.contour(i, j, **{"subtract_min": True, **kwargs})
        rises = s.errordef * np.arange(1, LEVELS + 1)
        base = 0.0 if kwargs.get("subtract_min", True) else np.nanmin(values)
        colours = [colour(k) for k in range(LEVELS)]
        lines = plt.contour(xs, ys, np.ma.masked_invalid(values).T, base + rises, colors=colours)
        plt.clabel(lines, fmt={base + rise: f"{rise:g}" for rise in rises}, fontsize="small")
        plt.xlabel(s.names[i])
        plt.ylabel(s.names[j])
        plt.axhline(s.values[j], color="k", ls="--", lw=1)
        plt.axvline(s.values[i], color="k", ls="--", lw=1)
        return xs, ys, values

    def draw_mncontour(
        self,
        x: int | str,
        y: int | str,
        *,
        cl: float | Sequence[float] | None = None,
        size: int = 100,
        interpolated: int = 0,
        experimental: bool = False,
    ) -> Any:
        """Draw joint confidence regions of two parameters (needs matplotlib).

        Parameters
        ----------
        x, y
            Names or numbers. If one of the two is fixed, the region is a piece of a line, with a warning.
        cl
            One confidence level or several, each as in `mncontour`.
        size, interpolated, experimental
            As in `mncontour`.

        Returns
        -------
        matplotlib.contour.ContourSet
            Its levels ascend; regions that could not be found are left out.

        Raises
        ------
        ValueError
            If a parameter is unknown, both are fixed or the same, or a cl is not positive or missing.
        RuntimeError
            If the minimum is not valid, or no region was found.
        """
        plt, s = pyplot(), self._session
        i, j = self._position(x), self._position(y)
        levels = sorted(_levels(cl))  # matplotlib wants them ascending
        if s.fixed[[i, j]].any() and not s.fixed[[i, j]].all():
            lines = [self._segment(i, j, level) for level in levels]
        else:
            lines = [
                self.mncontour(i, j, cl=level, size=size, interpolated=interpolated, experimental=experimental)
                for level in levels
            ]
        found = [k for k, line in enumerate(lines) if len(line) > 2]
        if not found:
            raise RuntimeError(f"no point of the contour of {s.names[i]} and {s.names[j]} was found")
        from matplotlib.contour import ContourSet
        from matplotlib.path import Path

        codes = [[Path.MOVETO] + [Path.LINETO] * (len(lines[k]) - 2) + [Path.CLOSEPOLY] for k in found]
        levels, segments, kinds = [levels[k] for k in found], [[lines[k]] for k in found], [[code] for code in codes]
        drawn = ContourSet(plt.gca(), levels, segments, kinds, colors=[colour(k) for k in range(len(levels))])
        plt.clabel(drawn, fmt={level: level_name(level) for level in levels}, fontsize="small")
        plt.plot(s.values[i], s.values[j], "+", color="k")
        for edges in (drawn.sticky_edges.x, drawn.sticky_edges.y):  # which would forbid a margin
            edges.clear()
        plt.gca().autoscale_view(tight=False)
        plt.xlabel(s.names[i])
        plt.ylabel(s.names[j])
        return drawn

    def draw_mnmatrix(
        self,
        *,
        cl: float | Sequence[float] | None = None,
        size: int = 100,
        experimental: bool = False,
        figsize: tuple[float, float] | None = None,
    ) -> Any:
        """Draw `mnprofile` of every free parameter and `mncontour` of every pair as a matrix (needs matplotlib).

        The ends of the two-dimensional regions are not those of the one-dimensional intervals: for the same
        probability the function rises by more on them.

        Parameters
        ----------
        cl
            One confidence level or several, each as in `mncontour`.
        size, experimental
            As in `mncontour`.
        figsize
            Width and height of the figure in inches.

        Returns
        -------
        tuple
            The matplotlib Figure and the array of its Axes.

        Raises
        ------
        RuntimeError
            If the minimum is not valid or all parameters are fixed.
        ValueError
            If there is no cl.
        """
        if not self.valid:
            raise RuntimeError(f"Function minimum is not valid: {self.fmin!r}")
        names = [name for name, fixed in zip(self._session.names, self._session.fixed, strict=True) if not fixed]
        if not names:
            raise RuntimeError("all parameters are fixed")
        return MnMatrix(self, names, _levels(cl), {"size": size, "experimental": experimental}).draw(figsize)

    def visualize(self, plot: Callable | None = None, **kwargs: Any) -> Any:
        """Draw data and model at the present values (needs matplotlib).

        Parameters
        ----------
        plot
            Function of the values that draws on the current Axes. Default: the method `visualize` of the cost.
        **kwargs
            Passed on to it.

        Raises
        ------
        AttributeError
            If there is no `plot` and the function has no method `visualize`.
        """
        return self._plotter(plot)(self.values, **kwargs)

    def interactive(self, plot: Callable | None = None, raise_on_exception: bool = False, **kwargs: Any) -> Any:
        """Fit by hand: sliders for the parameters, buttons for the algorithms, and the picture of data and model.

        In Jupyter a widget (needs ipywidgets and matplotlib); elsewhere a window (needs PySide6 and matplotlib), which
        keeps the program waiting until it is closed. What is done there is done to this object.

        Parameters
        ----------
        plot
            As in `visualize`.
        raise_on_exception
            Whether exceptions of the picture and of fits are raised, instead of shown in place of the picture.
        **kwargs
            Passed on to `plot`.

        Returns
        -------
        ipywidgets.HBox or None

        Raises
        ------
        AttributeError
            If there is no `plot` and the function has no method `visualize`.
        ImportError
            If a package is missing; it says how to install it.
        """
        make_widget = ipywidget.make_widget if is_jupyter() else qtwidget.make_widget
        return make_widget(self, self._plotter(plot), kwargs, raise_on_exception)

    def _segment(self, i: int, j: int, level: float) -> np.ndarray:
        """What is left of a region where one of its two parameters is fixed, there and back."""
        s = self._session
        free, held = (j, i) if s.fixed[i] else (i, j)
        message = f"{s.names[held]} is fixed: the region of {s.names[i]} and {s.names[j]} is only a line"
        warnings.warn(message, IMinuitWarning, stacklevel=3)
        minimum = self._valid_minimum(None)
        s = self._begin()
        sigmas = rise_factor(level, 2) ** 0.5
        cl = sigmas if sigmas >= 1 else probability(sigmas)  # below 1 it would be taken for one
        found, clock = self._timed(fit.minos, None, minimum, [s.names[free]], cl=cl, tol=s.tol)
        self._session = s.with_counts(clock.counts or Counts(nfcn=int(np.sum(found.nfcn))))
        line = np.tile(np.asarray(minimum.values)[[i, j]], (3, 1))
        line[:, 0 if free == i else 1] += np.array([found.lower[free], found.upper[free], found.lower[free]])
        return line

    def _draw_along(
        self, vname: int | str, x: np.ndarray, y: np.ndarray, band: bool, text: bool, ok: np.ndarray | None = None
    ) -> None:
        s, i = self._session, self._position(vname)
        name, value = s.names[i], float(s.values[i])
        minos = self.merrors.get(name)
        low, up = (minos.lower, minos.upper) if minos is not None else (-s.errors[i], s.errors[i])
        interval = (low, up) if band else None
        ax = draw_profile(x, y, value=value, interval=interval, errordef=s.errordef, valid=ok)
        ax.set_xlabel(name)
        if text:
            ax.set_title(f"{name} = {value:.3g} - {-low:.3g} + {up:.3g}", fontsize="large")


def _levels(cl: Any) -> list[float]:
    """Confidence levels from one or several, 0.68 for None; ValueError if there is none."""
    several = cl if isinstance(cl, Sequence | np.ndarray) else [cl]
    if not len(several):
        raise ValueError("cl must have at least one value")
    return [0.68 if level is None else float(level) for level in several]
