"""W3: one unbinned fit of four parameters to 1e3 .. 1e7 events (signal fraction, peak, exponential on [0, 1])."""

import jax
import jax.numpy as jnp

import jaxminuit as jm
from benchmarks import mixture
from benchmarks.frame import Case, compare, paired
from benchmarks.fresh import cold_and_cached
from benchmarks.peers import distance, iminuit_fit

TITLE = "large samples, one fit of 4 parameters"
SIZES, QUICK_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000), (1_000, 10_000)


def run(quick: bool) -> list[Case]:
    """All sizes; the largest only where there is an accelerator (on a CPU it takes minutes)."""
    on_cpu = jax.default_backend() == "cpu"
    sizes = SIZES[:4] if on_cpu else SIZES
    sizes = QUICK_SIZES if quick else sizes
    return [_case(n, repeats=3 if quick or n >= 1_000_000 else 7) for n in sizes]


def _case(events: int, repeats: int) -> Case:
    x = mixture.sample(events)
    fcn, start = mixture.our_problem(jax.block_until_ready(jnp.asarray(x)))

    def ours():
        return jax.block_until_ready(jm.migrad(fcn, start))

    def peer(nll):
        return iminuit_fit(nll, mixture.START, mixture.NAMES, mixture.LIMITS, 0.5)

    candidates = {
        "jaxminuit": ours,
        "iminuit + numba": peer(mixture.numba_nll(x, parallel=False)),
        "iminuit + numba parallel": peer(mixture.numba_nll(x, parallel=True)),
        "iminuit + NumPy": peer(mixture.numpy_nll(x)),
    }
    case = compare(f"{events:.0e} events", candidates, repeats)
    case.figures |= _quality(ours(), candidates, case) | _bare(fcn, start, case, ours()) | _new_process(events)
    return case


def _quality(minimum, candidates, case):
    """Validity, calls, and the distance from the first iminuit that ran."""
    figures = {"valid": bool(minimum.valid), "calls": int(minimum.nfcn)}
    for entry in case.entries[1:]:
        if entry.skipped is None:
            m = candidates[entry.name]()
            entry.figures |= {"valid": bool(m.valid), "calls": int(m.nfcn)}
            figures.setdefault("distance / sigma", distance(minimum, m))
    return figures


def _bare(fcn, start, case, minimum):
    """Time of one value and gradient, and of the fit in units of (calls x that time)."""
    bare = jax.jit(jax.value_and_grad(lambda p, f: f.evaluate(p)))
    run = {"bare": lambda: jax.block_until_ready(bare(start.values, fcn))}
    seconds = paired(run, 7)["bare"].median
    return {"time / (calls x bare)": case.entries[0].median / (int(minimum.nfcn) * seconds)}


def _new_process(events):
    cold, cached = cold_and_cached("w3_fit", events)
    figures = {"first fit cold / s": cold["first_s"], "first fit cached / s": cached["first_s"]}
    if cold["device_peak_mib"] is not None:
        return figures | {"device peak / MiB": cold["device_peak_mib"], "data / MiB": cold["data_mib"]}
    return figures | {"peak growth / MiB": cold["peak_mib"] - cold["peak_before_mib"], "data / MiB": cold["data_mib"]}
