"""The HistFactory likelihood: binned expectations that nuisance parameters move, and measurements of these.

K. Cranmer, G. Lewis, L. Moneta, A. Shibata, W. Verkerke, CERN-OPEN-2012-016. Interpolations are those that pyhf has as
defaults: code 4p for shapes, code 4 for normalisations.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int

from jaxminuit.core.safe import safe_log, xlogy
from jaxminuit.core.types import Scalar, Vector
from jaxminuit.cost.count_terms import poisson_terms
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.terms import Terms, joined

Cells = Float[Array, "samples bins"]


class HistFactory(AbstractFCN):
    """-2 ln L of a HistFactory model; an FCN that shows its terms. All arrays are leaves: batches may differ in any.

    Attributes
    ----------
    counts, auxiliary
        (bins,) Observed counts, and (n,) the observed values of the parameters' own measurements: of a Gaussian one the
        value, of a Poisson one the count.
    nominal
        (samples, bins) Expectations before any change.
    shape_index, shape_linear, shape_bent
        (k,) Numbers of the parameters that move shapes, and (k, samples, bins) the halves of the sum and a sixteenth of
        the difference of their effects up and down.
    norm_index, norm_up, norm_down
        (k,) Numbers of the parameters that move normalisations, and (k, samples, bins) the logarithms of their factors.
    factors
        (f, samples, bins) Numbers of the parameters that multiply an expectation; n where there is none.
    width, exposure
        (n,) Standard deviations of Gaussian measurements, infinite for none, and the counts that Poisson measurements
        expect for 1, 0 for none.
    offset
        What does not depend on the parameters.
    """

    errordef: Scalar
    counts: Vector
    auxiliary: Vector
    nominal: Cells
    shape_index: Int[Array, " shapes"]
    shape_linear: Float[Array, "shapes samples bins"]
    shape_bent: Float[Array, "shapes samples bins"]
    norm_index: Int[Array, " norms"]
    norm_up: Float[Array, "norms samples bins"]
    norm_down: Float[Array, "norms samples bins"]
    factors: Int[Array, "factors samples bins"]
    width: Vector
    exposure: Vector
    offset: Scalar

    def expected(self, params: Any) -> Vector:
        """(bins,) Expected counts."""
        return self._rates(_vector(params))

    def evaluate(self, params: Any) -> Scalar:
        """-2 ln L, with all constants."""
        x = _vector(params)
        return self._value(x, self._rates(x))

    def terms(self, params: Any) -> Terms:
        """Poisson terms of the bins and of the measurements, and Gaussian ones."""
        x = _vector(params)
        rates, nothing = self._rates(x), jnp.zeros(())
        counted = self.exposure > 0
        measured = jnp.where(counted, self.exposure * x, 1.0)
        poisson = poisson_terms(jnp.where(counted, self.auxiliary, 1.0), measured, counted, nothing)
        pull = self._pulls(x)
        gauss = Terms(pull, 2.0 * pull, jnp.full_like(pull, 2.0), 4.0 * pull**2, nothing)
        return joined([poisson_terms(self.counts, rates, None, self._value(x, rates)), poisson, gauss])

    def _value(self, x: Vector, rates: Vector) -> Scalar:
        counted = self.exposure > 0
        measured = jnp.where(counted, self.exposure * x, 1.0)
        auxiliary = jnp.where(counted, measured - xlogy(self.auxiliary, measured), 0.0)
        bins = jnp.sum(rates - self.counts * safe_log(rates))
        return 2.0 * (bins + jnp.sum(auxiliary)) + jnp.sum(self._pulls(x) ** 2) + self.offset

    def _pulls(self, x: Vector) -> Vector:
        free = jnp.isinf(self.width)
        return jnp.where(free, 0.0, (x - self.auxiliary) / jnp.where(free, 1.0, self.width))

    def _rates(self, x: Vector) -> Vector:
        a = x[self.shape_index]
        cells = self.nominal
        cells = cells + jnp.tensordot(a, self.shape_linear, 1) + jnp.tensordot(_bent(a), self.shape_bent, 1)
        b = x[self.norm_index][:, None, None]
        cells = cells * jnp.prod(_power(b, self.norm_up, self.norm_down), axis=0)
        one_more = jnp.append(x, 1.0)
        return jnp.sum(cells * jnp.prod(one_more[self.factors], axis=0), axis=0)


def _vector(params: Any) -> Vector:
    return ravel_pytree(params)[0]


def _bent(a):
    """The even part of code 4p: 8 |a| beyond 1, and within a polynomial of sixth order that meets it smoothly."""
    square = a * a
    inside = square <= 1.0
    square = jnp.where(inside, square, 1.0)
    return jnp.where(inside, square * (15.0 + square * (3.0 * square - 10.0)), 8.0 * jnp.abs(a))


def _power(a, up, down):
    """Code 4: e^(a up) above 1, e^(-a down) below -1, and between a polynomial of sixth order.

    The polynomial meets value, first and second derivatives at +-1. With even and odd parts of these,
    E = (f+ + f-)/2, O = (f+ - f-)/2 and likewise for the derivatives, its coefficients solve two 3 x 3 systems.
    """
    beyond = jnp.exp(jnp.maximum(jnp.abs(a), 1.0) * jnp.where(a > 0, up, down))
    plus, minus = jnp.exp(up), jnp.exp(down)
    even, odd = 0.5 * (plus + minus) - 1.0, 0.5 * (plus - minus)
    # first derivatives at +1 and -1: up f+ and -down f-; second: up^2 f+ and down^2 f-
    odd1, even1 = 0.5 * (up * plus - down * minus), 0.5 * (up * plus + down * minus)
    even2, odd2 = 0.5 * (up**2 * plus + down**2 * minus), 0.5 * (up**2 * plus - down**2 * minus)
    c1 = (15.0 * odd - 7.0 * odd1 + odd2) / 8.0
    c3 = (-10.0 * odd + 10.0 * odd1 - 2.0 * odd2) / 8.0
    c5 = (3.0 * odd - 3.0 * odd1 + odd2) / 8.0
    c2 = (24.0 * even - 9.0 * even1 + even2) / 8.0
    c4 = (-24.0 * even + 14.0 * even1 - 2.0 * even2) / 8.0
    c6 = (8.0 * even - 5.0 * even1 + even2) / 8.0
    s = jnp.clip(a, -1.0, 1.0)
    inside = 1.0 + s * (c1 + s * (c2 + s * (c3 + s * (c4 + s * (c5 + s * c6)))))
    return jnp.where(jnp.abs(a) < 1.0, inside, beyond)


def stacked(fcns: list[HistFactory]) -> HistFactory:
    """Models of the same shapes as one with a leading axis of fits."""
    return jax.tree_util.tree_map(lambda *leaves: jnp.stack(leaves), *fcns)
