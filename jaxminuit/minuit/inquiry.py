"""Questions about functions, matrices and modules."""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxminuit.minuit.given import brought


def gradient(fcn: Any) -> Callable | None:
    """The gradient that a cost function brings: its `grad`, unless its `has_grad` is false; None if there is none."""
    return brought(fcn, "grad")


def g2(fcn: Any) -> Callable | None:
    """The diagonal of the Hessian that a cost function brings: its `g2`, unless its `has_g2` is false; else None."""
    return brought(fcn, "g2")


def hessian(fcn: Any) -> Callable | None:
    """The Hessian that a cost function brings: its `hessian`, unless its `has_hessian` is false; else None."""
    return brought(fcn, "hessian")


def is_positive_definite(m: Any) -> bool:
    """Whether a matrix is symmetric and positive definite (it has a Cholesky decomposition)."""
    m = np.atleast_2d(np.asarray(m, dtype=float))
    if m.ndim != 2 or m.shape[0] != m.shape[1] or not np.array_equal(m, m.T):
        return False
    try:
        return bool(np.all(np.isfinite(np.linalg.cholesky(m))))
    except np.linalg.LinAlgError:
        return False


def is_module_available(module: str) -> bool:
    """Whether a module can be imported (it is looked for, not imported)."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it should be in
        return False
