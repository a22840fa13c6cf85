"""Callables with other parameter names, and several callables under one signature."""

import functools
import inspect
import warnings
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable
from typing import Any

from jaxminuit.problem.describe import Limits, describe


class Renamed:
    """A callable of positional arguments that declares other names for them.

    Parameters
    ----------
    function
        What is called.
    parameters
        Name -> limits, or None, for each argument.
    """

    __wrapped__: Callable

    def __init__(self, function: Callable, parameters: dict[str, Limits]):
        functools.update_wrapper(self, function, updated=())
        self._parameters = parameters

    def __call__(self, *args: Any) -> Any:
        """Call the function."""
        return self.__wrapped__(*args)

    def __repr__(self) -> str:
        return f"<{self.__wrapped__!r} of {', '.join(self._parameters)}>"


class Selected:
    """A callable that takes the arguments of a wider signature and hands on its own.

    Parameters
    ----------
    function
        What is called.
    parameters
        Name -> limits, or None, for each argument of the wider signature.
    positions
        Which of them the function takes, in its order.
    """

    __wrapped__: Callable

    def __init__(self, function: Callable, parameters: dict[str, Limits], positions: Collection[int]):
        functools.update_wrapper(self, function, updated=())
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self._parameters, self._positions = parameters, tuple(positions)
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in parameters])

    def __call__(self, *args: Any, **kwds: Any) -> Any:
        """Call the function with its share of the arguments."""
        if kwds or len(args) != len(self._parameters):
            args = self.__signature__.bind(*args, **kwds).args
        return self.__wrapped__(*(args[i] for i in self._positions))


def make_with_signature(callable: Callable, *varnames: str, **replacements: str) -> Callable:
    """The same callable with other names for its arguments; limits stay with their arguments.

    Parameters
    ----------
    callable
        A callable of positional arguments.
    *varnames
        Names for the first arguments, in order. A callable that does not say its parameters stays as it is.
    **replacements
        New names by old names.

    Returns
    -------
    Callable
        It takes positional arguments only; `describe` finds the new names.

    Raises
    ------
    ValueError
        More names than arguments, an unknown old name, or two equal new ones.
    """
    old = describe(callable, annotations=True)
    if not old:
        return Renamed(callable, {})
    names = list(old)
    if len(varnames) > len(names):
        raise ValueError(f"varnames longer than original signature: {len(varnames)} for {len(names)} arguments")
    names[: len(varnames)] = varnames
    for name, other in replacements.items():
        if name not in names:
            raise ValueError(f"{name} is not one of the arguments {names}")
        names[names.index(name)] = other
    if len(set(names)) != len(names):
        raise ValueError(f"names must differ, but they are {names}")
    return Renamed(callable, dict(zip(names, old.values(), strict=True)))


def merge_signatures(callables: Iterable[Callable], annotations: bool = False) -> tuple[Any, list[list[int]]]:
    """One signature for several callables, equal names merged.

    Parameters
    ----------
    callables
        Callables whose parameters `describe` finds.
    annotations
        Whether to give limits too. Default False.

    Returns
    -------
    parameters
        Names; with `annotations` name -> limits (the first that are given) or None.
    mapping
        For every callable the positions of its parameters among them.
    """
    merged: dict[str, Limits] = {}
    described = [describe(function, annotations=True) for function in callables]
    for parameters in described:
        for name, limits in parameters.items():
            merged[name] = limits if merged.get(name) is None else merged[name]
    position = {name: i for i, name in enumerate(merged)}
    mapping = [[position[name] for name in parameters] for parameters in described]
    return merged if annotations else list(merged), mapping


def expanded(*callables: Callable) -> Any:
    """Callables that all take the merged signature, and hand on to each what it takes.

    ``f2, g2 = expanded(f, g)`` for ``f(x, y)`` and ``g(x, p)`` gives ``f2(x, y, p) = f(x, y)`` and
    ``g2(x, y, p) = g(x, p)``. One callable alone is given back alone, not in a tuple.
    """
    parameters, mapping = merge_signatures(callables, annotations=True)
    made = tuple(Selected(function, parameters, where) for function, where in zip(callables, mapping, strict=True))
    return made[0] if len(made) == 1 else made


def make_func_code(params: Collection[str]) -> Namespace:
    """A ``func_code`` that declares parameter names. Deprecated: set ``_parameters``, a dict of names and limits.

    Warns
    -----
    FutureWarning
        Always.
    """
    warnings.warn(
        "make_func_code is deprecated: declare parameters with the attribute `_parameters`, a dict of names and "
        "limits, instead of `func_code`",
        FutureWarning,
        stacklevel=2,
    )
    return Namespace(co_varnames=tuple(params), co_argcount=len(params))
