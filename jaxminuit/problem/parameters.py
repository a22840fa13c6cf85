"""The table of parameters: values, steps, limits, fixed flags, and names made from the user's pytree."""

import math
import numbers
from collections.abc import Iterable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype
from jax.typing import ArrayLike

from jaxminuit.core.shown import Shown
from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import Mask, Vector, leaf
from jaxminuit.problem import listing

VECTORS = ("values", "step", "lower", "upper", "fixed")


class Parameters(Shown):
    """Start values of a fit with their steps, limits and fixed flags, for any pytree of scalars and arrays.

    Parameters
    ----------
    tree
        Start values: any pytree of real scalars and arrays. The FCN is called with the same structure.
    step
        First step, about one standard deviation, in external units. A number for all, a mapping from name to number,
        or a (partial) pytree like `tree`. Default: 1 % of the value, 0.1 if the value is 0.
    limits
        Mapping from name to ``(lower, upper)``, or a (partial) mapping like `tree`; None or +-inf where absent.
    fixed
        Names of the fixed parameters, a mapping from name to bool, or one bool for every number.
    names
        One name a number, instead of those made from the tree: ``mu``, ``shape.width``, ``w[0]``, ``m[0,1]``.

    Raises
    ------
    ValueError
        Unknown name, value not finite, step not positive and finite, limits crossed, start value outside its
        limits, no parameters at all.
    TypeError
        A value that is not a real number.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> import jaxminuit as jm
    >>> p = jm.Parameters({"mu": 5.0, "w": jnp.full(2, 0.5)}, limits={"w": (0, 1)}, fixed=["w[1]"])
    >>> p.names
    ('mu', 'w[0]', 'w[1]')
    """

    values: Vector
    step: Vector
    lower: Vector
    upper: Vector
    fixed: Mask
    names: tuple[str, ...] = eqx.field(static=True)
    groups: tuple[tuple[str, int, int], ...] = eqx.field(static=True)  # name, first, size of every leaf
    shapes: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    treedef: Any = eqx.field(static=True)

    def __init__(self, tree: Any, step: Any = None, limits: Any = None, fixed: Any = (), names=None):
        paths, self.treedef = jax.tree_util.tree_flatten_with_path(tree)
        leaves = [_real(path, leaf) for path, leaf in paths]
        self.shapes = tuple(leaf.shape for leaf in leaves)
        self.groups = _groups([_path_name(path) for path, _ in paths], self.shapes)
        bare = [path for path, _ in paths] == [()]
        self.names = _names(self.groups, self.shapes, bare) if names is None else tuple(str(name) for name in names)
        size = sum(math.prod(shape) for shape in self.shapes)
        if size == 0:
            raise ValueError("there are no parameters: the tree of start values has no leaves")
        if len(self.names) != size:
            raise ValueError(f"{len(self.names)} names were given for {size} parameters")
        if len(set(self.names)) != size:
            raise ValueError(f"parameter names must differ, but they are {list(self.names)}")
        dtype = jnp.result_type(float, *(canonicalize_dtype(leaf.dtype) for leaf in leaves if leaf.dtype.kind == "f"))
        if all(leaf.dtype == jnp.float32 for leaf in leaves):
            dtype = jnp.dtype(jnp.float32)
        xp = jnp if is_traced(leaves) else np
        self.values = xp.concatenate([leaf.reshape(-1).astype(dtype) for leaf in leaves])
        self.step = self._steps(step)
        self.lower, self.upper = self._limits(limits)
        self.fixed = self._fixed(fixed)
        self._validate()
        self.values, self.step, self.lower, self.upper, self.fixed = (
            _array(vector) for vector in (self.values, self.step, self.lower, self.upper, self.fixed)
        )

    @property
    def size(self) -> int:
        """Number of parameters, fixed ones included."""
        return len(self.names)

    @property
    def tree(self) -> Any:
        """The start values in the user's structure."""
        return self.unflatten(self.values)

    def unflatten(self, vector: Vector) -> Any:
        """The user's structure filled from a vector of all parameters; leading axes become those of every leaf."""
        batch = vector.shape[:-1]
        leaves = [
            vector[..., first : first + size].reshape(batch + shape)
            for (_, first, size), shape in zip(self.groups, self.shapes, strict=True)
        ]
        return jax.tree_util.tree_unflatten(self.treedef, leaves)

    def index(self, name: str | int) -> int:
        """Position of one parameter; ValueError if there is none of that name or number."""
        if isinstance(name, str):
            if name in self.names:
                return self.names.index(name)
            raise ValueError(f"unknown parameter {name!r}; the parameters are {list(self.names)}")
        if not isinstance(name, int | np.integer) or isinstance(name, bool):
            raise ValueError(f"unknown parameter {name!r}; the parameters are {list(self.names)}")
        if not -self.size <= name < self.size:
            raise ValueError(f"parameter {name} is out of range (max: {self.size - 1})")
        return int(name) % self.size

    def replace(self, **vectors: ArrayLike) -> "Parameters":
        """A copy with some of values, step, lower, upper, fixed replaced, checked again."""
        fields = {name: _array(vector, getattr(self, name).dtype) for name, vector in vectors.items()}
        for name, vector in fields.items():
            if vector.shape[-1:] != (self.size,):
                raise ValueError(f"{name} must hold {self.size} numbers, but its shape is {vector.shape}")
        new = eqx.tree_at(lambda p: tuple(getattr(p, name) for name in fields), self, tuple(fields.values()))
        new._validate()
        return new

    def _positions(self, name: Any) -> list[int]:
        """All positions that a name means: one number, or every number of a leaf or subtree."""
        if isinstance(name, str):
            if name in self.names:
                return [self.names.index(name)]
            inside = [range(first, first + n) for group, first, n in self.groups if group == name or _in(group, name)]
            if inside:
                return [i for positions in inside for i in positions]
            raise ValueError(f"unknown parameter {name!r}; the parameters are {list(self.names)}")
        return [self.index(name)]

    def _numbers(self, what: str, entry: Any, positions: list[int], dtype) -> Vector:
        """The entry as one number for each position; an error names the first of them."""
        name = self.names[positions[0]] if positions else "no parameter"
        try:
            array = entry if isinstance(entry, jax.Array) else np.asarray(entry)
        except ValueError:
            array = np.asarray(None)
        wanted, noun = ("b", "True or False") if what == "fixed flag" else ("biuf", "a real number")
        if array.dtype.kind not in wanted:
            raise TypeError(f"{what} of {name} must be {noun}, not {entry!r}")
        if array.size not in (1, len(positions)):
            raise ValueError(f"{what} of {name}: expected 1 or {len(positions)} entries, not {array.size}")
        xp = jnp if is_traced(array) else np
        return xp.broadcast_to(xp.asarray(array, dtype).reshape(-1), (len(positions),))

    def _assigned(self, spec: Any, is_entry, prefix: str = ""):
        """(positions, entry) pairs of a (partly nested) mapping or a pytree like the parameters."""
        if not isinstance(spec, Mapping):
            yield from self._assigned_by_structure(spec, is_entry)
            return
        for name, entry in spec.items():
            name = f"{prefix}{name}" if isinstance(name, str) or prefix else name
            if isinstance(entry, Mapping):
                yield from self._assigned(entry, is_entry, f"{name}.")
            else:
                yield self._positions(name), entry

    def _assigned_by_structure(self, spec: Any, is_entry):
        leaves, treedef = jax.tree_util.tree_flatten(spec, is_leaf=is_entry)
        if treedef != self.treedef:
            raise ValueError(f"expected a mapping from names, or the structure of the parameters, not {spec!r}")
        for (_, first, size), entry in zip(self.groups, leaves, strict=True):
            yield list(range(first, first + size)), entry

    def _steps(self, spec: Any) -> Vector:
        xp = jnp if is_traced(self.values) else np
        default = xp.where(self.values == 0.0, 0.1, 0.01 * abs(self.values)).astype(self.values.dtype)
        if spec is None:
            return default
        everywhere = list(range(self.size))
        if _is_scalar(spec) or (_is_array(spec) and spec.shape == default.shape):
            return self._numbers("step", spec, everywhere, default.dtype)
        for positions, entry in self._assigned(spec, lambda x: x is None):
            if entry is not None:
                entry = self._numbers("step", entry, positions, default.dtype)
                default = _put(default, positions, entry)
        return default

    def _limits(self, spec: Any) -> tuple[Vector, Vector]:
        lower = np.full(self.size, -np.inf, self.values.dtype)
        upper = np.full(self.size, np.inf, self.values.dtype)
        if spec is None:
            return leaf(lower), leaf(upper)
        for positions, entry in self._assigned(spec, _is_limits):
            if entry is None:
                continue
            if not _is_limits(entry):
                name = self.names[positions[0]] if positions else "no parameter"
                raise ValueError(f"limits of {name} must be a pair (lower, upper), not {entry!r}")
            low, high = entry
            low, high = -np.inf if low is None else low, np.inf if high is None else high
            lower = _put(lower, positions, self._numbers("lower limit", low, positions, lower.dtype))
            upper = _put(upper, positions, self._numbers("upper limit", high, positions, upper.dtype))
        return leaf(lower), leaf(upper)

    def _fixed(self, spec: Any) -> Mask:
        fixed = np.zeros(self.size, bool)
        if isinstance(spec, list | tuple) and spec and all(isinstance(flag, bool | np.bool_) for flag in spec):
            spec = np.asarray(spec)
        if _is_array(spec) and spec.dtype == bool:
            if spec.size != self.size:
                raise ValueError(f"fixed: expected {self.size} flags, not {spec.size}")
            return spec.reshape(-1)
        if isinstance(spec, str | int) and not isinstance(spec, bool):
            spec = (spec,)
        if not isinstance(spec, Iterable | None):
            raise TypeError(f"fixed must be names of parameters or flags, not {spec!r}")
        if not isinstance(spec, Mapping):
            spec = dict.fromkeys(() if spec is None else spec, True)
        for positions, flag in self._assigned(spec, lambda x: isinstance(x, bool)):
            fixed = _put(fixed, positions, self._numbers("fixed flag", flag, positions, bool))
        return leaf(fixed)

    def _text(self) -> str:
        return listing.text_of(self)

    def _html(self) -> str:
        return listing.html_of(self)

    def _validate(self) -> None:
        """Raise ValueError for what can never be fitted. Traced numbers are not looked at."""
        if is_traced([getattr(self, name) for name in VECTORS]):
            return
        if self.values.ndim != 1:
            return  # a batch of starts
        values, step, lower, upper = (np.asarray(x) for x in (self.values, self.step, self.lower, self.upper))
        free = ~np.asarray(self.fixed)
        checks = (
            (~np.isfinite(values), "start value of {name} is not finite: {value}"),
            (~((step > 0) & np.isfinite(step)) & free, "step of {name} must be positive and finite, not {step}"),
            (np.isnan(lower) | np.isnan(upper), "limits of {name} are not numbers: ({lower}, {upper})"),
            (~(lower < upper), "limits of {name} are crossed: lower {lower} is not below upper {upper}"),
            (
                ((values < lower) | (values > upper)) & free,
                "start value of {name}, {value}, is outside ({lower}, {upper})",
            ),
        )
        for wrong, message in checks:
            for i in np.flatnonzero(wrong)[:1]:
                entry = {"value": values[i], "step": step[i], "lower": lower[i], "upper": upper[i]}
                numbers = {key: f"{float(number):g}" for key, number in entry.items()}
                raise ValueError(message.format(name=self.names[i], **numbers))


def _real(path, leaf):
    try:
        array = leaf if isinstance(leaf, jax.Array) else np.asarray(leaf)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        where = _path_name(path) or "the start value"
        hint = "; take the parameters out of a model with equinox.partition" if callable(leaf) else ""
        raise TypeError(f"parameter {where} must be a real number or an array of them, not {leaf!r}{hint}")
    if array.dtype.kind != "f":
        array = array.astype(jnp.result_type(float))
    return array if is_traced(array) else np.asarray(array)


def _array(vector, dtype=None):
    """The vector as a JAX array; what comes from NumPy is copied, for which JAX itself would compile a program."""
    if isinstance(vector, np.ndarray):
        return jax.device_put(np.array(vector, dtype))
    return jnp.asarray(vector, dtype)


def _put(vector, positions: list[int], entry):
    """The vector with other entries at some positions."""
    if is_traced((vector, entry)):
        return jnp.asarray(vector).at[jnp.array(positions, int)].set(entry)
    vector = vector.copy()
    vector[positions] = entry
    return vector


def _path_name(path) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")


def _groups(paths, shapes):
    first, groups = 0, []
    for k, (path, shape) in enumerate(zip(paths, shapes, strict=True)):
        name = "x" if path == "" else f"x{k}" if path == str(k) else path
        groups.append((name, first, math.prod(shape)))
        first += math.prod(shape)
    return tuple(groups)


def _names(groups, shapes, bare):
    """Names of all numbers; a bare vector, which has no name of its own, gives x0, x1, ..."""
    names = []
    for (name, _, _), shape in zip(groups, shapes, strict=True):
        if shape == ():
            names.append(name)
        elif bare and len(shape) == 1:
            names += [f"x{k}" for k in range(shape[0])]
        else:
            names += [f"{name}[{','.join(map(str, index))}]" for index in np.ndindex(shape)]
    return tuple(names)


def _in(group: str, name: str) -> bool:
    return group.startswith(f"{name}.")


def _is_array(entry: Any) -> bool:
    return isinstance(entry, np.ndarray | jax.Array)


def _is_scalar(entry: Any) -> bool:
    return isinstance(entry, numbers.Number) or (
        isinstance(entry, np.generic | np.ndarray | jax.Array) and entry.ndim == 0
    )


def _is_limits(entry: Any) -> bool:
    if entry is None:
        return True
    if isinstance(entry, tuple | list):
        return len(entry) == 2 and all(x is None or isinstance(x, str) or _is_scalar(x) for x in entry)
    return isinstance(entry, np.ndarray | jax.Array) and entry.shape == (2,)
