"""The verdict on a fit: one status from the error matrix, the EDM and the calls."""

import jax.numpy as jnp

from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.types import Count, Flag, Scalar
from jaxminuit.minimise.error_matrix import ErrorMatrix

TOLERABLE = 500.0  # EDM in units of its goal beyond which no noise excuses it: 0.1 UP, half a standard deviation


def verdict(
    error: ErrorMatrix,
    edm: Scalar,
    goal: Scalar,
    above: Flag,
    spent: Flag | bool,
    accuracy: Scalar | float = 0.0,
    fresh: Flag | bool = True,
) -> Count:
    """The Status of a fit that has ended; `above`: its EDM is too large, `spent`: it ran out of calls.

    The first of these that holds: not finite, call limit, no usable matrix, flat direction, not positive definite,
    EDM above its goal; else converged. A `fresh` Hessian that had to be forced positive definite is not that of a
    minimum; a V that was repaired on the way may be. An EDM within ten times the `accuracy` of the FCN,
    whose gradient may be noisy too, counts as converged to noise if it, or the accuracy, is above its goal;
    unless the EDM is so large that the values would be off by half their errors.
    """
    matrix = error.status
    indefinite = matrix == MatrixStatus.NOT_POSITIVE_DEFINITE
    indefinite = indefinite | (fresh & (matrix == MatrixStatus.MADE_POSITIVE_DEFINITE))
    failed = (matrix == MatrixStatus.HESSE_FAILED) | (matrix == MatrixStatus.INVERT_FAILED)
    bound = jnp.minimum(10.0 * accuracy, TOLERABLE * goal)
    noisy = (above | (accuracy > goal)) & (jnp.abs(edm) <= bound)
    status = jnp.where(above, Status.ABOVE_EDM_GOAL, Status.CONVERGED)
    status = jnp.where(noisy, Status.CONVERGED_TO_NOISE, status)
    status = jnp.where(indefinite, Status.NOT_POSITIVE_DEFINITE, status)
    status = jnp.where(indefinite & error.flat & ~above, Status.FLAT_DIRECTION, status)
    status = jnp.where(failed, Status.HESSE_FAILED, status)
    status = jnp.where(spent | (matrix == MatrixStatus.CALL_LIMIT), Status.CALL_LIMIT, status)
    return jnp.where(jnp.isfinite(edm), status, Status.NOT_FINITE).astype(jnp.int32)
