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
from jaxminuit.cost import calls, pictures
from jaxminuit.cost.arrays import as_floats
from jaxminuit.cost.base import AbstractCost
from jaxminuit.cost.editable import spread
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

    settable = frozenset({"value", "error", "covariance", "verbose"})

    value: Float[Array | np.ndarray, " n"]
    variance: Float[Array | np.ndarray, "*n n"]
    inverse: Float[Array | np.ndarray, "n n"] | None
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)

    def __init__(self, args: str | Iterable[str], value: Any, error: Any):
        names = (args,) if isinstance(args, str) else tuple(str(name) for name in args)
        self.value, error = as_floats(value, "value"), as_floats(error, "error")
        if self.value.ndim > 1 or (len(names) > 1 and self.value.size != len(names)):
            raise ValueError(f"value has shape {self.value.shape}, but there are {len(names)} parameters {list(names)}")
        if error.shape not in (self.value.shape, 2 * self.value.shape):
            raise ValueError(f"error has shape {error.shape}, but value has shape {self.value.shape}")
        _check_error(names, error)
        self.variance = error**2 if error.ndim == 1 else error
        self.inverse = None if error.ndim == 1 else _inverse(error)
        self.signature = tuple((name, None) for name in names)
        if len(set(names)) != len(names):
            raise ValueError(f"parameter names must differ, but they are {list(names)}")
        self.errordef = as_errordef(1.0)
        self.verbose = 0

    @property
    def covariance(self):
        """(n,) Variances, which can be edited in place, or (n, n) covariance matrix, read only: assign another."""
        if self.variance.ndim == 1 or isinstance(self.variance, jax.Array):
            return self.variance
        view = self.variance.view()
        view.flags.writeable = False
        return view

    @property
    def error(self):
        """(n,) Standard deviations, or (n, n) covariance matrix: as it was given."""
        if self.variance.ndim == 2:
            return self.covariance
        return (np if isinstance(self.variance, np.ndarray) else jnp).sqrt(self.variance)

    def assigned(self, name: str, value: Any):
        """`covariance` is the square of `error` if it has one dimension."""
        if name != "covariance":
            return super().assigned(name, value)
        value = as_floats(spread(value, self.variance), "covariance")
        if value.ndim == 2:
            return self.replace(error=value)
        _check_error(self._names, value, "variance")
        new = self.replace(error=value**0.5)
        return eqx.tree_at(lambda cost: cost.variance, new, value)  # without rounding twice

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
        return jnp.sum(delta * (delta / self.variance if self.inverse is None else self.inverse @ delta))

    host_value = traced_value

    def traced_terms(self, args: tuple) -> Terms:
        """z = L^-1 (p - value) with C = L L^T, h = z^2; the spread is that of measured values with covariance C, 4."""
        delta = self._delta(args)
        if self.inverse is None:
            z = delta / jnp.sqrt(self.variance)
        else:
            z = solve_triangular(jnp.linalg.cholesky(self.variance), delta, lower=True)
        return Terms(z, 2.0 * z, jnp.full_like(z, 2.0), jnp.full_like(z, 4.0), self.traced_value(args))

    def pulls(self, args: Any):
        """(p - value) / standard deviation, one for each value."""
        p = jnp.concatenate([jnp.ravel(jnp.asarray(arg)) for arg in self.positional(args)])
        variance = jnp.asarray(self.variance)
        return calls.settled((p - self.value) / jnp.sqrt(variance if variance.ndim == 1 else jnp.diagonal(variance)))

    def visualize(self, args: Any) -> None:
        """Draw the pulls with matplotlib into the current axes, one row for each value.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        pictures.draw_constraint(self, args)

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return {"args": self._names, "value": self.value, "error": self.error}

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.signature)


def _inverse(matrix):
    """The inverse of a covariance matrix, on the host if it can be."""
    return np.linalg.inv(matrix) if isinstance(matrix, np.ndarray) else jnp.linalg.inv(matrix)


def _check_error(names: tuple[str, ...], error, what: str = "error") -> None:
    """Raise ValueError for errors that make no penalty. Traced numbers are not looked at."""
    if isinstance(error, jax.core.Tracer):
        return
    error = np.asarray(error)
    if error.ndim == 1:
        for i in np.flatnonzero(~(error > 0))[:1]:
            raise ValueError(f"{what} of {names[i] if len(names) > 1 else names[0]} must be positive, not {error[i]:g}")
        return
    scale = np.abs(error).max()
    if not np.allclose(error, error.T, rtol=0, atol=1e-8 * scale) or not np.linalg.eigvalsh(error)[0] > 0:
        raise ValueError(f"covariance matrix is not symmetric and positive definite: {error.tolist()}")
