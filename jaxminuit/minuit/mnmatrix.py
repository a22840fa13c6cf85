"""The matrix of profiles and joint regions of all free parameters, as one figure."""

from typing import Any

import numpy as np

from jaxminuit.core.levels import rise_factor
from jaxminuit.minuit.late_progress import LateProgress
from jaxminuit.plot import axes as plot_axes
from jaxminuit.plot.library import pyplot

COLOURS = (*plot_axes.COLOURS, "#8a6d00", "#4d4d4d")  # one for each level
TICKS = 3  # at most so many intervals between the ticks of a cell
MARGIN = 0.05  # of the range, around what is drawn
CROWDED = 3  # from more parameters on, numbers are turned
ATTEMPTS = 5  # to find a range in which the profile crosses every level


def colour(k: int) -> str:
    """The colour of level number k."""
    return COLOURS[k % len(COLOURS)]


def level_name(cl: float) -> str:
    """A confidence level for people: 0.68 is 68 %, 2 (standard deviations) is 2 sigma."""
    return f"{100 * cl:.6g} %" if cl < 1 else rf"{cl:.4g}$\,\sigma$"


class MnMatrix:
    """Draws `mnprofile` of every free parameter on the diagonal and `mncontour` of every pair below it.

    Parameters
    ----------
    minuit
        A Minuit object with a valid minimum.
    names
        The free parameters.
    levels
        Confidence levels.
    contour
        Options of `mncontour`.
    """

    def __init__(self, minuit: Any, names: list[str], levels: list[float], contour: dict[str, Any]):
        self.minuit, self.names, self.levels, self.contour = minuit, names, levels, contour
        self.rises = [rise_factor(level) * minuit.errordef for level in levels]
        self.ranges = dict.fromkeys(names, (np.inf, -np.inf))

    def draw(self, figsize: tuple[float, float] | None) -> tuple[Any, np.ndarray]:
        """Figure and Axes."""
        n = len(self.names)
        if figsize is None and n > 2:
            figsize = 2.3 * n, 1.9 * n
        figure, axes = pyplot().subplots(n, n, figsize=figsize, layout="constrained", squeeze=False)
        for ax in axes[np.triu_indices(n, 1)]:
            ax.set_visible(False)
        with LateProgress(n + n * (n - 1) // 2 * len(self.levels)) as progress:
            for i, name in enumerate(self.names):
                self._profile(axes[i, i], name)
                progress += 1
                for j, other in enumerate(self.names[:i]):
                    for k in range(len(self.levels)):
                        self._region(axes[i, j], other, name, k)
                        progress += 1
                    axes[i, j].plot(*self.minuit.values[[other, name]], "+", color="k")
        self._frame(axes)
        figure.align_labels(axes[:, 0])
        figure.align_labels(axes[-1])
        self._legend(figure, axes)
        return figure, axes

    def _profile(self, ax: Any, name: str) -> None:
        """The profile over a range in which it crosses every level, if there is one."""
        for k, rise in enumerate(self.rises):
            ax.axhline(rise, color=colour(k), lw=1.2, label=level_name(self.levels[k]))
        top = max(self.rises)
        bound = (top / self.minuit.errordef) ** 0.5 + 1
        x = y = np.zeros(0)
        for _ in range(ATTEMPTS):
            x, y, ok = self.minuit.mnprofile(name, bound=bound, subtract_min=True)
            x, y = x[ok], y[ok]
            if not x.size or (y[0] > top and y[-1] > top):
                break
            bound *= 1.6
        ax.plot(x, y, "k")
        ax.axvline(self.minuit.values[name], color="k", lw=0.8, ls=":")
        ax.set_ylim(0, 1.15 * top)
        inside = y <= top
        shown = inside.copy()  # and the point beyond each end
        shown[:-1] |= inside[1:]
        shown[1:] |= inside[:-1]
        self._widen(name, x[shown])

    def _region(self, ax: Any, x: str, y: str, k: int) -> None:
        line = self.minuit.mncontour(x, y, cl=self.levels[k], **self.contour)
        ax.plot(*line.T, color=colour(k))
        self._widen(x, line[:, 0])
        self._widen(y, line[:, 1])

    def _widen(self, name: str, x: np.ndarray) -> None:
        if x.size:
            low, high = self.ranges[name]
            self.ranges[name] = min(low, float(np.min(x))), max(high, float(np.max(x)))

    def _range(self, name: str) -> tuple[float, float]:
        low, high = self.ranges[name]
        if not high > low:  # nothing was found
            value, error = self.minuit.values[name], self.minuit.errors[name]
            low, high = value - error, value + error
        return low - MARGIN * (high - low), high + MARGIN * (high - low)

    def _frame(self, axes: np.ndarray) -> None:
        """Common ranges; numbers and names at the outer edges, those of the function at the right of the diagonal."""
        from matplotlib.ticker import MaxNLocator

        n = len(self.names)
        for i, name in enumerate(self.names):
            axes[i, i].yaxis.tick_right()
            axes[i, i].yaxis.set_label_position("right")
            axes[i, i].set_ylabel(r"$\Delta$FCN")
            for j, other in enumerate(self.names[: i + 1]):
                ax = axes[i, j]
                ax.set_xlim(*self._range(other))
                ax.xaxis.set_major_locator(MaxNLocator(TICKS, prune="both"))
                ax.yaxis.set_major_locator(MaxNLocator(TICKS + 1, prune="both" if j < i else None))
                ax.tick_params(labelsize="small", labelbottom=i == n - 1, labelleft=j == 0 and i > 0)
                if n > CROWDED:
                    ax.tick_params(axis="x", labelrotation=45)
                if j < i:
                    ax.set_ylim(*self._range(name))
                if i == n - 1:
                    ax.set_xlabel(other)
                if j == 0 and i > 0:
                    ax.set_ylabel(name)

    def _legend(self, figure: Any, axes: np.ndarray) -> None:
        """In the empty corner; above the only cell."""
        handles, labels = axes[0, 0].get_legend_handles_labels()
        if len(self.names) > 1:
            figure.legend(handles, labels, loc="upper right", frameon=False, fontsize="large")
        else:
            figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
