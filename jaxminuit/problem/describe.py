"""Names and limits of parameters, read from what a callable declares or from its signature."""

import ctypes
import inspect
import math
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin, overload

import numpy as np

from jaxminuit.problem.annotations import NAMES
from jaxminuit.problem.docstring import documented_names

Limits = tuple[float, float] | None
Signature = tuple[tuple[str, Limits], ...]
_CFUNC = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_uint32, ctypes.POINTER(ctypes.c_double))
_TEXT_SCOPE = {**vars(typing), "np": np, **NAMES}  # what annotations as text may name besides what the caller knows
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@overload
def describe(callable: Callable, *, annotations: Literal[False] = False) -> list[str]: ...


@overload
def describe(callable: Callable, *, annotations: Literal[True]) -> dict[str, Limits]: ...


@overload
def describe(callable: Callable, *, annotations: bool) -> list[str] | dict[str, Limits]: ...


def describe(callable: Callable, *, annotations: bool = False) -> list[str] | dict[str, Limits]:
    """Parameter names of a callable, or names and limits.

    Names come from the first of these that has any: a mapping ``_parameters`` or ``parameters`` of the object (as cost
    functions have it: name -> ``(lower, upper)`` or None); its ``func_code``, with which older programs declare names;
    the signature, up to the first ``*args``, keyword-only argument or ``**kwargs``; the docstring.

    Limits come from ``Annotated`` types whose metadata are slices (``0:1``), pairs, or objects with attributes gt, ge,
    lt, le (as in the package annotated-types). Minuit makes no difference between open and closed intervals.
    Annotations as text are understood if they name what the function's module or `jaxminuit.typing` knows.

    Parameters
    ----------
    callable
        Any: function, bound method, partial, jitted function, object with ``__call__``, cost.
    annotations
        Whether to give the limits too. Default False.

    Returns
    -------
    list or dict
        Names; with `annotations` name -> ``(lower, upper)`` with +-inf where absent, or None without an annotation.
        Empty if nothing can be found out, and for numba's cfuncs of the form ``double(uintc, CPointer(double))``.

    Raises
    ------
    TypeError
        If it is not callable.
    """
    found = {} if is_cfunc(callable) else _found(callable)
    return found if annotations else list(found)


def is_cfunc(function: Any) -> bool:
    """Whether a function is a C function of the number of parameters and a pointer to them, as numba.cfunc makes it."""
    return isinstance(getattr(function, "ctypes", None), _CFUNC)


def _found(function: Callable) -> dict[str, Limits]:
    """Names and limits by the first way that finds any."""
    found = declared_limits(function) or dict.fromkeys(_func_code(function)) or _signed(function)
    if not found and not callable(function) and not hasattr(function, "evaluate"):
        raise TypeError(f"{function!r} is not a callable object")
    return found or dict.fromkeys(documented_names(function))


def _func_code(function: Callable) -> Sequence[str]:
    code = getattr(function, "func_code", None)
    return () if code is None else code.co_varnames[: code.co_argcount]


def _signed(function: Callable) -> dict[str, Limits]:
    found = {}
    for name, parameter in _signature(function).items():
        if parameter.kind not in _POSITIONAL:
            break
        found[name] = annotated_limits(parameter.annotation)
    return found


def declared_limits(function: Any) -> dict[str, Limits] | None:
    """Names and limits that a callable declares itself, as costs do; None if it does not."""
    for attribute in ("_parameters", "parameters"):
        declared = getattr(function, attribute, None)
        if isinstance(declared, Mapping):
            return {str(name): None if limits is None else _pair(limits) for name, limits in declared.items()}
    return None


def annotated_limits(annotation: Any) -> Limits:
    """Limits in the metadata of an ``Annotated`` type, or of its text; None for any other annotation."""
    if isinstance(annotation, str):
        annotation = _evaluated(annotation, {})
    if get_origin(annotation) is not Annotated:
        return None
    lower, upper = -math.inf, math.inf
    for item in get_args(annotation)[1:]:
        low, high = _bounds(item)
        lower = lower if low is None else float(low)
        upper = upper if high is None else float(high)
    return lower, upper


def model_signature(model: Callable, name: Sequence[str] | None = None) -> Signature:
    """Names and limits of a model's parameters: everything after its first argument, the data.

    Raises
    ------
    ValueError
        If the names cannot be found out and `name` is not given, or its length does not fit.
    """
    found = list(describe(model, annotations=True).items())[1:]
    if name is None:
        if not found and takes_any_number(model):
            raise ValueError(f"the signature of {model!r} does not say its parameters: give them as name=[...]")
        return tuple(found)
    name = (name,) if isinstance(name, str) else tuple(str(item) for item in name)
    if found and len(found) != len(name):
        raise ValueError(f"name has {len(name)} entries, but the model has {len(found)} parameters")
    if len(set(name)) != len(name):
        raise ValueError(f"parameter names must differ, but they are {list(name)}")
    limits = [item[1] for item in found] or [None] * len(name)
    return tuple(zip(name, limits, strict=True))


def merge(signatures: Iterable[Signature]) -> tuple[Signature, tuple[tuple[int, ...], ...]]:
    """One signature out of several, equal names merged, with the positions of each one's parameters in it.

    Limits of a shared parameter are those that all of them allow.
    """
    merged: dict[str, Limits] = {}
    maps = []
    for signature in signatures:
        for name, limits in signature:
            merged[name] = _both(name, merged.get(name), limits)
        order = list(merged)
        maps.append(tuple(order.index(name) for name, _ in signature))
    return tuple(merged.items()), tuple(maps)


def takes_any_number(function: Callable) -> bool:
    """Whether a callable takes ``*args``, or hides its signature."""
    parameters = _signature(function).values()
    return not parameters or any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)


def _signature(function: Callable) -> dict[str, inspect.Parameter]:
    try:
        parameters = dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # built-in functions have none
        return {}
    scope = _scope(function)
    return {name: p.replace(annotation=_evaluated(p.annotation, scope)) for name, p in parameters.items()}


def _scope(function: Callable) -> dict[str, Any]:
    """The global names that the function's annotations can use."""
    function = inspect.unwrap(getattr(function, "func", function))
    function = getattr(function, "__func__", function)
    if hasattr(function, "__globals__"):
        return function.__globals__
    return getattr(type(function).__call__, "__globals__", {})


def _evaluated(annotation: Any, scope: dict[str, Any]) -> Any:
    """An annotation that is text as what it means, or as it is if that cannot be found out."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, {**_TEXT_SCOPE, **scope})
    except Exception:  # it may name anything
        return annotation


def _bounds(item: Any) -> tuple[Any, Any]:
    """(lower, upper) in one item of metadata; None where it says nothing."""
    if isinstance(item, slice):
        return item.start, item.stop
    if isinstance(item, Sequence) and not isinstance(item, str | bytes):
        low, high = item
        return low, high
    low = next((x for x in (getattr(item, "ge", None), getattr(item, "gt", None)) if x is not None), None)
    high = next((x for x in (getattr(item, "le", None), getattr(item, "lt", None)) if x is not None), None)
    return low, high


def _pair(limits: Any) -> tuple[float, float]:
    low, high = limits
    return -math.inf if low is None else float(low), math.inf if high is None else float(high)


def _both(name: str, first: Limits, second: Limits) -> Limits:
    if first is None or second is None:
        return second if first is None else first
    limits = max(first[0], second[0]), min(first[1], second[1])
    if not limits[0] < limits[1]:
        raise ValueError(f"no value of {name} is allowed by both {first} and {second}")
    return limits
