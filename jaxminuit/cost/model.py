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
from jaxminuit.cost.base import AbstractCost
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

    def traced_value(self, args: tuple) -> Scalar:
        """reduce(model(points, *args)); TypeError if JAX cannot trace the model."""
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
        return self.host_reduce(self.checked(self.call(self.model_function, self.points(), args, host=True)))

    @staticmethod
    def call(function: Callable, points, args: tuple, host: bool) -> Any:
        """function(points, *args), with NumPy arrays and Python floats for a function of the host."""
        if host:
            return function(np.array(points), *(calls.on_host(arg) for arg in args))
        return function(points, *args)

    def output_at(self, points, params: Any) -> Any:
        """The model at given points and parameters, in the way that suits both."""
        args = self.positional(params)
        if calls.has_tracer(self, args):
            return self.model_function(points, *args)
        args = calls.numbers(args)
        return self.call(self.model_function, points, args, host=not calls.can_trace(self, args))

    @property
    def gradient_given(self) -> bool:
        """Whether the user gave a gradient of the model."""
        return self.model_gradient is not None

    def explicit_gradient(self, args: tuple) -> tuple:
        """Chain rule: sum over points of dF/df (by autodiff) times the user's df/dp."""
        if self.model_gradient is None:
            return super().explicit_gradient(args)
        output = self.checked(self.call(self.model_function, self.points(), args, host=True))
        npar = sum(arg.size for arg in args)
        slopes = self.checked_gradient(self.call(self.model_gradient, self.points(), args, host=True), npar)
        gradient = contract(calls.sensitivity(self, output), slopes)
        ends = np.cumsum([arg.size for arg in args])[:-1]
        return tuple(part.reshape(arg.shape) for part, arg in zip(jnp.split(gradient, ends), args, strict=True))

    @property
    def _function(self) -> Callable:
        return plain(self.model_function)

    @property
    def _grad(self) -> Callable | None:
        return None if self.model_gradient is None else plain(self.model_gradient)


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
