"""What is ordered of a study: its arguments checked, and brought into the form in which a store remembers them."""

import hashlib
import sys
from typing import Any

import jax
import numpy as np

from jaxminuit.batch.recipe import Recipe
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.tree import is_traced
from jaxminuit.fit.errors import asked_for
from jaxminuit.fit.job import Job, origin_of
from jaxminuit.fit.ladder import whole_rounds
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import Untraced
from jaxminuit.problem.parameters import Parameters

LONGEST, SHORTEST = 1 << 14, 64  # toys in a chunk
NUMBERS = 1 << 24  # in the data of a chunk
PARTS = 8  # chunks for each process, unless they would become too short


def parameters_of(start: Any) -> Parameters:
    """The parameters of the start; TypeError or ValueError for what all toys cannot start from."""
    if not isinstance(start, Parameters | FunctionMinimum):
        raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
    if is_traced(start):
        raise TypeError("toys looks at numbers: it cannot stand inside jit, vmap or grad")
    if np.ndim(start.values) != 1:
        raise ValueError(f"start must be one for all toys, but its values have the shape {np.shape(start.values)}")
    return start.parameters if isinstance(start, FunctionMinimum) else start


def options_of(start, hesse, minos, cl, strategy, tol, gradient, max_calls, iterate, precision) -> dict[str, Any]:
    """The arguments of `fit_many` on which results depend, checked, as JSON has them."""
    Job(Untraced(np.asarray(1.0)), start, strategy, tol, gradient, max_calls, "compiled", precision)
    rise_factor(cl)
    if not isinstance(hesse, bool | np.bool_):
        raise TypeError(f"hesse must be True or False, not {hesse!r}")
    return {
        "hesse": bool(hesse),
        "minos": _minos(parameters_of(start), minos),
        "cl": None if cl is None else float(cl),
        "strategy": int(strategy),
        "tol": float(tol),
        "gradient": gradient,
        "max_calls": None if max_calls is None else int(max_calls),
        "iterate": int(whole_rounds(iterate)),
        "precision": None if precision is None else float(precision),
    }


def _minos(parameters: Parameters, minos: Any) -> list[str]:
    """Names of the parameters that Minos does, in their order."""
    if minos is None or isinstance(minos, bool):
        return list(parameters.names) if minos else []
    chosen = asked_for(parameters, minos)
    return [name for i, name in enumerate(parameters.names) if i in chosen]


def share_of(process: Any) -> tuple[int, int]:
    """(number of this process, how many there are)."""
    if process is None:
        return jax.process_index(), jax.process_count()
    numbers = tuple(process) if isinstance(process, tuple | list) else ()
    if len(numbers) != 2 or not all(hasattr(x, "__index__") and not isinstance(x, bool) for x in numbers):
        raise TypeError(f"process must be (number of this process, how many there are), not {process!r}")
    index, count = map(int, numbers)
    if not 0 <= index < count:
        raise ValueError(f"process {index} of {count} does not exist: they are counted from 0")
    return index, count


def chunk_of(chunk: Any, n: int, processes: int, recipe: Recipe, key) -> int:
    """Toys in a chunk: a number from 1 on, or what "auto" stands for."""
    if not (isinstance(chunk, str) and chunk == "auto"):
        return min(whole("chunk", chunk), n)
    made = jax.tree_util.tree_leaves(jax.eval_shape(recipe.made, key))
    numbers = sum(int(np.prod(leaf.shape)) for leaf in made)
    most = max(1, min(LONGEST, NUMBERS // max(numbers, 1)))
    parts = max(-(-n // most), min(PARTS * processes, -(-n // SHORTEST)))
    return -(-n // (-(-parts // processes) * processes))


def whole(name: str, value: Any) -> int:
    """A whole number from 1 on; ValueError for anything else."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or not 1 <= value < 2**31:
        raise ValueError(f"{name} must be a whole number from 1 to 2^31 - 1, but it is {value!r}")
    return int(value)


def key_note(key) -> dict[str, Any]:
    """A key as JSON has it, with the setting of JAX on which the random numbers of threefry depend."""
    words = np.asarray(jax.random.key_data(key)).tolist()
    partitionable = getattr(jax.config, "jax_threefry_partitionable", None)
    return {"kind": str(jax.random.key_impl(key)), "words": words, "partitionable": partitionable}


def start_note(start: Parameters | FunctionMinimum) -> dict[str, Any]:
    """A start as JSON has it: what is looked at later, and a hash of all that fits depend on."""
    parameters = parameters_of(start)
    digest = hashlib.sha256()
    for leaf in jax.tree_util.tree_leaves((parameters, origin_of(start))):
        array = np.asarray(leaf)
        digest.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    values, fixed = np.asarray(parameters.values, float), np.asarray(parameters.fixed)
    return {"values": values.tolist(), "fixed": fixed.tolist(), "sha256": digest.hexdigest()}


def version() -> str:
    """The version of the package."""
    return sys.modules[__name__.partition(".")[0]].__version__
