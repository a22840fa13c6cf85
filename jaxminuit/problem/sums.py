"""FCNs of users that show their parts: a sum of squares of residuals, and a sum of terms."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar
from jaxminuit.problem.fcn import AbstractFunctionFCN
from jaxminuit.problem.terms import Terms


class ResidualFCN(AbstractFunctionFCN):
    """F = sum r^2 of the residuals that a function returns, for any minimiser and for `fumili`.

    Parameters
    ----------
    fun
        ``fun(params)``, or ``fun(params, data)`` if `data` is given; returns the residuals, (model - observed) / error:
        a real array of any shape. Otherwise as in FCN.
    data, errordef
        As in FCN; `errordef` is 1 by default, as for a chi-square.

    Raises
    ------
    TypeError, ValueError
        As FCN. On evaluation TypeError if `fun` does not return an array of real numbers.
    """

    def __init__(self, fun: Callable, data: Any = None, errordef: float = 1.0):
        self._set(fun, data, errordef)

    def evaluate(self, params: Any) -> Scalar:
        """sum r^2."""
        return jnp.sum(_flat(self.output(params), "residuals") ** 2)

    def terms(self, params: Any) -> Terms:
        """z = r, h = r^2."""
        r = _flat(self.output(params), "residuals")
        return Terms(r, 2.0 * r, jnp.full_like(r, 2.0), 4.0 * r**2, jnp.sum(r**2))


class SumFCN(AbstractFunctionFCN):
    """F = sum t of the terms that a function returns, such as -log f of every event, for any minimiser and `fumili`.

    The Gauss-Newton matrix is the outer product of the gradients of the terms, divided by 2 UP: the information in a
    sample of independent events whose -log f are the terms. An integral over the sample's range (extended likelihood)
    is no term of its own: add its N-th part to each.

    Parameters
    ----------
    fun
        ``fun(params)``, or ``fun(params, data)`` if `data` is given; returns the terms: a real array of any shape.
        Otherwise as in FCN.
    data, errordef
        As in FCN; `errordef` is 0.5 by default, as for a negative log-likelihood.

    Raises
    ------
    TypeError, ValueError
        As FCN. On evaluation TypeError if `fun` does not return an array of real numbers.
    """

    def __init__(self, fun: Callable, data: Any = None, errordef: float = 0.5):
        self._set(fun, data, errordef)

    def evaluate(self, params: Any) -> Scalar:
        """sum t."""
        return jnp.sum(_flat(self.output(params), "terms"))

    def terms(self, params: Any) -> Terms:
        """z = t, slope 1, curvature 1 / (2 UP)."""
        t = _flat(self.output(params), "terms")
        one = jnp.ones_like(t)
        return Terms(t, one, one * (0.5 / self.errordef), one, jnp.sum(t))


def _flat(output: Any, what: str):
    """The output as one vector; TypeError unless it is an array of real floating-point numbers."""
    if not isinstance(output, jax.Array | np.ndarray | np.generic | float):
        raise TypeError(f"the function must return an array of {what}, but it returned {output!r}")
    array = jnp.ravel(jnp.asarray(output))
    if not jnp.issubdtype(array.dtype, jnp.floating):
        raise TypeError(f"the {what} must be real floating-point numbers, but they are of {array.dtype}")
    return array.astype(jnp.promote_types(array.dtype, jnp.result_type(float)))
