"""How a Minuit object runs an algorithm on its function: what it is told, what it took, what is kept of it."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxminuit import fit
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import present
from jaxminuit.fit.checks import whole
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit.clock import Clock, Counts, fetched
from jaxminuit.minuit.session import Session
from jaxminuit.minuit.settings import Settings
from jaxminuit.minuit.target import nan_message
from jaxminuit.minuit.warnings import IMinuitWarning
from jaxminuit.problem.fcn import AbstractFCN, HostFCN
from jaxminuit.problem.parameters import Parameters


class Engine(Settings):
    """What all algorithms of Minuit share."""

    __slots__ = ()

    def _begin(self) -> Session:
        """The present state, remembered as the initial one before the first fit; calls outside of fits are in it."""
        if self._target.counts != Counts():
            self._session = self._session.with_counts(self._target.counts)
            self._target.counts = Counts()
        self._initial = self._initial or self._session
        return self._session

    def _timed(self, algorithm: Callable, ncall: int | None, *args: Any, **options: Any) -> tuple[Any, Clock]:
        """Result of an algorithm on the function, fetched from the device, and what it took.

        A KeyboardInterrupt that brings a minimum along leaves it in the session.
        """
        counts, clock = Counts(), Clock()
        try:
            with clock:
                clock.counts = counts if self._on_host else None
                clock.exact = self.gradient_path == "exact"
                found = fetched(algorithm(self._fcn(counts), *args, **options, **self._options(ncall)))
        except KeyboardInterrupt as stop:
            self._keep(getattr(stop, "minimum", None), clock)
            raise
        self._warn_of_nan(found, counts)
        return found, clock

    def _keep(self, minimum: FunctionMinimum | None, clock: Clock) -> None:
        """What is known when a fit is interrupted: the best point, or at least the calls."""
        if minimum is not None:
            self._session = self._session.with_minimum(fetched(minimum), (0, 0, 0), clock)
        elif clock.counts is not None:
            self._session = self._session.with_counts(clock.counts)

    def _warn_of_nan(self, found: Any, counts: Counts) -> None:
        at: Any = counts.nan_at
        if at is None and isinstance(found, FunctionMinimum) and np.isnan(found.fval):
            at = found.values
        if at is not None and self._print_level > 0:
            warnings.warn(nan_message(at), IMinuitWarning, stacklevel=4)

    def _start(self) -> Parameters | FunctionMinimum:
        """The minimum, if nothing was edited since; else the table."""
        s = self._session
        return present(s.minimum) if s.current else s.parameters()

    @property
    def _has_matrix(self) -> bool:
        """Whether there is a minimum with an error matrix, and nothing was edited since."""
        s = self._session
        return s.current and int(present(s.minimum).matrix_status) != MatrixStatus.ABSENT

    def _here(self) -> FunctionMinimum:
        """The minimum, or, without one, the derivatives at the values of the table."""
        if self._has_matrix:
            return present(self._session.minimum)
        s = self._begin()
        found, clock = self._timed(fit.hesse, None, s.parameters())
        self._session = s.with_counts(clock.counts or Counts(int(found.nfcn), int(found.ngrad), 0, int(found.nhessian)))
        return found

    @property
    def _on_host(self) -> bool:
        """Whether the host turns the crank."""
        return self.gradient_path == "host" or self._target.throw_nan

    def _fcn(self, counts: Counts | None = None) -> AbstractFCN | HostFCN:
        """The function for an algorithm; the host counts its calls in `counts`, by default in the totals."""
        errordef = self._session.errordef
        if self.gradient_path == "host":
            return self._target.host(errordef, counts)
        if self._target.throw_nan:
            return self._target.host_of_traced(errordef, self.gradient_path == "exact", counts or self._target.counts)
        return self._target.traced(errordef)

    def _options(self, ncall: float | None) -> dict[str, Any]:
        """What all algorithms are told."""
        s = self._session
        gradient = "auto" if self._on_host else self.gradient_path
        limit = None
        if ncall:
            as_integer = int(ncall) if isinstance(ncall, float) and ncall.is_integer() else ncall  # 1e4 is 10000
            limit = whole("ncall", as_integer)
        return {"strategy": s.strategy, "gradient": gradient, "max_calls": limit, "precision": s.precision}

    def _print(self, result: Any) -> None:
        if self._print_level > 0:
            print(result if self._print_level == 1 else self)
