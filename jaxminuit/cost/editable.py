"""Costs whose data can be edited: arrays in place, and constructor arguments by assignment."""

import abc
import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np

from jaxminuit.cost.uhi import is_histogram
from jaxminuit.problem.columns import is_column
from jaxminuit.problem.fcn import AbstractFCN

MODELS = {"pdf", "scaled_pdf", "cdf", "scaled_cdf", "model", "model_or_template"}  # what constructors call the model


class AbstractEditable(AbstractFCN):
    """An FCN that can be made again from its constructor's arguments, and some of these assigned to.

    Data are held as NumPy arrays of its own, which can be edited in place. What came in as a JAX array stays one, and
    can only be assigned. A compiled program takes the data as arguments: the next call or fit sees the edits, and
    compiles nothing while shapes stay the same.
    """

    settable: ClassVar[frozenset[str]] = frozenset({"verbose"})

    @abc.abstractmethod
    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""

    def replace(self, **changes):
        """A copy with some of the constructor's arguments (data, mask, verbose ...) replaced, checked again.

        New data of the same shape do not compile anything again.

        Raises
        ------
        TypeError
            Unknown argument.
        ValueError
            Whatever the constructor finds wrong.
        """
        recipe = self.recipe()
        unknown = sorted(set(changes) - set(recipe))
        if unknown:
            raise TypeError(f"{type(self).__name__} has no {', '.join(unknown)} to replace, only {', '.join(recipe)}")
        if "name" in recipe and MODELS & set(changes):
            recipe["name"] = None  # another model brings its own names
        return eqx.tree_at(lambda cost: cost.errordef, type(self)(**(recipe | changes)), self.errordef)

    def assigned(self, name: str, value: Any):
        """A cost that has `value` for what is called `name`; a single number serves for all entries of an array."""
        old = getattr(self, name)
        return self.replace(**{name: value if name == "mask" else spread(value, old)})

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)  # while it is being made
        except dataclasses.FrozenInstanceError:
            if name not in self.settable:
                raise
            if name == "verbose":
                object.__setattr__(self, name, int(value))
            else:
                self._become(self.assigned(name, value))

    def _become(self, other) -> None:
        """Take over all fields; arrays of the same shape keep their memory, so that views of them stay good."""
        for field in dataclasses.fields(self):
            old, new = getattr(self, field.name), getattr(other, field.name)
            object.__setattr__(self, field.name, _filled(old, new) if _same_arrays(old, new) else new)
        self._settle()

    def _settle(self) -> None:
        """Bring fields into order that were set from outside."""

    def __reduce__(self):
        return _remade, (type(self), dict(self.__dict__))  # equinox takes an unpickled Module for one being made


def _remade(kind: type, fields: dict[str, Any]):
    """A cost with the given fields, from a pickle or a copy."""
    cost: Any = object.__new__(kind)
    cost.__dict__.update(fields)
    cost._settle()
    return cost


def spread(value: Any, old: Any) -> Any:
    """The value in the shape of a NumPy array `old` if it can be broadcast to that; else as it is."""
    whole = value is None or isinstance(value, jax.Array) or is_histogram(value) or is_column(value)
    if whole or not isinstance(old, np.ndarray):
        return value
    try:
        return np.broadcast_to(value, old.shape)
    except ValueError:
        return value


def _same_arrays(old: Any, new: Any) -> bool:
    """Whether every array in `old` has one of the same shape in `new`; other things do not matter."""
    a, b = _arrays(old), _arrays(new)
    return len(a) == len(b) and all(x.shape == y.shape for x, y in zip(a, b, strict=True))


def _arrays(tree: Any) -> list[np.ndarray]:
    return [leaf for leaf in jax.tree_util.tree_leaves(tree) if isinstance(leaf, np.ndarray)]


def _filled(old: Any, new: Any) -> Any:
    """`new` with its arrays copied into those of `old`."""
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        old[...] = new
        return old
    if isinstance(old, tuple) and isinstance(new, tuple) and _arrays(new):
        return tuple(_filled(a, b) for a, b in zip(old, new, strict=True))
    return new
