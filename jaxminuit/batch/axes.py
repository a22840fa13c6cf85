"""Which arrays of a fit carry the axis of fits: found, checked, and taken apart from those that all fits share."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.tree import is_traced
from jaxminuit.fit.job import origin_of
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AbstractFCN, AbstractFunctionFCN, HostFCN
from jaxminuit.problem.parameters import VECTORS, Parameters

ADVICE = (
    "pad data of different length and give the padding weight 0, or mask it; in_axes has None for what all fits share"
)
STACKED = "jax.vmap(lambda x: make(x))(data) makes many of one kind from stacked data"


class Batch(eqx.Module):
    """FCN, parameters and origin of all fits, as two trees of one structure: what has the axis, and what has not."""

    stacked: Any
    shared: Any
    size: int = eqx.field(static=True)

    def rows(self, first: int, last: int, length: int) -> Any:
        """Fits `first` to `last`, filled up with copies of the last one to a given length."""

        def cut(leaf):
            leaf = leaf[first:last]
            if last - first == length:
                return leaf
            xp = np if isinstance(leaf, np.ndarray) else jnp
            return xp.concatenate([leaf, xp.broadcast_to(leaf[-1:], (length - leaf.shape[0], *leaf.shape[1:]))])

        return jax.tree_util.tree_map(cut, self.stacked)

    def one(self, i: int) -> tuple[AbstractFCN, Parameters, Any]:
        """FCN, parameters and origin of one fit."""
        return eqx.combine(jax.tree_util.tree_map(lambda leaf: leaf[i], self.stacked), self.shared)

    def some(self, rows: Any) -> tuple[AbstractFCN, Any]:
        """The FCN of some of the fits, and its axes as `batch_of` takes them."""
        taken = jax.tree_util.tree_map(lambda leaf: leaf[rows], self.stacked[0])
        axes = jax.tree_util.tree_map(lambda leaf: None if leaf is None else 0, taken, is_leaf=lambda x: x is None)
        fcn = eqx.combine(taken, self.shared[0])
        return fcn, axes.data if isinstance(fcn, AbstractFunctionFCN) else axes


def batch_of(fcn: Any, start: Any, in_axes: Any) -> Batch:
    """The batch of an FCN and start values; TypeError or ValueError for what cannot be one."""
    if isinstance(fcn, HostFCN):
        raise TypeError("a HostFCN cannot be fitted in lanes, because JAX cannot trace it: loop over jaxminuit.migrad")
    if isinstance(fcn, list | tuple):
        raise TypeError(
            f"fcn must be one FCN or cost function whose arrays have an axis of fits, not a {type(fcn).__name__} of "
            f"{len(fcn)}: {STACKED}"
        )
    if not isinstance(fcn, AbstractFCN):
        raise TypeError(f"fcn must be an FCN or a cost function, not {fcn!r}; wrap a function as FCN(fun)")
    if not isinstance(start, Parameters | FunctionMinimum):
        raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
    if is_traced((fcn, start)):
        raise TypeError(
            "fit_many chooses its programs by looking at numbers: inside jit or vmap use jax.vmap of migrad"
        )
    return _batch(fcn, start, in_axes)


def traced_batch(fcn: AbstractFCN, start: Any, in_axes: Any) -> Batch:
    """The same of what `batch_of` has found to be right, with tracers as leaves."""
    return _batch(fcn, start, in_axes, checked=True)


def _batch(fcn: AbstractFCN, start: Any, in_axes: Any, checked: bool = False) -> Batch:
    parameters, origin, flags = _start(start)
    fcn, fcn_axes = _moved(fcn, _fcn_axes(fcn, in_axes))
    sizes = _lengths(fcn, fcn_axes)
    for tree, flag in zip((origin, parameters), reversed(flags), strict=True):
        sizes |= _lengths({"start": tree}, {"start": flag})
    if not sizes:
        raise ValueError(
            "no array has an axis of fits: give the data a leading axis and name it in in_axes, or start values of "
            f"shape (fits, parameters). For costs, {STACKED}"
        )
    if len(set(sizes.values())) > 1:
        found = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise ValueError(f"the arrays do not agree on the number of fits: {found}; {ADVICE}")
    size = next(iter(sizes.values()))
    if size == 0:
        raise ValueError("there are no fits: the leading axis has length 0")
    if not checked:
        _check_starts(parameters, size)
    stacked, shared = eqx.partition((fcn, parameters, origin), (fcn_axes, *flags))
    return Batch(stacked, shared, size)


# ---- the FCN ------------------------------------------------------------------------------------------------------


def _fcn_axes(fcn: AbstractFCN, in_axes: Any) -> Any:
    """For every leaf of the FCN its axis of fits, or None.

    For an FCN with data `in_axes` is a prefix of the data, like the argument of vmap; for a cost, of the whole cost.
    """
    nothing = jax.tree_util.tree_map(lambda _: -1, fcn)
    if isinstance(fcn, AbstractFunctionFCN):
        if in_axes == "auto":
            in_axes = 0 if fcn.has_data else None
        return eqx.tree_at(lambda f: f.data, nothing, _spread(in_axes, fcn.data), is_leaf=lambda x: x is None)
    if in_axes == "auto":
        if np.ndim(fcn.errordef) == 0:
            return nothing
        in_axes = 0
    return _spread(in_axes, fcn)


def _spread(in_axes: Any, tree: Any) -> Any:
    """The axes of all leaves from a prefix; -1 for none."""

    def over(axis, part):
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, int) or axis < 0):
            raise TypeError(f"in_axes must hold whole numbers from 0, or None, not {axis!r}")
        return jax.tree_util.tree_map(lambda _: -1 if axis is None else axis, part)

    try:
        return jax.tree_util.tree_map(over, in_axes, tree, is_leaf=lambda x: x is None)
    except ValueError as error:
        raise ValueError(
            f"in_axes {in_axes!r} does not have the structure of the data, {jax.tree_util.tree_structure(tree)}: give "
            "every array its axis, or None"
        ) from error


def _moved(fcn: Any, axes: Any) -> tuple[Any, Any]:
    """The FCN with every axis of fits in front, and flags for the leaves that have one."""
    paths = jax.tree_util.tree_leaves_with_path(fcn)
    for (path, leaf), axis in zip(paths, jax.tree_util.tree_leaves(axes), strict=True):
        if axis >= np.ndim(leaf):
            name = _name(path)
            raise ValueError(
                f"{name} has shape {np.shape(leaf)}, so there is no axis {axis} of fits in it; data must be stacked in "
                f"arrays, and costs be made of them: {STACKED}"
            )
    moved = jax.tree_util.tree_map(lambda x, axis: x if axis <= 0 else jnp.moveaxis(x, axis, 0), fcn, axes)
    return moved, jax.tree_util.tree_map(lambda axis: axis >= 0, axes)


def _lengths(tree: Any, flags: Any) -> dict[str, int]:
    """Length of the leading axis of every flagged leaf, by the leaf's name."""
    pairs = zip(jax.tree_util.tree_leaves_with_path(tree), jax.tree_util.tree_leaves(flags), strict=True)
    return {_name(path): len(leaf) for (path, leaf), flag in pairs if flag}


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path).removeprefix(".").replace("['start']", "start")


# ---- the start ----------------------------------------------------------------------------------------------------


def _start(start: Parameters | FunctionMinimum):
    """Parameters, origin, and flags for the leaves of both that have the axis."""
    if isinstance(start, FunctionMinimum):
        parameters, origin = start.parameters, origin_of(start)
        flag = np.ndim(start.fval) > 0
        if np.ndim(start.fval) > 1:
            raise ValueError(f"start holds minima in an array of shape {np.shape(start.fval)}: only one axis of fits")
        origin_flags = jax.tree_util.tree_map(lambda _: flag, origin)
    else:
        parameters = start
        single = eqx.tree_at(lambda p: p.values, start, jnp.zeros(start.size, start.values.dtype))
        origin = eqx.tree_at(lambda o: o.values, origin_of(single), start.values)
        origin_flags = jax.tree_util.tree_map(lambda _: False, origin)
        origin_flags = eqx.tree_at(lambda o: o.values, origin_flags, start.values.ndim > 1)
    for name in VECTORS:
        shape = np.shape(getattr(parameters, name))
        if len(shape) not in (1, 2) or shape[-1] != parameters.size:
            raise ValueError(f"{name} of start must have the shape (fits, {parameters.size}), but it is {shape}")
    flags = jax.tree_util.tree_map(lambda x: x.ndim > 1, parameters)
    return parameters, origin, (flags, origin_flags)


def _check_starts(parameters: Parameters, size: int) -> None:
    """Every fit's start as Parameters checks one; an error names the first fit that is wrong."""
    if all(getattr(parameters, name).ndim == 1 for name in VECTORS):
        return
    n = parameters.size
    x, step, low, high, fixed = (np.broadcast_to(np.asarray(getattr(parameters, name)), (size, n)) for name in VECTORS)
    wrong = ~np.isfinite(x) | (~(low < high)) | (((x < low) | (x > high) | ~(step > 0) | ~np.isfinite(step)) & ~fixed)
    for k, i in np.argwhere(wrong)[:1]:
        single = Parameters(x[k], names=parameters.names) if np.all(np.isfinite(x[k])) else None
        try:
            if single is not None:
                single.replace(step=step[k], lower=low[k], upper=high[k], fixed=fixed[k])
            reason = f"start value of {parameters.names[i]} is {x[k, i]:g}"
        except ValueError as error:
            reason = str(error)
        raise ValueError(f"fit {k}: {reason}")
