"""Confidence intervals by the unified approach of Feldman and Cousins (physics/9711021), with toys."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import numpy as np

from jaxminuit.batch.arguments import checked_options, vector_of
from jaxminuit.batch.likelihood_ratio import LikelihoodRatio, likelihood_ratio, tested, tested_values
from jaxminuit.batch.ratios_of_toys import ratios_of_toys
from jaxminuit.batch.recipe import recipe_of
from jaxminuit.batch.tables import ShownTable
from jaxminuit.core.levels import probability_of, rise_factor
from jaxminuit.fit.checks import as_key, whole
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.plot.statistics import draw_belt, draw_thresholds
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.parameters import Parameters

KIND = "tmu"


class FeldmanCousins(ShownTable):
    """Thresholds of the likelihood ratio for a grid of true values, and which of these the data accept.

    Attributes
    ----------
    grid
        (m,) True values of the parameter of interest.
    thresholds, threshold_errors
        (m,) t below which a data set accepts the value: the quantile of t in the toys, and its error, from the order
        statistics one binomial standard deviation to each side (0 where discrete data have the same t there). NaN
        where all toys failed.
    low, high
        (m,) The smallest and the largest estimate among the accepted toys: the belt.
    coverage
        (m,) Share of the toys that accept their own true value; above the level where data are discrete.
    failed
        (m,) Toys whose fits failed, which are left out.
    observed
        t of the data at every value of the grid, with its fits.
    cl
        Confidence level, a probability.
    toys
        Toys for each value of the grid.
    """

    grid: np.ndarray
    thresholds: np.ndarray
    threshold_errors: np.ndarray
    low: np.ndarray
    high: np.ndarray
    coverage: np.ndarray
    failed: np.ndarray
    observed: LikelihoodRatio
    cl: float
    toys: int = eqx.field(static=True)

    @property
    def accepted(self) -> np.ndarray:
        """(m,) Which values of the grid the data accept."""
        return self._distance(self.observed.q) <= 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end for the data, see `interval_of`."""
        return self.interval_of(self.observed.q)

    @property
    def interval_errors(self) -> tuple[float, float]:
        """By how much each end would move with the thresholds one error higher; NaN where there is no crossing."""
        wider = _ends(self.grid, self._distance(self.observed.q) - self.threshold_errors)
        lower, upper = (abs(a - b) for a, b in zip(wider, self.interval, strict=True))
        return lower, upper

    def interval_of(self, t: Any) -> tuple[float, float]:
        """Ends of the interval for a data set with these values of t on the grid, shape (m,).

        The first and the last crossing of t with the thresholds, by linear interpolation; an end is that of the grid
        if the data accept it. NaN if nothing on the grid is accepted. t is ``likelihood_ratio(fcn, start, poi, grid,
        kind="tmu", in_axes=None).q``.
        """
        t = np.asarray(t, float)
        if t.shape != self.grid.shape:
            raise ValueError(f"t must have one value for each of {self.grid.size} values of the grid, not {t.shape}")
        return _ends(self.grid, self._distance(t))

    def draw(self, ax: Any = None) -> Any:
        """t of the data and the thresholds along the parameter; returns the matplotlib Axes."""
        level, name = rise_factor(self.cl), self.observed.poi
        errors = self.threshold_errors
        return draw_thresholds(self.grid, self.observed.q, self.thresholds, errors, level=level, name=name, ax=ax)

    def draw_belt(self, ax: Any = None) -> Any:
        """The belt: accepted estimates for every true value, and the interval of the data; returns the Axes."""
        estimate = float(self.observed.muhat[np.nanargmin(self.observed.q)])
        return draw_belt(
            self.grid, self.low, self.high, observed=estimate, interval=self.interval, name=self.observed.poi, ax=ax
        )

    def _remarks(self) -> list[str]:
        failed = int(np.sum(self.failed))
        return [f"{failed} of {self.toys * self.grid.size} toys failed and are left out"] if failed else []

    def _distance(self, t: np.ndarray) -> np.ndarray:
        """How far t is above the thresholds; within the accuracy of the fits it is not."""
        distance = t - self.thresholds
        return np.where(np.abs(distance) <= self.observed.tolerance, 0.0, distance)

    def _title(self) -> str:
        (low, high), (e_low, e_high) = self.interval, self.interval_errors
        name = self.observed.poi
        return f"{name} in [{low:.4g}, {high:.4g}] at {100 * self.cl:.4g} %, ends +- {e_low:.2g}, {e_high:.2g} by toys"

    def _table(self) -> list[Sequence[str]]:
        columns = (self.grid, self.observed.q, self.thresholds, self.threshold_errors, self.coverage)
        rows = [tuple(f"{x:.4g}" for x in row) for row in zip(*columns, strict=True)]
        rows = [(*row, "yes" if a else "") for row, a in zip(rows, self.accepted, strict=True)]
        return [(self.observed.poi, "t of the data", "threshold", "error", "coverage", "accepted"), *rows]


def feldman_cousins(
    generate: Callable,
    fcn: AbstractFCN,
    start: Parameters | FunctionMinimum,
    poi: str | int,
    grid: Any,
    *,
    n: int = 1000,
    key: Any,
    cl: float = 0.9,
    truths: Any = None,
    store: str | os.PathLike | None = None,
    **options: Any,
) -> FeldmanCousins:
    """Confidence interval of one parameter with the right coverage, near boundaries and for small samples too.

    For every true value on the grid, toys are ordered by the likelihood ratio t = (F(mu) - F(muhat)) / UP, muhat within
    the limits of `start`; the value is accepted by data whose t is not above the quantile of t in the toys. Other
    parameters are fitted in both, and toys generated with the values that fit the data best for that true value.

    Parameters
    ----------
    generate, fcn
        As in `hypotest`.
    start
        Parameters or a FunctionMinimum. A physical boundary of the parameter of interest is its limit.
    poi, options
        As in `likelihood_ratio`.
    grid
        (m,) True values, increasing, within the limits.
    n
        Toys for each value of the grid. The thresholds' errors fall as 1 / sqrt(n).
    key
        Whole number or JAX key.
    cl
        Confidence level: a probability below 1, or a number of standard deviations from 1. Default 0.9.
    truths
        One set of parameters in the user's structure for each value of the grid, to generate toys from instead.
    store
        As in `hypotest`.

    Returns
    -------
    FeldmanCousins

    Raises
    ------
    TypeError, ValueError
        As `hypotest`; a grid that does not increase or lies outside the limits.
    """
    options, n, key = checked_options(options), whole("n", n, 2), as_key(key)
    start, index = tested(start, poi, KIND)
    grid = tested_values(start, index, grid, KIND)
    if grid.ndim != 1 or grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise ValueError(f"grid must be at least two increasing values, not {grid!r}")
    level = probability_of(cl)
    recipe = recipe_of(generate, fcn, start, key, np.asarray(start.values)[None])
    given = None if truths is None else np.stack([vector_of(start, tree) for tree in truths])
    if given is not None and len(given) != grid.size:
        raise ValueError(f"truths must be one set of parameters for each of {grid.size} values, not {len(given)}")
    observed = likelihood_ratio(fcn, start, poi, grid, kind=KIND, in_axes=None, **(options | {"progress": False}))
    if not np.all(observed.valid):
        raise ValueError(f"the fits to the data failed: {observed}")
    truths = observed.conditional_values if given is None else given
    _, toys = ratios_of_toys(recipe, key, truths, n, start, poi, grid, KIND, store, options)
    columns = zip(*(_accepted(t, level) for t in toys), strict=True)
    thresholds, threshold_errors, low, high, coverage, failed = (np.array(column) for column in columns)
    return FeldmanCousins(
        grid, thresholds, threshold_errors, low, high, coverage, failed, observed=observed, cl=level, toys=n
    )  # fmt: skip


def _accepted(toys: LikelihoodRatio, level: float) -> tuple[float, float, float, float, float, int]:
    """Threshold and its error, smallest and largest accepted estimate, coverage, failures of toys of one true value."""
    good = toys.rows(toys.valid)
    n = len(good)
    if n == 0:
        return (np.nan,) * 5 + (toys.failed,)
    t = np.sort(good.q)
    spread = np.sqrt(n * level * (1.0 - level))
    rank, low, high = (int(np.clip(np.ceil(n * level + d) - 1, 0, n - 1)) for d in (0.0, -spread, spread))
    inside = good.q <= t[rank] + good.tolerance
    estimates = good.muhat[inside]
    error = 0.5 * (t[high] - t[low])
    return t[rank], error, estimates.min(), estimates.max(), np.mean(inside), toys.failed


def _ends(grid: np.ndarray, distance: np.ndarray) -> tuple[float, float]:
    """Where the distance first falls to 0 and where it last rises from it."""
    inside = np.flatnonzero(distance <= 0.0)
    if inside.size == 0:
        return np.nan, np.nan
    return _crossing(grid, distance, inside[0], -1), _crossing(grid, distance, inside[-1], 1)


def _crossing(grid: np.ndarray, distance: np.ndarray, i: int, step: int) -> float:
    """Between accepted point i and its neighbour that is not, by linear interpolation."""
    k = i + step
    if not 0 <= k < grid.size:
        return float(grid[i])
    share = distance[i] / (distance[i] - distance[k])
    return float(grid[i] + share * (grid[k] - grid[i]))
