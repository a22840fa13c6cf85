"""SciPy's minimisers on the function of a Minuit object: fixed parameters left out, exact derivatives passed on."""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from jaxminuit.core.calls import default_calls
from jaxminuit.core.precision import precision
from jaxminuit.minuit.session import Session
from jaxminuit.minuit.target import gradient_of, hessian_of, value_of
from jaxminuit.problem.fcn import AbstractFCN, HostFCN

WITHOUT_GRADIENT = ("Nelder-Mead", "Powell", "COBYLA", "COBYQA")
WITH_HESSIAN = ("Newton-CG", "dogleg", "trust-constr", "trust-exact", "trust-krylov", "trust-ncg")
LIMITS = {"Nelder-Mead": "maxfev", "Powell": "maxfev", "L-BFGS-B": "maxfun", "TNC": "maxfun", "COBYQA": "maxfev"}


class ScipyJob:
    """One call of `scipy.optimize.minimize` on the free parameters of a session.

    Parameters
    ----------
    exact
        Whether JAX can differentiate the function.
    session
        The parameter table.
    takes_array
        Whether functions of the user take one array instead of one number for each parameter.
    hess, hessp
        The user's second derivatives, or None.
    """

    def __init__(
        self,
        exact: bool,
        session: Session,
        takes_array: bool,
        hess: Callable | None = None,
        hessp: Callable | None = None,
    ):
        self.exact, self.session, self.takes_array = exact, session, takes_array
        self.hess, self.hessp = hess, hessp
        self.free = ~session.fixed
        self.nfcn = self.ngrad = self.nhessian = 0

    def minimize(
        self,
        fcn: AbstractFCN | HostFCN,
        method: str | Callable | None,
        ncall: int | None,
        constraints: Any,
        options: Mapping[str, Any],
    ) -> tuple[str | Callable, np.ndarray]:
        """The method, and the values of all parameters that it ended at; SciPy's own answer is left in `result`.

        `fcn` is the function of all parameters as one array.
        """
        from scipy import optimize  # a second to import

        self.fcn, self.exact = fcn, self.exact and isinstance(fcn, AbstractFCN)
        constraints = self._constraints(constraints, optimize)
        lower, upper = self._bounds()
        limited = bool(np.any(np.isfinite(self.session.lower) | np.isfinite(self.session.upper), where=self.free))
        method = method or ("SLSQP" if constraints else "L-BFGS-B" if limited else "BFGS")
        self.result = optimize.minimize(
            self._value,
            np.clip(self.session.values[self.free], lower, upper),
            method=method,
            jac=self._gradient if self._has_gradient(method) else None,
            **self._second_derivatives(method),
            bounds=optimize.Bounds(lower, upper, keep_feasible=True) if limited else None,
            constraints=constraints,
            options=self._with_limit(method, ncall, options),
        )
        return method, self._all(self.result.x)

    def _all(self, x: np.ndarray) -> np.ndarray:
        values = np.array(self.session.values)
        values[self.free] = x
        return values

    def _value(self, x: np.ndarray) -> float:
        self.nfcn += 1
        whole = self._all(x)
        return self.fcn.evaluate(whole) if isinstance(self.fcn, HostFCN) else float(value_of(self.fcn, whole))

    def _gradient(self, x: np.ndarray) -> np.ndarray:
        self.ngrad += 1
        whole = self._all(x)
        host = self.fcn if isinstance(self.fcn, HostFCN) else None
        slopes = gradient_of(self.fcn, whole) if host is None else host.gradient_at(whole, whole.size)
        return np.asarray(slopes, dtype=float)[self.free]

    def _has_gradient(self, method: str | Callable) -> bool:
        known = self.exact or (isinstance(self.fcn, HostFCN) and self.fcn.has_grad)
        return known and method not in WITHOUT_GRADIENT

    def _second_derivatives(self, method: str | Callable) -> dict[str, Callable]:
        if self.hess is not None:
            return {"hess": lambda x: self._square(self._called(self.hess, x))}
        if self.hessp is not None:
            return {"hessp": lambda x, v: np.atleast_1d(self._called(self.hessp, x, self._vector(v)))[self.free]}
        known = self.exact or (isinstance(self.fcn, HostFCN) and self.fcn.hessian is not None)
        return {"hess": self._hessian} if known and method in WITH_HESSIAN else {}

    def _hessian(self, x: np.ndarray) -> np.ndarray:
        self.nhessian += 1
        whole = self._all(x)
        host = self.fcn if isinstance(self.fcn, HostFCN) else None
        return self._square(hessian_of(self.fcn, whole) if host is None else host.hessian_at(whole, whole.size))

    def _square(self, matrix: Any) -> np.ndarray:
        return np.atleast_2d(np.asarray(matrix, dtype=float))[np.ix_(self.free, self.free)]

    def _vector(self, v: np.ndarray) -> np.ndarray:
        whole = np.zeros(self.free.size)
        whole[self.free] = v
        return whole

    def _called(self, function: Callable, x: np.ndarray, *more: Any) -> Any:
        """A function of the user in the calling convention of the FCN."""
        whole = self._all(x)
        return function(whole, *more) if self.takes_array else function(*map(float, whole), *more)

    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Limits drawn in a little: exactly at a limit the internal coordinate has no slope."""
        eps2 = precision(np.float64).eps2
        lower, upper = self.session.lower[self.free], self.session.upper[self.free]

        def inward(limit):
            return np.where(np.isinf(limit), 0.0, eps2 * np.where(limit == 0, 1.0, np.abs(limit)))

        return lower + inward(lower), upper - inward(upper)

    def _constraints(self, constraints: Any, optimize: Any) -> list:
        """As SciPy wants them: over the free parameters."""
        if constraints is None:
            return []
        wrong = "setting constraints with dicts is not supported, use LinearConstraint or NonlinearConstraint"
        if isinstance(constraints, Mapping):
            raise ValueError(wrong)
        several = constraints if isinstance(constraints, Iterable) else [constraints]
        found = []
        for c in several:
            if isinstance(c, optimize.NonlinearConstraint):
                own = copy.copy(c)
                own.fun = lambda x, fun=c.fun: self._called(fun, x)
                found.append(own)
            elif isinstance(c, optimize.LinearConstraint):
                a = np.atleast_2d(c.A)
                shift = a @ np.where(self.free, 0.0, self.session.values)
                found.append(optimize.LinearConstraint(a[:, self.free], c.lb - shift, c.ub - shift, c.keep_feasible))
            else:
                raise ValueError(f"{wrong} from scipy.optimize, not {c!r}")
        return found

    def _with_limit(self, method: str | Callable, ncall: int | None, options: Mapping[str, Any]) -> dict[str, Any]:
        n = int(np.sum(self.free))
        limit = ncall or default_calls(n)
        name = LIMITS.get(method, "maxiter") if isinstance(method, str) else "maxiter"
        return {name: limit, **options}
