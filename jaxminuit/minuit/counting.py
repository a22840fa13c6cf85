"""The part of Minuit that is its function: called with one sequence, and counted."""

from collections.abc import Callable
from typing import Any

import numpy as np

from jaxminuit.minuit.settings import Settings
from jaxminuit.minuit.target import Target


class Counting(Settings):
    """The function and its derivatives as the user gave them, and how often they were called."""

    __slots__ = ()

    @property
    def fcn(self) -> Target:
        """The function, called with one sequence of values; counts in `nfcn`."""
        return self._target

    @property
    def grad(self) -> Callable[[Any], np.ndarray]:
        """The gradient, called with one sequence of values; counts in `ngrad`.

        The one that was given or came with the function, else that by JAX. TypeError when called if there is neither.
        """
        return self._gradient

    @property
    def g2(self) -> Callable | None:
        """The function of the user's for the diagonal of the Hessian, or None."""
        return self._target.given["g2"]

    @property
    def hessian(self) -> Callable | None:
        """The function of the user's for the Hessian, or None."""
        return self._target.given["hessian"]

    @property
    def nfcn(self) -> int:
        """Total number of calls of the function."""
        return self._session.nfcn + self._target.counts.nfcn

    @property
    def ngrad(self) -> int:
        """Total number of gradients, of the user's or by JAX."""
        return self._session.ngrad + self._target.counts.ngrad

    @property
    def ng2(self) -> int:
        """Total number of calls of the user's g2."""
        return self._session.ng2 + self._target.counts.ng2

    @property
    def nhessian(self) -> int:
        """Total number of Hessians, of the user's or by JAX."""
        return self._session.nhessian + self._target.counts.nhessian

    def _gradient(self, values: Any) -> np.ndarray:
        return self._target.gradient(values, lambda: self.gradient_path == "exact")
