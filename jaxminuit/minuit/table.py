"""The part of Minuit that is its parameter table."""

from typing import Any, Self

import numpy as np

from jaxminuit.minuit.held import Held
from jaxminuit.minuit.session import Session
from jaxminuit.minuit.views import ErrorView, FixedView, Key, LimitView, ValueView, position


class Table(Held):
    """Names, values, errors, limits and fixed flags; every change puts a new Session in the place of the old one."""

    __slots__ = ()

    @property
    def session(self) -> Session:
        """The present state as one immutable snapshot."""
        return self._session

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return self._session.names

    @property
    def pos2var(self) -> tuple[str, ...]:
        """Names by position."""
        return self._session.names

    @property
    def var2pos(self) -> dict[str, int]:
        """Positions by name."""
        return {name: i for i, name in enumerate(self.parameters)}

    @property
    def npar(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    @property
    def nfit(self) -> int:
        """Number of parameters that are not fixed."""
        return int(np.sum(~self._session.fixed))

    @property
    def ndof(self) -> float:
        """Number of data points less fitted parameters; NaN if the function does not know its data."""
        return self._target.ndata - self.nfit

    @property
    def values(self) -> ValueView:
        """Values of the parameters; assign to change where the next fit starts."""
        return ValueView(self)

    @values.setter
    def values(self, entries: Any) -> None:
        self.values[:] = entries

    @property
    def errors(self) -> ErrorView:
        """Parabolic errors; assign to change the first steps of the next fit."""
        return ErrorView(self)

    @errors.setter
    def errors(self, entries: Any) -> None:
        self.errors[:] = entries

    @property
    def fixed(self) -> FixedView:
        """Whether each parameter is fixed; assign to change it."""
        return FixedView(self)

    @fixed.setter
    def fixed(self, entries: Any) -> None:
        self.fixed[:] = entries

    @property
    def limits(self) -> LimitView:
        """Limits of the parameters as pairs; assign a pair, None, or a sequence of those."""
        return LimitView(self)

    @limits.setter
    def limits(self, entries: Any) -> None:
        self.limits[:] = entries

    def fixto(self, key: Key, value: Any) -> Self:
        """Fix parameters (name, number, slice, list or ...) at one value or one each. Returns self."""
        self.values[key] = value
        self.fixed[key] = True
        return self

    def _position(self, key: int | str) -> int:
        """Number of one parameter; ValueError if there is none of that name or number."""
        try:
            return position(key, self.parameters)
        except (KeyError, TypeError):
            raise ValueError(f"unknown parameter {key!r}; the parameters are {list(self.parameters)}") from None
        except IndexError:
            raise ValueError(f"parameter {key} is out of range (max: {self.npar - 1})") from None

    def _edit(self, **columns: dict[int, Any]) -> None:
        """What the views call: entries of the parameter table replaced."""
        self._session = self._session.edited(**columns)
