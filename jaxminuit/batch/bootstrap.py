"""The bootstrap: errors and intervals from fits to data drawn again, from the fit or from the data themselves."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import numpy as np
from scipy.special import ndtr, ndtri

from jaxminuit.batch.arguments import apart, check_valid, checked_options
from jaxminuit.batch.chunks import all_rows
from jaxminuit.batch.columns import REPLICAS, flattened
from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.order import order_of
from jaxminuit.batch.prints import print_of, print_of_arrays
from jaxminuit.batch.recipe import recipe_of
from jaxminuit.batch.resample import SCHEMES, check_drawable, events, left_out, redrawn
from jaxminuit.batch.store import opened
from jaxminuit.batch.tables import ShownTable
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.status import Status
from jaxminuit.core.symmetric import correlation
from jaxminuit.fit.checks import as_key, whole
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.plot.statistics import draw_distribution
from jaxminuit.problem.fcn import AbstractFCN, HostFCN

INTERVALS = ("percentile", "basic", "bc", "bca")


class Bootstrap(ShownTable):
    """Fits to data drawn again.

    Attributes
    ----------
    minimum
        The fit to the data.
    values
        (replicas, n) Parameters at the minima; NaN where a fit failed.
    status
        (replicas,) Codes of `Status`.
    acceleration
        (n,) The a of BCa from a jackknife, or None if none was asked for.
    parametric
        Whether the data were generated from the fit.
    """

    minimum: FunctionMinimum
    values: np.ndarray
    status: np.ndarray
    acceleration: np.ndarray | None
    parametric: bool = eqx.field(static=True)

    def __len__(self) -> int:
        return self.values.shape[0]

    @property
    def valid(self) -> np.ndarray:
        """(replicas,) Which fits are valid; only these are used."""
        return self.status <= Status.AT_LIMIT

    @property
    def failed(self) -> int:
        """How many are not."""
        return int(np.sum(~self.valid))

    @property
    def covariance(self) -> np.ndarray:
        """(n, n) Covariance of the replicas' parameters; NaN for less than two valid ones."""
        x = self.values[self.valid]
        if len(x) < 2:
            return np.full((x.shape[1], x.shape[1]), np.nan)
        deviations = x - x.mean(axis=0)
        return deviations.T @ deviations / (len(x) - 1)

    @property
    def errors(self) -> np.ndarray:
        """(n,) Standard deviations of the replicas' parameters."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def correlation(self) -> np.ndarray:
        """(n, n) Correlation coefficients."""
        return np.asarray(correlation(self.covariance))

    @property
    def bias(self) -> np.ndarray:
        """(n,) Mean of the replicas minus the fit to the data."""
        return self.values[self.valid].mean(axis=0) - np.asarray(self.minimum.values)

    def interval(self, cl: float | None = None, kind: str = "percentile") -> np.ndarray:
        """(2, n) Lower and upper ends of confidence intervals (Efron and Tibshirani, 1993, chapters 13 and 14).

        Parameters
        ----------
        cl
            Confidence level as in `minos`: a probability, or a number of standard deviations from 1. Default: 1.
        kind
            "percentile" (default): quantiles of the replicas. "basic": these, mirrored at the fit. "bc": quantiles
            corrected for the median bias z0. "bca": for the acceleration too; needs `jackknife` in `bootstrap`.

        Raises
        ------
        ValueError
            Unknown kind, wrong level, "bca" without a jackknife.
        """
        if kind not in INTERVALS:
            raise ValueError(f"kind must be one of {INTERVALS}, not {kind!r}")
        if kind == "bca" and self.acceleration is None:
            raise ValueError('kind "bca" needs bootstrap(..., jackknife=groups), and a sample drawn from the data')
        z = np.sqrt(rise_factor(cl)) * np.array([[-1.0], [1.0]])
        x, best = self.values[self.valid], np.asarray(self.minimum.values)
        if len(x) == 0:
            return np.full((2, best.size), np.nan)
        if kind in ("percentile", "basic"):
            ends = np.quantile(x, ndtr(z[:, 0]), axis=0)
            return 2.0 * best - ends[::-1] if kind == "basic" else ends
        z0 = ndtri(0.5 * (np.mean(x < best, axis=0) + np.mean(x <= best, axis=0)))
        a = self.acceleration if kind == "bca" else 0.0
        level = ndtr(z0 + (z0 + z) / (1.0 - a * (z0 + z)))
        columns = zip(x.T, level.T, strict=True)
        return np.array([np.quantile(c, p) if np.all(np.isfinite(p)) else [np.nan] * 2 for c, p in columns]).T

    def draw(self, parameter: str | int, *, cl: float | None = None, kind: str = "percentile", ax: Any = None) -> Any:
        """Histogram of one parameter over the replicas, with the fit and an interval; returns the matplotlib Axes."""
        i = self.minimum.parameters.index(parameter)
        ends, x = self.interval(cl, kind)[:, i], self.values[self.valid, i]
        return draw_distribution(x, float(self.minimum.values[i]), ends, name=self.minimum.names[i], ax=ax)

    def _title(self) -> str:
        kind = "parametric" if self.parametric else "non-parametric"
        return f"{kind} bootstrap: {len(self)} fits, {self.failed} failed and left out"

    def _table(self) -> list[Sequence[str]]:
        m = self.minimum
        ends = self.interval()
        columns = zip(m.names, m.values, m.errors, self.errors, self.bias, *ends, strict=True)
        rows = [(name, *(f"{float(x):.5g}" for x in numbers)) for name, *numbers in columns]
        return [("", "value", "parabolic error", "bootstrap error", "bias", "16 %", "84 %"), *rows]


def bootstrap(
    fcn: AbstractFCN,
    minimum: FunctionMinimum,
    generate: Callable | None = None,
    *,
    n: int = 1000,
    key: Any,
    scheme: str = "auto",
    jackknife: int = 0,
    store: str | os.PathLike | None = None,
    **options: Any,
) -> Bootstrap:
    """Errors and intervals from n fits to data drawn again, all in one queue.

    With `generate` the bootstrap is parametric: data from the fitted parameters. Without, the data themselves are drawn
    again: for unbinned costs how often each event is drawn becomes its weight, so that all replicas share one sample;
    for points of a curve and for the data of an FCN the rows (the first axis of every array) are drawn; for histograms
    the counts; the terms of a CostSum each for itself, and values of constraints from their own Gaussians.

    Parameters
    ----------
    fcn
        FCN or cost with the data.
    minimum
        The fit to them, from which all fits start.
    generate
        ``generate(key, params)`` -> data, as in `hypotest`. Default: none, non-parametric.
    n
        Replicas. Default 1000.
    key
        Whole number or JAX key.
    scheme
        "multinomial": as many events as there are; "poisson": each event a Poisson number of times, so that their
        number varies too. "auto" (default): "poisson" for extended likelihoods, else "multinomial".
    jackknife
        Number of groups of events to leave out one after the other for the acceleration of BCa intervals; at most the
        number of events. Default 0: none.
    store
        Directory that keeps the replicas, chunk by chunk, as in `toys`: killed and started again with the same
        arguments (n may be larger) the bootstrap goes on. Default: they are kept in memory only.
    options
        Further arguments of `fit_many`: strategy, tol, gradient, max_calls, iterate, precision, lanes, devices,
        progress.

    Returns
    -------
    Bootstrap

    Raises
    ------
    TypeError, ValueError
        A minimum that is not valid or not of one fit; data that cannot be drawn again; wrong numbers; a generator that
        does not fit the FCN.
    """
    options, n, key = checked_options(options), whole("n", n, 2), as_key(key)
    groups = whole("jackknife", jackknife, 0)
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {SCHEMES}, not {scheme!r}")
    if isinstance(fcn, HostFCN) or not isinstance(fcn, AbstractFCN):
        raise TypeError(f"fcn must be an FCN or a cost function that JAX can trace, not {fcn!r}")
    check_valid(minimum)
    if groups and (generate is not None or not 2 <= groups <= events(fcn)):
        raise ValueError(f"jackknife must be 0, or groups of events, from 2 to their number, not {jackknife!r}")
    make, numbers, prints = _maker(fcn, minimum, generate, key, scheme)
    about = {"scheme": None if generate is not None else scheme}
    kept = opened(store, order_of(REPLICAS, minimum, n, numbers, key, store, options, prints, **about))
    options, progress = apart(options)

    def work(first, size, told):
        made, axes = make(first, size)
        fits = fit_many(made, minimum, in_axes=axes, progress=told, **options)
        return flattened(REPLICAS, {"status": fits.status, "values": fits.values}, minimum.names, first)

    found = all_rows(kept, progress, numbers, work, "replicas")
    acceleration = None
    if groups:
        made, axes = left_out(fcn, groups, jax.random.fold_in(key, n))
        acceleration = _acceleration(fit_many(made, minimum, in_axes=axes, **options))
    values = np.where((found["status"] <= Status.AT_LIMIT)[:, None], found["values"], np.nan)
    return Bootstrap(minimum, values, found["status"], acceleration, generate is not None)


def _maker(fcn: AbstractFCN, minimum: FunctionMinimum, generate: Callable | None, key: jax.Array, scheme: str):
    """What makes the replicas from a first one on, how many numbers one has, and fingerprints of what it depends on."""
    if generate is not None:
        recipe, made_by = recipe_of(generate, fcn, minimum.parameters, key, np.asarray(minimum.values)[None])
        return lambda first, size: (recipe.toys(key, first, size)[0], "auto"), recipe.numbers(key), made_by
    check_drawable(fcn, scheme)
    numbers = sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(fcn))
    traced = jax.make_jaxpr(lambda x: fcn.evaluate(minimum.parameters.unflatten(x)))(minimum.values)
    prints = print_of_arrays(fcn), print_of(traced)
    return lambda first, size: redrawn(fcn, _keys(key, first, size), scheme), numbers, prints


def _keys(key: jax.Array, first: int, size: int) -> jax.Array:
    """The keys of the replicas from a first one on."""
    return jax.vmap(lambda i: jax.random.fold_in(key, i))(np.arange(first, first + size, dtype=np.uint32))


def _acceleration(fits: FunctionMinimum) -> np.ndarray:
    """sum d^3 / (6 (sum d^2)^1.5), d the mean of the jackknife's values minus each; 0 where nothing varies."""
    x = np.asarray(fits.values)[np.asarray(fits.status) <= Status.AT_LIMIT]
    d = x.mean(axis=0) - x if len(x) else np.full((1, fits.values.shape[1]), np.nan)
    square = np.sum(d**2, axis=0)
    return np.sum(d**3, axis=0) / np.where(square == 0, 1.0, 6.0 * square**1.5)
