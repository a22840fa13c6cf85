"""Binned maximum likelihood: of probabilities, and of expected counts, in histograms of any dimension."""

import abc
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx

from jaxminuit.core.types import Scalar
from jaxminuit.cost.arrays import Mask, as_callable, plain
from jaxminuit.cost.bins import BinnedCost, Bins
from jaxminuit.cost.chi2 import multinomial_chi2, poisson_chi2, total
from jaxminuit.cost.count_terms import multinomial_terms, poisson_terms, scaled_multinomial_terms
from jaxminuit.cost.histogram import Edges, bin_contents, model_grid, number_of_points
from jaxminuit.cost.model import AbstractModelCost
from jaxminuit.problem.describe import Signature, model_signature
from jaxminuit.problem.terms import Terms


class AbstractBinned(AbstractModelCost, BinnedCost):
    """What both binned costs share."""

    n: Bins
    xe: Edges
    mask: Mask
    model_function: Callable
    model_gradient: Callable | None
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)
    use_pdf: str = eqx.field(static=True)

    def _set(self, n, xe, model, verbose, grad, use_pdf, name, mask):
        if use_pdf not in ("", "approximate", "numerical"):
            raise ValueError(f"use_pdf must be '', 'approximate' or 'numerical', not {use_pdf!r}")
        if use_pdf and grad is not None:
            raise ValueError("use_pdf and grad cannot be used together")
        self._set_histogram(n, xe, mask, model_signature(model, name), verbose, 1.0)
        if use_pdf == "numerical" and self.ndim > 1:
            raise ValueError("use_pdf='numerical' works for histograms of one dimension only")
        self.model_function = as_callable(model, "model")
        self.model_gradient = None if grad is None else as_callable(grad, "grad")
        self.use_pdf = use_pdf

    @property
    def npoints(self) -> int:
        """Number of points at which the model is called."""
        return number_of_points(self.shape, self.use_pdf)

    def points(self):
        """Edges of all bins, or the points inside bins that `use_pdf` asks for; (M,) or (D, M)."""
        return model_grid(self.xe, self.use_pdf)

    def contents(self, output):
        """The model's share of each bin."""
        return bin_contents(output, self.xe, self.use_pdf)

    def predicted(self, output):
        """Expected counts of all bins."""
        return self.expected(self.contents(output))

    @abc.abstractmethod
    def expected(self, contents):
        """Expected counts from the model's share of each bin."""

    def _recipe(self, model: str) -> dict[str, Any]:
        return {
            "n": self.n,
            "xe": self.xe,
            model: plain(self.model_function),
            "verbose": self.verbose,
            "grad": self._grad,
            "use_pdf": self.use_pdf,
            "name": tuple(name for name, _ in self.signature),
            "mask": self.mask,
        }


class BinnedNLL(AbstractBinned):
    """Fit of a normalised cumulative distribution to a histogram.

    The expected counts are the bins' probabilities times the total of the histogram (of its bins in use; with a mask
    the probabilities are normalised to these bins). The value is 2 sum n log(n / mu), or for weighted histograms the
    Poisson form with counts scaled by sum(w) / sum(w^2) of each bin (Bohm and Zech, NIM A 691 (2012) 171).
    Negative bin probabilities count as 0. Bins with counts in which the model is exactly 0 add no penalty.

    Parameters
    ----------
    n
        Counts, one dimension for each observable, or with a last axis of 2: sums of weights and of squared weights. Or
        a histogram object (hist, boost-histogram, uproot); one that stores sums of squared weights is weighted.
    xe
        Bin edges, (n + 1,), or a sequence of these for several dimensions, or axes of a histogram object. None: the
        axes of `n`.
    cdf
        ``cdf(edges, *parameters)`` -> (M,), edges (M,), or (D, M) with the edges of all dimensions combined.
    verbose
        1: print arguments and result of every call with concrete numbers. Default 0.
    grad
        Gradient ``grad(edges, *parameters)`` -> (K, M) of the cdf with respect to the parameters. Only needed for
        models that JAX cannot trace; others get theirs by autodiff.
    use_pdf
        "" (default): the model is a cdf. Else it is a density, and bins are integrated: "approximate": density at the
        centre times volume; "numerical": Gauss-Legendre with 16 points in each bin (one dimension only), exact for
        polynomials up to degree 31.
    name
        Names of the parameters, instead of those in the model's signature.
    mask
        None, booleans (True: use), or indices of what to use, along the first dimension of n. A leaf: other values do
        not compile again.

    Raises
    ------
    TypeError
        Data that are not real numbers, a model that cannot be called.
    ValueError
        Shapes or names that do not fit. On evaluation: model output of the wrong shape.
    """

    def __init__(
        self,
        n: Any,
        xe: Any,
        cdf: Callable,
        *,
        verbose: int = 0,
        grad: Callable | None = None,
        use_pdf: str = "",
        name: Sequence[str] | None = None,
        mask: Any = None,
    ):
        self._set(n, xe, cdf, verbose, grad, use_pdf, name, mask)

    @property
    def cdf(self) -> Callable:
        """The model."""
        return self._function

    def expected(self, contents):
        """Probabilities, normalised to the bins in use, times the total count of these."""
        norm = 1.0 if self.mask is None else total(self._masked(contents))
        return contents / norm * total(self._counts)

    def reduce(self, output) -> Scalar:
        """2 sum n log(n / mu), or the Poisson form for weighted counts."""
        n, mu = self._scaled(self.expected(self.contents(output)))
        return poisson_chi2(n, mu) if self.weighted else multinomial_chi2(n, mu)

    def output_terms(self, output) -> Terms:
        """One term for each bin, and one more each for weighted counts."""
        mu = self._masked(self.expected(self.contents(output)))
        if not self.weighted:
            return multinomial_terms(self._counts, mu, self.reduce(output))
        variance = self._masked(self.n[..., 1])
        return scaled_multinomial_terms(self._counts, variance, self._scale, mu, self._used, self.reduce(output))

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return self._recipe("cdf")


class ExtendedBinnedNLL(AbstractBinned):
    """Fit of expected counts to a histogram: 2 sum(n log(n / mu) + mu - n).

    Weighted counts are scaled by sum(w) / sum(w^2) of each bin (Bohm and Zech, NIM A 691 (2012) 171). Negative
    expectations count as 0. Bins with counts in which the model is exactly 0 add no logarithm.

    Parameters
    ----------
    n
        Counts, one dimension for each observable, or with a last axis of 2: sums of weights and of squared weights. Or
        a histogram object (hist, boost-histogram, uproot); one that stores sums of squared weights is weighted.
    xe
        Bin edges, (n + 1,), or a sequence of these for several dimensions, or axes of a histogram object. None: the
        axes of `n`.
    scaled_cdf
        ``scaled_cdf(edges, *parameters)`` -> (M,): integral of the density of events up to the edges, which are (M,),
        or (D, M) with the edges of all dimensions combined.
    verbose
        1: print arguments and result of every call with concrete numbers. Default 0.
    grad
        Gradient ``grad(edges, *parameters)`` -> (K, M) of the model with respect to the parameters. Only needed for
        models that JAX cannot trace; others get theirs by autodiff.
    use_pdf
        "" (default): the model is an integral. Else it is a density of events, and bins are integrated: "approximate":
        density at the centre times volume; "numerical": Gauss-Legendre with 16 points in each bin (one dimension
        only), exact for polynomials up to degree 31.
    name
        Names of the parameters, instead of those in the model's signature.
    mask
        None, booleans (True: use), or indices of what to use, along the first dimension of n. A leaf: other values do
        not compile again.

    Raises
    ------
    TypeError
        Data that are not real numbers, a model that cannot be called.
    ValueError
        Shapes or names that do not fit. On evaluation: model output of the wrong shape.
    """

    def __init__(
        self,
        n: Any,
        xe: Any,
        scaled_cdf: Callable,
        *,
        verbose: int = 0,
        grad: Callable | None = None,
        use_pdf: str = "",
        name: Sequence[str] | None = None,
        mask: Any = None,
    ):
        self._set(n, xe, scaled_cdf, verbose, grad, use_pdf, name, mask)

    @property
    def scaled_cdf(self) -> Callable:
        """The model."""
        return self._function

    def expected(self, contents):
        """The model's counts as they are."""
        return contents

    def reduce(self, output) -> Scalar:
        """2 sum(n log(n / mu) + mu - n)."""
        return poisson_chi2(*self._scaled(self.contents(output)))

    def output_terms(self, output) -> Terms:
        """One term for each bin."""
        n, mu = self._scaled(self.contents(output))
        return poisson_terms(n, mu, self._used, self.reduce(output))

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return self._recipe("scaled_cdf")
