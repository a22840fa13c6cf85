"""W5: HistFactory: toys of q-tilde in two bins, and all signal points of a published search in one batch.

The second part needs the likelihoods of ATLAS SUSY-2018-31 (HEPData ins1748602, a .tar.gz of pyhf workspaces): the
environment variable JAXMINUIT_W5_DATA says where.
"""

import importlib.util
import io
import json
import os
import tarfile
from functools import partial

import jax
import numpy as np

import jaxminuit as jm
from benchmarks import two_bins
from benchmarks.frame import Case, Entry, compare
from benchmarks.fresh import cold_and_cached
from benchmarks.peers import MISSING
from jaxminuit.adapters import from_pyhf
from jaxminuit.batch.likelihood_ratio import LikelihoodRatio

TITLE = "HistFactory: toys of q-tilde in two bins, and signal points of a search with some 60 nuisance parameters"
SIZES, QUICK_SIZES = (10_000, 100_000), (2_000,)
PEER_TOYS = {"pyhf": 50, "iminuit + numba": 1_000, "everwillow": 10_000}  # timed on so many, and scaled up
REGIONS, QUICK_REGIONS, PEER_POINTS = "ABC", "A", 2
VARIABLE = "JAXMINUIT_W5_DATA"
STRENGTH = "mu_SIG"


def run(quick: bool) -> list[Case]:
    """Toys with the default tolerance and strategy 0, warm and in new processes; then the regions."""
    sizes, regions = (QUICK_SIZES, QUICK_REGIONS) if quick else (SIZES, REGIONS)
    cases = [_toys(n, 3 if quick else 5) for n in sizes]
    cases.append(_fresh(sizes[-1], [entry.name for entry in cases[0].entries]))
    return cases + [_region(region, 3) for region in regions]


def _devices():
    return "all" if len(jax.devices()) > 1 else None


# ---- toys in two bins -----------------------------------------------------------------------------------------------


def statistics(number: int, seed: int) -> LikelihoodRatio:
    """q-tilde of mu = 1 for toys of it, which are generated first."""
    data = two_bins.toys(jax.random.split(jax.random.key(seed), number))
    return ratio(*two_bins.our_problem(data))


def ratio(fcn, start) -> LikelihoodRatio:
    """Both fits of all toys."""
    return jm.likelihood_ratio(fcn, start, "mu", 1.0, kind="qtilde", strategy=0, devices=_devices())


def _toys(number: int, repeats: int) -> Case:
    data = two_bins.toys(jax.random.split(jax.random.key(1), number))
    n, m = np.asarray(data["n"]), np.asarray(data["m"])
    peers = {
        "everwillow": _everwillow(data, min(number, PEER_TOYS["everwillow"])),
        "iminuit + numba": _iminuit(n[: PEER_TOYS["iminuit + numba"]], m),
        "pyhf": _pyhf(n[: PEER_TOYS["pyhf"]], m),
    }
    fcn, start = two_bins.our_problem(data)
    case = compare(f"{number} toys", {"jaxminuit": lambda: ratio(fcn, start), **peers}, repeats)
    for entry in case.entries[1:]:
        entry.seconds = [s * number / min(number, PEER_TOYS[entry.name]) for s in entry.seconds]
    found = ratio(fcn, start)
    case.figures |= {"toys / s": number / case.entries[0].median, "devices": len(jax.devices())}
    case.figures["valid"] = float(np.mean(found.valid))
    for name in ("iminuit + numba", "pyhf"):
        if callable(peers[name]):
            q = np.array(peers[name]())
            case.figures[f"largest |q - q of {name}|"] = float(np.max(np.abs(found.q[: q.size] - q)))
    return case


def _fresh(number: int, names: list[str]) -> Case:
    """A new process: the first call with an empty and with a filled cache, and calls after it."""
    cold, cached = cold_and_cached("w5_fit", number)
    entries = [Entry(name, skipped="measured in this process only") for name in names]
    entries[0] = Entry(names[0], [cold["warm_s"], cached["warm_s"]])
    figures = {
        "toys / s": number / entries[0].median,
        "devices": cold["devices"],
        "first call, cold / s": cold["first_s"],
        "first call, cached / s": cached["first_s"],
        "valid": cold["valid"],
    }
    return Case(f"{number} toys, generated too, a new process", entries, figures)


def _everwillow(data, number: int):
    """Its test statistic under jit and vmap; a sentence if it is missing."""
    if importlib.util.find_spec("everwillow") is None:
        return "everwillow is not installed"
    import everwillow.statelib as sl
    from everwillow.hypotest.test_statistics import QTilde

    start = sl.State.from_pytree({"mu": 1.0, "g": np.ones(2)})

    @jax.jit
    @jax.vmap
    def statistic(observed):
        return QTilde().compute(two_bins.nll, start, observed, "mu", 1.0).value

    some = jax.tree_util.tree_map(lambda leaf: leaf[:number], data)
    return lambda: jax.block_until_ready(statistic(some))


def _iminuit(n, m):
    """Two fits by one compiled function, toy after toy; a sentence if something is missing."""
    total = two_bins.numba_nll()
    if isinstance(total, str):
        return total
    if importlib.util.find_spec("iminuit") is None:
        return MISSING
    import iminuit

    def statistic(n, m):
        fit = iminuit.Minuit(partial(total, n, m), 1.0, 1.0, 1.0, name=("mu", "g0", "g1"))
        fit.errordef, fit.strategy = 0.5, 0
        fit.limits = [two_bins.LIMITS["mu"], two_bins.LIMITS["g"], two_bins.LIMITS["g"]]
        free = fit.migrad()
        best, muhat = free.fval, free.values["mu"]
        fit.values["mu"], fit.fixed["mu"] = 1.0, True
        return 0.0 if muhat > 1.0 else max(2.0 * (fit.migrad().fval - best), 0.0)

    return lambda: [statistic(*each) for each in zip(n, m, strict=False)]


def _pyhf(n, m):
    """Its test statistic with its NumPy backend and SciPy, toy after toy; a sentence if it is missing."""
    if importlib.util.find_spec("pyhf") is None:
        return "pyhf is not installed"
    import pyhf

    model = pyhf.simplemodels.uncorrelated_background(
        two_bins.SIGNAL.tolist(), two_bins.BACKGROUND.tolist(), two_bins.SPREAD.tolist()
    )
    given = (model.config.suggested_init(), model.config.suggested_bounds(), model.config.suggested_fixed())

    def statistic(n, m):
        return float(pyhf.infer.test_statistics.qmu_tilde(1.0, np.concatenate([n, m]), model, *given))

    def all_of_them():
        pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer())
        return [statistic(*each) for each in zip(n, m, strict=False)]

    return all_of_them


# ---- the search -----------------------------------------------------------------------------------------------------


def _region(region: str, repeats: int) -> Case:
    """The free fit and that with the signal strength fixed to 1, of all signal points of a region."""
    label, path = f"region {region}, all signal points, two fits each", os.environ.get(VARIABLE)
    if path is None or importlib.util.find_spec("jsonpatch") is None:
        why = f"{VARIABLE} is not set" if path is None else "jsonpatch (of pyhf) is not installed"
        return Case(label, [Entry(name, skipped=why) for name in ("jaxminuit", "pyhf + minuit")])
    specs = workspaces(path, region)
    built = [from_pyhf(spec) for spec in specs]
    fcn, start = jax.tree_util.tree_map(lambda *x: np.stack(x), *[fcn for fcn, _ in built]), built[0][1]

    def fits():
        fixed = start.replace(fixed=start.fixed.at[start.index(STRENGTH)].set(True))
        return [jm.fit_many(fcn, each, in_axes=0, strategy=0, devices=_devices()) for each in (start, fixed)]

    peer = _pyhf_fits(specs[:PEER_POINTS])
    case = compare(label, {"jaxminuit": fits, "pyhf + minuit": peer}, repeats)
    case.entries[1].seconds = [s * len(specs) / PEER_POINTS for s in case.entries[1].seconds]
    found = fits()
    case.figures |= {"signal points": len(specs), "parameters": start.size, "devices": len(jax.devices())}
    case.figures |= {"ms / fit": 500.0 * case.entries[0].median / len(specs)}
    case.figures["valid"] = float(np.mean([np.mean(each.valid) for each in found]))
    if callable(peer):
        theirs = np.array(peer())
        ours = np.stack([np.asarray(each.fval[:PEER_POINTS]) for each in found], axis=1)
        case.figures["largest -2 ln L - that of pyhf"] = float(np.max(ours - theirs))
        case.figures["smallest -2 ln L - that of pyhf"] = float(np.min(ours - theirs))
    return case


def workspaces(path: str, region: str) -> list[dict]:
    """All signal points of a region."""
    import jsonpatch

    read = {}
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            parts = member.name.removeprefix("./").split("/")
            if parts[0] == f"Region{region}" and parts[-1].endswith(".json"):
                read[parts[-1]] = json.load(io.TextIOWrapper(archive.extractfile(member)))
    background = read.pop("BkgOnly.json")
    points = [jsonpatch.apply_patch(background, read[name]) for name in sorted(read) if name.startswith("patch.")]
    return [point for point in points if STRENGTH in json.dumps(point["channels"])]  # one point has no signal in it


def _pyhf_fits(specs: list[dict]):
    """-2 ln L of both fits, point after point; a sentence if something is missing."""
    for name in ("pyhf", "iminuit"):
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed"
    import pyhf

    pairs = [(w.model(), w) for w in map(pyhf.Workspace, specs)]
    pairs = [(model, w.data(model)) for model, w in pairs]

    def fits():
        pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
        mle = pyhf.infer.mle
        return [
            [
                float(mle.fit(data, model, return_fitted_val=True)[1]),
                float(mle.fixed_poi_fit(1.0, data, model, return_fitted_val=True)[1]),
            ]
            for model, data in pairs
        ]

    return fits
