"""class Minuit: the interface of iminuit on top of the functional core."""

import warnings
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from jaxminuit import fit
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit.clock import Clock, Counts, fetched
from jaxminuit.minuit.counting import Counting
from jaxminuit.minuit.given import check_enforced, given
from jaxminuit.minuit.outcome import Outcome
from jaxminuit.minuit.results import MErrors, Params
from jaxminuit.minuit.session import Session
from jaxminuit.minuit.settings import Settings
from jaxminuit.minuit.starts import starts
from jaxminuit.minuit.table import Table
from jaxminuit.minuit.target import Target, nan_message
from jaxminuit.minuit.warnings import IMinuitWarning
from jaxminuit.problem.fcn import AbstractFCN, HostFCN
from jaxminuit.problem.parameters import Parameters


class Minuit(Counting, Table, Settings, Outcome):
    """Minimise a function and find the errors of its parameters, as iminuit does.

    Parameters
    ----------
    fcn
        A jaxminuit cost, a function of scalars ``f(a, b)``, or of one array ``f(x)`` (start with one array-like). A
        function that JAX can trace is compiled and differentiated; one that it cannot (NumPy, numba, C++), or that does
        more than return a value, is called as it is, with its own gradient or Minuit's finite differences.
        `gradient_path` says which. A numba cfunc ``double(uintc, CPointer(double))`` is called without Python.
    *args
        Start values in the order of the parameters, or one array-like.
    grad, g2, hessian
        Gradient, diagonal and whole of the second derivatives, called as fcn is. None (default): attributes of that
        name of fcn unless its has_grad, has_g2, has_hessian is False; else by automatic differentiation where possible.
        True: insist on one of these. False: do without; for `grad`, finite differences. Functions that JAX can trace
        become the derivatives of fcn; with others the fit runs on the host. Without `grad` the other two do nothing.
    name
        Names of the parameters instead of those found in the signature.
    **kwds
        Start values by name.

    Raises
    ------
    RuntimeError
        Start values missing, too many, mixed or for an unknown parameter.
    TypeError
        `fcn` not callable, or a start value that is not a number.
    ValueError
        grad, g2 or hessian not callable, or insisted on but not to be had.

    Notes
    -----
    Ctrl-C stops a fit on the host. The best point until then is kept as an invalid minimum; KeyboardInterrupt goes on.
    A compiled fit ends first. Other exceptions of the function pass on too and leave everything as before the fit.

    A compiled function keeps what it read when it was traced. Minuit looks before every fit whether the global
    variables, closures and object attributes that the function uses have changed (arrays by content), and traces again
    if so. It cannot see attributes of modules, nor through functions of other modules.

    References
    ----------
    F. James, MINUIT Reference Manual, version 94.1; the iminuit documentation.
    """

    LEAST_SQUARES = 1.0
    LIKELIHOOD = 0.5

    __slots__ = ("_target", "_session", "_initial", "_path", "_forced", "_print_level", "__weakref__")

    def __init__(
        self,
        fcn: Callable | AbstractFCN,
        *args: Any,
        grad: Callable | bool | None = None,
        g2: Callable | bool | None = None,
        hessian: Callable | bool | None = None,
        name: Collection[str] | None = None,
        **kwds: Any,
    ):
        asked = {"grad": grad, "g2": g2, "hessian": hessian}
        start, derivatives = starts(fcn, args, kwds, name), given(fcn, **asked)
        self._target = Target(fcn, start.names, start.takes_array, grad is not False, **derivatives)
        self._session = Session.start(start.names, start.values, self._target.errordef or self.LEAST_SQUARES)
        self._initial: Session | None = None
        self._path: str | None = None
        self._forced: str | None = "finite" if grad is False else None
        self._print_level = 0
        check_enforced(fcn, derivatives, lambda: self.gradient_path, **asked)
        for name, pair in zip(start.names, start.limits, strict=True):
            if pair is not None:
                self.limits[name] = pair

    def reset(self) -> "Minuit":
        """Go back to the state before the first fit; settings stay. Returns self."""
        s = self._session
        first = self._initial or s
        settings = {"errordef": s.errordef, "strategy": s.strategy, "tol": s.tol, "precision": s.precision}
        self._session = first.replace(**settings, nfcn=0, ngrad=0, ng2=0, nhessian=0)
        self._target.counts = Counts()
        self._initial = None
        return self

    @property
    def init_params(self) -> Params:
        """The parameter table before the first fit."""
        return Params.of(self._initial or self._session, MErrors())

    def migrad(self, ncall: int | None = None, iterate: int = 5, use_simplex: bool = True) -> "Minuit":
        """Minimise with Migrad, from the present values or on from the last minimum. Returns self.

        Parameters
        ----------
        ncall
            Limit on FCN calls of each attempt. None or 0: 200 + 100 n + 5 n^2.
        iterate
            At most this many Migrads, the later ones at strategy 2; none follows a valid one or the call limit.
        use_simplex
            Whether Simplex goes before the third and every later one.

        Raises
        ------
        ValueError
            If iterate is below 1.
        """
        if iterate < 1:
            raise ValueError(f"iterate must be at least 1, not {iterate!r}")
        self._migrad(ncall, iterate, use_simplex)
        return self

    def hesse(self, ncall: int | None = None) -> "Minuit":
        """Calculate second derivatives, covariance and parabolic errors at the present values. Returns self."""
        if self.nfit == 0:
            warnings.warn("Hesse called with all parameters fixed", IMinuitWarning, stacklevel=2)
            return self
        self._hesse(ncall)
        return self

    def minos(self, *parameters: int | str, cl: float | None = None, ncall: int | None = None) -> "Minuit":
        """Find asymmetric errors with Minos. Returns self.

        Parameters
        ----------
        *parameters
            Names or numbers; default all that are not fixed.
        cl
            None (default): where the function rises by errordef. Below 1: central probability. From 1: number of
            standard deviations.
        ncall
            Limit on FCN calls for each side.

        Raises
        ------
        RuntimeError
            If the minimum is not valid.
        ValueError
            If a parameter is unknown or cl is not positive.
        """
        if cl is not None and not cl > 0:
            raise ValueError(f"cl must be positive, not {cl!r}")
        names = self._minos_names(parameters)
        if not names:
            return self
        if not self._session.current:
            self.hesse(ncall)
        if not self.valid:
            raise RuntimeError(f"Function minimum is not valid: {self.fmin!r}")
        s = self._begin()
        found, clock = self._timed(fit.minos, ncall, s.minimum, names, cl=cl, tol=s.tol)
        self._session = s.with_minos(found, clock)
        self._print(found)
        return self

    def _migrad(self, ncall: int | None, iterate: int, use_simplex: bool) -> None:
        """From the last minimum on, if nothing was edited since; else from the table."""
        s = self._begin()
        if iterate == 1:
            algorithm, retries = fit.migrad, {}
        else:  # the first two Migrads are not counted as rounds
            algorithm, retries = fit.minimize_all, {"iterate": iterate - 2, "use_simplex": bool(use_simplex)}
        found, clock = self._timed(algorithm, ncall, self._start(), tol=s.tol, **retries)
        self._session = s.with_minimum(found, (0, 0, 0), clock)
        self._print(found)

    def _hesse(self, ncall: int | None) -> None:
        """At the last minimum, if nothing was edited since; else at the values of the table."""
        s = self._begin()
        found, clock = self._timed(fit.hesse, ncall, self._start())
        old = s.minimum
        before = (int(old.nfcn), int(old.ngrad), int(old.nhessian)) if s.current else (0, 0, 0)
        self._session = s.with_minimum(found, before, clock)
        self._print(found)

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
        counts = Counts()
        try:
            with Clock() as clock:
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
        at = counts.nan_at
        if at is None and isinstance(found, FunctionMinimum) and np.isnan(found.fval):
            at = found.values
        if at is not None and self._print_level > 0:
            warnings.warn(nan_message(at), IMinuitWarning, stacklevel=4)

    def _start(self) -> Parameters | FunctionMinimum:
        s = self._session
        return s.minimum if s.current else s.parameters()

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

    def _options(self, ncall: int | None) -> dict[str, Any]:
        """What all algorithms are told."""
        s = self._session
        gradient = "auto" if self._on_host else self.gradient_path
        return {"strategy": s.strategy, "gradient": gradient, "max_calls": ncall or None, "precision": s.precision}

    def _minos_names(self, parameters: tuple[int | str, ...]) -> list[str]:
        """Names to do; fixed ones are left out with a warning."""
        fixed = self._session.fixed
        if not parameters:
            return [name for name, is_fixed in zip(self.parameters, fixed, strict=True) if not is_fixed]
        table, names = self._session.parameters(), []
        for key in parameters:
            i = table.index(key)
            if fixed[i]:
                warnings.warn(f"Cannot scan over fixed parameter {self.parameters[i]!r}", IMinuitWarning, stacklevel=3)
            else:
                names.append(self.parameters[i])
        return names

    def _print(self, result: Any) -> None:
        if self._print_level > 0:
            print(result if self._print_level == 1 else self)
