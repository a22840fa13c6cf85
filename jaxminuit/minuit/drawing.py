"""The part of Minuit that draws, with matplotlib on its current Axes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxminuit.core.levels import rise_factor
from jaxminuit.minuit.session import Session
from jaxminuit.plot import draw_profile

LEVELS = 4  # lines of draw_contour, at 1 to 4 errordef


class Drawing:
    """Pictures of scans, profiles and contours, and of the data beside the model."""

    __slots__ = ()
    _session: Session
    _position: Callable[[int | str], int]

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
        i, j = self._position(x), self._position(y)
        xs, ys, values = self.contour(i, j, **{"subtract_min": True, **kwargs})
        plt, s = _pyplot(), self._session
        levels = s.errordef * np.arange(1, LEVELS + 1)
        if not kwargs.get("subtract_min", True):
            levels = levels + np.nanmin(values)
        lines = plt.contour(xs, ys, np.ma.masked_invalid(values).T, levels)
        plt.clabel(lines, levels)
        plt.xlabel(s.names[i])
        plt.ylabel(s.names[j])
        plt.axhline(s.values[j], color="k", ls="--")
        plt.axvline(s.values[i], color="k", ls="--")
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
            Names or numbers.
        cl
            One confidence level or several, each as in `mncontour`.
        size, interpolated, experimental
            As in `mncontour`.

        Returns
        -------
        matplotlib.contour.ContourSet
        """
        plt, s = _pyplot(), self._session
        from matplotlib.contour import ContourSet
        from matplotlib.path import Path

        names = [s.names[self._position(key)] for key in (x, y)]
        levels = _levels(cl)
        how = {"size": size, "interpolated": interpolated, "experimental": experimental}
        lines = [self.mncontour(x, y, cl=level, **how) for level in levels]
        codes = [[Path.MOVETO] + [Path.LINETO] * (len(line) - 2) + [Path.CLOSEPOLY] for line in lines]
        # matplotlib wants ascending levels; the same level twice would be one line
        order = np.argsort(levels, kind="stable")
        segments, kinds = [[lines[k]] for k in order], [[codes[k]] for k in order]
        drawn = ContourSet(plt.gca(), [levels[k] for k in order], segments, kinds)
        plt.clabel(drawn)
        plt.xlabel(names[0])
        plt.ylabel(names[1])
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
        levels = _levels(cl)
        if not levels:
            raise ValueError("cl must have at least one value")
        n = len(names)
        figure, axes = _pyplot().subplots(n, n, figsize=figsize, constrained_layout=True, squeeze=False)
        ranges = dict.fromkeys(names, (np.inf, -np.inf))
        for i, name in enumerate(names):
            _widen(ranges, name, self._matrix_profile(axes[i, i], name, levels))
            for j, other in enumerate(names[:i]):
                axes[j, i].set_visible(False)
                axes[i, j].plot(self.values[other], self.values[name], "+", color="k")
                for k, level in enumerate(levels):
                    line = self.mncontour(other, name, cl=level, size=size, experimental=experimental)
                    axes[i, j].plot(*line.T, color=f"C{k}")
                    _widen(ranges, other, line[:, 0])
                    _widen(ranges, name, line[:, 1])
        for i, name in enumerate(names):
            axes[-1, i].set_xlabel(name)
            axes[i, i].set_xlim(*ranges[name])
            if i > 0:
                axes[i, 0].set_ylabel(name)
            for j, other in enumerate(names[:i]):
                axes[i, j].set_xlim(*ranges[other])
                axes[i, j].set_ylim(*ranges[name])
        return figure, axes

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

    def _plotter(self, plot: Callable | None) -> Callable:
        plot = plot or getattr(self._target.function, "visualize", None)
        if plot is None:
            kind = type(self._target.function).__name__
            raise AttributeError(
                f"class {kind} has no visualize method, please use the 'plot' keyword to pass a visualization function"
            )
        return plot

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

    def _matrix_profile(self, ax: Any, name: str, levels: list[float]) -> np.ndarray:
        """Draw the profile over a range in which it crosses every level; where it is below the highest."""
        rises = [rise_factor(level) for level in levels]
        for k, rise in enumerate(rises):
            ax.axhline(rise * self._session.errordef, color=f"C{k}")
        top = max(rises) * self._session.errordef
        bound = max(rises) ** 0.5 + 1
        for _ in range(5):
            x, y, ok = self.mnprofile(name, bound=bound, subtract_min=True)
            x, y = x[ok], y[ok]
            if not x.size or (y[0] > top and y[-1] > top):
                break
            bound *= 1.6
        ax.plot(x, y, "k")
        ax.set_ylim(0, top + 0.5 * self._session.errordef)
        inside = y <= top
        shown = inside.copy()  # and the point beyond each end
        shown[:-1] |= inside[1:]
        shown[1:] |= inside[:-1]
        return x[shown]


def _levels(cl: Any) -> list[float]:
    """Confidence levels from one or several, 0.68 for None."""
    several = cl if isinstance(cl, Sequence | np.ndarray) else [cl]
    return [0.68 if level is None else float(level) for level in several]


def _widen(ranges: dict[str, tuple[float, float]], name: str, x: np.ndarray) -> None:
    if x.size:
        low, high = ranges[name]
        ranges[name] = min(low, float(np.min(x))), max(high, float(np.max(x)))


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError('drawing needs matplotlib: pip install "jaxminuit[plot]"') from error
    return plt
