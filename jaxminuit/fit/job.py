"""The arguments that every fit has, checked before anything is compiled."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.calls import default_calls
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector, leaf
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform
from jaxminuit.problem.closures import opened
from jaxminuit.problem.fcn import AbstractFCN, HostFCN, Untraced
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import as_strategy

GRADIENTS = ("auto", "exact", "finite")
DRIVERS = ("auto", "compiled", "host")


class Job:
    """The checked arguments of a fit, as `migrad` describes them."""

    def __init__(self, fcn, start, strategy=1, tol=0.1, gradient="auto", max_calls=None, driver="auto", precision=None):
        if not isinstance(fcn, AbstractFCN | HostFCN):
            given = type(fcn).__name__ if isinstance(fcn, Parameters | FunctionMinimum) else repr(fcn)
            raise TypeError(
                f"fcn must be an FCN, a cost function or a HostFCN, not {given}; wrap a function as FCN(fun)"
            )
        if not isinstance(start, Parameters | FunctionMinimum):
            raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
        if start.values.ndim != 1:
            raise ValueError(
                f"start holds many fits, values of shape {start.values.shape}: use fit_many, or jax.vmap to take one "
                "after another"
            )
        if gradient not in GRADIENTS:
            raise ValueError(f"gradient must be one of {GRADIENTS}, not {gradient!r}")
        if driver not in DRIVERS:
            raise ValueError(f"driver must be one of {DRIVERS}, not {driver!r}")
        on_host = isinstance(fcn, HostFCN)
        has_grad = fcn.has_grad if isinstance(fcn, HostFCN) else True
        if on_host and (driver == "compiled" or (gradient == "exact" and not has_grad)):
            raise ValueError(
                "a HostFCN has no exact gradient and no compiled driver: JAX cannot trace it, and knows its gradient "
                "only if it is given as grad="
            )
        dtype = start.values.dtype
        self.tol = _number(tol, dtype, lambda x: 0 <= x < np.inf, "tol must be a number, not negative")
        calls = "max_calls must be a whole number from 0 to 2^31 - 1, or None"
        limit = 0 if max_calls is None else max_calls
        self.max_calls = _number(limit, jnp.int32, lambda x: 0 <= x < 2**31 and x == int(x), calls)
        if precision is not None:
            precision = _number(precision, dtype, lambda x: 0 < x < 1, "precision must lie between 0 and 1")
        self.strategy = as_strategy(strategy)
        self.exact = gradient != "finite" and has_grad
        self.driver = "host" if on_host or driver == "host" else "compiled"
        self.origin = origin_of(start)
        parameters = start.parameters if isinstance(start, FunctionMinimum) else start
        traced = _own_arrays(fcn) if isinstance(fcn, AbstractFCN) else Untraced(fcn.errordef)
        self.problem = Problem(traced, parameters, precision)


class Origin(eqx.Module):
    """Where a fit begins: plain start values, or a minimum with all that is known there, in one shape."""

    values: Vector
    errors: Vector
    inverse_hessian: Matrix
    matrix_status: Count
    u: Vector
    fval: Scalar
    gradient: Vector
    g2: Vector
    gstep: Vector
    goal: Scalar
    nfcn: Count
    ngrad: Count
    nhessian: Count

    @property
    def has_matrix(self) -> Flag:
        """Whether there is an error matrix to begin with."""
        status = self.matrix_status
        return (status > MatrixStatus.ABSENT) & (status <= MatrixStatus.MADE_POSITIVE_DEFINITE)

    @property
    def has_derivatives(self) -> Flag:
        """Whether value, derivatives and steps at the point are known."""
        return jnp.all(jnp.isfinite(self.gradient)) & jnp.any(self.gstep > 0)


def origin_of(start: Parameters | FunctionMinimum) -> Origin:
    """The origin that start values or a minimum are; the same program serves both."""
    if isinstance(start, FunctionMinimum):
        return Origin(**{field.name: getattr(start, field.name) for field in dataclasses.fields(Origin)})
    n, dtype = start.size, start.values.dtype
    zero, scalar, none = (leaf(a) for a in (np.zeros(n, dtype), np.zeros((), dtype), np.int32(0)))
    unknown, matrix = leaf(np.full(n, np.nan, dtype)), leaf(np.zeros((n, n), dtype))
    return Origin(start.values, zero, matrix, none, zero, scalar, unknown, zero, zero, scalar, none, none, none)


def _own_arrays(fcn: AbstractFCN) -> AbstractFCN:
    """The FCN with copies of its NumPy arrays, and with tracers that its functions close over as leaves.

    Programs run on while the user may edit the originals.
    """
    return jax.tree_util.tree_map(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, opened(fcn))


def _number(value: Any, dtype, good, message: str):
    """As an array without axes, on the host unless traced: what is made on the device costs a program."""
    if isinstance(value, jax.core.Tracer):
        return jnp.asarray(value, dtype)
    array = np.asarray(value)
    if array.ndim != 0 or array.dtype.kind not in "iuf" or not good(array):
        raise ValueError(f"{message}, but it is {value!r}")
    return array.astype(dtype)


def call_limit(problem: Problem, max_calls):
    """`max_calls`, or Minuit's 200 + 100 n + 5 n^2 for n free parameters if it is 0."""
    n = jnp.sum(problem.free)
    return jnp.where(max_calls > 0, max_calls, default_calls(n)).astype(jnp.int32)


def external_steps(problem: Problem, origin: Origin):
    """The errors of a minimum where there are any, else the user's steps."""
    return jnp.where(origin.errors > 0, origin.errors, problem.parameters.step)


def internal_steps(problem: Problem, values, step):
    """External steps in internal coordinates."""
    p = problem.parameters
    return transform.internal_steps(values, step, p.lower, p.upper, problem.precision.eps2)
