"""Migrad as a method of scipy.optimize.minimize."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.fit.single import migrad
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform
from jaxminuit.problem.fcn import FCN, AbstractFCN, HostFCN, check_scalar
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.scipy_arguments import bound_pairs, with_args

STOPPED = 99  # status in SciPy of a callback that raised StopIteration


def scipy_migrad(
    fun: Callable,
    x0: Any,
    args: tuple = (),
    jac: Callable | None = None,
    hess: Callable | None = None,
    hessp: Callable | None = None,
    bounds: Any = None,
    constraints: Any = (),
    callback: Callable | None = None,
    *,
    tol: float = 0.1,
    strategy: int = 1,
    maxfun: int | None = None,
    errordef: float = 0.5,
    step: Any = None,
    disp: bool = False,
) -> Any:
    """Migrad for ``scipy.optimize.minimize(fun, x0, method=jaxminuit.adapters.scipy_migrad, ...)``, which calls it.

    A function that JAX can trace is compiled and differentiated, once for all values of array `args`; any other is
    called as it is, with the gradient `jac` if there is one, else with Minuit's finite differences. Where `jac` or
    `callback` are given, the function always runs in Python.

    Parameters
    ----------
    fun, x0, args, jac, hess
        As in ``scipy.optimize.minimize``: functions of one array (n,), and of `args`. `hess` is used with `jac` only.
    hessp
        Not used, with a warning.
    bounds
        One pair (lower, upper) for each parameter, with None or an infinity for no limit, or a scipy Bounds. A
        parameter whose two bounds are equal is fixed.
    constraints
        Not supported: must be empty.
    callback
        ``callback(x)`` or ``callback(intermediate_result=...)``, called whenever there is a better point; StopIteration
        ends the fit.
    tol
        Option: converged when EDM < 0.002 tol errordef. Default 0.1.
    strategy
        Option: 0, 1 (default) or 2.
    maxfun
        Option: limit on calls of fun. Default 200 + 100 n + 5 n^2.
    errordef
        Option: UP, which scales the goal, and the errors in `minimum`. Default 0.5.
    step
        Option: first steps, one number or n. Default: 1 % of x0, 0.1 where that is 0.
    disp
        Option: print the result. Default False.

    Returns
    -------
    scipy.optimize.OptimizeResult
        x, fun, jac (gradient; NaN where a parameter is fixed or at a bound), hess_inv (the inverse of the Hessian; 0
        for fixed parameters), nfev, njev, nhev, success, status (code of `jaxminuit.Status`: 0 to 2 are valid; 99:
        stopped by the callback), message, and minimum, the FunctionMinimum.

    Raises
    ------
    ValueError
        Constraints, or bounds that do not fit.
    TypeError
        fun, jac, hess or callback not callable.
    """
    _check(fun=fun, jac=jac, hess=hess, callback=callback)
    if constraints is not None and np.size(constraints) > 0:
        raise ValueError(f"Migrad supports bounds, but no constraints: {constraints!r}")
    if hessp is not None or (hess is not None and jac is None):
        warnings.warn("Migrad uses no hessp, and hess only together with jac", RuntimeWarning, stacklevel=2)
    args = args if isinstance(args, tuple) else (args,)
    start = _start(np.atleast_1d(np.asarray(x0, float)), bounds, step)
    fcn = _function(fun, start, args, jac, hess, errordef, on_host=callback is not None)
    watch = None if callback is None else _Watch(callback, start, errordef)
    try:
        minimum = migrad(fcn, start, strategy=strategy, tol=tol, max_calls=maxfun, watch=watch)
    except _Stopped as stop:
        minimum = stop.minimum  # type: ignore[attr-defined]
        result = _result(minimum, STOPPED, "the callback stopped the fit")
    else:
        result = _result(minimum, int(minimum.status), Status(int(minimum.status)).message)
    if disp:
        print(minimum)
    return result


class _Stopped(KeyboardInterrupt):
    """The callback wants no more: handled like Ctrl-C, which leaves the best point."""


class _Watch:
    """Tells the callback of every better point."""

    def __init__(self, callback: Callable, start: Parameters, errordef: float):
        self.callback, self.start, self.best = callback, start, np.inf
        self.whole = set(inspect.signature(callback).parameters) == {"intermediate_result"}

    def __call__(self, state: Any) -> None:
        from scipy.optimize import OptimizeResult

        state = getattr(state, "inner", state)
        if not float(state.f) < self.best:
            return
        self.best = float(state.f)
        p = self.start
        x = np.array(jnp.where(p.fixed, p.values, transform.int2ext(state.x, p.lower, p.upper)))
        try:
            if self.whole:
                self.callback(intermediate_result=OptimizeResult(x=x, fun=self.best))
            else:
                self.callback(x)
        except StopIteration as stop:
            raise _Stopped from stop


def _check(**functions: Any) -> None:
    for name, function in functions.items():
        if not callable(function) and (function is not None or name == "fun"):
            raise TypeError(f"{name} must be callable, not {function!r}")


def _start(x0: np.ndarray, bounds: Any, step: Any) -> Parameters:
    """The table of parameters; a start outside its bounds is brought to them, as SciPy does."""
    if bounds is None:
        return Parameters(x0, step=step)
    pairs = bound_pairs(bounds, x0.size)
    if len(pairs) != x0.size or any(np.size(pair) != 2 for pair in pairs):
        raise ValueError(f"bounds must be {x0.size} pairs (lower, upper) or a scipy Bounds, not {bounds!r}")
    lower = np.array([-np.inf if low is None else low for low, _ in pairs], float)
    upper = np.array([np.inf if high is None else high for _, high in pairs], float)
    if np.any(lower > upper):
        i = int(np.argmax(lower > upper))
        raise ValueError(f"the bounds of x[{i}] are crossed: {lower[i]:g} is above {upper[i]:g}")
    fixed = lower == upper
    inside = np.clip(x0, lower, upper)
    lower, upper = np.where(fixed, -np.inf, lower), np.where(fixed, np.inf, upper)
    return Parameters(inside, step=step, limits=dict(enumerate(zip(lower, upper, strict=True))), fixed=fixed)


def _function(fun, start: Parameters, args: tuple, jac, hess, errordef: float, on_host: bool) -> AbstractFCN | HostFCN:
    """What to minimise: traced where that can be done."""
    if jac is None and not on_host:
        traced = with_args(fun, args, errordef)
        traced = traced if isinstance(traced, AbstractFCN) else FCN(traced, errordef=errordef)
        if _can_trace(traced, start):
            return traced

    def whole(function):
        return None if function is None else lambda x: function(x, *args)

    return HostFCN(whole(fun), errordef, grad=whole(jac), hessian=whole(hess if jac else None))


def _can_trace(fcn: AbstractFCN, start: Parameters) -> bool:
    try:
        jax.eval_shape(lambda x: check_scalar(fcn.evaluate(x)), start.tree)
    except Exception:  # what a foreign function raises when it meets a tracer is up to that function
        return False
    return True


def _result(minimum: FunctionMinimum, status: int, message: str) -> Any:
    from scipy.optimize import OptimizeResult

    absent = int(minimum.matrix_status) == MatrixStatus.ABSENT
    p = minimum.parameters
    slope = np.asarray(transform.dint2ext(minimum.u, p.lower, p.upper))
    gradient = np.asarray(minimum.gradient)
    known = ~np.asarray(p.fixed) & (np.abs(slope) > 1e-6 * np.max(np.abs(slope)))
    covariance = np.asarray(minimum.covariance) / (2.0 * float(minimum.errordef))
    return OptimizeResult(
        x=np.array(minimum.values),
        fun=float(minimum.fval),
        jac=np.divide(gradient, slope, out=np.full_like(gradient, np.nan), where=known),
        hess_inv=np.full_like(covariance, np.nan) if absent else covariance,
        nfev=int(minimum.nfcn),
        njev=int(minimum.ngrad),
        nhev=int(minimum.nhessian),
        success=status <= Status.AT_LIMIT,
        status=status,
        message=message,
        minimum=minimum,
    )
