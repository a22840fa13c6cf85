"""Views on the parameters of a Minuit object, indexed by name, number, slice, list or mask."""

import abc
import math
import operator
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from jaxminuit.minuit.typing import Key
from jaxminuit.minuit.warnings import IMinuitWarning


def position(key: int | str, names: tuple[str, ...]) -> int:
    """Number of one parameter. KeyError for an unknown name, IndexError for a number out of range."""
    if isinstance(key, str):
        if key not in names:
            raise KeyError(key)
        return names.index(key)
    try:
        if isinstance(key, bool):
            raise TypeError
        number = operator.index(key)
    except TypeError:
        raise TypeError(f"a parameter is found by its name or number, not by {key!r}") from None
    if not -len(names) <= number < len(names):
        raise IndexError(f"parameter {number} is out of range: there are {len(names)}")
    return number % len(names)


def positions(key: Key, names: tuple[str, ...]) -> int | list[int]:
    """Number of one parameter, or the numbers that a slice, sequence, mask or `...` selects."""
    if key is ...:
        return list(range(len(names)))
    if isinstance(key, slice):
        start, stop = (position(k, names) if isinstance(k, str) else k for k in (key.start, key.stop))
        return list(range(len(names)))[slice(start, stop, key.step)]
    rest: Any = key
    if _is_sequence(rest):
        keys = list(rest)
        if keys and all(np.asarray(k).dtype == np.bool_ for k in keys):
            if len(keys) != len(names):
                raise IndexError(f"a mask of {len(keys)} entries cannot select from {len(names)} parameters")
            return [i for i, chosen in enumerate(keys) if chosen]
        return [position(k, names) for k in keys]
    return position(rest, names)


class BasicView(abc.ABC):
    """One column of the parameter table; assigning to it changes the Minuit object it belongs to."""

    __slots__ = ("_owner",)
    __hash__ = None  # type: ignore[assignment]  # changes with what it shows

    def __init__(self, owner: Any):
        self._owner = owner

    @abc.abstractmethod
    def _get(self, i: int) -> Any:
        """Entry of parameter number i as a plain Python object."""

    @abc.abstractmethod
    def _set(self, entries: dict[int, Any]) -> None:
        """Replace entries."""

    @staticmethod
    def _is_entry(value: Any) -> bool:
        """Whether a value is meant for one parameter (and is broadcast), rather than a sequence of such."""
        return _depth(value) == 0

    @property
    def _names(self) -> tuple[str, ...]:
        return self._owner.parameters

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator:
        return (self._get(i) for i in range(len(self)))

    def __getitem__(self, key: Key) -> Any:
        where = positions(key, self._names)
        return [self._get(i) for i in where] if isinstance(where, list) else self._get(where)

    def __setitem__(self, key: Key, value: Any) -> None:
        where = positions(key, self._names)
        value = list(value) if isinstance(value, Iterator) else value
        if not isinstance(where, list):
            self._set({where: value})
        elif self._is_entry(value):
            self._set(dict.fromkeys(where, value))
        else:
            entries = list(value)
            if len(entries) != len(where):
                raise ValueError(f"length of argument does not match slice: {len(entries)} entries for {len(where)}")
            self._set(dict(zip(where, entries, strict=True)))

    def __eq__(self, other: Any) -> bool:
        try:
            mine, theirs = np.broadcast_arrays(np.asarray(self), np.asarray(other))
        except ValueError:  # shapes that do not fit
            return False
        return bool(np.all(mine == theirs))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError(f"a {type(self).__name__} cannot be turned into an array without a copy")
        return np.array(list(self), dtype)

    def to_dict(self) -> dict[str, Any]:
        """Entries by parameter name."""
        return dict(zip(self._names, self, strict=True))

    def __repr__(self) -> str:
        entries = "".join(f" {name}={entry!r}" for name, entry in self.to_dict().items())
        return f"<{type(self).__name__}{entries}>"


class ValueView(BasicView):
    """Values of the parameters: the best fit, or where the next fit starts."""

    __slots__ = ()

    def _get(self, i: int) -> float:
        return float(self._owner.session.values[i])

    def _set(self, entries: dict[int, Any]) -> None:
        self._owner._edit(values={i: _number(x, "value", self._names[i]) for i, x in entries.items()})


class ErrorView(BasicView):
    """Parabolic errors of the parameters; before a fit, and after an assignment, the first steps of the next one."""

    __slots__ = ()

    def _get(self, i: int) -> float:
        return float(self._owner.session.errors[i])

    def _set(self, entries: dict[int, Any]) -> None:
        errors = {i: _number(x, "error", self._names[i]) for i, x in entries.items()}
        for i, error in errors.items():
            if not error > 0:
                errors[i] = default_step(error)
                warnings.warn(
                    f"Assigned errors must be positive, but that of {self._names[i]} is {error:g}: {errors[i]:g} is "
                    "used instead",
                    IMinuitWarning,
                    stacklevel=3,
                )
        self._owner._edit(errors=errors)


class FixedView(BasicView):
    """Whether each parameter is kept fixed."""

    __slots__ = ()

    def _get(self, i: int) -> bool:
        return bool(self._owner.session.fixed[i])

    def _set(self, entries: dict[int, Any]) -> None:
        self._owner._edit(fixed={i: bool(x) for i, x in entries.items()})

    def __invert__(self) -> list[bool]:
        return [not fixed for fixed in self]


class LimitView(BasicView):
    """Limits of the parameters as pairs (lower, upper), infinite where absent.

    Assign a pair in which None or an infinity stands for no limit, or None for no limits at all. Two equal numbers fix
    the parameter there. A value outside new limits is moved to the nearer one.
    """

    __slots__ = ()

    def _get(self, i: int) -> tuple[float, float]:
        session = self._owner.session
        return float(session.lower[i]), float(session.upper[i])

    def _set(self, entries: dict[int, Any]) -> None:
        session = self._owner.session
        edits: dict[str, dict[int, Any]] = {"lower": {}, "upper": {}, "values": {}, "fixed": {}}
        for i, entry in entries.items():
            low, high = as_limits(entry, self._names[i])
            if low == high:
                edits["values"][i], edits["fixed"][i] = low, True
                low, high = -math.inf, math.inf
            elif not low <= session.values[i] <= high:
                edits["values"][i] = low if session.values[i] < low else high
            edits["lower"][i], edits["upper"][i] = low, high
        self._owner._edit(**{column: changes for column, changes in edits.items() if changes})

    @staticmethod
    def _is_entry(value: Any) -> bool:
        """A pair, or None; several None are one entry each."""
        depth = _depth(value)
        return depth == 0 or (depth == 1 and not (len(value) != 2 and all(x is None for x in value)))


def default_step(value: float) -> float:
    """First step when the user gave none: 1 % of the value, 0.1 for 0."""
    return 0.01 * abs(float(value)) or 0.1


def _number(value: Any, what: str, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"the {what} of {name} must be a real number, not {value!r}") from None


def as_limits(entry: Any, name: str, what: str = "limit") -> tuple[float, float]:
    """(lower, upper) as floats. TypeError or ValueError for what cannot be limits; `what` they are called then."""
    if entry is None:
        return -math.inf, math.inf
    try:
        low, high = entry
    except (TypeError, ValueError):
        raise _wrongas_limits(entry)(f"{what}s of {name} must be a pair (lower, upper), not {entry!r}") from None
    low = -math.inf if low is None else _number(low, f"lower {what}", name)
    high = math.inf if high is None else _number(high, f"upper {what}", name)
    if not low <= high or low == math.inf or high == -math.inf:
        pair = f"{what} ({low:g}, {high:g}) of {name}"
        raise ValueError(f"{pair} is invalid: the lower one must not exceed the upper one")
    return low, high


def _wrongas_limits(entry: Any) -> type[Exception]:
    """The exception for a wrong pair: ValueError for a sequence of another length, TypeError for no sequence."""
    return ValueError if hasattr(entry, "__len__") else TypeError


def _depth(value: Any) -> int:
    """How deeply sequences are nested, None aside."""
    return 1 + next((_depth(x) for x in value if x is not None), 0) if _is_sequence(value) else 0


def _is_sequence(value: Any) -> bool:
    """Whether there are several things in it; text and arrays without an axis are one thing."""
    return isinstance(value, Iterable) and not isinstance(value, str) and getattr(value, "ndim", 1) > 0
