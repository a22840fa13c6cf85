"""Knowledge about parameters from elsewhere, as a Gaussian penalty."""

from collections.abc import Iterable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular
from jaxtyping import Array, Float

from jaxminuit.core.types import Scalar
from jaxminuit.cost.arrays import as_floats
from jaxminuit.cost.base import AbstractCost
from jaxminuit.problem.describe import Signature
from jaxminuit.problem.fcn import as_errordef
from jaxminuit.problem.terms import Terms


class NormalConstraint(AbstractCost):
    """(p - value)^T C^-1 (p - value): a penalty for parameters known from another measurement.

    Parameters
    ----------
    args
        Names of the parameters. One name may stand for an array parameter.
    value
        (n,) Their measured values.
    error
        (n,) standard deviations, or (n, n) covariance matrix.

    Raises
    ------
    ValueError
        Sizes that do not fit, errors that are not positive, a covariance that is not symmetric and positive definite.
    """

    value: Float[Array, " n"]
    error: Float[Array, "*n n"]
    inverse: Float[Array, "*n n"]
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)

    def __init__(self, args: str | Iterable[str], value: Any, error: Any):
        names = (args,) if isinstance(args, str) else tuple(str(name) for name in args)
        self.value, self.error = as_floats(value, "value"), as_floats(error, "error")
        if self.value.ndim > 1 or (len(names) > 1 and self.value.size != len(names)):
            raise ValueError(f"value has shape {self.value.shape}, but there are {len(names)} parameters {list(names)}")
        if self.error.shape not in (self.value.shape, 2 * self.value.shape):
            raise ValueError(f"error has shape {self.error.shape}, but value has shape {self.value.shape}")
        _check_error(names, self.error)
        self.inverse = self.error**-2 if self.error.ndim == 1 else jnp.linalg.inv(self.error)
        self.signature = tuple((name, None) for name in names)
        if len(set(names)) != len(names):
            raise ValueError(f"parameter names must differ, but they are {list(names)}")
        self.errordef = as_errordef(1.0)
        self.verbose = 0

    @property
    def covariance(self):
        """(n, n) covariance matrix, or (n,) variances if standard deviations were given."""
        return self.error**2 if self.error.ndim == 1 else self.error

    @property
    def ndata(self) -> int:
        """Number of values."""
        return self.value.shape[-1]

    def _delta(self, args: tuple):
        """p - value."""
        p = jnp.stack([jnp.reshape(arg, ()) for arg in args]) if len(args) > 1 else jnp.atleast_1d(jnp.asarray(args[0]))
        if p.shape != self.value.shape:
            raise ValueError(f"{self.signature[0][0]} has shape {p.shape}, but {self.value.shape} is required")
        return p - self.value

    def traced_value(self, args: tuple) -> Scalar:
        """(p - value)^T C^-1 (p - value)."""
        delta = self._delta(args)
        return jnp.sum(delta * (self.inverse * delta if self.inverse.ndim == 1 else self.inverse @ delta))

    host_value = traced_value

    def traced_terms(self, args: tuple) -> Terms:
        """z = L^-1 (p - value) with C = L L^T, h = z^2; the spread is that of measured values with covariance C, 4."""
        delta = self._delta(args)
        if self.error.ndim == 1:
            z = delta / self.error
        else:
            z = solve_triangular(jnp.linalg.cholesky(self.error), delta, lower=True)
        return Terms(z, 2.0 * z, jnp.full_like(z, 2.0), jnp.full_like(z, 4.0), self.traced_value(args))

    def pulls(self, args: Any):
        """(p - value) / standard deviation, one for each value."""
        p = jnp.concatenate([jnp.ravel(jnp.asarray(arg)) for arg in self.positional(args)])
        return (p - self.value) / jnp.sqrt(self.covariance if self.error.ndim == 1 else jnp.diagonal(self.error))

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return {"args": tuple(name for name, _ in self.signature), "value": self.value, "error": self.error}


def _check_error(names: tuple[str, ...], error) -> None:
    """Raise ValueError for errors that make no penalty. Traced numbers are not looked at."""
    if isinstance(error, jax.core.Tracer):
        return
    error = np.asarray(error)
    if error.ndim == 1:
        for i in np.flatnonzero(~(error > 0))[:1]:
            raise ValueError(f"error of {names[i] if len(names) > 1 else names[0]} must be positive, not {error[i]:g}")
        return
    scale = np.abs(error).max()
    if not np.allclose(error, error.T, rtol=0, atol=1e-8 * scale) or not np.linalg.eigvalsh(error)[0] > 0:
        raise ValueError(f"covariance matrix is not symmetric and positive definite: {error.tolist()}")
