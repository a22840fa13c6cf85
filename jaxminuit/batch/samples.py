"""Toy data from a user's generator, put into the FCN, in blocks of bounded memory."""

from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.problem.fcn import AbstractFCN, AbstractFunctionFCN, HostFCN
from jaxminuit.problem.parameters import Parameters

BLOCK = 1 << 16  # toys at once
MEMORY = 1 << 25  # numbers in the data of one block
FIT_OPTIONS = frozenset(
    ("strategy", "tol", "gradient", "max_calls", "iterate", "precision", "lanes", "devices", "progress")
)


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments that are passed on to `fit_many`; TypeError names those that it does not have."""
    for name in options:
        if name not in FIT_OPTIONS:
            raise TypeError(f"unknown argument {name!r}; those of the fits are {sorted(FIT_OPTIONS)}")
    return options


class Generator(eqx.Module):
    """``generate(key, params)`` and the FCN whose data it makes, checked against each other.

    For an FCN the generator returns data like its own, for a cost a cost like it.

    Raises
    ------
    TypeError, ValueError
        An FCN without data; a generator that returns another structure, other shapes, or another model.
    """

    generate: Callable = eqx.field(static=True)
    fcn: AbstractFCN
    parameters: Parameters

    def __init__(self, generate: Callable, fcn: Any, parameters: Parameters):
        if isinstance(fcn, HostFCN) or not isinstance(fcn, AbstractFCN):
            raise TypeError(f"fcn must be an FCN or a cost function that JAX can trace, not {fcn!r}")
        if isinstance(fcn, AbstractFunctionFCN) and not fcn.has_data:
            raise TypeError("the FCN has no data that could be generated: give them as FCN(fun, data=...)")
        if not callable(generate):
            raise TypeError(f"generate must be a function of a key and the parameters, not {generate!r}")
        self.generate, self.fcn, self.parameters = generate, fcn, parameters
        _check_alike(jax.eval_shape(self._one, jax.random.key(0), parameters.values), data_of(fcn))

    def __call__(self, keys: jax.Array, values: Any) -> AbstractFCN:
        """The FCN with data of many toys along a leading axis; keys (toys,), values of the parameters (toys, n)."""
        data = _generated(self.generate, keys, jnp.asarray(values), self.parameters, data_of(self.fcn))
        return with_data(self.fcn, data)

    @property
    def length(self) -> int:
        """Toys in one block."""
        numbers = sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(data_of(self.fcn)))
        return max(1, min(BLOCK, MEMORY // max(numbers, 1)))

    def _one(self, key, values):
        return self.generate(key, self.parameters.unflatten(values))


def blocks(generator: Generator, key: jax.Array, truths: np.ndarray, n: int) -> Iterator[tuple[np.ndarray, Any]]:
    """Blocks of n toys for each row of `truths` (m, parameters): which truth each toy has, and the FCN with the toys.

    A toy's key depends on its truth and its number alone, not on how the toys are cut into blocks. All blocks have the
    same length: the last toy is repeated, with truth -1, until the last one is full.
    """
    total = len(truths) * n
    length = min(total, generator.length)
    for first in range(0, total, length):
        places = np.arange(first, first + length)
        inside = np.minimum(places, total - 1)
        truth = inside // n
        keys = _keys(key, jnp.asarray(truth), jnp.asarray(inside % n))
        yield np.where(places < total, truth, -1), generator(keys, truths[truth])


def data_of(fcn: AbstractFCN) -> Any:
    """What a generator makes: the data of an FCN; a cost as a whole."""
    return fcn.data if isinstance(fcn, AbstractFunctionFCN) else fcn


def with_data(fcn: AbstractFCN, data: Any) -> AbstractFCN:
    """The FCN with other data."""
    return eqx.tree_at(lambda f: f.data, fcn, data) if isinstance(fcn, AbstractFunctionFCN) else data


def vector_of(parameters: Parameters, tree: Any) -> np.ndarray:
    """A tree of parameters as a vector (n,); ValueError unless it has the structure of the start values."""
    leaves, structure = jax.tree_util.tree_flatten(tree)
    shapes = tuple(np.shape(leaf) for leaf in leaves)
    if structure != parameters.treedef or shapes != parameters.shapes:
        raise ValueError(f"the parameters {tree!r} do not have the structure of the start values {parameters.tree!r}")
    vector = np.concatenate([np.ravel(np.asarray(leaf, parameters.values.dtype)) for leaf in leaves])
    if not np.all(np.isfinite(vector)):
        raise ValueError(f"parameters must be finite, not {tree!r}")
    return vector


def free_parameters(start: Any) -> Parameters:
    """Start values with their steps, from Parameters or from a minimum of one fit."""
    if isinstance(start, Parameters):
        return start
    parameters = getattr(start, "parameters", None)
    if not isinstance(parameters, Parameters):
        raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
    if start.values.ndim != 1:
        raise ValueError(f"start holds many minima, values of shape {start.values.shape}: one is needed")
    usable = np.isfinite(start.errors) & (start.errors > 0)
    return parameters.replace(values=start.values, step=jnp.where(usable, start.errors, parameters.step))


@eqx.filter_jit
def _generated(generate, keys, values, parameters, like):
    def one(key, vector):
        made = generate(key, parameters.unflatten(vector))
        return jax.tree_util.tree_map(lambda x, old: jnp.asarray(x, old.dtype), made, like)

    return jax.vmap(one)(keys, values)


@jax.jit
def _keys(key, truth, number):
    return jax.vmap(lambda i, k: jax.random.fold_in(jax.random.fold_in(key, i), k))(truth, number)


def _check_alike(made: Any, like: Any) -> None:
    """Raise unless generated data have structure and shapes of the FCN's own."""
    structure, wanted = jax.tree_util.tree_structure(made), jax.tree_util.tree_structure(like)
    if structure != wanted:
        raise TypeError(
            f"generate must return what the FCN has as data (for a cost: such a cost, of the same model), of the "
            f"structure {wanted}, but it returns {structure}"
        )
    old = jax.tree_util.tree_leaves_with_path(like)
    for (path, leaf), new in zip(old, jax.tree_util.tree_leaves(made), strict=True):
        if np.shape(leaf) != new.shape:
            name = jax.tree_util.keystr(path).removeprefix(".") or "data"
            raise ValueError(
                f"generate returns {name} of shape {new.shape}, but the FCN's has the shape {np.shape(leaf)}; "
                "pad data of different length and give the padding weight 0, or mask it"
            )
