"""Names and start values of the parameters, read from the function and from the call of Minuit."""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import jax
import numpy as np

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def describe(function: Callable) -> list[str]:
    """Parameter names of a callable.

    From a mapping ``_parameters`` or ``parameters`` (cost functions), else from the positional arguments of its
    signature, up to the first ``*args``. Empty if nothing is known.
    """
    declared = declared_limits(function)
    if declared is not None:
        return list(declared)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return []
    names = []
    for parameter in signature.parameters.values():
        if parameter.kind not in _POSITIONAL:
            break
        names.append(parameter.name)
    return names


def declared_limits(function: Any) -> dict[str, tuple[float | None, float | None] | None] | None:
    """Names and limits that a cost function declares itself; None if it does not."""
    for attribute in ("_parameters", "parameters"):
        declared = getattr(function, attribute, None)
        if isinstance(declared, Mapping):
            return dict(declared)
    return None


def starts(
    function: Callable, args: tuple, kwds: Mapping[str, Any], name: Collection[str] | None
) -> tuple[tuple[str, ...], np.ndarray, bool]:
    """Names, start values, and whether the function takes one array.

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
    names = [str(n) for n in name] if name is not None else [] if takes_array else describe(function)
    if kwds:
        names = names or list(kwds)
        args = _in_order(names, kwds)
    elif not args:
        raise RuntimeError(f"starting value(s) are required for [{' '.join(names)}]")
    names = names or [f"x{i}" for i in range(len(args))]
    if len(names) != len(args):
        raise RuntimeError(f"{len(args)} values given for {len(names)} function parameter(s)")
    values = np.array([_real(n, v) for n, v in zip(names, args, strict=True)])
    return tuple(names), values, takes_array


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
