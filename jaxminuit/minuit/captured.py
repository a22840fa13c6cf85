"""What a plain Python function reads besides its arguments.

JAX traces a function once and keeps what it read (data in global variables, in closures, in attributes) as constants. A
compiled fit may therefore only be used again while all that is still the same: `Captured` is the key that says so.
"""

import hashlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_DEPTH = 4
_ITEMS = 1000
_PLAIN = (int, float, complex, str, bytes, bool, type(None), np.generic)


class Captured:
    """A function together with what it reads; equal, and of the same hash, as long as none of it has changed.

    NumPy arrays count by their contents, numbers by value, lists and dicts by their items, functions and objects of the
    function's own module by what they read in turn, everything else by identity. Not seen: attributes of modules.

    Parameters
    ----------
    function
        Any callable.
    written
        What the function changes itself, such as a counter of its calls (from `written_between`): left out.
    """

    __slots__ = ("function", "reads", "_hash")

    def __init__(self, function: Callable, written: frozenset[tuple] = frozenset()):
        self.function = function
        found = _prints(function, (), getattr(function, "__module__", None), set())
        self.reads = tuple((path, value) for path, value in found if not _within(path, written))
        self._hash = hash(self.reads)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Captured) and self._hash == other._hash and self.reads == other.reads

    def __call__(self, *args):
        """Call the function."""
        return self.function(*args)


def written_between(before: Captured, after: Captured) -> frozenset[tuple]:
    """What differs between the keys of one function before and after a call of it: the function wrote it."""
    return frozenset(path for path, _ in set(before.reads) ^ set(after.reads))


def _within(path: tuple, places: frozenset[tuple]) -> bool:
    return bool(places) and any(path[:k] in places for k in range(len(path) + 1))


class _Same:
    """An object by identity; holds on to it so that its address is not given to another one."""

    __slots__ = ("held",)

    def __init__(self, held: Any):
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, _Same) and self.held is other.held


def _prints(thing: Any, path: tuple, module: str | None, seen: set[int]) -> Iterator[tuple[tuple, Any]]:
    """Hashable prints of one object and of what it leads to, each with the names on the way there."""
    if isinstance(thing, _PLAIN):
        yield path, (type(thing), repr(thing))
        return
    if isinstance(thing, np.ndarray):
        yield path, _array(thing)
        return
    if isinstance(thing, types.MethodType):
        yield path, _Same(thing.__func__)
    elif isinstance(thing, list | tuple | dict):
        yield path, (type(thing), len(thing))
    else:
        yield path, _Same(thing)
    if id(thing) not in seen and len(path) < _DEPTH:
        seen.add(id(thing))
        for name, part in _parts(thing, module):
            yield from _prints(part, (*path, name), module, seen)


def _parts(thing: Any, module: str | None) -> Iterator[tuple[Any, Any]]:
    """What an object leads to: free variables, defaults, items, attributes."""
    if isinstance(thing, types.FunctionType):
        if thing.__module__ == module:
            yield from _free_variables(thing)
    elif isinstance(thing, types.MethodType):
        yield from (("self", thing.__self__), ("function", thing.__func__))
    elif isinstance(thing, dict):
        yield from list(thing.items())[:_ITEMS]
    elif isinstance(thing, list | tuple):
        yield from enumerate(thing[:_ITEMS])
    elif hasattr(thing, "func") and hasattr(thing, "keywords"):  # functools.partial
        yield from (("func", thing.func), ("args", thing.args), ("keywords", thing.keywords))
    elif hasattr(thing, "__wrapped__"):
        yield "wrapped", thing.__wrapped__
    elif not isinstance(thing, type | types.ModuleType) and type(thing).__module__ == module:
        yield from sorted(getattr(thing, "__dict__", {}).items())
        if callable(thing) and isinstance(type(thing).__call__, types.FunctionType):
            yield "call", type(thing).__call__


def _free_variables(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            yield name, None
    yield from enumerate(function.__defaults__ or ())
    yield from (function.__kwdefaults__ or {}).items()
    for name in sorted(set(_global_names(function.__code__))):
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _global_names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


def _array(array: np.ndarray) -> tuple:
    if array.dtype.hasobject:
        return _Same(array), array.shape
    return array.shape, array.dtype.str, hashlib.blake2b(array.tobytes()).digest()


def reached(function: Callable) -> Iterator[Any]:
    """The function and every object that its key looks into."""
    module, seen, waiting = getattr(function, "__module__", None), set(), [(function, 0)]
    while waiting:
        thing, depth = waiting.pop()
        if isinstance(thing, _PLAIN) or id(thing) in seen:
            continue
        seen.add(id(thing))
        yield thing
        if depth < _DEPTH and not isinstance(thing, np.ndarray):
            waiting.extend((part, depth + 1) for _, part in _parts(thing, module))
