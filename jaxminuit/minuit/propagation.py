"""Covariance of a function of parameters, as iminuit.util.propagate has it."""

import warnings
from collections.abc import Callable, Collection

import jax
import jax.numpy as jnp
import numpy as np

_STEP = np.finfo(float).eps ** (1 / 3)  # of a central difference, relative to the scale of x


def propagate(fn: Callable, x: Collection[float], cov: Collection[Collection[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Covariance J C J' of y = fn(x), J exact if JAX can trace `fn`, else by central differences.

    Deprecated, as in iminuit: `jaxminuit.propagate` does it for the parameters of a minimum, with names and shapes.

    Parameters
    ----------
    fn
        Function of one array of shape (N,) that gives a number or an array of shape (M,).
    x
        (N,) values.
    cov
        (N, N) covariance of x.

    Returns
    -------
    y
        fn(x).
    ycov
        A variance for a number, else an (M, M) matrix.

    Raises
    ------
    ValueError
        If cov is not a square matrix that fits x, or has a negative variance.

    Warns
    -----
    FutureWarning
        Always.
    """
    warnings.warn(
        "propagate is deprecated: use jaxminuit.propagate with a minimum, or jacobi.propagate from the jacobi library",
        FutureWarning,
        stacklevel=2,
    )
    x, cov = np.atleast_1d(np.asarray(x, dtype=float)), np.asarray(cov, dtype=float)
    if cov.ndim != 2:
        raise ValueError(f"cov must be 2D array-like, but it has shape {cov.shape}")
    if cov.shape != (x.size, x.size):
        raise ValueError(f"cov must have shape (N, N) with N = {x.size}, but it has {cov.shape}")
    if not np.all(np.diagonal(cov) >= 0):
        raise ValueError("diagonal elements of covariance matrix must be non-negative")
    y = np.asarray(fn(x))
    jacobian = np.atleast_2d(_jacobian(fn, x, np.sqrt(np.diagonal(cov))))
    ycov = jacobian @ cov @ jacobian.T
    return y, np.squeeze(ycov) if y.ndim == 0 else ycov


def _jacobian(fn: Callable, x: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """dfn/dx. Differences are taken over a small part of one standard deviation."""
    try:
        return np.asarray(jax.jacfwd(lambda v: jnp.asarray(fn(v)))(x))
    except Exception:  # whatever a function for NumPy does with a tracer
        step = _STEP * np.where(scale > 0, scale, np.maximum(np.abs(x), 1.0))
        ends = ((x + h, x - h) for h in np.diag(step))
        return np.stack([(np.asarray(fn(a)) - np.asarray(fn(b))) / np.sum(a - b) for a, b in ends], axis=-1)
