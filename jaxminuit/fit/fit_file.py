"""Files of compiled fits: a header in plain text that is checked before anything else is read, then the parts."""

import hashlib
import io
import json
import os
import pickle
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
from jax import export

from jaxminuit.core.compiling import options_for
from jaxminuit.core.executable import know_linear_algebra, machine, unpacked, versions
from jaxminuit.core.signature import Signature
from jaxminuit.core.whole_file import write_whole

MAGIC = b"jaxminuit compiled fit 1\n"
PARTS = ("results", "code", "portable")


@dataclass(frozen=True)
class Saved:
    """What a file holds.

    `results` is the structure of the results, pickled; `code` the machine code and
    `portable` the form that JAX can compile elsewhere (or nothing).
    """

    name: str
    signature: Signature
    outputs: int
    results: bytes
    code: bytes
    portable: bytes


def write(path: str | os.PathLike, saved: Saved) -> Path:
    """Write the file, whole or not at all."""
    path = Path(path)
    parts = [getattr(saved, part) for part in PARTS]
    header = {
        "name": saved.name,
        "versions": versions(),
        "machine": machine(),
        "signature": asdict(saved.signature),
        "outputs": saved.outputs,
        "parts": [{"bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()} for part in parts],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, b"".join((MAGIC, json.dumps(header).encode(), b"\n", *parts)))
    return path


def read(path: str | os.PathLike) -> tuple[Saved, Callable, Any]:
    """What a file holds, its program, and the structure of the results; ValueError that says why it cannot be used."""
    path = Path(path)
    content = path.read_bytes()
    if not content.startswith(MAGIC[:-2]):
        raise ValueError(f"{path} is not a compiled fit of jaxminuit")
    if not content.startswith(MAGIC):
        raise ValueError(f"{path} has another format than this version of jaxminuit writes: compile and save it again")
    line, _, rest = content[len(MAGIC) :].partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: its header cannot be read") from error
    _compare(path, "written with", header["versions"], versions(), "compile and save it again")
    parts, first = {}, 0
    for name, about in zip(PARTS, header["parts"], strict=True):
        parts[name] = rest[first : first + about["bytes"]]
        first += about["bytes"]
        if hashlib.sha256(parts[name]).hexdigest() != about["sha256"]:
            raise ValueError(f"{path} is damaged: the part {name} is not what was written")
    saved = Saved(header["name"], _signature(header["signature"]), header["outputs"], **parts)
    return saved, _program(path, saved, header["machine"]), _structure(path, saved.results)


class _ByExample(pickle.Pickler):
    """Pickles structures of trees as examples, since what Equinox keeps in one is compared by identity."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, jax.tree_util.PyTreeDef):
            return jax.tree_util.tree_structure, (jax.tree_util.tree_unflatten(obj, range(obj.num_leaves)),)
        return NotImplemented


def results_of(structure: Any) -> bytes:
    """The structure of the results, pickled."""
    content = io.BytesIO()
    _ByExample(content).dump(structure)
    return content.getvalue()


def _structure(path: Path, results: bytes) -> Any:
    try:
        return pickle.loads(results)
    except (AttributeError, ImportError) as error:
        raise ValueError(f"{path} returns something of a class that is not here: {error}") from error


def _signature(entries: dict[str, Any]) -> Signature:
    shapes = tuple(tuple(shape) for shape in entries["shapes"])
    return Signature(tuple(entries["paths"]), shapes, tuple(entries["dtypes"]), entries["structure"])


def _program(path: Path, saved: Saved, made_on: dict[str, Any]) -> Callable:
    """The machine code if this is the machine for it, else the portable form compiled."""
    if made_on == machine():
        return unpacked(saved.code, len(saved.signature.paths), saved.outputs)
    if not saved.portable:
        advice = "compile and save it again, or save it with portable=True"
        _compare(path, "compiled for", made_on, machine(), advice)
    know_linear_algebra()
    exported = export.deserialize(bytearray(saved.portable))
    if jax.default_backend() not in exported.platforms:
        raise ValueError(f"{path} is for {' and '.join(exported.platforms)}, but this is {jax.default_backend()}")
    shapes = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in exported.in_avals]
    return jax.jit(exported.call, compiler_options=options_for(shapes, safe=True) or None).lower(*shapes).compile()


def _compare(path: Path, verb: str, wanted: dict[str, Any], found: dict[str, Any], advice: str) -> None:
    for name, value in wanted.items():
        if found.get(name) != value:
            raise ValueError(f"{path} was {verb} {name} {value}, but this is {name} {found.get(name)}: {advice}")
