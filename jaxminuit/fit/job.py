"""The arguments that every fit has, checked before anything is compiled."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform
from jaxminuit.problem.fcn import AbstractFCN, HostFCN, Untraced
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import as_strategy

GRADIENTS = ("auto", "exact", "finite")
DRIVERS = ("auto", "compiled", "host")


class Job:
    """The checked arguments of a fit."""

    def __init__(self, fcn, start, strategy, tol, gradient, max_calls, driver, precision):
        if not isinstance(fcn, AbstractFCN | HostFCN):
            raise TypeError(
                f"fcn must be an FCN, a cost function or a HostFCN, not {fcn!r}; wrap a function as FCN(fun)"
            )
        if not isinstance(start, Parameters | FunctionMinimum):
            raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
        if gradient not in GRADIENTS:
            raise ValueError(f"gradient must be one of {GRADIENTS}, not {gradient!r}")
        if driver not in DRIVERS:
            raise ValueError(f"driver must be one of {DRIVERS}, not {driver!r}")
        on_host = isinstance(fcn, HostFCN)
        if on_host and (gradient == "exact" or driver == "compiled"):
            raise ValueError("a HostFCN has no exact gradient and no compiled driver: JAX cannot trace it")
        if _is_number(tol) and not float(tol) >= 0:
            raise ValueError(f"tol must not be negative, but it is {tol!r}")
        if _is_number(precision) and not 0 < float(precision) < 1:
            raise ValueError(f"precision must lie between 0 and 1, but it is {precision!r}")
        if _is_number(max_calls) and not int(max_calls) >= 0:
            raise ValueError(f"max_calls must not be negative, but it is {max_calls!r}")
        self.strategy = as_strategy(strategy)
        self.exact = gradient != "finite" and not on_host
        self.driver = "host" if on_host or driver == "host" else "compiled"
        self.warm = start if isinstance(start, FunctionMinimum) else None
        parameters = start.parameters if self.warm is not None else start
        traced = Untraced(fcn.errordef) if on_host else fcn
        self.problem = Problem(traced, parameters, precision)
        dtype = parameters.values.dtype
        self.tol = _array(tol, dtype)
        self.max_calls = _array(0 if max_calls is None else max_calls, jnp.int32)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)


def _array(value: Any, dtype):
    """As an array, on the host if it is a plain number: what is made on the device costs a program."""
    return np.asarray(value, dtype) if _is_number(value) else jnp.asarray(value, dtype)


def call_limit(problem: Problem, max_calls):
    """`max_calls`, or Minuit's 200 + 100 n + 5 n^2 for n free parameters if it is 0."""
    n = jnp.sum(problem.free)
    return jnp.where(max_calls > 0, max_calls, 200 + 100 * n + 5 * n * n).astype(jnp.int32)


def internal_steps(problem: Problem, values, step):
    """External steps in internal coordinates."""
    p = problem.parameters
    return transform.internal_steps(values, step, p.lower, p.upper, problem.precision.eps2)
