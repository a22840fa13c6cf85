"""Errors of functions of the fitted parameters."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from jaxminuit.core.types import Matrix
from jaxminuit.fit.checks import check_single
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import UNTRACEABLE


def propagate(function: Callable, minimum: FunctionMinimum, covariance: Matrix | None = None) -> tuple[Any, Any]:
    """A function of the parameters at a minimum, and its covariance J C J' to first order, with exact derivatives J.

    Parameters
    ----------
    function
        ``function(params)`` with the structure that was given to Parameters; returns an array of any shape, or a pytree
        of arrays. Must be traceable by JAX.
    minimum
        The minimum, or for ``jax.vmap`` one of many.
    covariance
        (n, n) covariance of all parameters. Default: that of the minimum.

    Returns
    -------
    value
        function(params).
    covariance
        For an array of shape S an array of shape S + S: a variance for a number, a matrix for a vector. For any other
        pytree a matrix over all its numbers, in the order of ``jax.flatten_util.ravel_pytree``.

    Raises
    ------
    TypeError
        The function cannot be called or traced, or returns something that is not made of real numbers.
    ValueError
        A covariance of another shape.

    Examples
    --------
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p: (p["x"] - 1) ** 2 + (p["x"] + p["y"]) ** 2)
    >>> start = jm.Parameters({"x": 0.0, "y": 0.0})
    >>> value, covariance = jm.propagate(lambda p: p["x"] * p["y"], jm.migrad(fcn, start))
    >>> print(f"{value:.3f} +- {covariance**0.5:.3f}")
    -1.000 +- 2.236
    """
    if not callable(function):
        raise TypeError(f"function must be callable, not {function!r}")
    check_single(minimum)
    x = minimum.values
    covariance = minimum.covariance if covariance is None else jnp.asarray(covariance)
    if covariance.shape != (x.size, x.size):
        raise ValueError(f"covariance has shape {covariance.shape}, but {(x.size, x.size)} is required")

    def flat(x):
        value = jax.tree_util.tree_map(_real, function(minimum.parameters.unflatten(x)))
        return ravel_pytree(value)[0].astype(x.dtype), value

    try:
        size = jax.eval_shape(flat, x)[0].size
        # reverse mode where there are many more parameters than numbers
        derivative = jax.jacrev if 4 * size < x.size else jax.jacfwd
        jacobian, value = derivative(flat, has_aux=True)(x)
    except UNTRACEABLE as error:
        raise TypeError(f"{function!r} cannot be traced by JAX: use jax.numpy in it") from error
    result = jacobian @ covariance @ jacobian.T
    if isinstance(value, jax.Array):
        result = result.reshape(value.shape + value.shape)
    return value, result


def _real(leaf: Any):
    """The leaf as an array; TypeError unless it is made of real numbers."""
    try:
        array = jnp.asarray(leaf)
    except TypeError:
        raise TypeError(f"the function must return arrays of real numbers, but it returned {leaf!r}") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"the function must return real numbers, but it returned {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(jnp.result_type(float))
