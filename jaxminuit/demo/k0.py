"""Leptonic K0 decays: a test of the Delta S = Delta Q rule, fitted to the decay times of 249 events.

K0 -> pi l nu decays, counted in 30 bins of proper time, apart for positive and negative leptons. Interference of the
short- and the long-lived kaon gives the two rates, with x the ratio of the amplitude that breaks the rule to the one
that obeys it, gS and gL the decay rates, g their mean, dm the mass difference:

    N+-(t) ~ |1 - x|^2 exp(-gL t) + |1 + x|^2 exp(-gS t) - 4 Im x sin(dm t) exp(-g t)
             +- 2 (1 - |x|^2) cos(dm t) exp(-g t)

Each rate is normalised to the number of events seen; chi-square is taken over bins merged until they hold at least
four events. Model, counts and constants: Minuit manual (CERN Program Library D506), chapter 6.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxminuit.problem.fcn import FCN
from jaxminuit.problem.parameters import Parameters

NAMES = ("Re(X)", "Im(X)", "Delta M", "T Kshort", "T Klong")
TIMES = 0.1 * np.arange(1, 31)
POSITIVE = np.array(
    [11, 9, 13, 13, 17, 9, 1, 7, 8, 9, 6, 4, 6, 3, 7, 4, 7, 3, 8, 4, 6, 5, 7, 2, 7, 1, 4, 1, 4, 5], dtype=float
)
NEGATIVE = np.array(
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 1, 4, 4, 2, 4, 2, 2, 0, 2, 3, 7, 2, 3, 6, 2, 4, 1, 5], dtype=float
)


class Kaon(NamedTuple):
    """The parameters: x, the mass difference (inverse of the time unit), and the two lifetimes."""

    re_x: float
    im_x: float
    delta_m: float
    tau_short: float
    tau_long: float


START = Kaon(0.0, 0.0, 0.535, 0.892, 518.3)
STEPS = Kaon(0.1, 0.1, 0.01, 0.1, 10.0)


class Counts(NamedTuple):
    """One distribution: (n,) events in every bin, and the (m, n) matrix of 0 and 1 that merges n bins into m."""

    events: np.ndarray
    merge: np.ndarray


class Decays(NamedTuple):
    """The data of the fit: (n,) times, and the counts with positive and with negative leptons."""

    times: np.ndarray
    positive: Counts
    negative: Counts


def merging(events: np.ndarray, least: float = 4.0) -> np.ndarray:
    """The matrix that sums neighbouring bins until each sum is at least `least`; bins left over at the end drop out.

    Which bins belong together depends on the counts only, so the chi-square stays a smooth function of the parameters.
    """
    rows, row, total = [], np.zeros(len(events)), 0.0
    for i, count in enumerate(events):
        row[i] = 1.0
        total += count
        if total >= least:
            rows.append(row)
            row, total = np.zeros(len(events)), 0.0
    return np.array(rows).reshape(-1, len(events))


def decays(positive: np.ndarray = POSITIVE, negative: np.ndarray = NEGATIVE) -> Decays:
    """The data of the manual, or other counts in the same 30 bins."""
    return Decays(TIMES, Counts(positive, merging(positive)), Counts(negative, merging(negative)))


def rates(p: Kaon, times):
    """Unnormalised rates of decays with positive and with negative leptons at `times`."""
    gamma_short, gamma_long = 1.0 / p.tau_short, 1.0 / p.tau_long
    size = p.re_x**2 + p.im_x**2
    mixed = jnp.exp(-0.5 * (gamma_short + gamma_long) * times)
    common = (
        (1.0 - 2.0 * p.re_x + size) * jnp.exp(-gamma_long * times)
        + (1.0 + 2.0 * p.re_x + size) * jnp.exp(-gamma_short * times)
        - 4.0 * p.im_x * jnp.sin(p.delta_m * times) * mixed
    )
    interference = 2.0 * (1.0 - size) * jnp.cos(p.delta_m * times) * mixed
    return common + interference, common - interference


def expected(p: Kaon, data: Decays):
    """Expected events in every bin, each distribution normalised to the events seen in it."""
    plus, minus = rates(p, data.times)
    return (
        plus * jnp.sum(data.positive.events) / jnp.sum(plus),
        minus * jnp.sum(data.negative.events) / jnp.sum(minus),
    )


def chi_square(p: Kaon, data: Decays):
    """Sum over merged bins of (seen - expected)^2 / seen, both distributions."""
    return sum(
        jnp.sum((counts.merge @ (counts.events - theory)) ** 2 / (counts.merge @ counts.events))
        for theory, counts in zip(expected(p, data), data[1:], strict=True)
    )


def fcn(data: Decays | None = None) -> FCN:
    """The chi-square as an FCN (UP = 1) of `data`, by default those of the manual."""
    return FCN(chi_square, data=decays() if data is None else data)


def start(delta_m_fixed: bool = True) -> Parameters:
    """Start values and steps of the manual; the lifetimes are constants."""
    fixed = ["T Kshort", "T Klong"] + (["Delta M"] if delta_m_fixed else [])
    return Parameters(START, step=np.array(STEPS), fixed=fixed, names=NAMES)
