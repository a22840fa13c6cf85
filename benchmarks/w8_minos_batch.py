"""W8: Minos intervals of all parameters of many toys, a queue of toy x parameter x side; and contours under vmap."""

import importlib.util
from functools import partial

import jax
import numpy as np

import jaxminuit as jm
from benchmarks import extended, gauss
from benchmarks.frame import Case, compare
from benchmarks.peers import MISSING

TITLE = "Minos errors and contours for many toys"
SIZES, QUICK_SIZES = (1_000,), (16,)
EVENTS, POINTS, PEER_CONTOURS = 200, 40, 8
PEER_TOYS = 20  # the peer, one toy after the other, is timed on the first of them, and its time scaled up


def run(quick: bool) -> list[Case]:
    """Fits with Minos, beside the fits alone; and contours."""
    repeats = 1 if quick else 3
    cases = [_minos(n, repeats) for n in (QUICK_SIZES if quick else SIZES)]
    return [*cases, _contours(4 if quick else 64, repeats)]


def _minos(number: int, repeats: int) -> Case:
    samples = extended.toys(number)
    fcn, start = extended.our_problem(samples)
    x, w = extended.padded(extended.toys(1, seed=1000))
    typical = jm.migrad(jm.FCN(extended.nll, data=(x[0], w[0]), errordef=0.5), start)
    devices = "all" if len(jax.devices()) > 1 else None
    ours = partial(jm.fit_many, fcn, typical, strategy=0, devices=devices)
    peers = min(number, PEER_TOYS)
    peer = extended.iminuit_fits(samples[:peers], 0, lambda m: m.minos() if m.valid else m)
    candidates = {
        "jaxminuit": lambda: jax.block_until_ready(ours(minos=True)),
        "the fits alone": lambda: jax.block_until_ready(ours()),
        "iminuit + numba": peer,
    }
    case = compare(f"{number} extended fits of 5 parameters to 2000 events, all Minos errors", candidates, repeats)
    case.entries[2].seconds = [s * number / peers for s in case.entries[2].seconds]
    fits = ours(minos=True)
    ends = fits.minos_errors
    case.figures |= {
        "toys / s": number / case.entries[0].median,
        "devices": len(jax.devices()) if devices else 1,
        "valid": float(np.mean(fits.valid)),
        "ends valid": float(np.mean(np.stack([ends.lower_status, ends.upper_status]) == jm.SideStatus.VALID)),
        "calls an end, mean": float(np.mean(ends.nfcn)) / 10.0,
    }
    if callable(peer):
        case.figures["ends from iminuit's / sigma, largest"] = _farthest(fits, peer())
    return case


def _contours(number: int, repeats: int) -> Case:
    """Contours of mean and width of samples of 200 events, `POINTS` points each."""
    x = gauss.sample(number * EVENTS).reshape(number, EVENTS)

    def one(x):
        fcn = jm.FCN(gauss.nll, data=x, errordef=0.5)
        minimum = jm.migrad(fcn, gauss.our_problem(x)[1])
        return jm.mncontour(fcn, minimum, 0, 1, size=POINTS)

    ours = jax.jit(jax.vmap(one))
    candidates = {
        "jaxminuit": lambda: jax.block_until_ready(ours(x)),
        "the fits alone": "not for contours",
        "iminuit + numba": _iminuit_contours(x[:PEER_CONTOURS]),
    }
    case = compare(f"{number} contours of {POINTS} points, 2 parameters, {EVENTS} events", candidates, repeats)
    case.entries[2].seconds = [s * number / min(number, PEER_CONTOURS) for s in case.entries[2].seconds]
    case.figures |= {"toys / s": number / case.entries[0].median, "devices": 1}
    return case


def _iminuit_contours(x):
    """Contour after contour; a sentence if something is missing."""
    if isinstance(gauss.numba_nll(x[0]), str):
        return gauss.numba_nll(x[0])
    if importlib.util.find_spec("iminuit") is None:
        return MISSING
    import iminuit

    functions = [gauss.numba_nll(sample) for sample in x]

    def contour(function):
        m = iminuit.Minuit(function, *gauss.START, name=gauss.NAMES)
        m.errordef, m.limits = 0.5, list(gauss.LIMITS)
        m.migrad()
        return m.mncontour(*gauss.NAMES, size=POINTS)

    return lambda: [contour(function) for function in functions]


def _farthest(fits, peers) -> float:
    """Largest difference of the ends of intervals that both call valid, in units of iminuit's errors."""
    far = [0.0]
    for i, m in enumerate(peers):
        for k, name in enumerate(extended.NAMES):
            theirs = m.merrors.get(name)
            if theirs is None or not theirs.is_valid or not bool(fits.minos_errors.valid[i, k]):
                continue
            for ours, end in ((fits.minos_errors.lower, theirs.lower), (fits.minos_errors.upper, theirs.upper)):
                inside = float(fits.values[i, k]) + float(ours[i, k]), m.values[name] + end
                far.append(abs(inside[0] - inside[1]) / m.errors[name])
    return float(max(far))
