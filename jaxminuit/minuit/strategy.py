"""The strategy as an object whose numbers can be changed."""

from dataclasses import replace
from typing import Any

from jaxminuit.problem.strategy import STRATEGIES, Strategy, as_strategy

_WHOLE = ("gradient_ncycles", "hessian_ncycles", "hessian_gradient_ncycles", "storage_level")


class MnStrategy:
    """A strategy level and the numbers behind it, which can be changed one by one; setting the level sets them all.

    Equal to another strategy with the same numbers, and to a level (an int) if it has the numbers of that level; not
    convertible to int. What is changed acts on the fits after it; every set of numbers is a program of its own,
    compiled when first used.

    Parameters
    ----------
    strategy
        0, 1 (default), 2, or a strategy to copy.
    owner
        The Minuit whose strategy this is; None for one that stands alone, to be given to `jaxminuit.migrad`.

    Attributes
    ----------
    strategy
        The level.
    gradient_ncycles, gradient_step_tolerance, gradient_tolerance
        Cycles of a finite-difference gradient, and the relative changes of step and gradient at which it stops.
    hessian_ncycles, hessian_step_tolerance, hessian_g2_tolerance, hessian_gradient_ncycles
        The same for the diagonal of a finite-difference Hessian, and the cycles that refine the gradient in it.
    storage_level
        Has no effect.
    """

    __slots__ = ("_own", "_owner")
    __hash__ = None  # type: ignore[assignment]  # can be changed

    def __init__(self, strategy: Any = 1, owner: Any = None):
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_own", None if owner is not None else as_strategy(strategy))

    @property
    def settings(self) -> Strategy:
        """The numbers, immutable."""
        return self._own if self._owner is None else self._owner.session.strategy

    @property
    def strategy(self) -> int:
        """The level."""
        return self.settings.level

    def __getattr__(self, name: str) -> Any:
        if name in _KNOBS:
            return getattr(self.settings, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "strategy":
            new = leveled(value)
        elif name in _KNOBS:
            changed: dict[str, Any] = {name: _number(name, value)}
            new = replace(self.settings, **changed)
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if self._owner is None:
            object.__setattr__(self, "_own", new)
        else:
            self._owner.strategy = new

    def __eq__(self, other: Any) -> bool:
        try:
            return self.settings == as_strategy(other)
        except ValueError:
            return False

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_KNOBS})

    def __repr__(self) -> str:
        changed = [k for k in _KNOBS if getattr(self, k) != getattr(STRATEGIES[self.strategy], k)]
        return f"<MnStrategy {self.strategy}{''.join(f' {k}={getattr(self, k)!r}' for k in changed)}>"

    def __reduce__(self):
        return _restored, (self._own, self._owner)


_KNOBS = tuple(name for name in Strategy.__dataclass_fields__ if name != "level")


def _restored(own: Strategy | None, owner: Any) -> MnStrategy:
    return MnStrategy(1 if own is None else own, owner)


def leveled(strategy: Any) -> Strategy:
    """A Strategy from a level or a strategy; ValueError with iminuit's words for anything else."""
    try:
        return as_strategy(strategy)
    except ValueError as error:
        raise ValueError(f"invalid strategy: {error}") from None


def _number(name: str, value: Any) -> int | float:
    whole = name in _WHOLE
    if isinstance(value, bool) or not hasattr(value, "__index__" if whole else "__float__"):
        raise TypeError(f"{name} must be a {'whole ' if whole else ''}number, not {value!r}")
    number = value.__index__() if whole else float(value)
    if not number >= 0:
        raise ValueError(f"{name} must not be negative, but it is {value!r}")
    return number
