"""Workspaces of pyhf (JSON) as HistFactory likelihoods; pyhf itself is not needed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxminuit.adapters.histfactory import HistFactory
from jaxminuit.problem.parameters import Parameters

KINDS = ("histosys", "normsys", "normfactor", "lumi", "staterror", "shapesys", "shapefactor")


@dataclass
class _Par:
    """A parameter as modifiers ask for it: one element, or one for each of some bins."""

    start: float
    low: float
    high: float
    bins: list[int] | None = None
    auxiliary: Any = 0.0
    width: Any = math.inf
    exposure: Any = 0.0
    fixed: Any = False


@dataclass
class _Model:
    """What is read from a workspace."""

    samples: list[str]
    bins: dict[str, slice]
    nominal: np.ndarray
    pars: dict[str, _Par] = field(default_factory=dict)
    shapes: dict[str, np.ndarray] = field(default_factory=dict)  # (2, samples, bins): up and down less nominal
    norms: dict[str, np.ndarray] = field(default_factory=dict)  # (2, samples, bins): logarithms
    factors: list[tuple[str, int, slice]] = field(default_factory=list)
    variance: dict[str, np.ndarray] = field(default_factory=dict)  # of staterrors: squares of errors, and sums
    sums: dict[str, np.ndarray] = field(default_factory=dict)


def from_pyhf(workspace: Mapping[str, Any], measurement: int | str = 0) -> tuple[HistFactory, Parameters]:
    """The likelihood of a workspace and its parameters with pyhf's starts and limits.

    Parameters
    ----------
    workspace
        A workspace of pyhf as read from JSON: channels, observations, measurements.
    measurement
        Number or name of the measurement whose configuration counts.

    Returns
    -------
    HistFactory, Parameters
        -2 ln L (errordef 1), and a dict of parameters by name; staterror, shapesys and shapefactor are vectors.

    Raises
    ------
    ValueError
        What a workspace must have is missing, or a modifier is of an unknown type.
    """
    for name in ("channels", "observations", "measurements"):
        if name not in workspace:
            raise ValueError(f"the workspace has no {name!r}")
    config = _measurement(workspace["measurements"], measurement)["config"]
    model = _read(workspace["channels"])
    _configure(model, config.get("parameters", []))
    observed = {o["name"]: o["data"] for o in workspace["observations"]}
    missing = [name for name in model.bins if name not in observed]
    if missing:
        raise ValueError(f"there is no observation for the channel {missing[0]!r}")
    counts = np.concatenate([np.asarray(observed[name], float) for name in model.bins])
    return _likelihood(model, counts)


def _measurement(measurements, chosen) -> Mapping[str, Any]:
    if isinstance(chosen, int):
        return measurements[chosen]
    found = [m for m in measurements if m["name"] == chosen]
    if not found:
        raise ValueError(f"there is no measurement {chosen!r}, but {[m['name'] for m in measurements]}")
    return found[0]


def _read(channels) -> _Model:
    """All samples of all channels, in a table of one row for every name of a sample."""
    bins, first = {}, 0
    for channel in channels:
        size = len(channel["samples"][0]["data"])
        bins[channel["name"]] = slice(first, first + size)
        first += size
    names = sorted({sample["name"] for channel in channels for sample in channel["samples"]})
    model = _Model(names, bins, np.zeros((len(names), first)))
    for channel in channels:
        where = bins[channel["name"]]
        for sample in channel["samples"]:
            row = names.index(sample["name"])
            model.nominal[row, where] = sample["data"]
            for modifier in sample["modifiers"]:
                _modify(model, modifier, row, where, np.asarray(sample["data"], float))
    for name, variance in model.variance.items():
        sums, par = model.sums[name], model.pars[name]
        share = np.divide(variance, sums**2, out=np.zeros_like(sums), where=sums > 0)[par.bins]
        par.width, par.fixed = np.where(share > 0, np.sqrt(share), 1.0), share == 0
    return model


def _modify(model: _Model, modifier, row: int, where: slice, nominal: np.ndarray) -> None:
    """One modifier of one sample in one channel."""
    kind, name, data = modifier["type"], modifier["name"], modifier["data"]
    if kind not in KINDS:
        raise ValueError(f"the modifier {name!r} is of the unknown type {kind!r}; known are {KINDS}")
    shape, cells = (2, *model.nominal.shape), list(range(where.start, where.stop))
    if kind == "histosys":
        model.pars.setdefault(name, _Par(0.0, -5.0, 5.0, width=1.0))
        table = model.shapes.setdefault(name, np.zeros(shape))
        table[0, row, where] = np.asarray(data["hi_data"]) - nominal
        table[1, row, where] = nominal - np.asarray(data["lo_data"])
    elif kind == "normsys":
        model.pars.setdefault(name, _Par(0.0, -5.0, 5.0, width=1.0))
        table = model.norms.setdefault(name, np.zeros(shape))
        table[:, row, where] = np.log(np.maximum([[data["hi"]], [data["lo"]]], np.finfo(float).tiny))
    else:
        model.factors.append((name, row, where))
        if kind == "normfactor":
            model.pars.setdefault(name, _Par(1.0, 0.0, 10.0))
        elif kind == "lumi":
            model.pars.setdefault(name, _Par(1.0, 0.0, 10.0, auxiliary=1.0, width=math.nan))
        elif kind == "shapefactor":
            model.pars.setdefault(name, _Par(1.0, 0.0, 10.0, cells))
        elif kind == "staterror":
            model.pars.setdefault(name, _Par(1.0, 1e-10, 10.0, cells, 1.0))
            for tables, part in ((model.variance, np.asarray(data, float) ** 2), (model.sums, nominal)):
                tables.setdefault(name, np.zeros(shape[2]))[where] += part
        else:
            error = np.asarray(data, float)
            usable = (error > 0) & (nominal > 0)
            tau = np.where(usable, nominal / np.where(usable, error, 1.0), 1.0) ** 2
            model.pars[name] = _Par(1.0, 1e-10, 10.0, cells, tau, math.inf, tau, ~usable)


def _configure(model: _Model, configured) -> None:
    """What the measurement says of parameters."""
    for entry in configured:
        par = model.pars.get(entry["name"])
        if par is None:
            continue
        for key, name in (("auxdata", "auxiliary"), ("sigmas", "width"), ("inits", "start"), ("fixed", "fixed")):
            if key in entry:
                setattr(par, name, entry[key] if np.ndim(entry[key]) == 0 or par.bins else entry[key][0])
        if "bounds" in entry:
            par.low, par.high = np.asarray(entry["bounds"], float).T if par.bins else entry["bounds"][0]
    for name, par in model.pars.items():
        if np.any(np.isnan(par.width)):
            raise ValueError(f"the measurement gives no sigmas for {name!r}")


def _likelihood(model: _Model, counts: np.ndarray) -> tuple[HistFactory, Parameters]:
    names = sorted(model.pars)
    sizes = [len(model.pars[name].bins or [0]) for name in names]
    first = dict(zip(names, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    n = sum(sizes)

    def every(attribute):
        parts = [
            np.broadcast_to(getattr(model.pars[name], attribute), size) for name, size in zip(names, sizes, strict=True)
        ]
        return np.concatenate(parts)

    width, exposure, auxiliary = (every(a).astype(float) for a in ("width", "exposure", "auxiliary"))
    shapes, norms = _table(model.shapes, first, model.nominal), _table(model.norms, first, model.nominal)
    up, down = shapes[1][:, 0], shapes[1][:, 1]
    arrays = {
        "counts": counts, "auxiliary": auxiliary, "nominal": model.nominal, "shape_index": shapes[0],
        "shape_linear": 0.5 * (up + down), "shape_bent": 0.0625 * (up - down), "norm_index": norms[0],
        "norm_up": norms[1][:, 0], "norm_down": norms[1][:, 1], "factors": _factors(model, first, n),
        "width": width, "exposure": exposure, "offset": _offset(counts, auxiliary, width, exposure),
    }  # fmt: skip
    fcn = HistFactory(errordef=jnp.ones(()), **{name: jnp.asarray(np.asarray(array)) for name, array in arrays.items()})

    def tree(values):
        return {
            name: np.asarray(values[first[name] : first[name] + size]) if model.pars[name].bins else values[first[name]]
            for name, size in zip(names, sizes, strict=True)
        }

    start = Parameters(tree(every("start").astype(float)))
    limits = {"lower": every("low").astype(float), "upper": every("high").astype(float)}
    return fcn, start.replace(**limits, fixed=every("fixed").astype(bool))


def _table(tables: dict[str, np.ndarray], first: dict[str, int], nominal: np.ndarray):
    """Numbers of parameters, and their tables behind each other."""
    names = sorted(tables)
    whole = np.stack([tables[name] for name in names]) if names else np.zeros((0, 2, *nominal.shape))
    return np.array([first[name] for name in names], int), whole


def _factors(model: _Model, first: dict[str, int], n: int) -> np.ndarray:
    """(f, samples, bins) numbers of the parameters that multiply, n where there is none."""
    held: list[list[list]] = [[[] for _ in row] for row in model.nominal]
    for name, row, where in model.factors:
        par = model.pars[name]
        for cell in range(where.start, where.stop):
            held[row][cell].append(first[name] + (par.bins.index(cell) if par.bins else 0))
    most = max((len(cell) for row in held for cell in row), default=0)
    padded = [[cell + [n] * (most - len(cell)) for cell in row] for row in held]
    return np.moveaxis(np.array(padded, int).reshape(*model.nominal.shape, most), -1, 0)


def _offset(counts, auxiliary, width, exposure) -> float:
    """The constants of -2 ln L."""
    gauss = np.sum(np.log(2.0 * np.pi * width[np.isfinite(width)] ** 2))
    factorials = sum(math.lgamma(x + 1.0) for x in [*counts, *auxiliary[exposure > 0]])
    return float(gauss + 2.0 * factorials)
