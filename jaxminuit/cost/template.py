"""Mixtures of histogrammed templates and models, with the templates' own statistical uncertainty."""

import warnings
from collections.abc import Callable, Collection, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from jaxminuit.core.types import Scalar
from jaxminuit.cost import calls, uhi
from jaxminuit.cost.arrays import Mask, as_callable, as_floats, plain
from jaxminuit.cost.bins import BinnedCost, Bins
from jaxminuit.cost.chi2 import CHISQUARE, NEGATIVE_LOG_LIKELIHOOD
from jaxminuit.cost.histogram import Edges, bin_contents, model_grid, number_of_points
from jaxminuit.cost.model import call, shaped
from jaxminuit.cost.template_chi2 import template_chi2_da, template_chi2_jsc, template_nll_asy
from jaxminuit.problem.describe import Signature, model_signature

METHODS = {"jsc": template_chi2_jsc, "asy": template_nll_asy, "da": template_chi2_da}
DEPRECATED = {"hpd": "da"}


class Template(BinnedCost):
    """Fit of a sum of templates with free yields, and of models, to a histogram.

    A template is the histogram of a simulated sample, normalised to 1. That the sample is finite is taken into account
    by one nuisance factor a bin, for the sum of the templates. Bins in which no counts are expected add nothing.

    Parameters
    ----------
    n
        Counts, one dimension for each observable, or with a last axis of 2: sums of weights and of squared weights. Or
        a histogram object (hist, boost-histogram, uproot); one that stores sums of squared weights is weighted. Weights
        are treated as in `ExtendedBinnedNLL`.
    xe
        Bin edges, (n + 1,), or a sequence of these for several dimensions, or axes of a histogram object. None: the
        axes of `n`.
    model_or_template
        Collection of templates and models in any order. A template has the form of `n`. A model is a function
        ``scaled_cdf(edges, *parameters)`` as in `ExtendedBinnedNLL`, without uncertainty of its own.
    name
        Names of all parameters. Default: ``x0``, ``x1``... for yields of templates, with limits (0, inf), and
        ``x2_mu`` for the parameter mu of a model in third place.
    verbose
        1: print arguments and result of every call with concrete numbers. Default 0.
    method
        "da" (default): `template_chi2_da`. "jsc": `template_chi2_jsc`. "asy": `template_nll_asy`, whose errordef is
        0.5. "hpd" is a deprecated name of "da".
    mask
        None, booleans (True: use), or indices of what to use, along the first dimension of n. A leaf: other values do
        not compile again.

    Raises
    ------
    TypeError
        Data that are not real numbers.
    ValueError
        Shapes or names that do not fit, nothing to fit with, unknown method. On evaluation: model
        output of the wrong shape.
    """

    n: Bins
    xe: Edges
    mask: Mask
    components: tuple[Array | Callable, ...]  # histograms as they were given, and models
    errordef: Scalar
    signature: Signature = eqx.field(static=True)
    verbose: int = eqx.field(static=True)
    sizes: tuple[int, ...] = eqx.field(static=True)  # how many parameters each of them has
    method: str = eqx.field(static=True)

    def __init__(
        self,
        n: Any,
        xe: Any,
        model_or_template: Collection[Any],
        *,
        name: Sequence[str] | None = None,
        verbose: int = 0,
        method: str = "da",
        mask: Any = None,
    ):
        self.method = _known(method)
        if not len(model_or_template):
            raise ValueError("at least one template or model is required")
        named = [_signature_of(i, item) for i, item in enumerate(model_or_template)]
        signature = _renamed(tuple(pair for pairs in named for pair in pairs), name)
        errordef = NEGATIVE_LOG_LIKELIHOOD if self.method == "asy" else CHISQUARE
        self._set_histogram(n, xe, mask, signature, verbose, errordef)
        self.components = tuple(_component(i, item, self.shape) for i, item in enumerate(model_or_template))
        self.sizes = tuple(len(pairs) for pairs in named)

    def traced_value(self, args: tuple) -> Scalar:
        """The method's likelihood of the counts at the expected contents and their variances."""
        return self.reduce((self._outputs(args, host=False), self._yields(args)))

    def host_value(self, args: tuple) -> Scalar:
        """The same with the models called with NumPy arrays."""
        return calls.reduce(self, (self._outputs(args, host=True), self._yields(args)))

    def reduce(self, parts: tuple) -> Scalar:
        """The value from the outputs of the models and the yields of the templates."""
        mu, variance = self._expected(*parts)
        n, scale = self._counts, self._scale
        mu, variance = self._masked(mu), self._masked(variance)
        if scale is not None:
            n, mu, variance = n * scale, mu * scale, variance * scale**2
        return METHODS[self.method](n, mu, variance)

    def traced_prediction(self, args: tuple) -> tuple:
        """Expected counts, and their standard deviations from the finite templates."""
        mu, variance = self._expected(self._outputs(args, host=False), self._yields(args))
        positive = variance > 0
        return mu, jnp.where(positive, jnp.sqrt(jnp.where(positive, variance, 1.0)), 0.0)

    def host_prediction(self, args: tuple) -> tuple:
        """The same with the models called with NumPy arrays."""
        mu, variance = self._expected(self._outputs(args, host=True), self._yields(args))
        return mu, jnp.sqrt(variance)

    def pulls(self, args: Any):
        """(n - prediction) / standard deviation of both together; NaN in masked bins and where n has no error."""
        n, error = self.counts_and_errors()
        mu, own = self.prediction(args)
        return calls.settled((n - mu) / jnp.sqrt(error**2 + own**2))

    def _split(self, args: tuple):
        """Pairs of a component and its arguments."""
        at = 0
        for component, size in zip(self.components, self.sizes, strict=True):
            yield component, args[at : at + size]
            at += size

    def _yields(self, args: tuple) -> tuple:
        return tuple(own[0] for component, own in self._split(args) if not callable(component))

    def _outputs(self, args: tuple, host: bool) -> tuple:
        """The checked outputs of all models at the edges."""
        points, size = model_grid(self.xe, ""), number_of_points(self.shape, "")
        found = (call(c, points, own, host) for c, own in self._split(args) if callable(c))
        return tuple(shaped(output, "model", (size,)) for output in found)

    def _expected(self, outputs: tuple, yields: tuple):
        """Contents of all bins, and their variances from the finite templates."""
        mu = variance = jnp.zeros(self.shape)
        for output in outputs:
            mu = mu + bin_contents(output, self.xe, "")
        templates = [jnp.asarray(component) for component in self.components if not callable(component)]
        for amount, template in zip(yields, templates, strict=True):
            value, spread = (template[..., 0], template[..., 1]) if template.ndim > self.ndim else (template, template)
            factor = amount / jnp.sum(value)
            mu, variance = mu + factor * value, variance + factor**2 * spread
        return mu, variance

    def recipe(self) -> dict[str, Any]:
        """Keyword arguments that make this cost again."""
        return {
            "n": self.n,
            "xe": self.xe,
            "model_or_template": tuple(plain(c) if callable(c) else c for c in self.components),
            "name": tuple(name for name, _ in self.signature),
            "verbose": self.verbose,
            "method": self.method,
            "mask": self.mask,
        }


def _known(method: str) -> str:
    """The method's present name; ValueError if there is none."""
    if method in DEPRECATED:
        new = DEPRECATED[method]
        warnings.warn(f"method {method!r} is deprecated, please use {new!r}", FutureWarning, stacklevel=3)
        return new
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not understood, it must be one of {', '.join(METHODS)}")
    return method


def _signature_of(i: int, item: Any) -> Signature:
    """Names and limits of the parameters of component i."""
    if _is_model(item):
        return tuple((f"x{i}_{name}", limits) for name, limits in model_signature(item))
    return ((f"x{i}", (0.0, float("inf"))),)


def _renamed(signature: Signature, name: Sequence[str] | None) -> Signature:
    if name is None:
        return signature
    name = tuple(str(item) for item in name)
    if len(name) != len(signature):
        raise ValueError(f"name has {len(name)} entries, but there are {len(signature)} yields and model parameters")
    if len(set(name)) != len(name):
        raise ValueError(f"parameter names must differ, but they are {list(name)}")
    return tuple((new, limits) for new, (_, limits) in zip(name, signature, strict=True))


def _component(i: int, item: Any, shape: tuple[int, ...]) -> Any:
    """A model as a callable of the pytree, or a template as a float array; ValueError if its shape is not that of n."""
    if _is_model(item):
        return as_callable(item, f"model {i}")
    template = as_floats(uhi.contents(item, f"template {i}"), f"template {i}")
    if template.shape not in (shape, (*shape, 2)):
        raise ValueError(f"shapes of n and templates do not match: template {i} has {template.shape}, but n {shape}")
    return template


def _is_model(item: Any) -> bool:
    return callable(item) and not uhi.is_histogram(item)
