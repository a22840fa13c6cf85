"""The part of Minuit that minimises and finds errors."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import numpy as np

from jaxminuit import fit
from jaxminuit.core.calls import default_calls
from jaxminuit.core.status import Status
from jaxminuit.core.types import leaf, present
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit.engine import Engine
from jaxminuit.minuit.outcome import Outcome
from jaxminuit.minuit.scipy_minimisers import ScipyJob
from jaxminuit.minuit.warnings import IMinuitWarning


class Algorithms(Engine, Outcome):
    """Minimisers, Hesse and Minos. All of them return the Minuit object itself."""

    __slots__ = ()

    def migrad(self, ncall: int | None = None, iterate: int = 5, use_simplex: bool = True) -> Self:
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

    def simplex(self, ncall: int | None = None) -> Self:
        """Minimise with the simplex method of Nelder and Mead, from the present values. Returns self.

        Robust, slow at the end, without an error matrix: converged when the values at the corners differ by less than
        tol errordef. `ncall`: as in `migrad`.
        """
        self._minimise(_simplex, ncall, self._start, tol=self._session.tol)
        return self

    def scan(self, ncall: int | None = None) -> Self:
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
        points = ncall or default_calls(n)
        size = max(2, int(points ** (1 / n)))
        self._minimise(_best_of_grid, None, self._session.parameters, size=size, tol=self._session.tol)
        return self

    def scipy(
        self,
        method: str | Callable | None = None,
        ncall: int | None = None,
        hess: Callable | None = None,
        hessp: Callable | None = None,
        constraints: Any = None,
        options: dict[str, Any] | None = None,
    ) -> Self:
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
        job = ScipyJob(self.gradient_path == "exact", self._session, self._target.takes_array, hess, hessp)
        how = method, ncall, constraints, options or {}
        self._minimise(_by_scipy, None, self._session.parameters, job=job, how=how)
        if self._print_level > 0:
            print(job.result)
        return self

    def hesse(self, ncall: int | None = None) -> Self:
        """Calculate second derivatives, covariance and parabolic errors at the present values. Returns self."""
        if self.nfit == 0:
            warnings.warn("Hesse called with all parameters fixed", IMinuitWarning, stacklevel=2)
            return self
        self._hesse(ncall)
        return self

    def minos(self, *parameters: int | str, cl: float | None = None, ncall: int | None = None) -> Self:
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
        algorithm: Callable
        retries: dict[str, Any]
        if iterate == 1:
            algorithm, retries = fit.migrad, {}
        else:  # the first two Migrads are not counted as rounds
            algorithm, retries = fit.minimize_all, {"iterate": iterate - 2, "use_simplex": bool(use_simplex)}
        self._minimise(algorithm, ncall, self._start, tol=self._session.tol, **retries)

    def _minimise(self, algorithm: Callable, ncall: int | None, start: Callable[[], Any], **options: Any) -> Any:
        """Run an algorithm that gives a minimum, and keep that."""
        s = self._begin()
        found, clock = self._timed(algorithm, ncall, start(), **options)
        self._session = s.with_minimum(found, (0, 0, 0), clock)
        self._print(found)

    def _hesse(self, ncall: int | None) -> None:
        """At the last minimum, if nothing was edited since; else at the values of the table."""
        s = self._begin()
        found, clock = self._timed(fit.hesse, ncall, self._start())
        before = (0, 0, 0)
        if s.current:
            old = present(s.minimum)
            before = int(old.nfcn), int(old.ngrad), int(old.nhessian)
        else:
            found = replace(found, algorithm="External")
        self._session = s.with_minimum(found, before, clock)
        self._print(found)

    def _valid_minimum(self, ncall: int | None) -> FunctionMinimum:
        """The minimum with its error matrix; RuntimeError if it is not valid."""
        if not self._has_matrix:
            self.hesse(ncall)
        if not self.valid:
            raise RuntimeError(f"Function minimum is not valid: {self.fmin!r}")
        return present(self._session.minimum)

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


def _simplex(fcn, start, *, max_calls, precision, tol, **_) -> FunctionMinimum:
    """Simplex, which has no use for what is said about derivatives."""
    return fit.simplex(fcn, start, tol=tol, max_calls=max_calls, precision=precision)


def _best_of_grid(fcn, start, *, size, tol, max_calls, **options) -> FunctionMinimum:
    """The best point of a grid, with errors and EDM by the second derivatives there, but no error matrix."""
    best = fit.scan_grid(fcn, start, size)
    if not np.isfinite(best.fval):
        return best
    found, goal = fit.hesse(fcn, best, **options), tol * best.errordef
    near = (found.edm >= 0) & (found.edm < goal)
    status = leaf(np.int32(Status.CONVERGED)) if near else best.status
    return replace(found, goal=goal, status=status, matrix_status=best.matrix_status)


def _by_scipy(fcn, start, *, job: ScipyJob, how: tuple, max_calls, **options) -> FunctionMinimum:
    """Hesse where SciPy ended."""
    method, values = job.minimize(fcn, *how)
    found = fit.hesse(fcn, start.replace(values=values), **options)
    calls = {name: getattr(found, name) + getattr(job, name) for name in ("nfcn", "ngrad", "nhessian")}
    return replace(found, algorithm=f"SciPy[{method}]", **calls)
