"""What a test problem is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jaxminuit import FCN, Parameters


@dataclass(frozen=True, eq=False)
class Problem:
    """A function of one array to minimise, with everything a fit of it starts from.

    Attributes
    ----------
    function
        ``function(x)``, or ``function(x, data)`` if there are data; x is one array of all parameters.
    start, step, lower, upper, fixed
        (n,) arrays; limits are +-inf where absent.
    fmin, minimum
        The true minimum where it is known in closed form, else None.
    """

    name: str
    function: Callable
    start: np.ndarray
    step: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fixed: np.ndarray
    names: tuple[str, ...]
    data: Any = None
    errordef: float = 1.0
    fmin: float | None = None
    minimum: np.ndarray | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.start)

    @property
    def fcn(self) -> FCN:
        """As an FCN of jaxminuit."""
        return FCN(self.function, data=self.data, errordef=self.errordef)

    @property
    def parameters(self) -> Parameters:
        """As the Parameters of jaxminuit, one array leaf."""
        limits = {n: (lo, up) for n, lo, up in zip(self.names, self.lower, self.upper, strict=True)}
        fixed = [name for name, flag in zip(self.names, self.fixed, strict=True) if flag]
        return Parameters(np.asarray(self.start, float), step=self.step, limits=limits, fixed=fixed, names=self.names)

    def __call__(self, x):
        """The function value at one array, for any other minimiser."""
        return self.function(x) if self.data is None else self.function(x, self.data)

    def __str__(self) -> str:
        return self.name


def problem(name, function, start, step=0.1, *, limits=None, fixed=(), names=None, minimum=None, **others) -> Problem:
    """A Problem from short forms: one step for all, limits {position: (lower or None, upper or None)}."""
    start = np.asarray(start, float)
    lower, upper = np.full(start.size, -np.inf), np.full(start.size, np.inf)
    for i, (low, up) in (limits or {}).items():
        lower[i] = -np.inf if low is None else low
        upper[i] = np.inf if up is None else up
    mask = np.zeros(start.size, bool)
    mask[list(fixed)] = True
    names = tuple(names) if names else tuple(f"p{i}" for i in range(start.size))
    step = np.broadcast_to(np.asarray(step, float), start.shape).copy()
    minimum = None if minimum is None else np.asarray(minimum, float)
    return Problem(name, function, start, step, lower, upper, mask, names, minimum=minimum, **others)
