"""Distributions of the test statistics for large samples (Cowan et al., arXiv:1007.1727, section 3)."""

from typing import Any

import numpy as np
from scipy.special import ndtr

from jaxminuit.fit.checks import finite_number

KINDS = ("tmu", "ttilde", "q0", "qmu", "qtilde")
BOUNDED = ("ttilde", "qtilde")


def checked_kind(kind: Any) -> str:
    """One of KINDS; ValueError else."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {KINDS}, not {kind!r}")
    return kind


def asymptotic_p_value(q: Any, kind: str, mu: float = 0.0, true: float | None = None, sigma: float = 1.0) -> np.ndarray:
    """Probability of a test statistic of at least q, if muhat is Gaussian around the true value.

    With muhat ~ N(true, sigma^2) every statistic is a function of muhat alone, so that its distribution is an integral
    of the Gaussian (arXiv:1007.1727, section 3). The one-sided statistics are 0 with a finite
    probability, and at least 0 always: at q = 0 the result is 1.

    Parameters
    ----------
    q
        Any shape; not negative, NaN passes.
    kind
        As in `likelihood_ratio`.
    mu
        Tested value; for "q0" it is 0.
    true
        Value for which the distribution is wanted. Default: the tested one.
    sigma
        Standard deviation of muhat: its parabolic error, or mu / sqrt(q) for the Asimov data of the hypothesis 0. It
        does not matter for "tmu", "qmu" and "q0" if `true` is the tested value.

    Returns
    -------
    numpy.ndarray
        Of the shape of q.

    Raises
    ------
    ValueError
        Unknown kind, sigma not positive, mu that is not a finite number, or negative for "ttilde" and "qtilde".
    """
    mu = 0.0 if checked_kind(kind) == "q0" else mu
    true = mu if true is None else true
    for name, value in (("mu", mu), ("true", true), ("sigma", sigma)):
        finite_number(name, value)
    if sigma <= 0:
        raise ValueError(f"sigma must be positive, not {sigma!r}")
    if kind in BOUNDED and mu < 0:
        raise ValueError(f"{kind} tests values from 0, not {mu!r}")
    q = np.asarray(q, float)
    if np.any(q < 0):
        raise ValueError(f"q must not be negative, but it is {np.min(q):g}")
    low, high = _muhat_range(q, kind, float(mu), float(sigma))
    above = ndtr((float(true) - high) / sigma)
    below = ndtr((low - float(true)) / sigma)
    p = {"q0": above, "qmu": below, "qtilde": below}.get(kind, above + below)
    return np.where(q == 0, 1.0, p)


def _muhat_range(q: np.ndarray, kind: str, mu: float, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Between which values of muhat the statistic t stays below q."""
    reach = sigma * np.sqrt(q)
    low, high = mu - reach, mu + reach
    if kind in BOUNDED and mu > 0:
        # below 0 the best value is 0, and t = (mu^2 - 2 mu muhat) / sigma^2
        low = np.where(reach <= mu, low, (mu**2 - reach**2) / (2.0 * mu))
    elif kind in BOUNDED:
        low = np.full_like(low, -np.inf)
    return low, high
