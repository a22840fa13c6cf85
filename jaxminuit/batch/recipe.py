"""How a toy is made: generate(key) and what becomes of its data, checked before anything is compiled."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.batch.prints import print_of
from jaxminuit.core.types import Matrix, Scalar, present
from jaxminuit.fit.programs import program
from jaxminuit.problem.fcn import (
    UNTRACEABLE,
    AbstractFCN,
    AbstractFunctionFCN,
    HostFCN,
    StaticFunction,
    check_scalar,
)
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.terms import Part, Terms


class NewData(eqx.Module):
    """The data of an FCN replaced by those that generate returns."""

    fcn: AbstractFunctionFCN

    def inside(self, generated: Any) -> Any:
        """What a toy brings out of the program that makes it, in the kinds of numbers of the FCN's data."""
        return jax.tree_util.tree_map(lambda x, old: jnp.asarray(x, jnp.result_type(old)), generated, self.fcn.data)

    def outside(self, made: Any) -> AbstractFCN:
        """The FCN of one toy, or of all with a leading axis."""
        return eqx.tree_at(lambda fcn: fcn.data, self.fcn, made)

    def check(self, generated: Any, same_model: bool) -> None:
        """Same structure and shapes as the data of the FCN, and the same kinds of numbers but for whole ones."""
        _check_structure(generated, self.fcn.data, "the data of fcn")
        _compare(generated, self.fcn.data, "the data of fcn", kinds=True)


class NewCost(eqx.Module):
    """A cost that is replaced by the one that generate returns."""

    cost: AbstractFCN

    def inside(self, generated: Any) -> Any:
        """The cost itself."""
        return generated

    def outside(self, made: Any) -> AbstractFCN:
        """The cost itself."""
        return made

    def check(self, generated: Any, same_model: bool) -> None:
        """A cost of the same kind, with arrays of the same shapes, and of the same model if that is wanted."""
        if type(generated) is not type(self.cost):
            raise TypeError(
                f"fcn is a {type(self.cost).__name__}, so generate must return one with other data, but it returns a "
                f"{type(generated).__name__}; or let fcn be a function that makes the cost from the data"
            )
        if same_model:
            _check_structure(generated, self.cost, "fcn (generate must return such a cost, of the same model)")
        _compare(generated, self.cost, "fcn", kinds=False)


class FromData(eqx.Module):
    """A function that makes the FCN or the cost from the data."""

    function: Callable

    def inside(self, generated: Any) -> Any:
        """What the function makes, in a form all of whose arrays may differ between toys."""
        fcn = self.function(generated)
        if isinstance(fcn, HostFCN):
            raise TypeError("fcn makes a HostFCN from the data, which cannot be fitted in lanes")
        if not isinstance(fcn, AbstractFCN):
            raise TypeError(f"fcn must make an FCN or a cost function from the data, but it returned {fcn!r}")
        return Whole(fcn=fcn, errordef=fcn.errordef) if isinstance(fcn, AbstractFunctionFCN) else fcn

    def outside(self, made: Any) -> AbstractFCN:
        """What was made."""
        return made

    def check(self, generated: Any, same_model: bool) -> None:
        """Nothing: the function takes what it is given."""


class Whole(AbstractFCN):
    """An FCN as a cost: not only its data, every array of it may have an axis of fits."""

    fcn: AbstractFCN
    errordef: Scalar

    def evaluate(self, params: Any) -> Scalar:
        """The value of the FCN."""
        return self.fcn.evaluate(params)

    def terms(self, params: Any) -> Terms:
        """The terms of the FCN."""
        return self.fcn.terms(params)

    def parts(self, rows: int) -> tuple[Part, ...]:
        """The parts of the FCN."""
        return self.fcn.parts(rows)


class Recipe(eqx.Module):
    """`generate`, and what makes an FCN of its data.

    Without `truths` toy number i has the key fold_in(key, i). With truths (m, n) data are generated from the parameters
    too, and the toys of the m truths take turns: toy i is number i // m of truth i % m, with the key
    fold_in(fold_in(key, i % m), i // m).
    """

    generate: Callable
    build: NewData | NewCost | FromData
    parameters: Parameters | None = None
    truths: Matrix | None = None

    def made(self, key, i=0) -> Any:
        """What one toy brings out of the program that makes it."""
        if self.truths is None:
            return self.build.inside(self.generate(key))
        truth = present(self.parameters).unflatten(self.truths[i % len(self.truths)])
        return self.build.inside(self.generate(key, truth))

    def key(self, key, i) -> Any:
        """The key of toy number i."""
        if self.truths is None:
            return jax.random.fold_in(key, i)
        m = np.uint32(len(self.truths))
        return jax.random.fold_in(jax.random.fold_in(key, i % m), i // m)

    def toys(self, key, first: int, size: int) -> tuple[AbstractFCN, np.ndarray]:
        """FCN of the toys from number `first`, with a leading axis, and the words of their keys."""
        made, words = _made(self, key, np.uint32(first), size=size)
        return self.build.outside(made), np.asarray(words)

    def numbers(self, key) -> int:
        """How many numbers the data of one toy have."""
        made = jax.tree_util.tree_leaves(jax.eval_shape(self.made, key))
        return sum(int(np.prod(leaf.shape)) for leaf in made)


@program("size")
def _made(recipe: Recipe, key, first, size: int):
    def one(i):
        own = recipe.key(key, i)
        return recipe.made(own, i), jax.random.key_data(own)

    return jax.vmap(one)(first + jnp.arange(size, dtype=jnp.uint32))


class Prints(NamedTuple):
    """Fingerprints of the functions of a recipe."""

    generate: str
    fcn: str


def recipe_of(
    generate: Any, fcn: Any, parameters: Parameters, key, truths: np.ndarray | None = None
) -> tuple[Recipe, Prints]:
    """The checked recipe with its fingerprints; TypeError or ValueError for what cannot be one.

    With `truths` generate is a function of key and parameters, and `fcn` one with observed data.
    """
    if parameters.values.ndim != 1:
        raise ValueError(f"start must be one for all toys, but its values have the shape {parameters.values.shape}")
    given = "a key" if truths is None else "a key and the parameters"
    if not callable(generate):
        raise TypeError(f"generate must be a function of {given}, not {generate!r}")
    if truths is not None and not isinstance(fcn, AbstractFCN):
        raise TypeError(f"fcn must be an FCN or a cost function that JAX can trace, not {fcn!r}")
    table = None if truths is None else jnp.asarray(truths, parameters.values.dtype)
    recipe = Recipe(_as_module(generate), _build_of(fcn), None if truths is None else parameters, table)
    arguments = (key,) if truths is None else (key, parameters.unflatten(table[0]))  # type: ignore[index]
    try:
        inspect.signature(generate).bind(*arguments)
    except TypeError as error:
        raise TypeError(f"generate must be a function of {given}, but {generate!r} is not: {error}") from error
    except ValueError:
        pass  # some builtins do not tell
    try:
        drawn, data = jax.make_jaxpr(recipe.generate, return_shape=True)(*arguments)
    except UNTRACEABLE as error:
        raise TypeError(
            "generate cannot be traced by JAX: use jax.random and jax.numpy in it, and shapes that do not depend on "
            "random numbers (pad, and give the padding weight 0)"
        ) from error
    recipe.build.check(data, truths is not None)
    variable = drawn.jaxpr.invars[0]
    if not any(variable is x for equation in drawn.jaxpr.eqns for x in equation.invars):
        raise ValueError("generate does not use its key, so that all toys would be the same: use jax.random with it")

    def value(generated, x):
        one = recipe.build.outside(recipe.build.inside(generated))
        return check_scalar(one.evaluate(parameters.unflatten(x))), one.errordef

    try:
        evaluated = jax.make_jaxpr(value)(data, parameters.values)
    except UNTRACEABLE as error:
        raise TypeError(f"{fcn!r} cannot be traced by JAX: use jax.numpy in it") from error
    return recipe, Prints(print_of(drawn), print_of(evaluated))


def _build_of(fcn: Any) -> NewData | NewCost | FromData:
    if isinstance(fcn, HostFCN):
        raise TypeError("a HostFCN cannot be fitted in lanes, because JAX cannot trace it")
    if isinstance(fcn, AbstractFunctionFCN):
        if not fcn.has_data:
            raise TypeError(
                "fcn has no data that generate could replace: give it data of the shape of a toy, FCN(fun, data=...)"
            )
        return NewData(fcn)
    if isinstance(fcn, AbstractFCN):
        return NewCost(fcn)
    if not callable(fcn):
        raise TypeError(f"fcn must be an FCN, a cost function, or a function that makes one from data, not {fcn!r}")
    return FromData(_as_module(fcn))


def _as_module(function: Callable) -> Callable:
    return function if isinstance(function, eqx.Module | jax.tree_util.Partial) else StaticFunction(function)


def _check_structure(found: Any, wanted: Any, owner: str) -> None:
    """ValueError unless two trees have the same structure."""
    tree: Callable[[Any], Any] = jax.tree_util.tree_structure
    if tree(found) != tree(wanted):
        raise ValueError(f"generate returns the structure {tree(found)}, but that of {owner} is {tree(wanted)}")


def _compare(found: Any, wanted: Any, owner: str, kinds: bool) -> None:
    """ValueError that names the first array whose shape is another, or with `kinds` the kind of its numbers."""
    pairs = [jax.tree_util.tree_leaves_with_path(x) for x in (found, wanted)]
    if len(pairs[0]) != len(pairs[1]):
        raise ValueError(f"generate returns {len(pairs[0])} arrays, but {owner} has {len(pairs[1])}")
    for (path, new), (_, old) in zip(*pairs, strict=True):
        name = jax.tree_util.keystr(path).removeprefix(".") or "data"
        if np.shape(new) != np.shape(old):
            raise ValueError(
                f"generate returns {name} of shape {np.shape(new)}, but in {owner} it is {np.shape(old)}; pad data of "
                "different length and give the padding weight 0, or mask it"
            )
        made, own = jnp.result_type(new), jnp.result_type(old)
        whole = jnp.issubdtype(made, jnp.integer) and jnp.issubdtype(own, jnp.floating)
        if kinds and made != own and not whole:
            raise ValueError(f"generate returns {name} of {made}, but in {owner} it is {own}")
