"""How a toy is made: generate(key) and what becomes of its data, checked before anything is compiled."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar
from jaxminuit.fit.programs import program
from jaxminuit.problem.fcn import (
    UNTRACEABLE,
    AbstractFCN,
    AbstractFunctionFCN,
    HostFCN,
    StaticFunction,
    as_data,
    check_scalar,
)
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.terms import Part, Terms


class NewData(eqx.Module):
    """The data of an FCN replaced by those that generate returns."""

    fcn: AbstractFunctionFCN

    def inside(self, generated: Any) -> Any:
        """What a toy brings out of the program that makes it."""
        return as_data(generated)

    def outside(self, made: Any) -> AbstractFCN:
        """The FCN of one toy, or of all with a leading axis."""
        return eqx.tree_at(lambda fcn: fcn.data, self.fcn, made)

    def check(self, generated: Any) -> None:
        """Same structure, shapes and kinds of numbers as the data of the FCN."""
        _compare(generated, self.fcn.data, "the data of fcn")


class NewCost(eqx.Module):
    """A cost that is replaced by the one that generate returns."""

    cost: AbstractFCN

    def inside(self, generated: Any) -> Any:
        """The cost itself."""
        return generated

    def outside(self, made: Any) -> AbstractFCN:
        """The cost itself."""
        return made

    def check(self, generated: Any) -> None:
        """A cost of the same kind, with arrays of the same shapes."""
        if type(generated) is not type(self.cost):
            raise TypeError(
                f"fcn is a {type(self.cost).__name__}, so generate must return one with other data, but it returns a "
                f"{type(generated).__name__}; or let fcn be a function that makes the cost from the data"
            )
        _compare(generated, self.cost, "fcn", strict=False)


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
        return Whole(fcn, fcn.errordef) if isinstance(fcn, AbstractFunctionFCN) else fcn

    def outside(self, made: Any) -> AbstractFCN:
        """What was made."""
        return made

    def check(self, generated: Any) -> None:
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
    """`generate`, and what makes an FCN of its data."""

    generate: Callable
    build: NewData | NewCost | FromData

    def made(self, key) -> Any:
        """What one toy brings out of the program that makes it."""
        return self.build.inside(self.generate(key))

    def toys(self, key, first: int, size: int) -> tuple[AbstractFCN, np.ndarray]:
        """FCN of the toys from number `first`, with a leading axis, and the words of their keys."""
        made, words = _made(self, key, np.uint32(first), size=size)
        return self.build.outside(made), np.asarray(words)


@program("size")
def _made(recipe: Recipe, key, first, size: int):
    keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(first + jnp.arange(size, dtype=jnp.uint32))
    return jax.vmap(recipe.made)(keys), jax.vmap(jax.random.key_data)(keys)


class Prints(NamedTuple):
    """Fingerprints: of the text of the traced programs and the arrays that they hold, free of what differs from one
    process to the next."""

    generate: str
    fcn: str


def recipe_of(generate: Any, fcn: Any, parameters: Parameters, key) -> tuple[Recipe, Prints]:
    """The checked recipe with its fingerprints; TypeError or ValueError for what cannot be one."""
    if not callable(generate):
        raise TypeError(f"generate must be a function of a key, not {generate!r}")
    recipe = Recipe(_as_module(generate), _build_of(fcn))
    try:
        drawn, data = jax.make_jaxpr(recipe.generate, return_shape=True)(key)
    except UNTRACEABLE as error:
        raise TypeError(
            "generate cannot be traced by JAX: use jax.random and jax.numpy in it, and shapes that do not depend on "
            "random numbers (pad, and give the padding weight 0)"
        ) from error
    variable = drawn.jaxpr.invars[0]
    if not any(variable is x for equation in drawn.jaxpr.eqns for x in equation.invars):
        raise ValueError("generate does not use its key, so that all toys would be the same: use jax.random with it")
    recipe.build.check(data)

    def value(generated, x):
        one = recipe.build.outside(recipe.build.inside(generated))
        return check_scalar(one.evaluate(parameters.unflatten(x))), one.errordef

    try:
        evaluated = jax.make_jaxpr(value)(data, parameters.values)
    except UNTRACEABLE as error:
        raise TypeError(f"{fcn!r} cannot be traced by JAX: use jax.numpy in it") from error
    return recipe, Prints(_print_of(drawn), _print_of(evaluated))


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


def _compare(found: Any, wanted: Any, owner: str, strict: bool = True) -> None:
    """ValueError that names the first array whose shape or kind is another."""
    tree = jax.tree_util.tree_structure
    if strict and tree(found) != tree(wanted):
        raise ValueError(f"generate returns the structure {tree(found)}, but {owner} have {tree(wanted)}")
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
        if strict and jnp.result_type(new) != jnp.result_type(old):
            raise ValueError(
                f"generate returns {name} of {jnp.result_type(new)}, but in {owner} it is {jnp.result_type(old)}"
            )


def _print_of(closed: Any) -> str:
    digest = hashlib.sha256(re.sub(r"0x[0-9a-f]+", "0x", str(closed)).encode())
    for array in _held(closed):
        if jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
            array = jax.random.key_data(array)
        array = np.asarray(array)
        digest.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _held(part: Any) -> Iterator[Any]:
    """Every array that a traced program holds, in those inside it too: its text does not show them."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from _held(item)
    elif hasattr(part, "consts") and hasattr(part, "jaxpr"):
        yield from (x for x in part.consts if hasattr(x, "dtype"))
        yield from _held(part.jaxpr)
    elif hasattr(part, "eqns"):
        for equation in part.eqns:
            yield from (x.val for x in equation.invars if hasattr(x, "val") and np.ndim(x.val) > 0)
            yield from _held(list(equation.params.values()))
