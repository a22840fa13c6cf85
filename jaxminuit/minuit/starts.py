"""Names, start values and limits of the parameters, read from the function and from the call of Minuit."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxminuit.minuit.conventions import compiled_function
from jaxminuit.problem.describe import Limits, declared_limits, describe
from jaxminuit.problem.fcn import AbstractFCN


class Starts(NamedTuple):
    """What the call of Minuit says about the parameters.

    `takes_array`: whether the function is called with one array. `limits`: those that the function declares, each a
    pair or None.
    """

    names: tuple[str, ...]
    values: np.ndarray
    takes_array: bool
    limits: tuple[Limits, ...]


def starts(
    function: Callable | AbstractFCN, args: tuple, kwds: Mapping[str, Any], name: Collection[str] | None
) -> Starts:
    """Names, start values, calling convention and limits.

    Raises
    ------
    RuntimeError
        Start values missing, too many, mixed (positional and keyword) or for an unknown parameter.
    TypeError
        A start value that is not a real number.
    """
    if args and kwds:
        raise RuntimeError(f"positional arguments cannot be mixed with parameter keyword arguments {dict(kwds)}")
    takes_array = len(args) == 1 and (np.ndim(args[0]) > 0 or _is_iterable(args[0]))
    if takes_array:
        args = tuple(_vector(args[0]))
    described = _described(function, takes_array)
    names = list(described) if name is None else [str(n) for n in name]
    if kwds:
        names = names or list(kwds)
        args = _in_order(names, kwds)
    elif not args:
        raise RuntimeError(f"starting value(s) are required for [{' '.join(names)}]")
    names = names or [f"x{i}" for i in range(len(args))]
    if len(names) != len(args):
        raise RuntimeError(f"{len(args)} values given for {len(names)} function parameter(s)")
    if len(set(names)) != len(names):
        raise RuntimeError(f"parameter names must differ, but they are [{' '.join(names)}]")
    values = np.array([_real(n, v) for n, v in zip(names, args, strict=True)])
    limits = tuple(described.values()) if len(described) == len(names) else (None,) * len(names)
    return Starts(tuple(names), values, takes_array, limits)


def _described(function: Any, takes_array: bool) -> dict[str, Limits]:
    """Names and limits of the function's parameters; of one that takes an array only if it declares several."""
    if compiled_function(function) is not None:
        return {}
    if not takes_array:
        return describe(function, annotations=True)
    declared = declared_limits(function) or {}
    return declared if len(declared) > 1 else {}


def _in_order(names: list[str], kwds: Mapping[str, Any]) -> tuple:
    for key in kwds:
        if key not in names:
            raise RuntimeError(f"{key} is not one of the parameters [{' '.join(names)}]")
    if len(kwds) != len(names):
        missing = " ".join(n for n in names if n not in kwds)
        raise RuntimeError(f"{len(kwds)} values given for {len(names)} function parameter(s); missing: {missing}")
    return tuple(kwds[n] for n in names)


def _vector(start: Iterable) -> np.ndarray:
    array = np.asarray(start if hasattr(start, "__array__") or hasattr(start, "__len__") else list(start))
    if array.ndim != 1:
        raise ValueError(f"the start values must be one number per parameter, not an array of shape {array.shape}")
    return array


def _real(name: str, value: Any) -> float:
    if isinstance(value, jax.core.Tracer):
        raise TypeError(f"the start value of {name} is traced: inside jit, vmap or grad use jaxminuit.migrad")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"the start value of {name} must be a real number, not {value!r}") from None


def _is_iterable(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)
