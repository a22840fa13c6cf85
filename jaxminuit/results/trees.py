"""The structure of parameters in JSON: mappings, sequences and None as they are; other containers by their names.

A structure is written with the numbers of its leaves. Namedtuples, equinox Modules and other containers come back as
mappings in the same order, so that names and values stay what they were.
"""

import math
from collections import OrderedDict
from typing import Any

import equinox as eqx
import jax
import numpy as np

from jaxminuit.problem.parameters import VECTORS, Parameters
from jaxminuit.results.arrays import read, written

STATIC = ("names", "shapes", "structure")


def parameters_written(parameters: Parameters) -> dict[str, Any]:
    """Parameters as what JSON has."""
    leaves = range(parameters.treedef.num_leaves)
    return {
        "names": list(parameters.names),
        "structure": _structure(jax.tree_util.tree_unflatten(parameters.treedef, leaves)),
        "shapes": [list(shape) for shape in parameters.shapes],
        **{name: written(getattr(parameters, name)) for name in VECTORS},
    }


def parameters_read(entry: dict[str, Any], where: str) -> Parameters:
    """The Parameters back; ValueError if something is missing, or does not fit."""
    missing = [name for name in (*STATIC, *VECTORS) if name not in entry]
    if missing:
        raise ValueError(f"{where} is damaged: {missing[0]!r} is missing")
    try:
        leaves = [np.zeros([int(length) for length in shape]) for shape in entry["shapes"]]
        plain = Parameters(_filled(entry["structure"], leaves), names=entry["names"])
    except (TypeError, ValueError, LookupError) as error:
        raise ValueError(f"{where} is damaged: {error}") from error
    if plain.shapes != tuple(leaf.shape for leaf in leaves) or plain.size != sum(math.prod(s) for s in plain.shapes):
        raise ValueError(f"{where} is damaged: structure and shapes do not belong together")
    vectors = tuple(read(entry[name], f"{name} of {where}") for name in VECTORS)
    for name, vector in zip(VECTORS, vectors, strict=True):
        if vector.shape[-1:] != (plain.size,):
            raise ValueError(f"{where} is damaged: {name} has shape {vector.shape}, for {plain.size} parameters")
    return eqx.tree_at(lambda p: tuple(getattr(p, name) for name in VECTORS), plain, vectors)


def _structure(node: Any) -> Any:
    """A node with leaves numbered: a number, None, or one entry that says what it is."""
    if node is None or type(node) is int:
        return node
    if type(node) in (list, tuple):
        return {type(node).__name__: [_structure(child) for child in node]}
    if type(node) is dict and all(isinstance(key, str) for key in node):
        return {"dict": {key: _structure(child) for key, child in node.items()}}
    children = jax.tree_util.tree_flatten_with_path(node, is_leaf=lambda part: part is not node)[0]
    pairs = [[jax.tree_util.keystr(path, simple=True, separator="."), _structure(child)] for path, child in children]
    return {"ordered": pairs}


def _filled(node: Any, leaves: list[np.ndarray]) -> Any:
    if node is None:
        return None
    if type(node) is int:
        return leaves[node]
    kind: Any
    content: Any
    ((kind, content),) = node.items() if isinstance(node, dict) else [(None, None)]
    if kind == "dict":
        return {key: _filled(child, leaves) for key, child in content.items()}
    if kind == "ordered":
        return OrderedDict((key, _filled(child, leaves)) for key, child in content)
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](_filled(child, leaves) for child in content)
    raise ValueError(f"{node!r} is no structure")
