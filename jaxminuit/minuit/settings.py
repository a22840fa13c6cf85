"""The part of Minuit that is its settings."""

import math
import warnings
from typing import Any

from jaxminuit.minuit.held import Held
from jaxminuit.minuit.strategy import MnStrategy, leveled
from jaxminuit.minuit.target import PATHS, possible_path
from jaxminuit.minuit.warnings import ErrordefAlreadySetWarning
from jaxminuit.problem.strategy import Strategy


class Settings(Held):
    """Error definition, tolerance, strategy, print level and the way to derivatives."""

    __slots__ = ()

    @property
    def errordef(self) -> float:
        """How far the function rises at one standard deviation: 1 for chi-square (default), 0.5 for -log L."""
        return self._session.errordef

    @errordef.setter
    def errordef(self, value: float) -> None:
        value = _number("errordef", value)
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"errordef={value:g} must be a positive number")
        if self._target.errordef is not None:
            warnings.warn(
                "the function brings its own errordef, which is overridden", ErrordefAlreadySetWarning, stacklevel=2
            )
        self._session = self._session.with_errordef(value)

    @property
    def tol(self) -> float:
        """Tolerance: a fit has converged when EDM < 0.002 tol errordef. Default 0.1, which None brings back."""
        return self._session.tol

    @tol.setter
    def tol(self, value: float | None) -> None:
        value = 0.1 if value is None else _number("tol", value)
        if not 0 <= value < math.inf:
            raise ValueError(f"tolerance must be non-negative, not {value:g}")
        self._session = self._session.replace(tol=value)

    @property
    def precision(self) -> float | None:
        """Relative accuracy of the function's values; None (default) for that of double precision."""
        return self._session.precision

    @precision.setter
    def precision(self, value: float | None) -> None:
        value = None if value is None else _number("precision", value)
        if value is not None and not 0 < value < 1:
            raise ValueError(f"precision must be a positive number or None, and below 1, but it is {value:g}")
        self._session = self._session.replace(precision=value)

    @property
    def strategy(self) -> MnStrategy:
        """0 (fast), 1 (default) or 2 (careful): an object that equals its level and whose numbers can be changed."""
        return MnStrategy(owner=self)

    @strategy.setter
    def strategy(self, value: int | MnStrategy | Strategy) -> None:
        self._session = self._session.replace(strategy=leveled(value))

    @property
    def print_level(self) -> int:
        """0 (silent), 1 (a line after every algorithm) or more (the tables too). Belongs to this object alone."""
        return self._print_level

    @print_level.setter
    def print_level(self, value: int) -> None:
        if int(value) < 0:
            raise ValueError(f"print_level must not be negative, but it is {value}")
        self._print_level = int(value)

    @property
    def throw_nan(self) -> bool:
        """Whether a NaN of the function raises RuntimeError (default False: the fit turns away from it, or fails).

        Every value is then looked at by the host, which also turns the crank for compiled functions.
        """
        return self._target.throw_nan

    @throw_nan.setter
    def throw_nan(self, value: bool) -> None:
        self._target.throw_nan = bool(value)

    @property
    def gradient_path(self) -> str:
        """How derivatives are found.

        ``"exact"``: the function is compiled and differentiated by JAX. ``"finite"``: compiled, with Minuit's finite
        differences. ``"host"``: called as it is from Python, with its own gradient or Minuit's finite differences.
        Found by tracing the function when first needed; assign one of the three to force it, None to choose again.

        A function that JAX can trace runs on the host if its own gradient (`grad`, `hessian`) cannot be traced, or if
        it does something besides returning a value (counts its calls, keeps the last point, draws random numbers,
        prints), which a compiled function would do once and never again; assign ``"exact"`` if that does not matter.
        """
        if self._path is None and self._forced == "host":
            self._path = "host"
        elif self._path is None:
            best = self._target.path(self._session.values, pure=self._forced == "exact")
            self._path = possible_path(best, self._forced)
        return self._path

    @gradient_path.setter
    def gradient_path(self, path: str | None) -> None:
        if path is not None and path not in PATHS:
            raise ValueError(f"gradient_path must be one of {', '.join(PATHS)} or None, not {path!r}")
        self._forced, self._path = path, None


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, not {value!r}") from None
