"""The part of Minuit that is its settings."""

import math
import warnings

from jaxminuit.minuit.session import Session
from jaxminuit.minuit.target import PATHS, Target, possible_path
from jaxminuit.minuit.warnings import ErrordefAlreadySetWarning
from jaxminuit.problem.strategy import as_strategy


class Settings:
    """Error definition, tolerance, strategy, print level and the way to derivatives."""

    __slots__ = ()
    _target: Target
    _session: Session
    _path: str | None
    _forced: str | None
    _print_level: int

    @property
    def errordef(self) -> float:
        """How far the function rises at one standard deviation: 1 for chi-square (default), 0.5 for -log L."""
        return self._session.errordef

    @errordef.setter
    def errordef(self, value: float) -> None:
        value = float(value)
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
        value = 0.1 if value is None else float(value)
        if not value >= 0:
            raise ValueError(f"tolerance must be non-negative, not {value:g}")
        self._session = self._session.replace(tol=value)

    @property
    def precision(self) -> float | None:
        """Relative accuracy of the function's values; None (default) for that of double precision."""
        return self._session.precision

    @precision.setter
    def precision(self, value: float | None) -> None:
        if value is not None and not 0 < float(value) < 1:
            raise ValueError(f"precision must be None or lie between 0 and 1, not {value!r}")
        self._session = self._session.replace(precision=None if value is None else float(value))

    @property
    def strategy(self) -> int:
        """0 (fast), 1 (default) or 2 (careful)."""
        return self._session.strategy

    @strategy.setter
    def strategy(self, value: int) -> None:
        self._session = self._session.replace(strategy=as_strategy(value).level)

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
    def gradient_path(self) -> str:
        """How derivatives are found.

        ``"exact"``: the function is compiled and differentiated by JAX. ``"finite"``: compiled, with Minuit's finite
        differences. ``"host"``: called as it is from Python, with Minuit's finite differences. Found by tracing the
        function when first needed; assign one of the three to force it, None to choose again.
        """
        if self._path is None:
            best = self._target.path(self._session.values)
            if self._forced is None:
                self._target.check_grad(best)
            self._path = possible_path(best, self._forced)
        return self._path

    @gradient_path.setter
    def gradient_path(self, path: str | None) -> None:
        if path is not None and path not in PATHS:
            raise ValueError(f"gradient_path must be one of {', '.join(PATHS)} or None, not {path!r}")
        self._forced, self._path = path, None
