"""W1: hundreds of thousands of small fits, the data set of Gpufit: a Gaussian spot on 5 x 5 pixels, 5 parameters."""

import importlib.util
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jaxminuit as jm
from benchmarks import w1_pixels as pixels
from benchmarks.frame import Case, compare, paired
from benchmarks.fresh import cold_and_cached
from benchmarks.peers import MISSING

TITLE = "small fits: 5 parameters, 25 pixels (the data set of Gpufit)"
SIZES, QUICK_SIZES = (1_000, 10_000, 100_000), (256,)
LONGEST = 1_000_000  # one run of this size, float64 and least squares
PEER_FITS = 1_000  # a peer that takes one fit after the other is timed on the first of them, and its time scaled up
BLOCK = 256  # fits side by side in the bare evaluation
LOCK_STEP = 1_000  # fits side by side in the peer that steps them together


def run(quick: bool) -> list[Case]:
    """Least squares and Poisson likelihood, strategy 0: the error matrix is the inverse Gauss-Newton matrix."""
    sizes = QUICK_SIZES if quick else SIZES
    cases = [_case(n, poisson, 3 if quick else 5) for n in sizes for poisson in (False, True)]
    children = [(QUICK_SIZES[0] if quick else SIZES[-1], dtype) for dtype in ("float64", "float32")]
    if not quick:
        children.append((LONGEST, "float64"))
    return cases + [_fresh(n, dtype, len(cases[0].entries)) for n, dtype in children]


def fit(fcn, start, **options) -> jm.FunctionMinimum:
    """All fits on all devices."""
    devices = "all" if len(jax.devices()) > 1 else None
    return jax.block_until_ready(jm.fit_many(fcn, start, method="fumili", strategy=0, devices=devices, **options))


def _case(number: int, poisson: bool, repeats: int) -> Case:
    y, starts = pixels.samples(number, poisson)
    fcn, start = pixels.our_problem(y, starts, poisson)
    peers = min(number, PEER_FITS)
    candidates = {
        "jaxminuit": lambda: fit(fcn, start),
        "iminuit + numba": _iminuit(y[:peers], starts[:peers], poisson),
        "optimistix LM": _optimistix(y, starts, poisson),
        "SciPy curve_fit": _curve_fit(y[:peers], starts[:peers], poisson),
    }
    case = compare(f"{number} fits, {'Poisson' if poisson else 'least squares'}", candidates, repeats)
    for entry in case.entries:
        if entry.name in ("iminuit + numba", "SciPy curve_fit"):
            entry.seconds = [s * number / peers for s in entry.seconds]
    fits = fit(fcn, start)
    ours = case.entries[0].median
    case.figures |= {
        "fits / s": number / ours,
        "devices": len(jax.devices()),
        "calls, mean": float(np.mean(fits.nfcn)),
        "calls, largest": int(np.max(fits.nfcn)),
        "valid": float(np.mean(fits.valid)),
        "time / (calls x bare)": ours / (float(np.sum(fits.nfcn)) * _bare(fcn, starts, poisson)),
    }
    if callable(candidates["iminuit + numba"]):
        case.figures |= _agreement(fits, candidates["iminuit + numba"]())
    return case


def _fresh(number: int, dtype: str, entries: int) -> Case:
    """A new process: the first call with an empty and with a filled cache, and calls after it."""
    cold, cached = cold_and_cached("w1_fit", number, dtype)
    case = compare(f"{number} fits, least squares, {dtype}, a new process", {"jaxminuit": "in a new process"}, 1)
    case.entries[0].seconds, case.entries[0].skipped = [cold["warm_s"], cached["warm_s"]], None
    case.figures |= {
        "fits / s": number / case.entries[0].median,
        "devices": cold["devices"],
        "first call, cold / s": cold["first_s"],
        "first call, cached / s": cached["first_s"],
        "valid": cold["valid"],
        "peak memory / MiB": cold["peak_mib"],
    }
    return case


def _agreement(fits, peers) -> dict:
    """Differences of values in units of iminuit's errors, where both are valid: the median and the largest."""
    far = [
        np.max(np.abs(np.asarray(fits.values[i]) - np.array(m.values)) / np.array(m.errors))
        for i, m in enumerate(peers)
        if m.valid and bool(fits.valid[i])
    ]
    return {"sigma from iminuit, median": float(np.median(far)), "sigma from iminuit, largest": float(np.max(far))}


def _bare(fcn, starts, poisson: bool) -> float:
    """Seconds that value, gradient and Gauss-Newton matrix take for one fit in a block, as anyone would write them."""
    data = fcn.n.reshape(-1, pixels.SIDE**2) if poisson else fcn.data
    x = jnp.asarray(pixels.PIXELS)

    def one(p, y):
        mu, push = jax.linearize(lambda p: pixels.spot(x, *p), p)
        jacobian = jax.vmap(push)(jnp.eye(p.size))
        weight = 2.0 / mu if poisson else 2.0 / pixels.NOISE**2
        value = 2.0 * jnp.sum(mu - y * jnp.log(mu)) if poisson else jnp.sum((mu - y) ** 2) / pixels.NOISE**2
        return value, jacobian @ (weight * (mu - y)), (weight * jacobian) @ jacobian.T

    bare = jax.jit(jax.vmap(one))
    block = (jnp.asarray(starts[:BLOCK]), jnp.asarray(data[:BLOCK]))
    run = {"bare": lambda: jax.block_until_ready([bare(*block) for _ in range(20)])}
    return paired(run, 15)["bare"].median / (20 * len(block[0]))


def _iminuit(y, starts, poisson: bool):
    """Fit after fit by one compiled function, strategy 0; a sentence if something is missing."""
    total = pixels.numba_cost(poisson)
    if isinstance(total, str):
        return total
    if importlib.util.find_spec("iminuit") is None:
        return MISSING
    import iminuit

    def fit(sample, start):
        m = iminuit.Minuit(partial(total, sample), *start, name=pixels.NAMES)
        m.errordef, m.strategy = 1.0, 0
        return m.migrad()

    return lambda: [fit(*each) for each in zip(y.astype(float), starts, strict=True)]


def _optimistix(y, starts, poisson: bool):
    """Levenberg-Marquardt under vmap, rtol = atol = 1e-4, in blocks; a sentence if it does not apply."""
    if poisson:
        return "sums of squares only"
    if importlib.util.find_spec("optimistix") is None:
        return "optimistix is not installed"
    import optimistix as optx

    solver = optx.LevenbergMarquardt(rtol=1e-4, atol=1e-4)
    x = jnp.asarray(pixels.PIXELS)

    def one(start, sample):
        def residuals(p, sample):
            return (pixels.spot(x, *p) - sample) / pixels.NOISE

        return optx.least_squares(residuals, solver, start, args=sample, max_steps=256, throw=False).value

    block = jax.jit(jax.vmap(one))
    parts = [(starts[i : i + LOCK_STEP], y[i : i + LOCK_STEP]) for i in range(0, len(y), LOCK_STEP)]
    return lambda: jax.block_until_ready([block(*part) for part in parts])


def _curve_fit(y, starts, poisson: bool):
    """MINPACK, fit after fit; a sentence if it does not apply."""
    if poisson:
        return "sums of squares only"
    if importlib.util.find_spec("scipy") is None:
        return "SciPy is not installed"
    from scipy.optimize import curve_fit

    def model(x, a, x0, y0, width, background):
        return a * np.exp(-((x[0] - x0) ** 2 + (x[1] - y0) ** 2) / (2.0 * width**2)) + background

    sigma = np.full(y.shape[1], pixels.NOISE)
    return lambda: [
        curve_fit(model, pixels.PIXELS, sample, start, sigma, absolute_sigma=True)
        for sample, start in zip(y, starts, strict=True)
    ]
