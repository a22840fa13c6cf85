"""Least squares: a curve through points with errors."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxminuit.core.types import Scalar, present
from jaxminuit.cost import calls, pictures
from jaxminuit.cost.arrays import (
    Mask,
    as_callable,
    as_floats,
    as_mask,
    as_points,
    count,
    models_points,
    plain,
    where_used,
)
from jaxminuit.cost.chi2 import soft_l1, total
from jaxminuit.cost.editable import spread
from jaxminuit.cost.masked import MaskedCostWithPulls
from jaxminuit.cost.model import AbstractModelCost
from jaxminuit.problem.columns import as_array
from jaxminuit.problem.describe import Signature, model_signature
from jaxminuit.problem.fcn import as_errordef
from jaxminuit.problem.terms import Terms, smooth_terms


class LeastSquares(AbstractModelCost, MaskedCostWithPulls):
    """sum loss(((y - model(x)) / yerror)^2).

    Parameters
    ----------
    x
        (N,) positions without errors, or (D, N), or a table of which every row is a position.
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

    Examples
    --------
    >>> from jaxminuit import cost
    >>> chi2 = cost.LeastSquares([0.0, 1.0, 2.0], [1.1, 2.9, 5.0], 0.1, lambda x, a, b: a + b * x)
    >>> round(float(chi2(1.0, 2.0)), 6)
    2.0
    """

    settable = frozenset({"x", "y", "yerror", "data", "mask", "loss", "verbose"})

    x: Float[Array | np.ndarray, "*D N"]
    y: Float[Array | np.ndarray, " N"]
    yerror: Float[Array | np.ndarray, " N"]
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
        self.model_function = as_callable(model, "model")
        self.signature = model_signature(model, name)
        self.model_gradient = None if grad is None else as_callable(grad, "grad")
        if loss not in ("linear", "soft_l1") if isinstance(loss, str) else not callable(loss):
            raise ValueError(f"loss must be 'linear', 'soft_l1' or a function of z^2, not {loss!r}")
        self.loss_name = loss if isinstance(loss, str) else ""
        self.loss_function = None if isinstance(loss, str) else as_callable(loss, "loss")
        self.errordef = as_errordef(1.0)
        self.verbose = int(verbose)

    @property
    def model(self) -> Callable:
        """The model. One of a single array parameter can also be called with the parameter's entries one by one."""
        return self._function if self.npar != 1 else _of_entries(self._function)

    @property
    def loss(self) -> str | Callable:
        """Name of the loss, or the function."""
        return self.loss_name or plain(present(self.loss_function))

    @property
    def data(self):
        """(N, D + 2) Columns of x, then y and yerror.

        The memory of the three themselves, to be edited in place, if they have one dtype and are no JAX arrays; else a
        copy that is read only.
        """
        table, *others = (getattr(column, "base", None) for column in (self.y, self.x, self.yerror))
        if table is not None and all(other is table for other in others):
            return table.T
        columns = np.column_stack if _are_numpy(self.x, self.y, self.yerror) else jnp.column_stack
        data = columns([*([self.x] if self.x.ndim == 1 else self.x), self.y, self.yerror])
        if isinstance(data, np.ndarray):
            data.flags.writeable = False
        return data

    def assigned(self, name: str, value: Any):
        """`data` stands for x, y and yerror together."""
        if name in ("mask", "loss"):
            return self.replace(**{name: value})
        if name != "data":
            return super().assigned(name, value)
        traced = isinstance(value, jax.Array)
        rows = (value if traced else as_array(spread(value, np.asarray(self.data)), "data")).T
        return self.replace(x=rows[0] if self.x.ndim == 1 else rows[:-2], y=rows[-2], yerror=rows[-1])

    def _settle(self) -> None:
        """Put x, y and yerror into the memory of one table again, if they can be."""
        for name, array in zip(("x", "y", "yerror"), _joined(self.x, self.y, self.yerror), strict=True):
            object.__setattr__(self, name, array)

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
        loss = soft_l1(z_squared) if self.loss_name else present(self.loss_function)(z_squared)
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
        loss = jnp.asarray(present(self.loss_function)(np.array(self.z_squared(output))))
        return total(where_used(self.mask, loss))

    @property
    def gradient_given(self) -> bool:
        """Whether the user gave a gradient of the model, and the loss has one."""
        return self.model_gradient is not None and self.loss_name != ""

    def all_points(self):
        """Positions, masked ones as they are."""
        return jnp.asarray(self.x)

    def pulls(self, args: Any):
        """(y - prediction) / yerror; NaN for masked points and where yerror is 0."""
        use = jnp.asarray(self.yerror) != 0
        use = use if self.mask is None else use & self.mask
        pulls = (jnp.asarray(self.y) - self.prediction(args)) / jnp.where(use, self.yerror, 1.0)
        return calls.settled(jnp.where(use, pulls, jnp.nan))

    def visualize(self, args: Any, model_points: int | Any = 0):
        """Draw the points in use and the model with matplotlib into the current axes.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.
        model_points
            Number of points of the model's curve, or the points. Default 0: enough of them.

        Returns
        -------
        tuple
            ``(x, y, yerror), (xm, ym)``: what was drawn.

        Raises
        ------
        ValueError
            If x has more than one dimension.
        ImportError
            If matplotlib is not installed.
        """
        return pictures.draw_least_squares(self, self.positional(args), model_points)

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return {
            "x": self.x,
            "y": self.y,
            "yerror": self.yerror,
            "model": self._function,
            "loss": self.loss,
            "verbose": self.verbose,
            "grad": self._grad,
            "name": tuple(name for name, _ in self.signature),
            "mask": self.mask,
        }


def _points(x: Any, y: Any, yerror: Any) -> tuple:
    """x, y, yerror with the numbers of y and yerror spread over the points of x."""
    x, y = as_points(x, "x"), as_floats(y, "y")
    yerror = as_floats(y.dtype.type(yerror) if isinstance(yerror, float | int) else yerror, "yerror")
    if x.ndim > 2:
        raise ValueError(f"x must have shape (N,) or (D, N), not {x.shape}")
    for what, array in (("y", y), ("yerror", yerror)):
        if array.ndim != 1 or array.size not in (1, x.shape[-1]):
            raise ValueError(f"{what} has shape {array.shape}, but ({x.shape[-1]},) is required, one for each x")
    return _joined(x, *(_spread_over(array, x.shape[-1]) for array in (y, yerror)))


def _spread_over(array: Any, size: int) -> Any:
    """The array, or its single number for all points."""
    return jnp.broadcast_to(array, (size,)) if isinstance(array, jax.Array) else np.broadcast_to(array, (size,)).copy()


def _joined(x: Any, y: Any, yerror: Any) -> tuple:
    """The three as rows of one table, if they are NumPy arrays of one dtype and one length; else as they are."""
    if not _are_numpy(x, y, yerror) or not x.dtype == y.dtype == yerror.dtype or y.ndim != 1:
        return x, y, yerror
    if y.base is not None and x.base is y.base is yerror.base:
        return x, y, yerror
    table = np.concatenate([np.atleast_2d(x), y[None], yerror[None]])
    return table[0] if x.ndim == 1 else table[:-2], table[-2], table[-1]


def _are_numpy(*arrays: Any) -> bool:
    return all(isinstance(array, np.ndarray) for array in arrays)


def _of_entries(model: Callable) -> Callable:
    """The model, called with x and one array, or with x and the entries of that array."""

    @functools.wraps(model)
    def of_entries(x, *args):
        return model(x, *args) if len(args) == 1 else model(x, np.array(args))

    return of_entries
