"""Data drawn again from the data themselves, for the non-parametric bootstrap, and samples with groups left out."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.cost import (
    BinnedCostWithModel,
    BinnedNLL,
    Constant,
    CostSum,
    ExtendedUnbinnedNLL,
    LeastSquares,
    NormalConstraint,
    UnbinnedCost,
)
from jaxminuit.fit.programs import program
from jaxminuit.problem.fcn import AbstractFCN, AbstractFunctionFCN

SCHEMES = ("auto", "multinomial", "poisson")


def redrawn(fcn: AbstractFCN, keys: jax.Array, scheme: str) -> tuple[AbstractFCN, Any]:
    """The FCN with data drawn again, one set for each key along a leading axis, and its `in_axes`."""
    if isinstance(fcn, CostSum):
        parts = [
            redrawn(item, jax.vmap(lambda key, k=k: jax.random.fold_in(key, k))(keys), scheme)
            for k, item in enumerate(fcn.items)
        ]
        new = eqx.tree_at(lambda c: c.items, fcn, tuple(part for part, _ in parts))
        return new, eqx.tree_at(lambda c: c.items, _no_axes(fcn), tuple(axes for _, axes in parts))
    return (fcn, _no_axes(fcn)) if isinstance(fcn, Constant) else _replaced(fcn, _drawn(fcn, keys, scheme=scheme))


@program("scheme")
def _drawn(fcn: AbstractFCN, keys: jax.Array, scheme: str) -> dict[str, Any]:
    return jax.vmap(_draw_of(fcn, scheme))(keys)


def check_drawable(fcn: AbstractFCN, scheme: str) -> None:
    """TypeError or ValueError for data that cannot be drawn again."""
    for item in fcn.items if isinstance(fcn, CostSum) else (fcn,):
        if not isinstance(item, Constant | CostSum):
            _draw_of(item, scheme)


def left_out(fcn: AbstractFCN, groups: int, key: jax.Array) -> tuple[AbstractFCN, Any]:
    """The FCN with one group of events after the other left out, along a leading axis, and its `in_axes`.

    The groups are drawn at random and, but for one event, of equal size. For data of an FCN they are of equal size, and
    what is left over always stays.
    """
    size = events(fcn)
    order = np.asarray(jax.random.permutation(key, size))
    group = np.empty(size, int)
    group[order] = np.arange(size) % groups
    if isinstance(fcn, AbstractFunctionFCN):
        each = size // groups
        kept = [np.sort(np.delete(order, np.arange(g, each * groups, groups))) for g in range(groups)]
        return _replaced(fcn, {"data": jax.tree_util.tree_map(lambda leaf: leaf[np.array(kept)], fcn.data)})
    inside = group[None, :] != np.arange(groups)[:, None]
    if isinstance(fcn, UnbinnedCost):
        ones = np.ones(size, fcn.data.dtype) if fcn.weights is None else fcn.weights
        return _replaced(fcn, {"weights": jnp.asarray(ones * inside)})
    return _replaced(fcn, {"mask": jnp.asarray(inside if fcn.mask is None else inside & np.asarray(fcn.mask))})  # type: ignore[attr-defined]


def events(fcn: AbstractFCN) -> int:
    """How many events, points or rows the data have; TypeError for data that do not consist of such."""
    if isinstance(fcn, UnbinnedCost):
        return fcn.npoints
    if isinstance(fcn, LeastSquares):
        return fcn.y.shape[0]
    if isinstance(fcn, AbstractFunctionFCN):
        return _rows(fcn)
    raise TypeError(f"the data of {type(fcn).__name__} are not events that could be left out")


def _draw_of(fcn: AbstractFCN, scheme: str):
    """A function from a key to the changed arrays by name."""
    if isinstance(fcn, AbstractFunctionFCN):
        rows = _index(_rows(fcn), scheme, "rows of data")
        return lambda key: {"data": jax.tree_util.tree_map(lambda leaf: leaf[rows(key)], fcn.data)}
    if isinstance(fcn, UnbinnedCost):
        return _weights(fcn, scheme)
    if isinstance(fcn, LeastSquares):
        rows = _index(fcn.y.shape[0], scheme, "points")
        names = ("x", "y", "yerror") + (() if fcn.mask is None else ("mask",))
        return lambda key: {name: jnp.asarray(getattr(fcn, name))[..., rows(key)] for name in names}
    if isinstance(fcn, BinnedCostWithModel) and not fcn.weighted:
        return _counts(fcn, scheme)
    if isinstance(fcn, NormalConstraint):
        root = jnp.linalg.cholesky(fcn.variance) if fcn.variance.ndim == 2 else jnp.sqrt(jnp.diag(fcn.variance))
        value = jnp.asarray(fcn.value)
        return lambda key: {"value": value + root @ jax.random.normal(key, value.shape, value.dtype)}
    raise TypeError(
        f"there is no rule to draw the data of {type(fcn).__name__} again (of a histogram of weights, or of a cost of "
        "your own): give `generate`"
    )


def _index(size: int, scheme: str, what: str):
    if scheme == "poisson":
        raise ValueError(f"{what} are drawn again as many as they are: scheme 'poisson' needs a cost with weights")
    return lambda key: jax.random.randint(key, (size,), 0, size)


def _weights(fcn, scheme: str):
    """How often each event is drawn, times its weight."""
    size, dtype = fcn.npoints, fcn.data.dtype
    weights = 1 if fcn.weights is None else jnp.asarray(fcn.weights)
    if scheme == "poisson" or (scheme == "auto" and isinstance(fcn, ExtendedUnbinnedNLL)):
        return lambda key: {"weights": (weights * jax.random.poisson(key, 1.0, (size,))).astype(dtype)}

    def draw(key):
        drawn = jax.random.randint(key, (size,), 0, size)
        return {"weights": (weights * jnp.zeros(size, dtype).at[drawn].add(1.0)).astype(dtype)}

    return draw


def _counts(fcn, scheme: str):
    """Counts of bins for as many events, or for a Poisson number of them."""
    n = jnp.asarray(fcn.n)
    if scheme == "multinomial" or (scheme == "auto" and isinstance(fcn, BinnedNLL)):
        total = jnp.sum(n)
        return lambda key: {"n": jax.random.multinomial(key, total, n.ravel() / total).reshape(n.shape).astype(n.dtype)}
    return lambda key: {"n": jax.random.poisson(key, n).astype(n.dtype)}


def _rows(fcn) -> int:
    """The common length of the first axes of an FCN's data."""
    if not fcn.has_data:
        raise TypeError("the FCN has no data that could be drawn again: give them as FCN(fun, data=...)")
    shapes = [np.shape(leaf) for leaf in jax.tree_util.tree_leaves(fcn.data)]
    if any(len(shape) == 0 for shape in shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ValueError(
            "to be drawn again all data need one row for each event along their first axis, "
            f"but the shapes are {shapes}"
        )
    return shapes[0][0]


def _no_axes(fcn: AbstractFCN) -> Any:
    if isinstance(fcn, AbstractFunctionFCN):
        return None
    return jax.tree_util.tree_map(lambda _: None, fcn)


def _replaced(fcn: AbstractFCN, arrays: dict[str, Any]) -> tuple[AbstractFCN, Any]:
    """The FCN with other arrays, which have a leading axis, and its `in_axes`."""

    def where(tree):
        return tuple(getattr(tree, name) for name in arrays)

    new = eqx.tree_at(where, fcn, tuple(arrays.values()), is_leaf=lambda x: x is None)
    if isinstance(fcn, AbstractFunctionFCN):
        return new, 0
    zeros = (0,) * len(arrays)
    return new, eqx.tree_at(where, _no_axes(fcn), zeros, is_leaf=lambda x: x is None)
