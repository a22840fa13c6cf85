"""minimize: Minuit behind the interface of scipy.optimize.minimize."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from jaxminuit.core.types import present
from jaxminuit.minuit.minuit import Minuit
from jaxminuit.minuit.warnings import ErrordefAlreadySetWarning
from jaxminuit.problem.scipy_arguments import bound_pairs, with_args


def minimize(
    fun: Callable,
    x0: Any,
    args: tuple = (),
    method: str = "migrad",
    jac: Callable | bool | None = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = None,
    tol: float | None = None,
    callback: Callable | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """Minimise a function of one array with Minuit, called and answered as by ``scipy.optimize.minimize``.

    A function that JAX can trace is compiled and differentiated, unless there is a callback; any other is called as it
    is, with Minuit's finite differences.

    Parameters
    ----------
    fun
        ``fun(x, *args)`` of one array of shape (n,); returns a number.
    x0
        Start, n numbers.
    args
        Further arguments of fun, jac. Arrays among them may change without a new compilation.
    method
        ``"migrad"`` (default) or ``"simplex"``.
    jac
        Gradient ``jac(x, *args)``; None or False (default): found by Minuit.
    hess, hessp
        Ignored, with a warning.
    bounds
        One pair (lower, upper) for each parameter, with None or an infinity for no limit, or a scipy Bounds.
    constraints
        Not supported: must be None.
    tol
        Minuit's tolerance: converged when EDM < 0.002 tol errordef. Default 0.1.
    callback
        ``callback(x)``, called before every evaluation of fun (in scipy: after every iteration). With a callback fun
        runs in Python, not compiled.
    options
        disp (print the result; default False), stra (strategy 0, 1, 2; default 1), maxfun (limit on calls of fun), eps
        (first steps, one number or n). maxfev and maxiter are other names for maxfun, with a warning.

    Returns
    -------
    scipy.optimize.OptimizeResult
        x, success, fun, hess_inv (the covariance, for errordef 0.5; ones if there is none), message, nfev, njev, and
        minuit, the Minuit object.

    Raises
    ------
    ValueError
        Constraints, ``jac=True``, bounds that do not fit, or an unknown method.
    TypeError
        fun, jac or callback not callable.
    """
    if constraints is not None:
        raise ValueError("Constraints are not supported by Minuit, only bounds")
    if jac is True:
        raise ValueError("jac=True is not supported, only jac=callable")
    if method not in ("migrad", "simplex"):
        raise ValueError(f"keyword method={method} not understood")
    for name, given in (("fun", fun), ("jac", jac or None), ("callback", callback)):
        if not callable(given) and (given is not None or name == "fun"):
            raise TypeError(f"{name} must be callable, not {given!r}")
    if hess or hessp:
        warnings.warn("hess and hessp arguments cannot be handled and are ignored", stacklevel=2)
    args = args if isinstance(args, tuple) else (args,)
    m = _minuit(fun, np.atleast_1d(x0), args, jac or None, callback)
    if bounds is not None:
        m.limits = bound_pairs(bounds, m.npar)
    if tol:
        m.tol = tol
    ncall = _apply(options or {}, m)
    getattr(m, method)(ncall=ncall)
    return _result(m)


def _minuit(fun: Callable, x0: np.ndarray, args: tuple, jac: Callable | None, callback: Callable | None) -> Minuit:
    """The Minuit object with errordef 0.5, for which the covariance is the inverse of the Hessian."""
    watched = None if callback is None else _Watched(fun, args)
    m = Minuit(watched or with_args(fun, args, 0.5), x0, grad=(lambda x: jac(x, *args)) if jac and args else jac)
    if watched is not None:
        m.gradient_path = "host"
        _ = m.gradient_path  # looks at the function once, before the callback is there to see it
        watched.callback = callback
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ErrordefAlreadySetWarning)
        m.errordef = 0.5
    return m


class _Watched:
    """function(x, *args), told to the callback once there is one; never traced."""

    def __init__(self, function: Callable, args: tuple):
        self.function, self.args = function, args
        self.callback: Callable | None = None

    def __call__(self, x: Any) -> Any:
        if isinstance(x, jax.core.Tracer):
            raise TypeError("a function with a callback is called with numbers only")
        if self.callback is not None:
            self.callback(x)
        return self.function(x, *self.args)


def _apply(options: Mapping[str, Any], m: Minuit) -> int:
    """Set what the options say; the call limit, 0 if there is none."""
    m.print_level = 2 if options.get("disp", False) else 0
    m.strategy = options.get("stra", 1)
    if options.get("eps") is not None:
        m.errors = options["eps"]
    if "maxiter" in options:
        warnings.warn("maxiter not supported, acts like maxfun instead", stacklevel=3)
    if "maxfev" in options:
        warnings.warn("maxfev is deprecated, use maxfun instead", DeprecationWarning, stacklevel=3)
    return next((options[name] for name in ("maxfun", "maxfev", "maxiter") if name in options), 0)


def _result(m: Minuit) -> Any:
    from scipy.optimize import OptimizeResult

    covariance = m.covariance
    return OptimizeResult(
        x=np.array(m.values),
        success=m.valid,
        fun=m.fval,
        hess_inv=np.ones((m.npar, m.npar)) if covariance is None else covariance,
        message=_message(m),
        nfev=m.nfcn,
        njev=m.ngrad,
        minuit=m,
    )


def _message(m: Minuit) -> str:
    if m.valid:
        doubt = "." if m.accurate else ", but uncertainties are unreliable."
        return f"Optimization terminated successfully{doubt}"
    fmin = present(m.fmin)
    limit = " Call limit was reached." if fmin.has_reached_call_limit else ""
    edm = " Estimated distance to minimum too large." if fmin.is_above_max_edm else ""
    return f"Optimization failed.{limit}{edm}"
