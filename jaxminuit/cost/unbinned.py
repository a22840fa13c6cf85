"""Unbinned maximum likelihood: of a density, and of a density with a fitted number of events."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from jaxminuit.core.types import Scalar
from jaxminuit.cost import calls
from jaxminuit.cost.arrays import Mask, as_callable, as_floats, as_mask, models_points, plain, where_used
from jaxminuit.cost.chi2 import log_density, total
from jaxminuit.cost.model import AbstractModelCost, shaped
from jaxminuit.problem.describe import Signature, model_signature
from jaxminuit.problem.fcn import as_errordef


class AbstractUnbinned(AbstractModelCost):
    """What both unbinned costs share."""

    data: Float[Array, "*D N"]
    mask: Mask
    model_function: Callable
    model_gradient: Callable | None
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)
    log: bool = eqx.field(static=True)

    def _set(self, data, model, verbose, log, grad, name, mask):
        self.data = as_floats(data, "data")
        if self.data.ndim > 2:
            raise ValueError(f"data must have shape (N,) or (D, N), not {self.data.shape}")
        self.mask = as_mask(mask, self.data.shape[-1])
        self.signature = model_signature(model, name)
        self.model_function = as_callable(model, "model")
        self.model_gradient = None if grad is None else as_callable(grad, "grad")
        self.errordef = as_errordef(1.0)
        self.verbose = int(verbose)
        self.log = bool(log)

    @property
    def ndata(self) -> float:
        """Infinite: a sample that is not binned has no degrees of freedom to run out of."""
        return math.inf

    @property
    def npoints(self) -> int:
        """Length of the sample, masked points included."""
        return self.data.shape[-1]

    def points(self):
        """The sample."""
        return models_points(self.mask, self.data)

    def _log_sum(self, f) -> Scalar:
        """Sum over the sample of log f, or of f if the model returns logarithms."""
        return total(where_used(self.mask, f if self.log else log_density(f)))

    def fisher_information(self, *args):
        """Observed information (n, n) from the outer products of each point's score, at the given parameters.

        The sum over the sample of (d log f / dp_j)(d log f / dp_k), as in a sandwich estimate. Needs a model that JAX
        can trace.
        """
        return _information(self, calls.numbers(self.positional(args)))

    def covariance(self, *args):
        """Inverse of `fisher_information`: an estimate of the covariance, right for large samples."""
        return jnp.linalg.inv(self.fisher_information(*args))

    def _recipe(self, model: str) -> dict[str, Any]:
        return {
            "data": self.data,
            model: plain(self.model_function),
            "verbose": self.verbose,
            "log": self.log,
            "grad": self._grad,
            "name": tuple(name for name, _ in self.signature),
            "mask": self.mask,
        }


class UnbinnedNLL(AbstractUnbinned):
    """-2 sum log pdf(x_i): fit of a normalised density to a sample.

    Zero densities count as the smallest normal number, with derivative 0; negative ones make the cost NaN.

    Parameters
    ----------
    data
        (N,) sample, or (D, N) for D observables. float32 stays float32; the sum is accumulated in 64 bit.
    pdf
        Density, ``pdf(data, *parameters)`` -> (N,), normalised over the range of the sample.
    verbose
        1: print arguments and result of every call with concrete numbers. Default 0.
    log
        Whether the model returns the logarithm of the density. Default False.
    grad
        Gradient ``grad(data, *parameters)`` -> (K, N) of the model with respect to the parameters. Only needed for
        models that JAX cannot trace; others get theirs by autodiff.
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
        Shapes or names that do not fit. On evaluation: model output of the wrong shape.
    """

    def __init__(
        self,
        data: Any,
        pdf: Callable,
        *,
        verbose: int = 0,
        log: bool = False,
        grad: Callable | None = None,
        name: Sequence[str] | None = None,
        mask: Any = None,
    ):
        self._set(data, pdf, verbose, log, grad, name, mask)

    @property
    def pdf(self) -> Callable:
        """The density (not its logarithm)."""
        model = self._function
        return (lambda *args: jnp.exp(jnp.asarray(model(*args)))) if self.log else model

    @property
    def scaled_pdf(self) -> Callable:
        """The density times the number of points."""
        pdf, size = self.pdf, self.npoints
        return lambda *args: size * pdf(*args)

    def reduce(self, output) -> Scalar:
        """-2 sum log f."""
        return -2.0 * self._log_sum(output)

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return self._recipe("pdf")

    def log_terms(self, args: tuple):
        """log f of each point."""
        f = self.checked(self.model_function(self.points(), *args))
        return f if self.log else log_density(f)


class ExtendedUnbinnedNLL(AbstractUnbinned):
    """2 (integral - sum log f(x_i)): fit of a density of events, whose integral is the expected number of them.

    Zero densities count as the smallest normal number, with derivative 0; negative ones make the cost NaN.

    Parameters
    ----------
    data
        (N,) sample, or (D, N) for D observables. float32 stays float32; the sum is accumulated in 64 bit.
    scaled_pdf
        ``scaled_pdf(data, *parameters)`` -> (integral over the range of the sample, (N,) density of events).
    verbose
        1: print arguments and result of every call with concrete numbers. Default 0.
    log
        Whether the model returns the logarithm of the density. Default False.
    grad
        Gradients ``grad(data, *parameters)`` -> ((K,), (K, N)) of both parts with respect to the parameters. Only
        needed for models that JAX cannot trace; others get theirs by autodiff.
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
        Shapes or names that do not fit. On evaluation: model output of the wrong shape.
    """

    def __init__(
        self,
        data: Any,
        scaled_pdf: Callable,
        *,
        verbose: int = 0,
        log: bool = False,
        grad: Callable | None = None,
        name: Sequence[str] | None = None,
        mask: Any = None,
    ):
        self._set(data, scaled_pdf, verbose, log, grad, name, mask)

    @property
    def pdf(self) -> Callable:
        """The normalised density."""
        model, log = self._function, self.log

        def pdf(*args):
            integral, f = model(*args)
            return (jnp.exp(jnp.asarray(f)) if log else f) / integral

        return pdf

    @property
    def scaled_pdf(self) -> Callable:
        """The density of events."""
        model, log = self._function, self.log
        return lambda *args: jnp.exp(jnp.asarray(model(*args)[1])) if log else model(*args)[1]

    def checked(self, output):
        """(integral, density)."""
        integral, f = pair(output, "model")
        return shaped(integral, "model in first position", ()), super().checked(f)

    def checked_gradient(self, output, npar: int):
        """Gradients of both."""
        integral, f = pair(output, "model gradient")
        return shaped(integral, "model gradient in first position", (npar,)), super().checked_gradient(f, npar)

    def reduce(self, output) -> Scalar:
        """2 (integral - sum log f)."""
        integral, f = output
        return 2.0 * (integral - self._log_sum(f))

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return self._recipe("scaled_pdf")

    def log_terms(self, args: tuple):
        """log f of each point, less its share of the integral."""
        integral, f = self.checked(self.model_function(self.points(), *args))
        used = self.npoints if self.mask is None else jnp.sum(self.mask)
        return (f if self.log else log_density(f)) - integral / used


def pair(output: Any, kind: str):
    """The two parts of an extended model's output; ValueError if there are not two."""
    if not isinstance(output, tuple | list) or len(output) != 2:
        what = f"shape {np.shape(output)}" if not isinstance(output, tuple | list) else f"{len(output)} parts"
        raise ValueError(f"output of {kind} must be a pair (integral, density), but it has {what}")
    return output


@eqx.filter_jit
def _information(cost, args: tuple):
    flat, unravel = ravel_pytree(args)
    score = jax.jacfwd(lambda p: where_used(cost.mask, cost.log_terms(unravel(p))))(flat)
    return score.T @ score
