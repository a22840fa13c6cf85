"""NIST's Statistical Reference Datasets for non-linear regression: 27 sets, two starts each, certified to 11 digits.

All sets are one FCN: the model is chosen by a number in the data, short sets are padded with points of no weight and
fixed parameters. (www.itl.nist.gov/div898/strd; public domain.)
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit import FCN, Parameters

FILE = Path(__file__).parents[1] / "reference" / "nist_strd.json"
SCALED, UNIT = "scaled", "unit"  # chi2 in units of the residual variance, or the bare sum of squares


def _saturating(b, x):
    return b[0] * (1 - jnp.exp(-b[1] * x))


def _cubic_ratio(b, x):
    top = b[0] + x * (b[1] + x * (b[2] + x * b[3]))
    return top / (1 + x * (b[4] + x * (b[5] + x * b[6])))


def _two_gaussians(b, x):
    first = b[2] * jnp.exp(-(((x - b[3]) / b[4]) ** 2))
    return b[0] * jnp.exp(-b[1] * x) + first + b[5] * jnp.exp(-(((x - b[6]) / b[7]) ** 2))


def _enso(b, x):
    def cycle(period, cosine, sine):
        angle = 2 * math.pi * x / period
        return cosine * jnp.cos(angle) + sine * jnp.sin(angle)

    return b[0] + cycle(12.0, b[1], b[2]) + cycle(b[3], b[4], b[5]) + cycle(b[6], b[7], b[8])


def _lanczos(b, x):
    return b[0] * jnp.exp(-b[1] * x) + b[2] * jnp.exp(-b[3] * x) + b[4] * jnp.exp(-b[5] * x)


# model(b, x, x2) of each set
MODELS = {
    "Bennett5": lambda b, x, _: b[0] * (b[1] + x) ** (-1 / b[2]),
    "BoxBOD": lambda b, x, _: _saturating(b, x),
    "Chwirut1": lambda b, x, _: jnp.exp(-b[0] * x) / (b[1] + b[2] * x),
    "DanWood": lambda b, x, _: b[0] * x ** b[1],
    "ENSO": lambda b, x, _: _enso(b, x),
    "Eckerle4": lambda b, x, _: b[0] / b[1] * jnp.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Gauss1": lambda b, x, _: _two_gaussians(b, x),
    "Hahn1": lambda b, x, _: _cubic_ratio(b, x),
    "Kirby2": lambda b, x, _: (b[0] + x * (b[1] + x * b[2])) / (1 + x * (b[3] + x * b[4])),
    "Lanczos1": lambda b, x, _: _lanczos(b, x),
    "MGH09": lambda b, x, _: b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3]),
    "MGH10": lambda b, x, _: b[0] * jnp.exp(b[1] / (x + b[2])),
    "MGH17": lambda b, x, _: b[0] + b[1] * jnp.exp(-x * b[3]) + b[2] * jnp.exp(-x * b[4]),
    "Misra1b": lambda b, x, _: b[0] * (1 - (1 + b[1] * x / 2) ** -2),
    "Misra1c": lambda b, x, _: b[0] * (1 - (1 + 2 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x, _: b[0] * b[1] * x / (1 + b[1] * x),
    "Nelson": lambda b, x, x2: b[0] - b[1] * x * jnp.exp(-b[2] * x2),
    "Rat42": lambda b, x, _: b[0] / (1 + jnp.exp(b[1] - b[2] * x)),
    "Rat43": lambda b, x, _: b[0] / (1 + jnp.exp(b[1] - b[2] * x)) ** (1 / b[3]),
    "Roszman1": lambda b, x, _: b[0] - b[1] * x - jnp.arctan(b[2] / (x - b[3])) / math.pi,
}
SAME = {
    "Misra1a": "BoxBOD", "Chwirut2": "Chwirut1", "Gauss2": "Gauss1", "Gauss3": "Gauss1", "Thurber": "Hahn1",
    "Lanczos2": "Lanczos1", "Lanczos3": "Lanczos1",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Set:
    """One data set with its certified results."""

    name: str
    level: str
    x: np.ndarray  # (1 or 2, N)
    y: np.ndarray
    starts: tuple[np.ndarray, np.ndarray]
    certified: np.ndarray
    standard_deviations: np.ndarray
    rss: float
    dof: int

    @property
    def scale(self) -> float:
        """1 / residual variance."""
        return self.dof / self.rss

    def digits(self, values) -> float:
        """Correct decimal digits of the worst parameter, at most 11; 0 if there are none."""
        return digits(values, self.certified)

    def model(self, b):
        """The model at all points, in NumPy or JAX numbers."""
        return MODELS[SAME.get(self.name, self.name)](b, self.x[0], self.x[-1])

    def residuals(self, b):
        """y - model."""
        return self.y - self.model(b)


def digits(values, truth) -> float:
    """-log10 of the worst relative error, between 0 and 11."""
    error = np.max(np.abs(np.asarray(values) - truth) / np.abs(truth))
    return float(np.clip(-np.log10(max(error, 1e-11)), 0.0, 11.0)) if np.isfinite(error) else 0.0


def _read() -> dict[str, Set]:
    sets = {}
    for name, d in json.loads(FILE.read_text()).items():
        y = np.array(d["y"])
        y = np.log(y) if name == "Nelson" else y
        starts = (np.array(d["start1"]), np.array(d["start2"]))
        certified, spread = np.array(d["certified"]), np.array(d["standard_deviations"])
        sets[name] = Set(name, d["level"], np.array(d["x"]), y, starts, certified, spread, d["rss"], d["dof"])
    return sets


SETS = _read()
POINTS = max(s.y.size for s in SETS.values())
SIZE = max(s.certified.size for s in SETS.values())
BRANCHES = list(MODELS.values())


def residuals(b, data):
    """Weighted residuals of the set that the data belong to."""
    model = lax.switch(data["model"], BRANCHES, b, data["x"], data["x2"])
    return data["weight"] * (data["y"] - model)


def chi2(b, data):
    """Sum of squares."""
    return jnp.sum(residuals(b, data) ** 2)


def data_of(s: Set, weighting: str):
    """The set as data of `residuals`, padded with copies of its first point of weight 0."""

    def padded(vector):
        return np.concatenate([vector, np.full(POINTS - vector.size, vector[0])])

    weight = np.zeros(POINTS)
    weight[: s.y.size] = math.sqrt(s.scale) if weighting == SCALED else 1.0
    number = list(MODELS).index(SAME.get(s.name, s.name))
    return {
        "model": jnp.int32(number), "x": padded(s.x[0]), "x2": padded(s.x[-1]), "y": padded(s.y), "weight": weight,
    }  # fmt: skip


def fcn(s: Set, weighting: str) -> FCN:
    """The sum of squares of a set."""
    return FCN(chi2, data=data_of(s, weighting))


def parameters(s: Set, start: int) -> Parameters:
    """Start 1 or 2, padded with fixed parameters; steps as by default, 1 % of the values."""
    rest = SIZE - s.certified.size
    values = np.concatenate([s.starts[start - 1], np.ones(rest)])
    names = tuple(f"b{i + 1}" for i in range(SIZE))
    return Parameters(values, fixed=names[s.certified.size :], names=names)
