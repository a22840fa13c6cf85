"""Arrays in JSON: type, shape and numbers, each number exactly; codes by their names.

JSON has no NaN and no infinities: they are the texts "nan", "inf" and "-inf". Python writes the shortest decimal that
reads back as the same number of 64 bits.
"""

import math
from enum import IntEnum
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxminuit.core.status import MatrixStatus, Rung, SideMethod, SideStatus, Status

CODES: dict[str, type[IntEnum]] = {kind.__name__: kind for kind in (Status, MatrixStatus, SideStatus, SideMethod, Rung)}
KINDS = "fiub"  # floats, integers, flags
UNUSUAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def written(array: Any, code: type[IntEnum] | None = None) -> dict[str, Any]:
    """An array as what JSON has; integers by the names of a code, if there is one."""
    array = np.asarray(array)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"arrays of {array.dtype} cannot be written as JSON")
    of = {} if code is None else {"code": code.__name__}
    word = _number if code is None else lambda number: code(number).name
    return {"dtype": str(array.dtype), "shape": list(array.shape), **of, "data": _mapped(word, array.tolist())}


def read(entry: dict[str, Any], where: str) -> jnp.ndarray:
    """The array back; ValueError that says where something else was found."""
    try:
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        if dtype.kind not in KINDS:
            raise ValueError(f"{dtype} is no type of numbers")
        word = _unusual if "code" not in entry else lambda name: CODES[entry["code"]][name]
        array = np.array(_mapped(word, entry["data"]), dtype).reshape(shape)
    except KeyError as error:
        raise ValueError(f"{where} is damaged: {error} is unknown or missing") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} is damaged: {error}") from error
    if jnp.result_type(array.dtype) != array.dtype:
        raise ValueError(f"{where} is of {array.dtype}, but JAX computes in 32 bit: switch on jax_enable_x64")
    return jnp.asarray(array)


def _number(number: Any) -> Any:
    if isinstance(number, float) and not math.isfinite(number):
        return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"
    return number


def _unusual(entry: Any) -> Any:
    if isinstance(entry, str):
        if entry not in UNUSUAL:
            raise ValueError(f"{entry!r} is not a number")
        return UNUSUAL[entry]
    if not isinstance(entry, int | float):
        raise ValueError(f"{entry!r} is not a number")
    return entry


def _mapped(word: Any, nested: Any) -> Any:
    return [_mapped(word, item) for item in nested] if isinstance(nested, list) else word(nested)
