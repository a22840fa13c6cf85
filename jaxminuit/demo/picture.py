"""The example as one picture: the two decay-time distributions with the fits, and a contour in (Re X, Im X)."""

from pathlib import Path
from typing import Any

import numpy as np

from jaxminuit.demo import k0
from jaxminuit.demo.fits import LEVELS, KaonFit, chi_square_grid
from jaxminuit.plot.library import file_figure

SEEN, FIXED, FREE = "black", "#1f5fa8", "#c0392b"


def draw(data: k0.Decays, fixed: KaonFit, free: KaonFit, path: Path) -> Path:
    """Write the picture to `path` (PNG) and return it; ImportError that says what to install without matplotlib."""
    figure = file_figure((12.5, 5.2))
    parts: Any = figure.subfigures(1, 2, width_ratios=(1.15, 1.0))
    left, right = parts
    _draw_times(left.subplots(2, 1, sharex=True), data, fixed, free)
    _draw_contour(right.subplots(), data, fixed)
    figure.savefig(path, dpi=120)
    return path


def _draw_times(axes, data, fixed, free):
    """Merged bins with sqrt(n) errors as chi-square saw them, and both fits in events per original bin."""
    curves = [
        (k0.expected(fit.minimum.params, data), colour, style, label)
        for fit, colour, style, label in (
            (fixed, FIXED, "-", f"$\\Delta m$ = 0.535 fixed, $\\chi^2$ = {float(fixed.minimum.fval):.2f}"),
            (free, FREE, "--", f"$\\Delta m$ free, $\\chi^2$ = {float(free.minimum.fval):.2f}"),
        )
    ]
    for k, (axis, counts, sign) in enumerate(zip(axes, data[1:], ("positive", "negative"), strict=True)):
        bins = counts.merge.sum(axis=1)
        events = counts.merge @ counts.events
        centre = counts.merge @ data.times / bins
        axis.errorbar(
            centre, events / bins, np.sqrt(events) / bins, xerr=0.05 * bins, fmt="o", color=SEEN, ms=3.5, lw=1,
            label=f"{sign} leptons, {int(counts.events.sum())} events",
        )  # fmt: skip
        for expected, colour, style, label in curves:
            axis.plot(data.times, expected[k], style, color=colour, lw=1.6, label=label)
        axis.set_ylabel("events / bin")
        axis.set_ylim(bottom=0.0)
        axis.legend(frameon=False, fontsize=9)
    axes[0].set_title("Decay times of leptonic $K^0$ decays")
    axes[1].set_xlabel("proper time (bin width 0.1)")


def _draw_contour(axis, data, fixed):
    """Contours of chi-square with Delta M fixed, and the Minos errors."""
    minimum, minos = fixed.minimum, fixed.minos
    re_x, im_x, grid = chi_square_grid(k0.fcn(data), minimum)
    rise = grid - float(minimum.fval)
    up = float(minimum.errordef)
    shades = axis.contourf(re_x, im_x, rise, levels=np.linspace(0.0, 12.0, 25) * up, cmap="Blues_r", extend="max")
    axis.figure.colorbar(shades, ax=axis, label="F $-$ F$_{min}$")
    for (factor, label), colour, style in zip(LEVELS, (FREE, "black", "black"), ("--", "-", ":"), strict=True):
        axis.contour(re_x, im_x, rise, levels=[factor * up], colors=[colour], linestyles=[style])
        axis.plot([], [], style, color=colour, label=f"F$_{{min}}$ + {factor:.2f} UP ({label})")
    x, y = (float(v) for v in minimum.values[:2])
    sides = [np.abs([[float(minos.lower[i])], [float(minos.upper[i])]]) for i in (0, 1)]
    axis.errorbar(
        x, y, yerr=sides[1], xerr=sides[0], fmt="o", color=FREE, ms=4, capsize=3, label="minimum, Minos errors"
    )
    axis.axhline(0.0, color="grey", lw=0.6)
    axis.axvline(0.0, color="grey", lw=0.6)
    axis.set(xlabel="Re X", ylabel="Im X", title="$\\Delta m$ = 0.535 fixed")
    axis.legend(loc="lower right", fontsize=8.5)
