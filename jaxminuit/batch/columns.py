"""The results of toys as columns: NumPy arrays with a flat name each, as they stand in a file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxminuit.batch.fits import Fits
from jaxminuit.core.status import SideStatus

TOYS, RATIO, REPLICAS = "toys", "likelihood ratio", "replicas"  # kinds of studies
# of the other kinds: one number a toy, and one for each parameter
FLAT = {
    RATIO: ("q", "mu", "fval", "conditional_fval", "status", "conditional_status", "tolerance"),
    REPLICAS: ("status",),
}
WIDE = {RATIO: ("values", "conditional_values", "errors"), REPLICAS: ("values",)}

SINGLE = ("index", "fval", "edm", "status", "matrix_status", "rung", "nfcn")  # one number a toy
EACH = {"values": "value", "errors": "error"}  # one for each parameter, as "value:mu"
SIDES = {  # one for each parameter that Minos did
    "minos_lower": "lower",
    "minos_upper": "upper",
    "minos_lower_status": "lower_status",
    "minos_upper_status": "upper_status",
}


def names_of(kind: str, names: Sequence[str], minos: Sequence[str], words: int) -> list[str]:
    """The names of all columns."""
    if kind != TOYS:
        return ["index", *FLAT[kind], *(f"{field}:{name}" for field in WIDE[kind] for name in names)]
    return [
        *SINGLE,
        *(f"key:{i}" for i in range(words)),
        *(f"{short}:{name}" for short in EACH.values() for name in names),
        *(f"{short}:{name}" for short in SIDES.values() for name in minos),
    ]


def columns_of(fits: Fits, first: int, words: np.ndarray, minos: Sequence[str]) -> dict[str, np.ndarray]:
    """The columns of fits whose first toy has the number `first`, and keys the given words."""
    columns = {name: np.asarray(getattr(fits, name)) for name in SINGLE[1:]}
    columns = {"index": np.arange(first, first + len(fits), dtype=np.int64), **columns}
    columns |= {f"key:{i}": words[:, i] for i in range(words.shape[1])}
    for field, short in EACH.items():
        whole = np.asarray(getattr(fits, field))
        columns |= {f"{short}:{name}": whole[:, i] for i, name in enumerate(fits.names)}
    for field, short in SIDES.items() if minos else ():
        whole = np.asarray(getattr(fits.minos_errors, field.removeprefix("minos_")))
        columns |= {f"{short}:{name}": whole[:, fits.names.index(name)] for name in minos}
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}


def fields_of(parts: Sequence[dict[str, np.ndarray]], names: Sequence[str], minos: Sequence[str], n: int) -> dict:
    """Arrays by field of all toys below number n, in order: vectors, and matrices (toys, parameters)."""
    first = next(iter(parts), None)
    if first is None:
        return _nothing(names, minos)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in first}
    keep = whole["index"] < n
    whole = {name: column[keep] for name, column in whole.items()}
    fields: dict[str, Any] = {name: whole[name] for name in SINGLE}
    fields["key"] = np.stack([column for name, column in whole.items() if name.startswith("key:")], axis=1)
    for field, short in EACH.items():
        fields[field] = np.stack([whole[f"{short}:{name}"] for name in names], axis=1)
    for field, short in SIDES.items():
        fields[field] = _spread(whole, short, names, minos) if minos else None
    return fields


def flattened(kind: str, fields: Mapping[str, Any], names: Sequence[str], first: int) -> dict[str, np.ndarray]:
    """The columns of a kind other than toys, whose first row has the number `first`."""
    columns = {field: np.asarray(fields[field]) for field in FLAT[kind]}
    for field in WIDE[kind]:
        whole = np.asarray(fields[field])
        columns |= {f"{field}:{name}": whole[:, i] for i, name in enumerate(names)}
    index = np.arange(first, first + len(columns["status"]), dtype=np.int64)
    return {name: np.ascontiguousarray(column) for name, column in {"index": index, **columns}.items()}


def unflattened(kind: str, parts: Sequence[dict[str, np.ndarray]], names: Sequence[str], n: int) -> dict[str, Any]:
    """Arrays by field of all rows below number n, in order."""
    whole = {name: np.concatenate([part[name] for part in parts])[:n] for name in parts[0]}
    fields = {field: whole[field] for field in FLAT[kind]}
    return fields | {field: np.stack([whole[f"{field}:{name}"] for name in names], axis=1) for field in WIDE[kind]}


def _spread(whole: dict[str, np.ndarray], short: str, names: Sequence[str], minos: Sequence[str]) -> np.ndarray:
    """(toys, parameters), with NaN or NOT_RUN for parameters that Minos did not do."""
    done = whole[f"{short}:{minos[0]}"]
    empty = np.nan if done.dtype.kind == "f" else SideStatus.NOT_RUN
    matrix = np.full((done.size, len(names)), empty, done.dtype)
    for name in minos:
        matrix[:, names.index(name)] = whole[f"{short}:{name}"]
    return matrix


def _nothing(names: Sequence[str], minos: Sequence[str]) -> dict:
    """The fields of no toys at all."""
    fields: dict[str, Any] = {name: np.zeros(0, int if name not in ("fval", "edm") else float) for name in SINGLE}
    fields["key"] = np.zeros((0, 2), np.uint32)
    fields |= {field: np.zeros((0, len(names))) for field in EACH}
    return fields | {field: np.zeros((0, len(names))) if minos else None for field in SIDES}
