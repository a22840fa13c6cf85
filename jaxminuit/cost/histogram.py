"""Histograms: edges and counts, the grid on which a model is asked, what it gives for each bin, weighted counts."""

import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxminuit.core.safe import safe_divide
from jaxminuit.cost import uhi
from jaxminuit.cost.arrays import as_floats

ORDER = 16  # Gauss-Legendre points in a bin
NODES, WEIGHTS = np.polynomial.legendre.leggauss(ORDER)

Axis = Float[Array | np.ndarray, " e"]
Edges = Axis | tuple[Axis, ...]


def as_histogram(n: Any, xe: Any):
    """Counts and edges as float arrays; ValueError if they do not belong together.

    Histogram objects bring their counts, and with ``xe=None`` their edges; axes of such an object serve as edges.
    """
    n, xe = uhi.contents(n, "n"), uhi.edges(xe, n)
    if np.ndim(xe) == 0 if not isinstance(xe, tuple | list) else not xe:
        raise ValueError(f"xe must be a sequence of bin edges, or a sequence of these, not {xe!r}")
    n = as_floats(n, "n")
    several = np.ndim(xe[0]) > 0
    edges = tuple(as_floats(axis, "xe") for axis in (xe if several else (xe,)))
    if n.ndim != len(edges) and not (n.ndim == len(edges) + 1 and n.shape[-1] == 2):
        raise ValueError(
            f"n must have {len(edges)} dimensions like xe, or one more of length 2 for weighted counts; "
            f"its shape is {n.shape}"
        )
    for i, axis in enumerate(edges):
        if axis.ndim != 1 or axis.size != n.shape[i] + 1:
            raise ValueError(
                f"n and xe have incompatible shapes along dimension {i}: {n.shape[i]} bins need {n.shape[i] + 1} "
                f"edges, but xe has shape {axis.shape}"
            )
        if not isinstance(axis, jax.core.Tracer) and not np.all(np.diff(np.asarray(axis)) > 0):
            raise ValueError(f"bin edges along dimension {i} must increase: {np.asarray(axis).tolist()}")
    return n, edges if several and len(edges) > 1 else edges[0]


def number_of_points(shape: tuple[int, ...], use_pdf: str) -> int:
    """How many points `model_grid` has."""
    if use_pdf == "":
        return math.prod(length + 1 for length in shape)
    return math.prod(shape) * (ORDER if use_pdf == "numerical" else 1)


def model_grid(xe: Edges, use_pdf: str):
    """Where the model is asked: edges, centres, or Gauss-Legendre points; (M,) or (D, M) in C order of the bins."""
    if not isinstance(xe, tuple):
        return jnp.asarray(_points_of_axis(xe, use_pdf))
    grids = jnp.meshgrid(*(_points_of_axis(axis, use_pdf) for axis in xe), indexing="ij")
    return jnp.stack([grid.reshape(-1) for grid in grids])


def bin_contents(output, xe: Edges, use_pdf: str):
    """What the model gives for each bin: differences of a cdf (never below 0), or integrals of a density."""
    axes = xe if isinstance(xe, tuple) else (xe,)
    bins = tuple(axis.size - 1 for axis in axes)
    if use_pdf == "numerical":
        weights = jnp.asarray(0.5 * WEIGHTS, output.dtype)
        return (output.reshape(*bins, ORDER) @ weights) * jnp.diff(axes[0])
    if use_pdf == "approximate":
        return output.reshape(bins) * _volumes(axes)
    contents = output.reshape(tuple(size + 1 for size in bins))
    for i in range(len(bins)):
        contents = jnp.diff(contents, axis=i)
    return jnp.where(contents < 0, 0.0, contents)  # below 0 by rounding


def bohm_zech(value, variance):
    """sum(w) / sum(w^2) of each bin, and the median of these for bins without entries.

    Times sum(w) it is the number of unweighted events with the same relative error.
    """
    filled = variance > 0
    scale = safe_divide(jnp.abs(value), jnp.where(filled, variance, 0.0))
    typical = jnp.nanmedian(jnp.where(filled, scale, jnp.nan))
    return jnp.where(filled, scale, jnp.where(jnp.any(filled), typical, 1.0))


def _points_of_axis(edges, use_pdf: str):
    if use_pdf == "":
        return edges
    centre, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * jnp.diff(edges)
    if use_pdf == "approximate":
        return centre
    return (centre[:, None] + half[:, None] * jnp.asarray(NODES, edges.dtype)).reshape(-1)


def _volumes(axes):
    volumes = jnp.diff(axes[0])
    for axis in itertools.islice(axes, 1, None):
        volumes = volumes[..., None] * jnp.diff(axis)
    return volumes
