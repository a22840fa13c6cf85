"""Checks that several functions make of their arguments: each gives back what it was given, or names what is wrong."""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.parameters import Parameters


def whole(name: str, value: Any, least: int = 1) -> int:
    """A whole number from `least` on that 32 bits can hold; ValueError for anything else."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or not least <= value < 2**31:
        raise ValueError(f"{name} must be a whole number from {least} to 2^31 - 1, but it is {value!r}")
    return int(value)


def finite_number(name: str, value: Any) -> float:
    """A finite real number; ValueError for anything else."""
    array = np.asarray(value)
    if array.ndim != 0 or array.dtype.kind not in "iuf" or not np.isfinite(array):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return float(array)


def positive_number(name: str, value: Any) -> float:
    """A finite number above 0; ValueError for anything else."""
    number = finite_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive, not {value!r}")
    return number


def as_key(key: Any) -> jax.Array:
    """A JAX key from a whole number, a key, or the two words of an old-style key; TypeError for anything else."""
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        return jax.random.key(int(key))
    if isinstance(key, jax.Array) and key.shape == () and jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        return key
    if isinstance(key, jax.Array) and key.shape == () and jnp.issubdtype(key.dtype, jnp.integer):
        return jax.random.key(key)
    if isinstance(key, jax.Array) and key.shape == (2,) and key.dtype == jnp.uint32:
        return jax.random.wrap_key_data(key)
    raise TypeError(f"key must be a whole number or a JAX key, not {key!r}")


def asked_for(parameters: Parameters, names: Any) -> list[int]:
    """Positions of the parameters that are asked for: a name, a number, or several; TypeError for what is neither."""
    names = [names] if isinstance(names, str | int) else names
    if not isinstance(names, Iterable):
        raise TypeError(f"parameters must be names or numbers of parameters, not {names!r}")
    return [parameters.index(name) for name in names]


def check_minimum(minimum: Any) -> None:
    """TypeError for what is no FunctionMinimum."""
    if not isinstance(minimum, FunctionMinimum):
        raise TypeError(f"minimum must be a FunctionMinimum, not {minimum!r}")


def check_single(minimum: Any) -> None:
    """TypeError for what is no FunctionMinimum, ValueError for the minima of many fits."""
    check_minimum(minimum)
    if minimum.values.ndim != 1:
        raise ValueError(
            f"minimum holds many fits, values of shape {minimum.values.shape}: use jax.vmap to take one after another"
        )
