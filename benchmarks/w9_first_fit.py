"""W9: the first fit of a script (import, compile), and warm single fits of 2 parameters to 10, 1e3, 1e5 events."""

import jax
import jax.numpy as jnp

import jaxminuit as jm
from benchmarks import gauss
from benchmarks.frame import Case, Entry, compare
from benchmarks.fresh import cold_and_cached, run_child
from benchmarks.peers import distance, iminuit_fit

TITLE = "first fit of a script, and warm single fits of 2 parameters"
SIZES, QUICK_SIZES = (10, 1_000, 100_000), (10, 1_000)


def run(quick: bool) -> list[Case]:
    """Rows of warm fits, then rows of new processes."""
    warm = [_warm(n, repeats=5 if quick else 31) for n in (QUICK_SIZES if quick else SIZES)]
    return warm + _new_processes(repeats=1 if quick else 3)


def _warm(events: int, repeats: int) -> Case:
    x = gauss.sample(events)
    fcn, start = gauss.our_problem(jax.block_until_ready(jnp.asarray(x)))

    def ours():
        return jax.block_until_ready(jm.migrad(fcn, start))

    def peer(nll):
        return iminuit_fit(nll, gauss.START, gauss.NAMES, gauss.LIMITS, 0.5)

    candidates = {
        "jaxminuit": ours,
        "iminuit + numba": peer(gauss.numba_nll(x)),
        "iminuit + NumPy": peer(gauss.numpy_nll(x)),
    }
    case = compare(f"warm fit, {events} events", candidates, repeats, warm_up=3)
    minimum = ours()
    case.figures |= {"valid": bool(minimum.valid), "calls": int(minimum.nfcn)}
    peers = [run for run in list(candidates.values())[1:] if callable(run)]
    if peers:
        case.figures["distance / sigma"] = distance(minimum, peers[0]())
    return case


def _new_processes(repeats: int, events: int = 1_000) -> list[Case]:
    """Import, first fit with nothing compiled, first fit with the cache on disk, the fit after it."""
    pairs, peers = [], []
    for _ in range(repeats):
        pairs.append(cold_and_cached("w9_jaxminuit", events))
        peers.append(_peer(events))
    rows = {
        "import": ([cold["import_s"] for cold, _ in pairs], "import_s"),
        "first fit, nothing compiled": ([cold["first_s"] for cold, _ in pairs], "first_s"),
        "first fit, compiled on disk": ([cached["first_s"] for _, cached in pairs], "first_s"),
        "second fit of the same": ([cached["second_s"] for _, cached in pairs], "second_s"),
    }
    return [Case(label, [Entry("jaxminuit", ours), *_columns(peers, key)]) for label, (ours, key) in rows.items()]


def _columns(peers, key):
    """Cells of the two peers' columns: only iminuit with NumPy runs in a process of its own."""
    numba = Entry("iminuit + numba", skipped="in the rows of new processes only NumPy is measured")
    if isinstance(peers[0], str):
        return [numba, Entry("iminuit + NumPy", skipped=peers[0])]
    return [numba, Entry("iminuit + NumPy", [figures[key] for figures in peers])]


def _peer(events):
    try:
        return run_child("w9_iminuit", events)
    except RuntimeError as error:
        if "No module named 'iminuit'" in str(error):
            return "iminuit is not installed"
        raise
