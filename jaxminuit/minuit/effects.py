"""What a function changes besides returning a value.

JAX calls a function once, with tracers, and never again: a counter stands still, a list of visited points holds a
tracer, random numbers repeat. A function that does such things is therefore run on the host, and the traces that were
needed to find out are undone.
"""

import contextlib
import io
import random
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from jaxminuit.minuit.captured import reached


class Effects:
    """Everything that some functions reach, as it is now: lists, dicts, arrays, attributes, variables, random numbers.

    Seen is what `Captured` sees, attributes of the functions themselves, and the generators of `random` and
    `numpy.random`; and, between `watch` and its end, whether something was printed.
    """

    def __init__(self, functions: Iterable[Callable]):
        things = {id(thing): thing for function in functions for thing in reached(function)}
        self._places = [place for thing in things.values() for place in _places(thing)]
        self._random = random.getstate(), np.random.get_state()
        self._printed = False

    @contextlib.contextmanager
    def watch(self):
        """Swallow and remember what is printed meanwhile."""
        with contextlib.redirect_stdout(io.StringIO()) as text:
            yield
        self._printed = self._printed or bool(text.getvalue())

    @property
    def seen(self) -> bool:
        """Whether anything is not as it was."""
        own = random.getstate() != self._random[0] or not _same(np.random.get_state(), self._random[1])
        return self._printed or own or any(not _same(read(), before) for read, _, before in self._places)

    def undo(self) -> None:
        """Make it all as it was."""
        for read, write, before in self._places:
            if not _same(read(), before):
                write(before)
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])


def _places(thing: Any) -> list[tuple[Callable, Callable, Any]]:
    """What of an object can be written: (read, write, as it is now) each."""
    if isinstance(thing, list):
        return [_place(lambda: list(thing), lambda old: thing.__setitem__(slice(None), old))]
    if isinstance(thing, dict):
        return [_mapping(thing)]
    if isinstance(thing, np.ndarray):
        return [_place(thing.copy, lambda old: np.copyto(thing, old))] if thing.flags.writeable else []
    if isinstance(thing, np.random.Generator):
        bits = thing.bit_generator
        return [_place(lambda: bits.state, lambda old: setattr(bits, "state", old))]
    if isinstance(thing, np.random.RandomState):
        return [_place(thing.get_state, thing.set_state)]
    if isinstance(thing, random.Random):
        return [_place(thing.getstate, thing.setstate)]
    if isinstance(thing, types.FunctionType):
        cells = [cell for cell in thing.__closure__ or () if _filled(cell)]
        names = [name for name in thing.__code__.co_names if name in thing.__globals__]
        return [_mapping(thing.__dict__), *map(_cell, cells), *(_variable(thing.__globals__, name) for name in names)]
    if isinstance(thing, type | types.ModuleType | types.MethodType) or not hasattr(thing, "__dict__"):
        return []
    return [_mapping(thing.__dict__)]


def _place(read, write):
    return read, write, read()


def _mapping(thing: dict):
    def write(old):
        thing.clear()
        thing.update(old)

    return _place(lambda: dict(thing), write)


def _cell(cell):
    return _place(lambda: cell.cell_contents, lambda old: setattr(cell, "cell_contents", old))


def _variable(space: dict, name: str):
    return _place(lambda: space.get(name), lambda old: space.__setitem__(name, old))


def _filled(cell) -> bool:
    try:
        return cell.cell_contents is cell.cell_contents
    except ValueError:
        return False


def _same(a: Any, b: Any) -> bool:
    """Whether two objects are the same as far as a caller can tell; an object computed again counts by its value."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    return isinstance(a, int | float | complex | str | bytes | np.generic) and bool(a == b)
