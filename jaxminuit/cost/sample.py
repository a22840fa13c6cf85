"""What costs of samples share: logarithms of densities at weighted points, and their terms, if need be in blocks."""

import abc
import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import Scalar
from jaxminuit.cost import calls, pictures
from jaxminuit.cost.arguments import gathered
from jaxminuit.cost.arrays import Mask, as_callable, as_floats, as_mask, as_points, models_points, plain, where_used
from jaxminuit.cost.chi2 import log_density, total
from jaxminuit.cost.masked import MaskedCost
from jaxminuit.cost.model import AbstractModelCost
from jaxminuit.problem.describe import Signature, model_signature
from jaxminuit.problem.fcn import as_errordef
from jaxminuit.problem.terms import Part, Terms


class AbstractUnbinned(AbstractModelCost, MaskedCost):
    """What both unbinned costs share."""

    settable = frozenset({"data", "mask", "weights", "verbose"})

    data: Float[Array | np.ndarray, "*D N"]
    weights: Float[Array | np.ndarray, " N"] | None
    mask: Mask
    model_function: Callable
    model_gradient: Callable | None
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)
    log: bool = eqx.field(static=True)

    def _set(self, data, model, verbose, log, grad, name, mask, weights):
        self.data = as_points(data, "data")
        if self.data.ndim > 2:
            raise ValueError(f"data must have shape (N,) or (D, N), not {self.data.shape}")
        self.weights = None if weights is None else as_floats(weights, "weights")
        if self.weights is not None and self.weights.shape != self.data.shape[-1:]:
            raise ValueError(f"weights have shape {self.weights.shape}, but {self.data.shape[-1:]} is required")
        self.mask = as_mask(mask, self.data.shape[-1])
        self.model_function = as_callable(model, "model")
        self.signature = model_signature(model, name)
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

    def logs(self, f):
        """log f of each point, 0 for masked ones; f itself if the model returns logarithms."""
        return where_used(self.mask, f if self.log else log_density(f))

    def weighted(self, x):
        """x times the weights; masked points have none."""
        return where_used(self.mask, x if self.weights is None else self.weights * x)

    def log_sum(self, f) -> Scalar:
        """Weighted sum of log f over the sample."""
        return total(self.weighted(self.logs(f)))

    def log_terms_of(self, f, value: Scalar) -> Terms:
        """z = log f, slope -2 w, spread 4 w^2; the curvature 2 w is that of -2 w log f as a function of f.

        In the logarithm itself h is a straight line. Carried over from the density, where it is convex, its curvature
        makes the Gauss-Newton matrix twice the outer product of the scores. Negative weights count as curvature 0.
        """
        z = self.logs(f)
        w = self.weighted(jnp.ones_like(z))
        return Terms(z, -2.0 * w, 2.0 * jnp.maximum(w, 0.0), 4.0 * w * w, value)

    def parts(self, rows: int) -> tuple[Part, ...]:
        """The sample in blocks if it is much longer than `rows`."""
        (whole,) = super().parts(rows)
        return (whole,) if self.npoints <= 8 * rows else (whole._replace(blocks=self._blocks(rows)),)

    def _blocks(self, rows: int):
        """Data, weights, mask and share of the integral, with a leading axis of blocks; the last one is filled up."""
        number = -(-self.npoints // rows)
        length = -(-self.npoints // number)
        fill = number * length - self.npoints

        def cut(x, mode):
            x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, fill)], mode=mode)
            return jnp.moveaxis(x.reshape(*x.shape[:-1], number, length), -2, 0)

        mask = jnp.ones(self.npoints, bool) if self.mask is None else self.mask
        weights = None if self.weights is None else cut(self.weights, "constant")
        share = jnp.full(number, 1.0 / number)
        return cut(self.data, "edge"), weights, cut(mask, "constant"), share

    @abc.abstractmethod
    def scores_of(self, args: tuple):
        """What each point adds to the logarithm of the likelihood, without its weight."""

    def at_block(self, block):
        """The cost of one of the blocks."""
        data, weights, mask, _ = block
        return self.replace(data=data, weights=weights, mask=mask)

    @abc.abstractmethod
    def density_of(self, events: float) -> Callable:
        """The density of events as a function of points and parameters, for a sample of so many if that matters."""

    @abc.abstractmethod
    def explicit_scores(self, output: Any, slopes: Any):
        """Derivatives (npar, N) of `scores_of` from the outputs of the model and of its gradient."""

    def fisher_information(self, *args):
        """Observed information (n, n) from the outer products of each point's score, at the given parameters.

        The (weighted) sum over the sample of (d log f / dp_j)(d log f / dp_k). By the user's gradient of the model if
        there is one, else by autodiff.

        Raises
        ------
        ValueError
            If JAX cannot trace the model, and no gradient of it was given.
        """
        args = self.positional(gathered(args))
        if is_traced((self, args)):
            return _information(self, args)
        args = calls.numbers(args)
        if calls.can_trace(self, args) and not self.gradient_given:
            return calls.settled(_information(self, args))
        output, slopes = self.explicit_outputs(args)
        return calls.settled(_outer(self, self.explicit_scores(output, slopes)))

    def covariance(self, *args):
        """Inverse of `fisher_information`: an estimate of the covariance at the best fit, right for large samples."""
        information = self.fisher_information(*args)
        return (jnp if isinstance(information, jax.core.Tracer) else np).linalg.inv(information)

    def visualize(self, args: Any, model_points: int | Any = 0, bins: int = 50) -> None:
        """Draw a histogram of the sample and the model with matplotlib into the current axes.

        Parameters
        ----------
        args
            Parameters: a sequence, a mapping from names, or one array.
        model_points
            Number of points of the model's curve, or the points. Default 0: enough of them.
        bins
            Number of bins. Default 50.

        Raises
        ------
        ValueError
            If the sample has more than one dimension.
        ImportError
            If matplotlib is not installed.
        """
        pictures.draw_unbinned(self, self.positional(args), model_points, bins)

    def _recipe(self, model: str) -> dict[str, Any]:
        return {
            "data": self.data,
            model: plain(self.model_function),
            "verbose": self.verbose,
            "log": self.log,
            "grad": self._grad,
            "name": tuple(name for name, _ in self.signature),
            "mask": self.mask,
            "weights": self.weights,
        }


@eqx.filter_jit
def _information(cost, args: tuple):
    flat, unravel = ravel_pytree(args)
    return _outer(cost, jax.jacfwd(lambda p: cost.scores_of(unravel(p)))(flat).T)


def _outer(cost, scores):
    """Weighted sum over the sample of the outer products of the scores (npar, N)."""
    scores = where_used(cost.mask, scores)
    return scores @ cost.weighted(scores).T
