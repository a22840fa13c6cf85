"""Central differences on the host, to check derivatives: five points, error h^4."""

from collections.abc import Callable

import numpy as np

OFFSETS = (-2, -1, 1, 2)
WEIGHTS = (1 / 12, -8 / 12, 8 / 12, -1 / 12)


def steps(x, relative=None):
    """Steps near the optimum of rounding against truncation, eps^(1/5) max(|x|, 1), unless `relative` is given."""
    x = np.asarray(x, float)
    relative = np.finfo(float).eps ** 0.2 if relative is None else relative
    return relative * np.maximum(np.abs(x), 1.0)


def jacobian(function: Callable, x, relative=None) -> np.ndarray:
    """d function / d x for an array x of any shape: the shape of the function, then that of x."""
    x = np.asarray(x, float)
    columns = []
    for position, h in zip(np.ndindex(x.shape), steps(x, relative).ravel(), strict=True):
        total = 0.0
        for offset, weight in zip(OFFSETS, WEIGHTS, strict=True):
            moved = x.copy()
            moved[position] += offset * h
            total = total + weight * np.asarray(function(moved), float)
        columns.append(total / h)
    values = np.stack(columns, axis=-1)
    return values.reshape(values.shape[:-1] + x.shape)


def gradient(function: Callable, x, relative=None) -> np.ndarray:
    """Gradient of a scalar function; the shape of x."""
    return jacobian(function, x, relative)


def hessian(function: Callable, x, relative=1e-3) -> np.ndarray:
    """Hessian of a scalar function of a vector, by differences of differences (good to about six digits)."""
    matrix = jacobian(lambda y: gradient(function, y, relative), x, relative)
    return 0.5 * (matrix + matrix.T)
