"""class Minuit: the interface of iminuit on top of the functional core."""

import warnings
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from jaxminuit import fit
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit.clock import Clock
from jaxminuit.minuit.drawing import Drawing
from jaxminuit.minuit.outcome import Outcome
from jaxminuit.minuit.results import MErrors, Params
from jaxminuit.minuit.scans import Scans
from jaxminuit.minuit.scipy_minimisers import ScipyJob
from jaxminuit.minuit.session import Session
from jaxminuit.minuit.settings import Settings
from jaxminuit.minuit.starts import starts
from jaxminuit.minuit.table import Table
from jaxminuit.minuit.target import Target
from jaxminuit.minuit.warnings import IMinuitWarning
from jaxminuit.problem.fcn import AbstractFCN, HostFCN
from jaxminuit.problem.parameters import Parameters


class Minuit(Table, Settings, Scans, Drawing, Outcome):
    """Minimise a function and find the errors of its parameters, as iminuit does.

    Parameters
    ----------
    fcn
        A jaxminuit cost, a function of scalars ``f(a, b)``, or of one array ``f(x)`` (start with one array-like). A
        function that JAX can trace is compiled and differentiated; one that it cannot (NumPy, numba, C++) is called as
        it is, with Minuit's finite differences. `gradient_path` says which.
    *args
        Start values in the order of the parameters, or one array-like.
    grad
        Gradient of fcn, called as fcn is. None (default): by automatic differentiation where possible. True: insist on
        that. False: finite differences.
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

    Notes
    -----
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
        name: Collection[str] | None = None,
        **kwds: Any,
    ):
        if not (grad is None or isinstance(grad, bool) or callable(grad)):
            raise TypeError(f"grad must be callable, None, True or False, not {grad!r}")
        start = starts(fcn, args, kwds, name)
        self._target = Target(fcn, start.names, start.takes_array, grad if callable(grad) else None)
        self._session = Session.start(start.names, start.values, self._target.errordef or self.LEAST_SQUARES)
        self._initial: Session | None = None
        self._path: str | None = None
        self._forced: str | None = {True: "exact", False: "finite"}.get(grad) if isinstance(grad, bool) else None
        self._print_level = 0
        for name, pair in zip(start.names, start.limits, strict=True):
            if pair is not None:
                self.limits[name] = pair

    def reset(self) -> "Minuit":
        """Go back to the state before the first fit; settings stay. Returns self."""
        s = self._session
        first = self._initial or s
        self._session = first.replace(errordef=s.errordef, strategy=s.strategy, tol=s.tol, precision=s.precision)
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

    def simplex(self, ncall: int | None = None) -> "Minuit":
        """Minimise with the simplex method of Nelder and Mead, from the present values. Returns self.

        Robust, slow at the end, without an error matrix: converged when the values at the corners differ by less than
        tol errordef. `ncall`: as in `migrad`.
        """
        s = self._begin()
        found, clock = self._timed(fit.simplex, ncall, self._start(), tol=s.tol)
        self._session = s.with_minimum(found, (0, 0, 0), clock)
        self._print(found)
        return self

    def scan(self, ncall: int | None = None) -> "Minuit":
        """Take the best point of a grid over all free parameters. Returns self.

        The range of a parameter goes from limit to limit; where there is none, one error from the value. A way to a
        better start; errors and EDM afterwards are those of the second derivatives there, without an error matrix.

        Parameters
        ----------
        ncall
            About how many points the grid has. None: as the limit of `migrad`.

        Raises
        ------
        RuntimeError
            If all parameters are fixed.
        """
        n = self.nfit
        if n == 0:
            raise RuntimeError("all parameters are fixed")
        points = ncall or 200 + 100 * n + 5 * n * n
        self._scan(max(2, int(points ** (1 / n))))
        return self

    def scipy(
        self,
        method: str | Callable | None = None,
        ncall: int | None = None,
        hess: Callable | None = None,
        hessp: Callable | None = None,
        constraints: Any = None,
        options: dict[str, Any] | None = None,
    ) -> "Minuit":
        """Minimise with `scipy.optimize.minimize`, from the present values. Returns self.

        Gradient, and second derivatives for methods that use them, are exact where JAX can trace the function. Fixed
        parameters are left out, limits are passed on. Hesse follows.

        Parameters
        ----------
        method
            Default: SLSQP with constraints, L-BFGS-B with limits, else BFGS.
        ncall
            Limit on calls (or on iterations, for methods that have no other). Default as in `migrad`.
        hess, hessp
            Hessian, and Hessian times a vector (a last argument more), called as the function is.
        constraints
            LinearConstraint or NonlinearConstraint of SciPy, or several; their functions are called as the function
            is. Linear ones are over all parameters.
        options
            Passed on to SciPy.

        Raises
        ------
        RuntimeError
            If all parameters are fixed.
        ValueError
            For constraints that are dicts.
        """
        if self.nfit == 0:
            raise RuntimeError("all parameters are fixed")
        self._scipy(method, ncall, hess, hessp, constraints, options)
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
        minimum = self._valid_minimum(ncall)
        s = self._begin()
        found, clock = self._timed(fit.minos, ncall, minimum, names, cl=cl, tol=s.tol)
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
        old, before = s.minimum, (0, 0, 0)
        if s.current:
            before = int(old.nfcn), int(old.ngrad), int(old.nhessian)
        else:
            found = replace(found, algorithm="External")
        self._session = s.with_minimum(found, before, clock)
        self._print(found)

    def _scan(self, size: int) -> None:
        s = self._begin()
        with Clock() as clock:
            best = fit.scan_grid(self._fcn(), s.parameters(), size)
            found = fit.hesse(self._fcn(), best, **self._options(None)) if jnp.isfinite(best.fval) else best
            goal = s.tol * s.errordef
            status = jnp.where((found.edm >= 0) & (found.edm < goal), Status.CONVERGED, best.status)
            found = replace(found, goal=jnp.asarray(goal), status=status, matrix_status=best.matrix_status)
        self._session = s.with_minimum(found, (0, 0, 0), clock)
        self._print(found)

    def _scipy(self, method, ncall, hess, hessp, constraints, options) -> None:
        s = self._begin()
        with Clock() as clock:
            exact = self.gradient_path == "exact"
            job = ScipyJob(self._fcn(), exact, s, self._target.takes_array, hess, hessp)
            label, values, result = job.minimize(method, ncall, constraints, options or {})
            start = s.replace(values=values).parameters()
            found = jax.block_until_ready(fit.hesse(self._fcn(), start, **self._options(None)))
        self._count(job.nfcn, job.ngrad, job.nhessian)
        found = replace(found, algorithm=f"SciPy[{label}]")
        self._session = self._session.with_minimum(found, (0, 0, 0), clock)
        self._print(result)

    def _here(self) -> FunctionMinimum:
        """The minimum, or, after an edit, the derivatives at the values of the table."""
        s = self._session
        if s.current and int(s.minimum.matrix_status) != MatrixStatus.ABSENT:
            return s.minimum
        found = fit.hesse(self._fcn(), s.parameters(), **self._options(None))
        self._count(int(found.nfcn), int(found.ngrad), int(found.nhessian))
        return found

    def _valid_minimum(self, ncall: int | None) -> FunctionMinimum:
        """The minimum with its error matrix; RuntimeError if it is not valid."""
        s = self._session
        if not s.current or int(s.minimum.matrix_status) == MatrixStatus.ABSENT:
            self.hesse(ncall)
        if not self.valid:
            raise RuntimeError(f"Function minimum is not valid: {self.fmin!r}")
        return self._session.minimum

    def _begin(self) -> Session:
        """The present state, remembered as the initial one before the first fit."""
        self._initial = self._initial or self._session
        return self._session

    def _timed(self, algorithm: Callable, ncall: int | None, *args: Any, **options: Any) -> tuple[Any, Clock]:
        """Result of an algorithm on the function, and the time that it took."""
        common = self._options(ncall)
        if algorithm is fit.simplex:  # values alone
            common = {name: common[name] for name in ("max_calls", "precision")}
        with Clock() as clock:
            found = jax.block_until_ready(algorithm(self._fcn(), *args, **options, **common))
        return found, clock

    def _start(self) -> Parameters | FunctionMinimum:
        s = self._session
        return s.minimum if s.current else s.parameters()

    def _fcn(self) -> AbstractFCN | HostFCN:
        make = self._target.host if self.gradient_path == "host" else self._target.traced
        return make(self._session.errordef)

    def _options(self, ncall: int | None) -> dict[str, Any]:
        """What all algorithms are told."""
        s = self._session
        gradient = "auto" if self.gradient_path == "host" else self.gradient_path
        return {"strategy": s.strategy, "gradient": gradient, "max_calls": ncall or None, "precision": s.precision}

    def _minos_names(self, parameters: tuple[int | str, ...]) -> list[str]:
        """Names to do; fixed ones are left out with a warning."""
        fixed = self._session.fixed
        if not parameters:
            return [name for name, is_fixed in zip(self.parameters, fixed, strict=True) if not is_fixed]
        names = []
        for key in parameters:
            i = self._position(key)
            if fixed[i]:
                warnings.warn(f"Cannot scan over fixed parameter {self.parameters[i]!r}", IMinuitWarning, stacklevel=3)
            else:
                names.append(self.parameters[i])
        return names

    def _print(self, result: Any) -> None:
        if self._print_level > 0:
            print(result if self._print_level == 1 else self)
