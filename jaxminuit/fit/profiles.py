"""Scans of one parameter and grids of two, the other parameters held where they are."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.types import Matrix, Vector, leaf
from jaxminuit.drive.host import values_on_host
from jaxminuit.fit.grids import scan_values
from jaxminuit.fit.job import Job
from jaxminuit.fit.programs import program
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.evaluate import LARGE_DATA
from jaxminuit.problem.fcn import AnyFCN
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Points

MOST_AT_ONCE = 256  # points of a scan side by side; fewer when the data are large


def profile(
    fcn: AnyFCN,
    at: Parameters | FunctionMinimum,
    x: str | int,
    *,
    size: int = 100,
    bound: Any = 2,
    grid: Any = None,
    subtract_min: bool = False,
) -> tuple[Vector, Vector]:
    """FCN along one parameter, the others held at their values in `at` (Minuit manual, SCAn).

    Parameters
    ----------
    fcn
        FCN, cost function, or HostFCN.
    at
        Parameters or a FunctionMinimum: where the others are held.
    x
        Name or number of the parameter; it may be fixed.
    size
        Number of points. Default 100.
    bound
        Half the range in errors (in steps, if `at` are Parameters), or the range (low, high). Cut at the limits.
    grid
        The values of x themselves, instead of size and bound.
    subtract_min
        Whether the smallest value is subtracted from all.

    Returns
    -------
    tuple
        (size,) values of x and (size,) FCN values.

    Raises
    ------
    TypeError, ValueError
        An argument that cannot be meant, before anything is compiled.
    """
    job = scan_job(fcn, at)
    i = job.problem.parameters.index(x)
    xs = scan_values(at, i, size, bound, grid)
    points = jnp.tile(at.values, (xs.size, 1)).at[:, i].set(xs)
    values = _evaluate(job, fcn, points)
    return xs, values - jnp.min(values) if subtract_min else values


def contour(
    fcn: AnyFCN,
    at: Parameters | FunctionMinimum,
    x: str | int,
    y: str | int,
    *,
    size: Any = 50,
    bound: Any = 2,
    grid: Any = None,
    subtract_min: bool = False,
) -> tuple[Vector, Vector, Matrix]:
    """FCN on a grid of two parameters, the others held at their values in `at` (Minuit manual, CONtour).

    Parameters
    ----------
    fcn, at, subtract_min
        As in `profile`.
    x, y
        Names or numbers of two different parameters.
    size
        Points along each, or a pair (nx, ny). Default 50.
    bound
        Half the range in errors, or a pair of ranges ((low, high), (low, high)). Cut at the limits.
    grid
        A pair of vectors: the values of x and of y, instead of size and bound.

    Returns
    -------
    tuple
        (nx,) values of x, (ny,) values of y and (nx, ny) FCN values: f[i, j] at x[i], y[j].
    """
    job = scan_job(fcn, at)
    i, j = two_different(job.problem.parameters, x, y)
    sizes = pair("size", size) if np.ndim(size) else (size, size)
    bounds = pair("bound", bound) if np.ndim(bound) else (bound, bound)
    grids = (None, None) if grid is None else pair("grid", grid)
    xs, ys = (scan_values(at, k, *how) for k, *how in zip((i, j), sizes, bounds, grids, strict=True))
    points = jnp.tile(at.values, (xs.size, ys.size, 1))
    points = points.at[:, :, i].set(xs[:, None]).at[:, :, j].set(ys[None, :])
    values = _evaluate(job, fcn, points.reshape(-1, points.shape[-1])).reshape(xs.size, ys.size)
    return xs, ys, values - jnp.min(values) if subtract_min else values


def pair(what: str, entry) -> tuple:
    """The two entries, for x and for y."""
    try:
        first, second = entry
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be a pair, one entry for x and one for y, not {entry!r}") from None
    return first, second


def two_different(parameters: Parameters, x, y) -> tuple[int, int]:
    """The positions of x and y; ValueError if they are the same parameter."""
    i, j = parameters.index(x), parameters.index(y)
    if i == j:
        raise ValueError(f"x and y must be two different parameters, but both are {parameters.names[i]}")
    return i, j


def scan_job(fcn, at) -> Job:
    """The checked arguments of a scan of plain values."""
    if not isinstance(at, Parameters | FunctionMinimum):
        raise TypeError(f"at must be Parameters or a FunctionMinimum, not {at!r}")
    return Job(fcn, at)


def _evaluate(job: Job, fcn, points: Matrix) -> Vector:
    """FCN at external points, one a row."""
    if job.driver == "compiled":
        return _values(job.problem, points)
    everywhere = np.ones(len(points), bool)
    request = Points(points, leaf(everywhere), leaf(np.bool_(False)))
    return jnp.asarray(values_on_host(fcn, job.problem.parameters)(request))


@program()
def _values(problem: Problem, points: Matrix) -> Vector:
    numbers = sum(leaf.size for leaf in jax.tree_util.tree_leaves(problem.fcn))
    block = min(max(1, LARGE_DATA // max(1, numbers)), MOST_AT_ONCE, len(points))
    padding = -len(points) % block  # a block of another size would be another copy of the FCN
    padded = jnp.concatenate([points, jnp.broadcast_to(points[:1], (padding, points.shape[1]))])
    blocks = padded.reshape(-1, block, points.shape[1])
    return lax.map(jax.vmap(problem.value_at), blocks).reshape(-1)[: len(points)]
