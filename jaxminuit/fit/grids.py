"""Where a scan looks: values of one parameter from a range or a grid, checked before anything runs."""

import numbers

import jax.numpy as jnp
import numpy as np

from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import Vector
from jaxminuit.fit.checks import whole
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.parameters import Parameters


def scan_values(at: Parameters | FunctionMinimum, i: int, size, bound, grid) -> Vector:
    """The values of parameter i in a scan: `grid`, or `size` values evenly over the range that `bound` means.

    A range is cut at the limits of the parameter; a grid must lie inside them.
    """
    parameters = at.parameters if isinstance(at, FunctionMinimum) else at
    lower, upper = parameters.lower[i], parameters.upper[i]
    name = parameters.names[i]
    if grid is not None:
        return _grid(grid, name, lower, upper, at.values.dtype)
    size = whole("size", size)
    low, high = _range(at, i, bound, name)
    low, high = jnp.clip(low, lower, upper), jnp.clip(high, lower, upper)
    if not is_traced((low, high)) and not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise ValueError(f"the range of {name} must be finite and ascending, not ({float(low):g}, {float(high):g})")
    return jnp.linspace(low, high, size, dtype=at.values.dtype)


def _grid(grid, name: str, lower, upper, dtype) -> Vector:
    if is_traced(grid):
        return jnp.asarray(grid, dtype)
    values = np.asarray(grid)
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "iuf" or not np.all(np.isfinite(values)):
        raise ValueError(f"grid of {name} must be a vector of finite numbers, not {grid!r}")
    if not is_traced((lower, upper)) and (np.any(values < lower) or np.any(values > upper)):
        raise ValueError(f"grid of {name} leaves its limits ({float(lower):g}, {float(upper):g})")
    return jnp.asarray(values, dtype)


def _range(at: Parameters | FunctionMinimum, i: int, bound, name: str):
    """Lower and upper end: so many errors (steps, of Parameters) around the value, or the two numbers given."""
    is_number = isinstance(bound, numbers.Real) and not isinstance(bound, bool)
    if is_number:
        if not 0 < bound < np.inf:
            raise ValueError(f"bound of {name} must be a positive number of errors or a pair (low, high), not {bound}")
        error = at.errors[i] if isinstance(at, FunctionMinimum) else at.step[i]
        if not is_traced(error) and not error > 0:
            raise ValueError(f"{name} has no error to scan it by: give bound as a pair (low, high), or a grid")
        return at.values[i] - bound * error, at.values[i] + bound * error
    if np.ndim(bound) != 1 or np.shape(bound) != (2,):
        raise ValueError(f"bound of {name} must be a positive number of errors or a pair (low, high), not {bound!r}")
    return jnp.asarray(bound[0], at.values.dtype), jnp.asarray(bound[1], at.values.dtype)
