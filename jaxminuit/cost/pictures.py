"""What `visualize` of the costs draws: data and model at given parameters, on matplotlib's current Axes."""

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from jaxminuit import plot
from jaxminuit.cost import calls

CURVE = 1001  # points of a model's curve: it shows what is wider than a thousandth of the range

SPACINGS = (np.linspace, np.geomspace)


def draw_unbinned(cost: Any, args: tuple, model_points: Any, bins: int) -> None:
    """A histogram of the sample over the range of the curve, and the density times the width of its bins."""
    _one_dimension(np.ndim(cost.data))
    x, weights = _used(cost.mask, cost.data, cost.weights)
    xm = _curve_points(x, model_points)
    f = _called(cost, cost.density_of(x.size if weights is None else weights.sum()), xm, args)
    counts, edges = np.histogram(x, bins=bins, range=(xm[0], xm[-1]), weights=weights)
    squares = counts if weights is None else np.histogram(x, bins=edges, weights=weights**2)[0]
    ax = plot.draw_histogram(counts, edges, error=np.sqrt(squares))
    plot.draw_curve(xm, f * (edges[1] - edges[0]), ax=ax)


def draw_least_squares(cost: Any, args: tuple, model_points: Any) -> tuple:
    """The points in use with their errors, and the curve; returns both."""
    _one_dimension(np.ndim(cost.x))
    x, y, error = _used(cost.mask, cost.x, cost.y, cost.yerror)
    xm = _curve_points(x, model_points)
    ym = _called(cost, cost.model, xm, args)
    ax = plot.draw_points(x, y, error)
    plot.draw_curve(xm, ym, ax=ax)
    return (x, y, error), (xm, ym)


def draw_binned(cost: Any, prediction: Any) -> None:
    """Counts and predictions; bins of several dimensions one after another. A prediction may come with its error."""
    counts, errors = cost.counts_and_errors()
    prediction, band = prediction if isinstance(prediction, tuple) else (prediction, None)
    edges = np.asarray(cost.xe) if cost.ndim == 1 else np.arange(counts.size + 1) - 0.5
    band = None if band is None else np.ravel(band)
    ax = plot.draw_histogram(counts.ravel(), edges, np.ravel(prediction), error=errors.ravel(), band=band)
    if cost.ndim > 1:
        ax.set_xlabel("bin")


def draw_constraint(cost: Any, args: Any) -> None:
    """The pull of each value."""
    names = list(cost.parameters)
    size = np.size(cost.value)
    plot.draw_pulls(names if len(names) == size else [f"{names[0]}[{i}]" for i in range(size)], cost.pulls(args))


def draw_sum(terms: Iterable[tuple[Any, tuple]], component_kwargs: dict[int, dict[str, Any]]) -> None:
    """Every cost that has a picture, at its arguments, in Axes of its own."""
    shown = [(k, cost, args) for k, (cost, args) in enumerate(terms) if hasattr(cost, "visualize")]
    for ax, (k, cost, args) in zip(plot.get_panels(len(shown)), shown, strict=True):
        plot.set_current(ax)
        cost.visualize(args, **component_kwargs.get(k, {}))


def _one_dimension(ndim: int) -> None:
    if ndim > 1:
        raise ValueError("visualize is not implemented for multi-dimensional data")


def _used(mask: Any, *arrays: Any) -> list:
    """The points that a mask keeps; None stays None."""
    keep = slice(None) if mask is None else np.asarray(mask)
    return [None if array is None else np.array(array)[keep] for array in arrays]


def _curve_points(x: np.ndarray, model_points: Any) -> np.ndarray:
    """Where to draw the model: given points, or a number of them between the ends of the data."""
    if isinstance(model_points, Iterable):
        return np.array(model_points, float)
    low, high, number = x.min(), x.max(), int(model_points)
    if not _log_spaced(x):
        return np.linspace(low, high, number or CURVE)
    return np.geomspace(low, high, number) if number else np.union1d(*(f(low, high, CURVE) for f in SPACINGS))


def _log_spaced(x: np.ndarray) -> bool:
    """Whether the distances of neighbours are more alike in log x than in x."""
    x = np.unique(x)
    if x.size < 3 or x[0] <= 0:
        return False
    linear, log = np.diff(x), np.diff(np.log(x))
    return log.std() / log.mean() < linear.std() / linear.mean()


def _called(cost: Any, function: Any, x: np.ndarray, args: tuple) -> np.ndarray:
    """A function of the model at points and positional arguments: compiled if JAX can trace the model."""
    if cost.is_traceable(args):
        found = jax.jit(function)(x, *calls.numbers(args))
    else:
        found = function(x, *(calls.on_host(arg) for arg in args))
    return np.broadcast_to(np.asarray(found, float), x.shape)
