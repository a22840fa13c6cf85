"""What toys say about a fit: pulls, bias, and coverage of intervals, with their statistical errors."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from scipy.special import betaincinv

from jaxminuit.batch.tables import Table, number, with_error
from jaxminuit.core.levels import probability, probability_of, rise_factor
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.parameters import Parameters

NOT_GIVEN = ", with the start values taken as truth"


@dataclass(frozen=True, repr=False)
class Pulls(Table):
    """(value - truth)/error of every toy, and their mean and width: 0 and 1 for a fit without bias and right errors.

    Attributes
    ----------
    names
        The n free parameters with a known truth.
    pulls
        (toys, n) NaN for toys that are not valid.
    number, mean, mean_error, width, width_error
        (n,) How many toys count; mean and standard deviation of the pulls, with their errors.
    about
        What is remarked about the truth.
    """

    names: tuple[str, ...]
    pulls: np.ndarray
    number: np.ndarray
    mean: np.ndarray
    mean_error: np.ndarray
    width: np.ndarray
    width_error: np.ndarray
    about: str = ""

    def _title(self) -> str:
        return f"pulls of {np.max(self.number, initial=0)} toys{self.about}"

    def _table(self) -> list[Sequence[str]]:
        means = map(with_error, self.mean, self.mean_error)
        widths = map(with_error, self.width, self.width_error)
        return [("", "mean", "width"), *zip(self.names, means, widths, strict=True)]


@dataclass(frozen=True, repr=False)
class Bias(Table):
    """Mean of value - truth over the toys.

    Attributes
    ----------
    names
        The n free parameters with a known truth.
    number, bias, error
        (n,) How many toys count; the mean, and its error.
    relative
        (n,) The bias in units of the mean parabolic error of a fit.
    about
        What is remarked about the truth.
    """

    names: tuple[str, ...]
    number: np.ndarray
    bias: np.ndarray
    error: np.ndarray
    relative: np.ndarray
    about: str = ""

    def _title(self) -> str:
        return f"bias of {np.max(self.number, initial=0)} toys{self.about}"

    def _table(self) -> list[Sequence[str]]:
        rows = zip(self.names, map(with_error, self.bias, self.error), map(number, self.relative), strict=True)
        return [("", "bias", "in errors of a fit"), *rows]


@dataclass(frozen=True, repr=False)
class Coverage(Table):
    """How many intervals hold the truth.

    Attributes
    ----------
    names
        The n free parameters with a known truth.
    cl
        Nominal confidence level of the intervals.
    number, inside
        (n,) How many toys have an interval, and how many of them have the truth inside.
    fraction, lower, upper
        (n,) inside/number, and the ends of its central interval at one standard deviation (Clopper and Pearson).
    minos
        The same for the Minos intervals, at the level that Minos was run at; None without Minos.
    about
        What is remarked about the truth.
    """

    names: tuple[str, ...]
    cl: float
    number: np.ndarray
    inside: np.ndarray
    fraction: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    minos: "Coverage | None" = None
    about: str = ""

    def _title(self) -> str:
        title = f"coverage of parabolic intervals, nominal {self.cl:.4g}"
        if self.minos is not None:
            title += f", and of Minos intervals, nominal {self.minos.cl:.4g}"
        return title + self.about

    def _table(self) -> list[Sequence[str]]:
        columns = [("", *self.names), ("parabolic", *self._cells()), ("toys", *map(str, self.number))]
        if self.minos is not None:
            columns += [("Minos", *self.minos._cells()), ("toys", *map(str, self.minos.number))]
        return list(zip(*columns, strict=True))

    def _cells(self) -> list[str]:
        parts = zip(self.fraction, self.lower, self.upper, strict=True)
        return [f"{f:.4f} -{f - low:.4f} +{up - f:.4f}" if np.isfinite(f) else "-" for f, low, up in parts]


def truth_of(names: Sequence[str], truth: Any) -> np.ndarray:
    """(n,) True values, NaN where unknown: from a mapping of names, the structure of the parameters, or a vector."""
    if isinstance(truth, Mapping):
        truth = Parameters(truth)
    if isinstance(truth, Parameters | FunctionMinimum):
        known = truth.parameters.names if isinstance(truth, FunctionMinimum) else truth.names
        unknown = [name for name in known if name not in names]
        if unknown:
            raise ValueError(f"truth has {unknown[0]!r}, but the parameters are {list(names)}")
        given = dict(zip(known, np.asarray(truth.values, float), strict=True))
        return np.array([given.get(name, np.nan) for name in names])
    found = [x for leaf in jax.tree_util.tree_leaves(truth) for x in np.ravel(leaf)]
    if len(found) != len(names):
        raise ValueError(f"truth must have a value for each of {list(names)}, but it is {truth!r}")
    try:
        return np.array(found, float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"truth must hold numbers, but it is {truth!r}") from error


def pulls_of(names: Sequence[str], pulls: np.ndarray) -> Pulls:
    """Mean and width of pulls, (toys, n)."""
    total = np.sum(np.isfinite(pulls), axis=0)
    mean, width = _moment(pulls, 1), _spread(pulls)
    fourth = _moment(pulls - mean, 4)
    # variance of the sample variance, without the assumption that the pulls are normal; of the width by propagation
    n = np.maximum(total, 2)
    variance = np.maximum(fourth - width**4 * (n - 3) / (n - 1), 0.0) / n
    with np.errstate(invalid="ignore", divide="ignore"):
        return Pulls(tuple(names), pulls, total, mean, width / np.sqrt(total), width, np.sqrt(variance) / (2.0 * width))


def bias_of(names: Sequence[str], difference: np.ndarray, errors: np.ndarray) -> Bias:
    """Mean of value - truth, (toys, n)."""
    total, mean = np.sum(np.isfinite(difference), axis=0), _moment(difference, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Bias(tuple(names), total, mean, _spread(difference) / np.sqrt(total), mean / _moment(errors, 1))


def coverage_of(names: Sequence[str], cl: float, lower: np.ndarray, upper: np.ndarray, minos=None) -> Coverage:
    """From the ends of intervals counted from the truth, (toys, n), NaN where there is none."""
    known = np.isfinite(lower) & np.isfinite(upper)
    total, inside = np.sum(known, axis=0), np.sum(known & (lower <= 0.0) & (upper >= 0.0), axis=0)
    with np.errstate(invalid="ignore"):
        return Coverage(tuple(names), cl, total, inside, inside / total, *binomial_interval(inside, total), minos)


def binomial_interval(inside: Any, total: Any) -> tuple[np.ndarray, np.ndarray]:
    """Central one-sigma interval of a probability from so many cases of a total (Clopper and Pearson 1934)."""
    inside, total = np.asarray(inside, float), np.asarray(total, float)
    outside, cl = total - inside, probability(1.0)
    lower = np.where(inside > 0, betaincinv(np.maximum(inside, 1), outside + 1, 0.5 * (1 - cl)), 0.0)
    upper = np.where(outside > 0, betaincinv(inside + 1, np.maximum(outside, 1), 0.5 * (1 + cl)), 1.0)
    return np.where(total > 0, lower, np.nan), np.where(total > 0, upper, np.nan)


def level(cl: float | None) -> tuple[float, float]:
    """Probability and number of standard deviations of a confidence level as Minos takes it."""
    return probability_of(cl), math.sqrt(rise_factor(cl))


def _moment(x: np.ndarray, power: int) -> np.ndarray:
    """(n,) Mean of x^power over the toys that have it; NaN if none has."""
    known = np.isfinite(x)
    with np.errstate(invalid="ignore"):
        return np.sum(np.where(known, x, 0.0) ** power, axis=0) / np.sum(known, axis=0)


def _spread(x: np.ndarray) -> np.ndarray:
    """(n,) Standard deviation; NaN for fewer than two toys."""
    total = np.sum(np.isfinite(x), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = _moment(x - _moment(x, 1), 2) * total / (total - 1)
    return np.sqrt(np.where(total > 1, squares, np.nan))
