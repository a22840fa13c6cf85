"""Unbinned maximum likelihood: of a density, and of a density with a fitted number of events."""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar
from jaxminuit.cost.chi2 import reciprocal
from jaxminuit.cost.model import shaped
from jaxminuit.cost.sample import AbstractUnbinned
from jaxminuit.problem.terms import Terms, joined


class UnbinnedNLL(AbstractUnbinned):
    """-2 sum w_i log pdf(x_i): fit of a normalised density to a sample; the weights are 1 unless given.

    Zero densities count as the smallest normal number, with derivative 0; negative ones make the cost NaN.

    Parameters
    ----------
    data
        (N,) sample, or (D, N) for D observables. float32 stays float32; the sum is accumulated in 64 bit. Columns of
        pandas, pyarrow and awkward too, and tables of these, whose rows are the points.
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
    weights
        None, or (N,) weights of the points, of either sign; a leaf. The parabolic errors of a weighted fit are those of
        as many events as the sum of the weights, and wrong: take ``jaxminuit.covariance(fcn, minimum, "sandwich")``.

    Raises
    ------
    TypeError
        Data that are not real numbers, a model that cannot be called.
    ValueError
        Shapes or names that do not fit. On evaluation: model output of the wrong shape.

    Examples
    --------
    >>> from jaxminuit import cost
    >>> from jaxminuit.stats import norm
    >>> nll = cost.UnbinnedNLL([4.0, 5.0, 6.0], norm.pdf)
    >>> round(float(nll(5.0, 1.0) - nll(4.0, 1.0)), 6)
    -3.0
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
        weights: Any = None,
    ):
        self._set(data, pdf, verbose, log, grad, name, mask, weights)

    @property
    def pdf(self) -> Callable:
        """The density (not its logarithm)."""
        model = self._function
        return (lambda *args: exponential(model(*args))) if self.log else model

    @property
    def scaled_pdf(self) -> Callable:
        """The density times the number of points."""
        return self.density_of(self.npoints)

    def density_of(self, events: float) -> Callable:
        """The density times the number of events."""
        pdf = self.pdf
        return lambda *args: events * pdf(*args)

    def reduce(self, output) -> Scalar:
        """-2 sum log f."""
        return -2.0 * self.log_sum(output)

    def output_terms(self, output) -> Terms:
        """One term for each point."""
        return self.log_terms_of(output, self.reduce(output))

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return self._recipe("pdf")

    def scores_of(self, args: tuple):
        """log f of each point."""
        f = self.checked(self.model_function(self.points(), *args))
        return self.logs(f)

    def explicit_scores(self, output, slopes):
        """df/dp / f."""
        return slopes if self.log else slopes * reciprocal(output)


class ExtendedUnbinnedNLL(AbstractUnbinned):
    """2 (integral - sum w_i log f(x_i)): fit of a density of events, whose integral is the expected number of them.

    The weights are 1 unless given; the integral is then the expected sum of weights.

    Zero densities count as the smallest normal number, with derivative 0; negative ones make the cost NaN.

    Parameters
    ----------
    data
        (N,) sample, or (D, N) for D observables. float32 stays float32; the sum is accumulated in 64 bit. Columns of
        pandas, pyarrow and awkward too, and tables of these, whose rows are the points.
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
    weights
        None, or (N,) weights of the points, of either sign; a leaf. The parabolic errors of a weighted fit are those of
        as many events as the sum of the weights, and wrong: take ``jaxminuit.covariance(fcn, minimum, "sandwich")``.

    Raises
    ------
    TypeError
        Data that are not real numbers, a model that cannot be called.
    ValueError
        Shapes or names that do not fit. On evaluation: model output of the wrong shape.
    """

    share: Scalar | None  # of the integral, for one block of a sample

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
        weights: Any = None,
    ):
        self._set(data, scaled_pdf, verbose, log, grad, name, mask, weights)
        self.share = None

    def at_block(self, block):
        """The cost of one of the blocks, with its share of the integral."""
        return eqx.tree_at(lambda cost: cost.share, super().at_block(block), block[-1], is_leaf=lambda x: x is None)

    @property
    def pdf(self) -> Callable:
        """The normalised density."""
        model, log = self._function, self.log

        def pdf(*args):
            integral, f = model(*args)
            return (exponential(f) if log else f) / integral

        return pdf

    @property
    def scaled_pdf(self) -> Callable:
        """The density of events."""
        model, log = self._function, self.log
        return lambda *args: exponential(model(*args)[1]) if log else model(*args)[1]

    def density_of(self, events: float) -> Callable:
        """The model's own density: it says how many events there are."""
        return self.scaled_pdf

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
        return 2.0 * (self._shared(integral) - self.log_sum(f))

    def _shared(self, integral):
        return integral if self.share is None else self.share * integral

    def output_terms(self, output) -> Terms:
        """One term for each point, and the integral: z its value, slope 2, without curvature and spread.

        The expected second derivatives are those of the points alone: the integral's own second derivatives cancel
        against those of the density.
        """
        integral, f = output
        points = self.log_terms_of(f, self.reduce(output))
        z = jnp.reshape(integral, 1).astype(points.z.dtype)
        zero = jnp.zeros_like(z)
        last = Terms(z, self._shared(zero + 2.0), zero, zero, jnp.zeros_like(points.value))
        return joined([points, last])

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return self._recipe("scaled_pdf")

    def scores_of(self, args: tuple):
        """log f of each point, less its share of the integral."""
        integral, f = self.checked(self.model_function(self.points(), *args))
        return self.logs(f) - integral / self._size(f)

    def explicit_scores(self, output, slopes):
        """df/dp / f, less the share of the integral's derivative."""
        (_, f), (integral_slopes, f_slopes) = output, slopes
        scores = f_slopes if self.log else f_slopes * reciprocal(f)
        return scores - (integral_slopes / self._size(f))[:, None]

    def _size(self, f):
        """Sum of the weights of the points in use."""
        return jnp.sum(self.weighted(jnp.ones_like(f)))


def pair(output: Any, kind: str):
    """The two parts of an extended model's output; ValueError if there are not two."""
    if not isinstance(output, tuple | list) or len(output) != 2:
        what = f"shape {np.shape(output)}" if not isinstance(output, tuple | list) else f"{len(output)} parts"
        raise ValueError(f"output of {kind} must be a pair (integral, density), but it has {what}")
    return output


def exponential(x: Any):
    """exp(x), in NumPy unless x is a JAX array."""
    return jnp.exp(x) if isinstance(x, jax.Array) else np.exp(x)
