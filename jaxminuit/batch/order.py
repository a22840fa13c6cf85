"""What is ordered of a study: its arguments checked, and brought into the form in which a store remembers them."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from jaxminuit.batch.arguments import FIT_OPTIONS
from jaxminuit.batch.chunks import even, longest
from jaxminuit.batch.prints import print_of_arrays
from jaxminuit.batch.store import Manifest
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import leaf
from jaxminuit.core.version import __version__
from jaxminuit.fit.checks import asked_for, whole
from jaxminuit.fit.job import Job, origin_of
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
    Job(Untraced(leaf(np.asarray(1.0))), start, strategy, tol, gradient, max_calls, "compiled", precision)
    rise_factor(cl)
    if not isinstance(hesse, bool | np.bool_):
        raise TypeError(f"hesse must be True or False, not {hesse!r}")
    return {
        "hesse": bool(hesse),
        "minos": _minos(parameters_of(start), minos),
        "cl": None if cl is None else float(cl),
        "strategy": strategy if isinstance(strategy, int) else repr(strategy),
        "tol": float(tol),
        "gradient": gradient,
        "max_calls": None if max_calls is None else int(max_calls),
        "iterate": whole("iterate", iterate, 0),
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


def chunk_of(chunk: Any, n: int, processes: int, numbers: int) -> int:
    """Toys in a chunk: a number from 1 on, or what "auto" stands for; `numbers` are those of the data of one toy."""
    if not (isinstance(chunk, str) and chunk == "auto"):
        return min(whole("chunk", chunk), n)
    most = max(1, min(LONGEST, NUMBERS // max(numbers, 1)))
    parts = max(-(-n // most), min(PARTS * processes, -(-n // SHORTEST)))
    return -(-n // (-(-parts // processes) * processes))


def key_note(key) -> dict[str, Any]:
    """A key as JSON has it, with the setting of JAX on which the random numbers of threefry depend."""
    words = np.asarray(jax.random.key_data(key)).tolist()
    partitionable = getattr(jax.config, "jax_threefry_partitionable", None)
    return {"kind": str(jax.random.key_impl(key)), "words": words, "partitionable": partitionable}


def start_note(start: Parameters | FunctionMinimum) -> dict[str, Any]:
    """A start as JSON has it: what is looked at later, and a hash of all that fits depend on."""
    parameters = parameters_of(start)
    values, fixed = np.asarray(parameters.values, float), np.asarray(parameters.fixed)
    sha256 = print_of_arrays((parameters, origin_of(start)))
    return {"values": values.tolist(), "fixed": fixed.tolist(), "sha256": sha256}


def order_of(
    kind: str, start, n: int, numbers: int, key, store: Any, options: Mapping, prints: tuple[str, str], **more
) -> Manifest:
    """The manifest of a statistic of n toys, whose data have so many numbers each; `more` are further options.

    In memory chunks are as long as blocks, so that there is progress to tell.
    """
    chosen = {name: options.get(name, default) for name, default in FIT_OPTIONS.items()}
    return Manifest(
        names=list(parameters_of(start).names),
        n=n,
        chunk=even(n, longest(numbers)) if store is None else chunk_of("auto", n, 1, numbers),
        key=key_note(key),
        start=start_note(start),
        options=options_of(start, False, False, None, **chosen) | more,
        generate=prints[0],
        fcn=prints[1],
        jaxminuit=__version__,
        kind=kind,
    )
