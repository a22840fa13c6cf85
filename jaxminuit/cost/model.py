"""Costs of a user's model: calling it, checking what it returns, and the chain rule for a given model gradient."""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar
from jaxminuit.cost import calls
from jaxminuit.cost.arrays import plain
from jaxminuit.cost.base import NO_GRADIENT, AbstractCost
from jaxminuit.problem.fcn import UNTRACEABLE
from jaxminuit.problem.terms import Terms, no_terms


class AbstractModelCost(AbstractCost):
    """A cost that is a number made of a model's output at fixed points."""

    model_function: eqx.AbstractVar[Callable]
    model_gradient: eqx.AbstractVar[Callable | None]

    @abc.abstractmethod
    def points(self):
        """Where the model is called, points along the last axis."""

    @property
    @abc.abstractmethod
    def npoints(self) -> int:
        """Number of those points."""

    @abc.abstractmethod
    def reduce(self, output: Any) -> Scalar:
        """The value of the cost from the model's checked output."""

    def checked(self, output: Any) -> Any:
        """The model's output with its shape checked: one number a point."""
        return shaped(output, "model", (self.npoints,))

    def checked_gradient(self, output: Any, npar: int) -> Any:
        """The model gradient's output with its shape checked: (npar, points)."""
        return shaped(output, "model gradient", (npar, self.npoints))

    def host_reduce(self, output: Any) -> Scalar:
        """`reduce` on concrete numbers."""
        return calls.reduce(self, output)

    def output_terms(self, output: Any) -> Terms:
        """The terms of the cost from the model's checked output; TypeError if it has none."""
        raise no_terms(self)

    def all_points(self):
        """The points with those that a mask leaves out as they are."""
        return self.points()

    def predicted(self, output: Any) -> Any:
        """What the cost compares with the data, from the model's checked output at all points."""
        return output

    def traced_prediction(self, args: tuple) -> Any:
        """``predicted(model(points, *args))``."""
        return self.predicted(self.checked(self.model_function(self.all_points(), *args)))

    def host_prediction(self, args: tuple) -> Any:
        """The same with the model called with NumPy arrays."""
        output = self.checked(call(self.model_function, self.all_points(), args, host=True))
        return self.predicted(output)

    def traced_value(self, args: tuple) -> Scalar:
        """``reduce(model(points, *args))``; TypeError if JAX cannot trace the model."""
        return self.reduce(self._traced_output(args))

    def traced_terms(self, args: tuple) -> Terms:
        """The same for the terms."""
        return self.output_terms(self._traced_output(args))

    def _traced_output(self, args: tuple) -> Any:
        try:
            output = self.model_function(self.points(), *args)
        except UNTRACEABLE as error:
            raise TypeError(
                f"{self._function!r} cannot be traced by JAX: use jax.numpy in it, or fit "
                "jaxminuit.HostFCN(cost.evaluate) on the host with finite differences"
            ) from error
        return self.checked(output)

    def host_value(self, args: tuple) -> Scalar:
        """The same with the model called with NumPy arrays."""
        return self.host_reduce(self.checked(call(self.model_function, self.points(), args, host=True)))

    @property
    def gradient_given(self) -> bool:
        """Whether the user gave a gradient of the model."""
        return self.model_gradient is not None

    def explicit_gradient(self, args: tuple) -> tuple:
        """Chain rule: sum over points of dF/df (by autodiff) times the user's df/dp."""
        output, slopes = self.explicit_outputs(args)
        gradient = contract(calls.sensitivity(self, output), slopes)
        ends = np.cumsum([arg.size for arg in args])[:-1]
        return tuple(part.reshape(arg.shape) for part, arg in zip(jnp.split(gradient, ends), args, strict=True))

    def explicit_outputs(self, args: tuple) -> tuple[Any, Any]:
        """The checked outputs of the model and of the user's gradient of it; ValueError if there is none."""
        if self.model_gradient is None:
            raise ValueError(NO_GRADIENT)
        output = self.checked(call(self.model_function, self.points(), args, host=True))
        npar = sum(arg.size for arg in args)
        return output, self.checked_gradient(call(self.model_gradient, self.points(), args, host=True), npar)

    @property
    def _function(self) -> Callable:
        return plain(self.model_function)

    @property
    def _grad(self) -> Callable | None:
        return None if self.model_gradient is None else plain(self.model_gradient)


def call(function: Callable, points: Any, args: tuple, host: bool) -> Any:
    """function(points, *args), with NumPy arrays and Python floats for a function of the host."""
    if host:
        return plain(function)(np.array(points), *(calls.on_host(arg) for arg in args))
    return function(points, *args)


def contract(sensitivity: Any, slopes: Any):
    """sum_i dF/df_i df_i/dp_k over every part of the output."""
    if isinstance(sensitivity, tuple):
        return sum(contract(s, g) for s, g in zip(sensitivity, slopes, strict=True))
    axes = tuple(range(1, slopes.ndim))
    return jnp.sum(sensitivity * slopes, axis=axes, dtype=jnp.result_type(float))


def shaped(output: Any, kind: str, shape: tuple[int, ...]):
    """The output as a float array of the required shape; ValueError if it has another.

    Dimensions of length 1 may be missing.
    """
    array = output if hasattr(output, "dtype") else np.asarray(output)
    if isinstance(array, np.ndarray | np.generic) and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    array = jnp.asarray(array)
    if not jnp.issubdtype(array.dtype, jnp.floating):
        array = array.astype(jnp.result_type(float))
    if array.shape != shape:
        if array.ndim >= len(shape) or array.size != int(np.prod(shape)):
            raise ValueError(f"output of {kind} has shape {array.shape}, but {tuple(shape)} is required")
        array = array.reshape(shape)
    return array
