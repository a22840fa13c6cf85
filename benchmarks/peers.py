"""Fits by iminuit, as candidates of a comparison."""

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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
