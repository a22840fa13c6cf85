"""Least squares: a curve through points with errors."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxminuit.core.types import Scalar
from jaxminuit.cost import calls
from jaxminuit.cost.arrays import Mask, as_callable, as_floats, as_mask, count, models_points, plain, where_used
from jaxminuit.cost.chi2 import soft_l1, total
from jaxminuit.cost.model import AbstractModelCost, shaped
from jaxminuit.problem.describe import Signature, model_signature
from jaxminuit.problem.fcn import as_errordef
from jaxminuit.problem.terms import Terms, smooth_terms


class LeastSquares(AbstractModelCost):
    """sum loss(((y - model(x)) / yerror)^2).

    Parameters
    ----------
    x
        (N,) positions without errors, or (D, N).
    y, yerror
        (N,) observed values and their standard deviations; a single number serves for all points.
    model
        ``model(x, *parameters)`` -> (N,).
    loss
        "linear" (default): chi-square. "soft_l1": 2 (sqrt(1 + z^2) - 1), less pulled by outliers. Or a function of the
        array of squared residuals z^2.
    verbose
        1: print arguments and result of every call with concrete numbers. Default 0.
    grad
        Gradient ``grad(x, *parameters)`` -> (K, N) of the model with respect to the parameters. Only needed for models
        that JAX cannot trace; others get theirs by autodiff. Not used with a loss that is a function.
    name
        Names of the parameters, instead of those in the model's signature.
    mask
        None, (N,) booleans (True: use the point), or indices of the points to use. A leaf: other values do not compile
        again.

    Raises
    ------
    TypeError
        Data that are not real numbers, a model that cannot be called.
    ValueError
        Shapes or names that do not fit, unknown loss. On evaluation: model output of the wrong shape.
    """

    x: Float[Array, "*D N"]
    y: Float[Array, " N"]
    yerror: Float[Array, " N"]
    mask: Mask
    model_function: Callable
    model_gradient: Callable | None
    loss_function: Callable | None
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)
    loss_name: str = eqx.field(static=True)

    def __init__(
        self,
        x: Any,
        y: Any,
        yerror: Any,
        model: Callable,
        *,
        loss: str | Callable = "linear",
        verbose: int = 0,
        grad: Callable | None = None,
        name: Sequence[str] | None = None,
        mask: Any = None,
    ):
        self.x, self.y, self.yerror = _points(x, y, yerror)
        self.mask = as_mask(mask, self.y.size)
        self.signature = model_signature(model, name)
        self.model_function = as_callable(model, "model")
        self.model_gradient = None if grad is None else as_callable(grad, "grad")
        if isinstance(loss, str) and loss not in ("linear", "soft_l1"):
            raise ValueError(f"loss must be 'linear', 'soft_l1' or a function of z^2, not {loss!r}")
        self.loss_name = loss if isinstance(loss, str) else ""
        self.loss_function = None if isinstance(loss, str) else as_callable(loss, "loss")
        self.errordef = as_errordef(1.0)
        self.verbose = int(verbose)

    @property
    def model(self) -> Callable:
        """The model."""
        return self._function

    @property
    def loss(self) -> str | Callable:
        """Name of the loss, or the function."""
        return self.loss_name or plain(self.loss_function)

    @property
    def data(self):
        """(N, D + 2): columns of x, then y and yerror."""
        return jnp.column_stack([*jnp.atleast_2d(self.x), self.y, self.yerror])

    @property
    def ndata(self):
        """Number of points in use."""
        return count(self.mask, self.npoints)

    @property
    def npoints(self) -> int:
        """Number of points, masked ones included."""
        return self.y.shape[-1]

    def points(self):
        """Positions."""
        return models_points(self.mask, self.x)

    def residuals(self, ym):
        """z = (y - ym) / yerror, 0 for masked points."""
        y, error = where_used(self.mask, self.y), where_used(self.mask, self.yerror, 1.0)
        return where_used(self.mask, (y - ym) / error)

    def z_squared(self, ym):
        """((y - ym) / yerror)^2, 0 for masked points."""
        return self.residuals(ym) ** 2

    def _losses(self, z_squared):
        """loss(z^2) of every point, 0 for masked ones."""
        if self.loss_name == "linear":
            return z_squared
        loss = soft_l1(z_squared) if self.loss_name else self.loss_function(z_squared)
        return where_used(self.mask, loss)

    def reduce(self, output) -> Scalar:
        """sum loss(z^2)."""
        return total(self._losses(self.z_squared(output)))

    def output_terms(self, output) -> Terms:
        """h(z) = loss(z^2), for a loss that acts on each point by itself; masked points have slope 0."""
        z = self.residuals(output)
        terms = smooth_terms(lambda z: self._losses(z**2), z, self.reduce(output))
        return replace(terms, curvature=where_used(self.mask, terms.curvature))

    def host_reduce(self, output) -> Scalar:
        """The same; a loss function gets a NumPy array."""
        if self.loss_name:
            return calls.reduce(self, output)
        loss = jnp.asarray(self.loss_function(np.array(self.z_squared(output))))
        return total(where_used(self.mask, loss))

    @property
    def gradient_given(self) -> bool:
        """Whether the user gave a gradient of the model, and the loss has one."""
        return self.model_gradient is not None and self.loss_name != ""

    def prediction(self, args: Any):
        """The model at all points, masked ones included.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.
        """
        return shaped(self.output_at(self.x, args), "model", (self.npoints,))

    def pulls(self, args: Any):
        """(y - prediction) / yerror; NaN for masked points and where yerror is 0."""
        use = self.yerror != 0 if self.mask is None else (self.yerror != 0) & self.mask
        return jnp.where(use, (self.y - self.prediction(args)) / jnp.where(use, self.yerror, 1.0), jnp.nan)

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return {
            "x": self.x,
            "y": self.y,
            "yerror": self.yerror,
            "model": self.model,
            "loss": self.loss,
            "verbose": self.verbose,
            "grad": self._grad,
            "name": tuple(name for name, _ in self.signature),
            "mask": self.mask,
        }


def _points(x, y, yerror) -> tuple[jax.Array, jax.Array, jax.Array]:
    """x, y, yerror with the numbers of y and yerror spread over the points of x."""
    x, y, yerror = as_floats(x, "x"), as_floats(y, "y"), as_floats(yerror, "yerror")
    if x.ndim > 2:
        raise ValueError(f"x must have shape (N,) or (D, N), not {x.shape}")
    for what, array in (("y", y), ("yerror", yerror)):
        if array.ndim != 1 or array.size not in (1, x.shape[-1]):
            raise ValueError(f"{what} has shape {array.shape}, but ({x.shape[-1]},) is required, one for each x")
    return x, jnp.broadcast_to(y, x.shape[-1:]), jnp.broadcast_to(yerror, x.shape[-1:])
