"""Fits by iminuit and SciPy, as candidates of a comparison."""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxminuit import ResidualFCN

MISSING = "iminuit is not installed"


def iminuit_fit(fcn: Callable | str, start: Sequence[float], names, limits, errordef: float) -> Callable[[], Any] | str:
    """A function that makes one Migrad fit (a new Minuit object) and returns it; a sentence if a package is missing."""
    if isinstance(fcn, str):
        return fcn
    if importlib.util.find_spec("iminuit") is None:
        return MISSING
    import iminuit

    def fit():
        m = iminuit.Minuit(fcn, *start, name=names)
        m.errordef = errordef
        m.limits = list(limits)
        return m.migrad()

    return fit


def distance(ours, peer) -> float:
    """Largest difference of two fits of the same data, in units of the peer's errors."""
    return float(np.max(np.abs(np.asarray(ours.values) - np.asarray(peer.values)) / np.asarray(peer.errors)))


@dataclass(frozen=True)
class Outcome:
    """What a solver made of one fit: all parameters (fixed ones too), the FCN there, and its own opinion of it.

    `calls` of the FCN, with or without gradient; `hessians` (or Jacobians) besides.
    """

    values: np.ndarray
    fval: float
    valid: bool
    status: str
    calls: int
    hessians: int = 0
    errors: np.ndarray | None = None


class OnHost:
    """A problem of ours as functions of its free parameters alone, compiled once for all data of one FCN."""

    def __init__(self, fcn, start):
        self.fcn, self.whole = fcn, np.array(start.values)
        self.free = np.flatnonzero(~np.asarray(start.fixed))
        self.start = self.whole[self.free]
        self.limits = list(zip(np.asarray(start.lower)[self.free], np.asarray(start.upper)[self.free], strict=True))

    def all(self, x) -> np.ndarray:
        """All parameters."""
        whole = self.whole.copy()
        whole[self.free] = x
        return whole

    def value(self, x) -> float:
        """The FCN."""
        return float(_value(self.fcn, self.all(x)))

    def gradient(self, x) -> np.ndarray:
        """Its gradient, by autodiff."""
        return np.asarray(_value_and_gradient(self.fcn, self.all(x))[1])[self.free]

    def value_and_gradient(self, x) -> tuple[float, np.ndarray]:
        """Both."""
        value, gradient = _value_and_gradient(self.fcn, self.all(x))
        return float(value), np.asarray(gradient)[self.free]

    def residuals(self, x) -> np.ndarray:
        """The residuals of a ResidualFCN."""
        return np.asarray(_residuals(self.fcn, self.all(x))).ravel()


@jax.jit
def _value(fcn, x):
    return fcn.evaluate(x)


@jax.jit
def _value_and_gradient(fcn, x):
    return jax.value_and_grad(lambda x: fcn.evaluate(x))(x)


@jax.jit
def _residuals(fcn, x):
    return fcn.output(x)


def iminuit_outcome(fcn, start, strategy: int, gradient: bool, max_calls: int | None = None) -> Outcome | str:
    """Migrad by iminuit with its defaults (which try again where it fails); a sentence if it is missing."""
    if importlib.util.find_spec("iminuit") is None:
        return MISSING
    import iminuit

    problem = OnHost(fcn, start)
    m = iminuit.Minuit(problem.value, problem.start, grad=problem.gradient if gradient else None)
    m.errordef, m.strategy = float(fcn.errordef), strategy
    m.limits = problem.limits
    with np.errstate(all="ignore"):
        m.migrad(ncall=max_calls)
    reasons = {
        "call limit": m.fmin.has_reached_call_limit,
        "above max edm": m.fmin.is_above_max_edm,
        "not positive definite": not m.fmin.has_posdef_covar,
    }
    status = "valid" if m.valid else next((reason for reason, true in reasons.items() if true), "invalid")
    return Outcome(problem.all(np.array(m.values)), float(m.fval), bool(m.valid), status, m.nfcn)


def bfgs_outcome(fcn, start) -> Outcome | str:
    """SciPy's BFGS with its defaults and gradients by autodiff; a sentence where it does not apply."""
    problem = OnHost(fcn, start)
    if np.any(np.isfinite(problem.limits)):
        return "no limits"
    from scipy.optimize import minimize

    with np.errstate(all="ignore"):
        r = minimize(problem.value_and_gradient, problem.start, jac=True, method="BFGS")
    return Outcome(problem.all(r.x), float(r.fun), bool(r.success), r.message, int(r.nfev))


def minpack_outcome(fcn, start) -> Outcome | str:
    """MINPACK with its own differences, xtol and ftol 1e-12, 1e5 calls; a sentence where it does not apply."""
    problem = OnHost(fcn, start)
    if not isinstance(fcn, ResidualFCN) or np.any(np.isfinite(problem.limits)):
        return "sums of squares without limits only"
    from scipy.optimize import leastsq

    with np.errstate(all="ignore"):
        x, _, more, message, code = leastsq(
            problem.residuals, problem.start, xtol=1e-12, ftol=1e-12, maxfev=100_000, full_output=True
        )  # fmt: skip
    value = float(np.sum(more["fvec"] ** 2))
    return Outcome(problem.all(x), value, code in (1, 2, 3, 4), " ".join(message.split()), int(more["nfev"]))
