"""The table of parameters: values, steps, limits, fixed flags, and names made from the user's pytree."""

import math
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Mask, Vector


class Parameters(eqx.Module):
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
        Names of the fixed parameters, or a mapping from name to bool.
    names
        One name a number, instead of those made from the tree: ``mu``, ``shape.width``, ``w[0]``, ``m[0,1]``.

    Raises
    ------
    ValueError
        Unknown name, value not finite, step not positive, limits crossed, start value outside its limits, no
        parameters at all.
    TypeError
        A value that is not a real number.
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
        self.names = _names(self.groups, self.shapes) if names is None else tuple(str(name) for name in names)
        size = sum(math.prod(shape) for shape in self.shapes)
        if size == 0:
            raise ValueError("there are no parameters: the tree of start values has no leaves")
        if len(self.names) != size:
            raise ValueError(f"{len(self.names)} names were given for {size} parameters")
        if len(set(self.names)) != size:
            raise ValueError(f"parameter names must differ, but they are {list(self.names)}")
        dtype = jnp.result_type(float, *(leaf.dtype for leaf in leaves if leaf.dtype.kind == "f"))
        if all(leaf.dtype == jnp.float32 for leaf in leaves):
            dtype = jnp.dtype(jnp.float32)
        self.values = jnp.concatenate([leaf.reshape(-1).astype(dtype) for leaf in leaves])
        self.step = self._steps(step)
        self.lower, self.upper = self._limits(limits)
        self.fixed = self._fixed(fixed)
        self._validate()

    @property
    def size(self) -> int:
        """Number of parameters, fixed ones included."""
        return len(self.names)

    @property
    def tree(self) -> Any:
        """The start values in the user's structure."""
        return self.unflatten(self.values)

    def unflatten(self, vector: Vector) -> Any:
        """The user's structure filled from a vector of all parameters."""
        leaves = [
            vector[first : first + size].reshape(shape)
            for (_, first, size), shape in zip(self.groups, self.shapes, strict=True)
        ]
        return jax.tree_util.tree_unflatten(self.treedef, leaves)

    def index(self, name: str | int) -> int:
        """Position of one parameter; ValueError if there is none of that name or number."""
        if isinstance(name, str):
            if name in self.names:
                return self.names.index(name)
            raise ValueError(f"unknown parameter {name!r}; the parameters are {list(self.names)}")
        number = int(name)
        if not -self.size <= number < self.size:
            raise ValueError(f"parameter {number} is out of range (max: {self.size - 1})")
        return number % self.size

    def replace(self, **vectors: Vector) -> "Parameters":
        """A copy with some of values, step, lower, upper, fixed replaced, checked again."""
        fields = {name: jnp.asarray(vector, getattr(self, name).dtype) for name, vector in vectors.items()}
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
        elif isinstance(name, int | np.integer):
            return [self.index(name)]
        raise ValueError(f"unknown parameter {name!r}; the parameters are {list(self.names)}")

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
        default = jnp.where(self.values == 0.0, 0.1, 0.01 * jnp.abs(self.values))
        if spec is None:
            return default
        if jnp.ndim(spec) == 0 and not isinstance(spec, Mapping):
            return jnp.broadcast_to(jnp.asarray(spec, default.dtype), default.shape)
        if isinstance(spec, jax.Array | np.ndarray) and spec.shape == default.shape:
            return jnp.asarray(spec, default.dtype)
        for positions, entry in self._assigned(spec, lambda x: x is None or jnp.ndim(x) > 0):
            if entry is not None:
                entry = jnp.broadcast_to(jnp.asarray(entry, default.dtype).reshape(-1), (len(positions),))
                default = default.at[jnp.array(positions)].set(entry)
        return default

    def _limits(self, spec: Any) -> tuple[Vector, Vector]:
        lower = jnp.full_like(self.values, -jnp.inf)
        upper = jnp.full_like(self.values, jnp.inf)
        if spec is None:
            return lower, upper
        for positions, entry in self._assigned(spec, _is_limits):
            if entry is None:
                continue
            if not _is_limits(entry):
                raise ValueError(f"limits of {self.names[positions[0]]} must be a pair (lower, upper), not {entry!r}")
            low, high = entry
            where = jnp.array(positions)
            lower = lower.at[where].set(-jnp.inf if low is None else low)
            upper = upper.at[where].set(jnp.inf if high is None else high)
        return lower, upper

    def _fixed(self, spec: Any) -> Mask:
        fixed = jnp.zeros(self.size, bool)
        if isinstance(spec, jax.Array | np.ndarray) and spec.dtype == bool and spec.shape == fixed.shape:
            return jnp.asarray(spec)
        if isinstance(spec, str | int):
            spec = (spec,)
        if not isinstance(spec, Mapping):
            spec = dict.fromkeys(spec or (), True)
        for positions, flag in self._assigned(spec, lambda x: isinstance(x, bool)):
            fixed = fixed.at[jnp.array(positions)].set(flag)
        return fixed

    def _validate(self) -> None:
        """Raise ValueError for what can never be fitted. Traced numbers are not looked at."""
        if any(isinstance(x, jax.core.Tracer) for x in (self.values, self.step, self.lower, self.upper, self.fixed)):
            return
        if self.values.ndim != 1:
            return  # a batch of starts
        values, step, lower, upper = (np.asarray(x) for x in (self.values, self.step, self.lower, self.upper))
        free = ~np.asarray(self.fixed)
        checks = (
            (~np.isfinite(values), "start value of {name} is not finite: {value}"),
            (~(step > 0) & free, "step of {name} must be positive, not {step}"),
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
        raise TypeError(f"parameter {where} must be a real number or an array of them, not {leaf!r}")
    if array.dtype.kind != "f":
        array = array.astype(np.result_type(float))
    return jnp.asarray(array)


def _path_name(path) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")


def _groups(paths, shapes):
    first, groups = 0, []
    for k, (path, shape) in enumerate(zip(paths, shapes, strict=True)):
        name = "x" if path == "" else f"x{k}" if path == str(k) else path
        groups.append((name, first, math.prod(shape)))
        first += math.prod(shape)
    return tuple(groups)


def _names(groups, shapes):
    names = []
    for (name, _, _), shape in zip(groups, shapes, strict=True):
        if shape == ():
            names.append(name)
        elif name == "x" and len(groups) == 1 and len(shape) == 1:
            names += [f"x{k}" for k in range(shape[0])]
        else:
            names += [f"{name}[{','.join(map(str, index))}]" for index in np.ndindex(shape)]
    return tuple(names)


def _in(group: str, name: str) -> bool:
    return group.startswith(f"{name}.")


def _is_limits(entry: Any) -> bool:
    if entry is None:
        return True
    if isinstance(entry, tuple | list):
        return len(entry) == 2 and all(x is None or jnp.ndim(x) == 0 for x in entry)
    return isinstance(entry, np.ndarray | jax.Array) and entry.shape == (2,)
