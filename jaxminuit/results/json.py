"""Results as JSON: every number exactly, codes and parameters by name, a version that says how to read it."""

import dataclasses
import json
from typing import Any

from jaxminuit.batch.fits import Fits
from jaxminuit.core.status import MatrixStatus, Rung, SideMethod, SideStatus, Status
from jaxminuit.core.tree import is_traced
from jaxminuit.errors.contour_result import Contour
from jaxminuit.errors.profile import Profile
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.parameters import Parameters
from jaxminuit.results.arrays import read, written
from jaxminuit.results.trees import parameters_read, parameters_written

FORMAT, VERSION = "jaxminuit result", 1
KINDS = {kind.__name__: kind for kind in (FunctionMinimum, Fits, MinosErrors, Contour, Profile)}
SIDES = {
    "lower_status": SideStatus, "upper_status": SideStatus, "lower_method": SideMethod, "upper_method": SideMethod,
}  # fmt: skip
CODES = {
    FunctionMinimum: {"status": Status, "matrix_status": MatrixStatus, "rung": Rung},
    MinosErrors: SIDES,
    Contour: {"status": SideStatus},
    Profile: {"status": Status},
}
CODES[Fits] = CODES[FunctionMinimum]


def to_json(result: Any, *, indent: int | None = None) -> str:
    """A result as JSON text, from which `from_json` makes the same again, to the last bit of every number.

    The text has "format", "version" (of the schema), "kind", and the fields of the result by name. An array is an
    object with "dtype", "shape" and nested "data"; codes are written by name ("CONVERGED"), and what JSON has no
    numbers for as "nan", "inf", "-inf". The function and its data are not part of a result.

    Parameters
    ----------
    result
        FunctionMinimum, MinosErrors, Contour, Profile or Fits.
    indent
        Spaces for each level, as in `json.dumps`. Default: all on one line.

    Raises
    ------
    TypeError
        Something else (a Study has its own store), or a result inside `jax.jit`, `vmap` or `grad`.
    """
    if type(result) not in KINDS.values():
        raise TypeError(f"only {', '.join(KINDS)} can be written as JSON, not {type(result).__name__}")
    if is_traced(result):
        raise TypeError("a result inside jax.jit, vmap or grad has no numbers yet: write it outside")
    return json.dumps({"format": FORMAT, "version": VERSION, **_written(result)}, indent=indent, allow_nan=False)


def from_json(text: str | bytes) -> Any:
    """The result that `to_json` wrote.

    Parameters of containers that JSON does not have (namedtuples, Modules) come back as mappings with the same names.

    Parameters
    ----------
    text
        The JSON text.

    Returns
    -------
    FunctionMinimum, MinosErrors, Contour, Profile or Fits
        With JAX arrays of the dtypes that were written.

    Raises
    ------
    ValueError
        The text is no JSON, not of jaxminuit, of another version of the schema, or damaged; or it has 64-bit numbers
        where JAX computes in 32 bit.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f'this is not a result of jaxminuit: it has no "format": "{FORMAT}"')
    if content.get("version") != VERSION:
        raise ValueError(
            f"the result has the schema version {content.get('version')!r}, but this jaxminuit reads version {VERSION}"
        )
    return _read({key: entry for key, entry in content.items() if key not in ("format", "version")}, "the result")


def _written(result: Any) -> dict[str, Any]:
    kind = type(result)
    entries = {f.name: _entry(getattr(result, f.name), CODES[kind].get(f.name)) for f in dataclasses.fields(kind)}  # type: ignore[attr-defined, index]
    return {"kind": kind.__name__, **entries}


def _entry(value: Any, code: Any) -> Any:
    if isinstance(value, Parameters):
        return parameters_written(value)
    if type(value) in KINDS.values():
        return _written(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple) and all(isinstance(name, str) for name in value):
        return list(value)
    return written(value, code)


def _read(content: dict[str, Any], where: str) -> Any:
    content = dict(content)
    name = content.pop("kind", None)
    if name not in KINDS:
        raise ValueError(f"{where} is of the unknown kind {name!r}; known are {', '.join(KINDS)}")
    wanted = [f.name for f in dataclasses.fields(KINDS[name])]
    if set(wanted) != set(content):
        wrong = sorted(set(wanted) ^ set(content))[0]
        raise ValueError(f"{where} is damaged: {wrong!r} is {'missing' if wrong in wanted else 'unknown'}")
    return KINDS[name](**{key: _value(content[key], f"{key} of {where}") for key in wanted})


def _value(entry: Any, where: str) -> Any:
    if isinstance(entry, dict):
        if "kind" in entry:
            return _read(entry, where)
        return parameters_read(entry, where) if "structure" in entry else read(entry, where)
    if isinstance(entry, list):
        return tuple(entry)
    if entry is None or isinstance(entry, str):
        return entry
    raise ValueError(f"{where} is damaged: it is {entry!r}")
