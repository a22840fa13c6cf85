"""The arguments that statistics share, checked."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.batch.progress import check_progress
from jaxminuit.core.status import Status
from jaxminuit.core.types import Vector
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AbstractFCN, AbstractFunctionFCN
from jaxminuit.problem.parameters import Parameters

# of `fit_many`: those on which results depend, with their defaults, and those on which they do not
FIT_OPTIONS = {"strategy": 1, "tol": 0.1, "gradient": "auto", "max_calls": None, "iterate": 5, "precision": None}
WAYS = ("lanes", "devices", "progress")


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments that are passed on to `fit_many`; TypeError names those that it does not have."""
    for name in options:
        if name not in FIT_OPTIONS and name not in WAYS:
            raise TypeError(f"unknown argument {name!r}; those of the fits are {sorted([*FIT_OPTIONS, *WAYS])}")
    check_progress(options.get("progress", False))
    return options


def apart(options: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """The options without progress, which a caller tells in his own way, and progress."""
    return {name: option for name, option in options.items() if name != "progress"}, options.get("progress", False)


def with_data(fcn: AbstractFCN, data: Any) -> AbstractFCN:
    """The FCN with other data."""
    return eqx.tree_at(lambda f: f.data, fcn, data) if isinstance(fcn, AbstractFunctionFCN) else data


def vector_of(parameters: Parameters, tree: Any) -> np.ndarray:
    """A tree of parameters as a vector (n,); ValueError unless it has the structure of the start values."""
    leaves, structure = jax.tree_util.tree_flatten(tree)
    shapes = tuple(np.shape(leaf) for leaf in leaves)
    if structure != parameters.treedef or shapes != parameters.shapes:
        raise ValueError(f"the parameters {tree!r} do not have the structure of the start values {parameters.tree!r}")
    vector = np.concatenate([np.ravel(np.asarray(leaf, parameters.values.dtype)) for leaf in leaves])
    if not np.all(np.isfinite(vector)):
        raise ValueError(f"parameters must be finite, not {tree!r}")
    return vector


def free_parameters(start: Any) -> Parameters:
    """Start values with their steps, from Parameters or from a minimum of one fit."""
    if isinstance(start, Parameters):
        return start
    parameters = getattr(start, "parameters", None)
    if not isinstance(parameters, Parameters):
        raise TypeError(f"start must be Parameters or a FunctionMinimum, not {start!r}")
    if start.values.ndim != 1:
        raise ValueError(f"start holds many minima, values of shape {start.values.shape}: one is needed")
    return parameters.replace(values=start.values, step=usual_steps(start))


def usual_steps(minimum: FunctionMinimum) -> Vector:
    """The errors of a minimum as first steps of other fits; where there are none the user's steps."""
    usable = jnp.isfinite(minimum.errors) & (minimum.errors > 0)
    return jnp.where(usable, minimum.errors, minimum.parameters.step)


def check_valid(minimum: Any) -> None:
    """TypeError for what is no FunctionMinimum of one fit, ValueError for one that is not valid."""
    if not isinstance(minimum, FunctionMinimum) or minimum.values.ndim != 1:
        raise TypeError(f"minimum must be a FunctionMinimum of one fit, not {minimum!r}")
    if not minimum.valid:
        raise ValueError(f"the minimum is not valid: {Status(int(minimum.status))}")
