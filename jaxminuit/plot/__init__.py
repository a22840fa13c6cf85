"""Pictures of plain results: arrays in, matplotlib Axes out. matplotlib is only needed when one is drawn."""

from jaxminuit.plot.axes import get_panels, set_current
from jaxminuit.plot.contour import draw_contour, draw_grid
from jaxminuit.plot.fit import draw_curve, draw_histogram, draw_points
from jaxminuit.plot.impacts import draw_impacts
from jaxminuit.plot.profile import draw_profile
from jaxminuit.plot.pulls import draw_pulls
from jaxminuit.plot.statistics import draw_belt, draw_distribution, draw_statistic, draw_thresholds
from jaxminuit.plot.toys import draw_pull_histogram, draw_pull_histograms

__all__ = [
    "draw_belt",
    "draw_contour",
    "draw_curve",
    "draw_distribution",
    "draw_grid",
    "draw_histogram",
    "draw_impacts",
    "draw_points",
    "draw_profile",
    "draw_pull_histogram",
    "draw_pull_histograms",
    "draw_pulls",
    "draw_statistic",
    "draw_thresholds",
    "get_panels",
    "set_current",
]
