"""Fits by differences of FCNs that turn out to be less accurate than their floating-point numbers."""

from collections.abc import Callable
from dataclasses import replace

import jax.numpy as jnp

from jaxminuit.core.status import Rung
from jaxminuit.minimise.minimum import FunctionMinimum

NOISY = 1e3  # units of rounding beyond which an FCN is less accurate than Minuit takes it to be
ROUNDS = 4  # each begins with the user's steps, and one that starts far up has steps that are too long for the end


def with_all_calls(best: FunctionMinimum, *attempts: FunctionMinimum) -> FunctionMinimum:
    """The best of several attempts with the calls of all."""
    counts = ("nfcn", "ngrad", "nhessian")
    return replace(best, **{name: sum(getattr(attempt, name) for attempt in attempts) for name in counts})


def told_accuracy(first: FunctionMinimum, migrad: Callable, hesse: Callable) -> FunctionMinimum:
    """The first Migrad; where it met noise, another one that knows how large it is, with difference steps to suit.

    `migrad(start, precision)` and `hesse(minimum, precision)`. Each round goes on from where the last one ended, and is
    judged with second derivatives by steps of the right size: a gradient by steps that are too long can be 0 anywhere.
    """
    relative = float(first.noise) / max(abs(float(first.fval)), float(first.errordef))
    if not NOISY * jnp.finfo(first.fval.dtype).eps < relative < 0.1:
        return first
    last, total = first, [first]
    for _ in range(ROUNDS):
        start = first.parameters.replace(values=last.values)
        found = migrad(start, relative)
        last = hesse(found, relative)
        total.append(last)
        if bool(last.valid):
            break
    last = replace(last, parameters=first.parameters, rung=jnp.int32(Rung.ACCURACY), noise=first.noise)
    better = bool(last.valid) or float(last.fval) < float(first.fval)
    return with_all_calls(last if better else first, *total)
