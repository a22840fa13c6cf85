"""Tests of a hypothesis by toys of a likelihood ratio: p-values, CLs, and the asymptotic ones beside them."""

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from jaxminuit.batch.arguments import checked_options, vector_of, with_data
from jaxminuit.batch.asymptotic import BOUNDED, asymptotic_p_value
from jaxminuit.batch.likelihood_ratio import (
    LikelihoodRatio,
    as_kind,
    likelihood_ratio,
    tested,
    tested_values,
)
from jaxminuit.batch.ratios_of_toys import ratios_of_toys
from jaxminuit.batch.recipe import recipe_of
from jaxminuit.batch.tables import ShownTable
from jaxminuit.fit.checks import as_key, finite_number, whole
from jaxminuit.fit.single import hesse
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.plot.statistics import draw_statistic
from jaxminuit.problem.fcn import AbstractFCN, AbstractFunctionFCN, as_data
from jaxminuit.problem.parameters import Parameters


class Probability(NamedTuple):
    """A share of toys with its binomial error.

    Attributes
    ----------
    value, error
        k / n of the toys that have a value, and half the width of Wilson's interval of one standard deviation, which
        is not 0 for k = 0 or k = n.
    low, high
        The share if all failed toys are counted as below, and as above. If all failed, value and error are NaN.
    """

    value: float
    error: float
    low: float
    high: float


class HypothesisTest(ShownTable):
    """Toys of a test statistic under the tested hypothesis and under another one, and what they say of the data.

    Attributes
    ----------
    observed
        The statistic of the data, one row.
    null, alternative
        Its values in toys of the tested hypothesis and of the other one.
    truths
        (2, n) Parameters from which these were generated.
    tested
        (2,) Values of the parameter of interest: tested, and of the other hypothesis.
    sigma
        Standard deviation of the parameter of interest that the asymptotic formulae use.
    """

    observed: LikelihoodRatio
    null: LikelihoodRatio
    alternative: LikelihoodRatio
    truths: np.ndarray
    tested: np.ndarray
    sigma: float

    @property
    def q(self) -> float:
        """The statistic of the data."""
        return float(self.observed.q[0])

    @property
    def p_null(self) -> Probability:
        """P(q >= observed) under the tested hypothesis: p0 for "q0", CL(s+b) for the others."""
        return tail(self.null, self.q, float(self.observed.tolerance[0]))

    @property
    def p_alternative(self) -> Probability:
        """P(q >= observed) under the other hypothesis: CL(b), but for "q0"."""
        return tail(self.alternative, self.q, float(self.observed.tolerance[0]))

    @property
    def cls(self) -> Probability:
        """CLs = p_null / p_alternative with the error of the ratio; the bounds are those of both."""
        if self.observed.kind == "q0":
            raise ValueError("CLs belongs to tests of a signal, not to q0, which tests its absence")
        return _ratio(self.p_null, self.p_alternative)

    def expected(self, sigmas: Sequence[float] = (-2, -1, 0, 1, 2)) -> np.ndarray:
        """What would be found if the other hypothesis were true: CLs (for "q0" the p-value) at so many deviations.

        The medians and quantiles of the toys of the other hypothesis, each taken for the data. A positive deviation is
        a result that looks more like the tested hypothesis.
        """
        valid = self.alternative.rows(self.alternative.valid)
        if len(valid) == 0:
            return np.full(len(sigmas), np.nan)
        order = np.argsort(valid.q)
        found = []
        for sigma in sigmas:
            share = float(ndtr(-finite_number("sigmas", sigma)))
            place = order[min(int(share * len(order)), len(order) - 1)]
            q, tolerance = float(valid.q[place]), float(valid.tolerance[place])
            null = tail(self.null, q, tolerance)
            found.append(null if valid.kind == "q0" else _ratio(null, tail(self.alternative, q, tolerance)))
        return np.array([p.value for p in found])

    def asymptotic(self) -> dict[str, float]:
        """The same numbers from the formulae for large samples: p_null, p_alternative, and cls unless "q0"."""
        mu, other, kind = *map(float, self.tested), self.observed.kind
        if not np.isfinite(self.sigma):
            return dict.fromkeys(("p_null", "p_alternative", "cls"), np.nan)
        null, alternative = (float(asymptotic_p_value(self.q, kind, mu, true, self.sigma)) for true in (mu, other))
        found = {"p_null": null, "p_alternative": alternative}
        return found if kind == "q0" else found | {"cls": null / alternative if alternative > 0 else np.nan}

    def draw(self, ax: Any = None) -> Any:
        """Histograms of the statistic under both hypotheses, and a line at the data; returns the matplotlib Axes."""
        mu, other = self.tested
        pairs = ((self.null, mu), (self.alternative, other))
        toys = {f"{o.poi} = {m:g}": o.q[o.valid] for o, m in pairs}
        return draw_statistic(toys, self.q, name=self.observed.kind, ax=ax)

    def _remarks(self) -> list[str]:
        return [
            f"{toys.failed} of {len(toys)} toys of {toys.poi} = {mu:g} failed and are left out"
            for toys, mu in zip((self.null, self.alternative), self.tested, strict=True)
            if toys.failed > 0
        ]

    def _title(self) -> str:
        mu, other = self.tested
        o = self.observed
        return f"{o.poi} = {mu:g} against {other:g}: {o.kind} = {self.q:.4g}, {o.poi} at the minimum {o.muhat[0]:.4g}"

    def _table(self) -> list[Sequence[str]]:
        limit = self.asymptotic()
        found = {"p_null": self.p_null, "p_alternative": self.p_alternative}
        found |= {} if self.observed.kind == "q0" else {"cls": self.cls}
        rows = [
            (name, *(f"{x:.4g}" for x in (p.value, p.error, p.low, p.high, limit[name]))) for name, p in found.items()
        ]
        return [("", "toys", "error", "low", "high", "asymptotic"), *rows]


def hypotest(
    generate: Callable,
    fcn: AbstractFCN,
    start: Parameters | FunctionMinimum,
    poi: str | int,
    mu: float = 1.0,
    *,
    n: int = 1000,
    key: Any,
    kind: str = "qtilde",
    truths: Any = None,
    asimov: Any = None,
    store: str | os.PathLike | None = None,
    **options: Any,
) -> HypothesisTest:
    """Test a value of one parameter with toys, for limits (CLs) or for a discovery.

    "qtilde", "qmu", "tmu", "ttilde": the tested hypothesis is `mu`, the other one 0. "q0": the tested one is 0, the
    other one `mu`. Unless `truths` are given, the toys of each come from the parameters that fit the data best with the
    parameter of interest fixed to its value (the profiled nuisance parameters).

    Parameters
    ----------
    generate
        ``generate(key, params)`` -> data, in JAX: one toy from a key and parameters in the user's structure, with the
        structure and shapes of the FCN's data; for a cost another cost of the same model. Measurements of nuisance
        parameters are data too, and are to be drawn again.
    fcn
        FCN or cost with the observed data.
    start, poi, kind, options
        As in `likelihood_ratio`.
    n
        Toys of each hypothesis.
    key
        Whole number or JAX key.
    truths
        Two sets of parameters in the user's structure, from which the toys of the tested and of the other hypothesis
        are generated, instead of profiled ones.
    asimov
        Data (a cost for a cost) without fluctuations for the other hypothesis, for the asymptotic formulae: their sigma
        is then abs(mu) / sqrt(t), t the statistic of these data. Default: the parabolic error from the Hessian of the
        observed data, at the best fit with the parameter of interest fixed to the other hypothesis.
    store
        Directory that keeps what is done with the toys, chunk by chunk, as in `toys`: killed and started again with the
        same arguments (n may be larger) the test goes on. Default: results are kept in memory only.

    Returns
    -------
    HypothesisTest
        Toys whose fits failed are counted, and left out.

    Raises
    ------
    TypeError, ValueError
        As `likelihood_ratio`; a generator that does not fit the FCN; less than one toy; mu = 0; data whose fits fail.
    """
    options, n, key = checked_options(options), whole("n", n), as_key(key)
    start, index = tested(start, poi, kind)
    mu = finite_number("mu", mu)
    if mu == 0:
        raise ValueError("mu must differ from 0, which is the value of the other hypothesis")
    values = np.array([0.0, mu] if kind == "q0" else [mu, 0.0])
    two_sided = "ttilde" if kind in BOUNDED else "tmu"
    tested_values(start, index, values, two_sided)
    toys = recipe_of(generate, fcn, start, key, np.asarray(start.values)[None])
    given = None if truths is None else np.stack([vector_of(start, tree) for tree in truths])
    if given is not None and len(given) != 2:
        raise ValueError(f"truths must be two sets of parameters, not {len(given)}")
    quiet = options | {"progress": False}
    fitted = likelihood_ratio(fcn, start, poi, values, kind=two_sided, in_axes=None, **quiet)
    observed = as_kind(fitted.rows(slice(1)), kind)
    if not np.all(fitted.valid):
        raise ValueError(f"the fits to the data failed: {fitted}")
    truths = fitted.conditional_values if given is None else given
    if asimov is None:
        sigma = _sigma(fcn, start, index, fitted.conditional_values[1], options)
    else:
        expected = with_data(fcn, as_data(asimov) if isinstance(fcn, AbstractFunctionFCN) else asimov)
        t = likelihood_ratio(expected, start, poi, values, kind=two_sided, in_axes=None, **quiet).q[0]
        sigma = abs(mu) / float(np.sqrt(t)) if t > 0 else float("nan")
    tests = np.full(2, values[0])
    truths, (null, alternative) = ratios_of_toys(toys, key, truths, n, start, poi, tests, kind, store, options)
    return HypothesisTest(observed, null, alternative, truths, values, sigma)


def _sigma(fcn, start: Parameters, index: int, values: np.ndarray, options: dict) -> float:
    """Parabolic error of the parameter of interest at a point, as if it had no limits; NaN if there is none."""
    limits = {"lower": start.lower.at[index].set(-np.inf), "upper": start.upper.at[index].set(np.inf)}
    shared = {name: options[name] for name in ("gradient", "precision") if name in options}
    error = hesse(fcn, start.replace(values=values, **limits), **shared).errors[index]
    return float(error) if error > 0 else float("nan")


def tail(toys: LikelihoodRatio, q: float, tolerance: float) -> Probability:
    """Share of the toys whose statistic is not below q; those equal but for the accuracy of fits count."""
    n = len(toys) - toys.failed
    if n == 0:
        return Probability(float("nan"), float("nan"), 0.0, 1.0)
    k = int(np.sum(toys.q[toys.valid] >= q - tolerance))
    p = k / n
    error = float(np.sqrt(p * (1.0 - p) / n + 0.25 / n**2)) / (1.0 + 1.0 / n)
    return Probability(p, error, k / len(toys), (k + toys.failed) / len(toys))


def _ratio(null: Probability, alternative: Probability) -> Probability:
    def over(x, y):
        return x / y if y > 0 else np.nan

    value = over(null.value, alternative.value)
    relative = np.hypot(over(null.error, null.value), over(alternative.error, alternative.value))
    error = value * relative if null.value > 0 else over(null.error, alternative.value)
    return Probability(value, float(error), over(null.low, alternative.high), over(null.high, alternative.low))
