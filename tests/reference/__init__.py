"""Recorded results of other programs; README.md says where they come from."""

import functools
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


@functools.cache
def _load(name):
    return json.loads((HERE / name).read_text())


def fits(problem=None, algorithm=None, strategy=None):
    """Records of Minuit2's "migrad" and "migrad+hesse", those of one problem, algorithm, strategy where given."""
    return _select("minuit2_fits.json", problem=problem, algorithm=algorithm, strategy=strategy)


def simplex(problem):
    """Minuit2's record of Simplex on one problem."""
    return _select("minuit2_simplex.json", problem=problem)[0]


def minos(problem=None, strategy=None, parameter=None):
    """Records of Minuit2's Minos, one a parameter."""
    return _select("minuit2_minos.json", problem=problem, strategy=strategy, parameter=parameter)


def covariance(record, fixed):
    """(n, n) covariance over all parameters with zero rows for the `fixed` ones (n bools), None if there is none."""
    packed = record["covariance_lower"]
    if not packed:
        return None
    free = np.flatnonzero(~np.asarray(fixed))
    rows, columns = np.tril_indices(len(free))
    matrix = np.zeros((len(fixed), len(fixed)))
    matrix[free[rows], free[columns]] = packed
    matrix[free[columns], free[rows]] = packed
    return matrix


def _select(name, **wanted):
    wanted = {key: value for key, value in wanted.items() if value is not None}
    return [r for r in _load(name) if all(r[key] == value for key, value in wanted.items())]
