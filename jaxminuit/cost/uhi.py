"""Histogram objects of other packages (hist, boost-histogram, uproot), by their common protocol UHI.

A histogram has ``values()``, ``variances()`` and ``axes``; an axis has its edges, or gives the pair of edges of each
bin. (Unified Histogram Interface, https://uhi.readthedocs.io.)
"""

from typing import Any

import numpy as np


def is_histogram(obj: Any) -> bool:
    """Whether this is a histogram object rather than an array."""
    return callable(getattr(obj, "values", None)) and hasattr(obj, "axes")


def contents(obj: Any, what: str) -> Any:
    """Counts of a histogram object, (*bins), or (*bins, 2) with sums of squared weights; anything else as it is.

    Raises
    ------
    ValueError
        If the histogram holds means instead of counts.
    """
    if not is_histogram(obj):
        return obj
    kind = str(getattr(obj, "kind", "COUNT")).rsplit(".", 1)[-1]
    if kind.upper() != "COUNT":
        raise ValueError(f"{what} must be a histogram of counts, not of kind {kind}")
    values, variances = np.asarray(obj.values()), obj.variances()
    if variances is None or not _weighted(obj, values, np.asarray(variances)):
        return values
    return np.stack([values, np.asarray(variances)], axis=-1)


def edges(xe: Any, n: Any) -> Any:
    """Edges as arrays, from arrays, axes, or (None) the axes of the histogram object `n`.

    Raises
    ------
    ValueError
        If there are neither edges nor a histogram object.
    """
    if xe is None:
        if not is_histogram(n):
            raise ValueError("xe must be given, unless n is a histogram object with axes")
        xe = n.axes
    axes: Any = xe if np.iterable(xe) else ()
    if len(axes) and all(_is_axis(axis) for axis in axes):  # a container of axes may look like one
        return [_edges_of(axis) for axis in axes] if len(axes) > 1 else _edges_of(axes[0])
    return _edges_of(xe) if _is_axis(xe) else xe


def _weighted(obj: Any, values: np.ndarray, variances: np.ndarray) -> bool:
    """Whether the histogram keeps sums of squared weights: its storage says so, or they are not the counts."""
    storage = getattr(obj, "storage_type", None)
    if storage is not None and "weight" in getattr(storage, "__name__", "").lower():
        return True
    return not np.array_equal(values, variances)


def _is_axis(obj: Any) -> bool:
    return hasattr(obj, "edges") or (hasattr(obj, "traits") and hasattr(obj, "__getitem__"))


def _edges_of(axis: Any) -> np.ndarray:
    found = getattr(axis, "edges", None)
    if found is not None:
        return np.asarray(found() if callable(found) else found, float).reshape(-1)
    pairs = [tuple(axis[i]) for i in range(len(axis))]
    return np.array([low for low, _ in pairs] + [pairs[-1][1]], float)
