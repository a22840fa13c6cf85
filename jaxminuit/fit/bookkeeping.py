"""Fixing and releasing parameters of a minimum, without a new fit; and the UP of joint confidence regions."""

from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.precision import precision
from jaxminuit.core.tree import is_traced
from jaxminuit.fit.checks import asked_for, check_single, positive_number, whole
from jaxminuit.minimise.bookkeeping import fixed_at, released
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform


def fix(minimum: FunctionMinimum, names: str | int | Iterable[str | int], values: Any = None) -> FunctionMinimum:
    """The minimum with some parameters fixed (Minuit manual, FIX): the errors of the others become smaller.

    The error matrix is that of a fit in which these parameters are constants (exact for a parabolic FCN). `migrad` and
    the others go on from the result.

    Parameters
    ----------
    minimum
        Any minimum of one fit; for many, use ``jax.vmap``.
    names
        Names or numbers of the parameters.
    values
        Where to fix them: a number for all, one for each, or a mapping from name to number. Default: where they are.
        Moved parameters leave FCN value, gradient and EDM unknown (NaN) and the minimum not valid, until the next fit.

    Raises
    ------
    ValueError
        Unknown names; values that are not finite or outside the limits.
    """
    positions, pinned = _chosen(minimum, names)
    x, moved = minimum.values, values is not None
    if moved:
        given = _numbers(minimum, values, positions)
        x = x.at[jnp.array(positions, int)].set(given)
        p = minimum.parameters
        if not is_traced((x, p)):
            outside = np.asarray(pinned) & ~((np.asarray(x) >= p.lower) & (np.asarray(x) <= p.upper))
            for i in np.flatnonzero(outside | ~np.isfinite(np.asarray(x)))[:1]:
                limits = f"({float(p.lower[i]):g}, {float(p.upper[i]):g})"
                raise ValueError(f"cannot fix {p.names[i]} at {float(x[i]):g}: outside {limits}")
    return _fixed_at(minimum, pinned, x, moved)


def release(minimum: FunctionMinimum, names: str | int | Iterable[str | int]) -> FunctionMinimum:
    """The minimum with some fixed parameters free again (Minuit manual, RELease). Nothing is known of them yet.

    The error matrix is dropped, and the result is not valid until the next fit; `errors` and the diagonal `covariance`
    are steps for it. Parameters that are free stay free.

    Raises
    ------
    ValueError
        Unknown names.
    """
    return _released(minimum, _chosen(minimum, names)[1])


def joint_up(cl: float, parameters: int, errordef: float = 1.0) -> float:
    """The UP whose contour is a joint confidence region for several parameters (Minuit manual, table 7.1).

    Parameters
    ----------
    cl
        Confidence level: a probability below 1, or a number of standard deviations of one parameter from 1.
    parameters
        Number of parameters that shall lie in the region together.
    errordef
        UP for one standard deviation of one parameter: 1 for chi-square (default), 0.5 for a negative log-likelihood.

    Raises
    ------
    ValueError
        A level that is not a positive number, less than one parameter, UP not positive.

    Examples
    --------
    >>> import jaxminuit as jm
    >>> round(float(jm.joint_up(0.95, 2)), 4)
    5.9915
    """
    parameters, errordef = whole("parameters", parameters), positive_number("errordef", errordef)
    if cl is None:
        raise ValueError("cl must be a positive number, not None")
    return errordef * rise_factor(cl, parameters)


def _chosen(minimum, names):
    """Positions and mask of the named parameters."""
    check_single(minimum)
    positions = asked_for(minimum.parameters, names)
    mask = np.zeros(minimum.parameters.size, bool)
    mask[positions] = True
    return positions, jnp.asarray(mask)


def _numbers(minimum, values, positions):
    """One number for each position."""
    if isinstance(values, Mapping):
        given = {minimum.parameters.index(name): value for name, value in values.items()}
        if set(given) != set(positions):
            raise ValueError(f"values are given for {list(values)}, which are not the parameters to fix")
        values = [given[i] for i in positions]
    array = values if isinstance(values, jax.Array) else np.asarray(values)
    if array.dtype.kind not in "iuf" or array.ndim > 1 or array.size not in (1, len(positions)):
        raise ValueError(f"values must be one number, or one for each of {len(positions)} parameters, not {values!r}")
    return jnp.broadcast_to(jnp.asarray(array, minimum.values.dtype).reshape(-1), (len(positions),))


@quick_jit
def _fixed_at(minimum, pinned, values, moved):
    return fixed_at(minimum, pinned, values, moved, precision(values.dtype).eps2)


@quick_jit
def _released(minimum, chosen):
    p = minimum.parameters
    eps2 = precision(minimum.values.dtype).eps2
    steps = transform.internal_steps(minimum.values, p.step, p.lower, p.upper, eps2)
    return released(minimum, chosen, steps)
