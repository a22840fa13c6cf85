"""What fixing and releasing parameters does to a minimum (Minuit manual, FIX, RELease and section 5.3)."""

from dataclasses import replace

import jax.numpy as jnp

from jaxminuit.core import symmetric
from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.tree import select
from jaxminuit.core.types import Flag, Mask, Vector
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform


def fixed_at(minimum: FunctionMinimum, pinned: Mask, values: Vector, moved: Flag | bool, eps2) -> FunctionMinimum:
    """The minimum with the pinned parameters fixed at external `values`, the error matrix squeezed to the others.

    V - V_p (V_pp)^-1 V_p' is the inverse Hessian of the parameters that are left. Unless `moved`, the point is still
    their minimum; else value, gradient and EDM are not known there.
    """
    p = minimum.parameters
    x = jnp.where(pinned, values, minimum.values)
    u = jnp.where(pinned & jnp.asarray(moved), transform.ext2int(x, p.lower, p.upper, eps2), minimum.u)
    p = p.replace(values=jnp.where(pinned, x, p.values), fixed=p.fixed | pinned)
    free = ~p.fixed
    v = symmetric.squeezed(minimum.inverse_hessian, pinned)
    g = jnp.where(free, minimum.gradient, 0.0)
    hessian = symmetric.unit_where_fixed(minimum.hessian, free)
    fixed = replace(
        minimum, parameters=p, values=x, u=u, inverse_hessian=v, gradient=g, hessian=hessian,
        edm=error_matrix.edm(g, v),
    )  # fmt: skip
    fixed = _with_errors(fixed, free)
    held = jnp.where(free, fixed.held, 0)
    unheld = (fixed.status == Status.AT_LIMIT) & ~jnp.any(held != 0)
    status = jnp.where(unheld, Status.CONVERGED, fixed.status).astype(jnp.int32)
    fixed = replace(fixed, held=held, status=status)
    return _unknown(fixed, moved)


def released(minimum: FunctionMinimum, chosen: Mask, steps: Vector) -> FunctionMinimum:
    """The minimum with the chosen parameters free again, and no error matrix; `steps`: internal ones of these.

    The errors become steps for the next fit: the old ones, and for the released parameters the user's. V is diagonal
    and says the same.
    """
    p = minimum.parameters
    chosen = chosen & p.fixed
    changes = jnp.any(chosen)
    p = p.replace(fixed=p.fixed & ~chosen)
    diagonal = jnp.where(chosen, 0.5 * steps**2 / minimum.errordef, jnp.diagonal(minimum.inverse_hessian))
    free = ~p.fixed
    opened = replace(
        minimum, parameters=p, inverse_hessian=symmetric.diagonal(diagonal, free),
        hessian=jnp.full_like(minimum.hessian, jnp.nan),
        matrix_status=jnp.int32(MatrixStatus.ABSENT), dcovar=jnp.ones_like(minimum.dcovar),
    )  # fmt: skip
    return select(changes, _unknown(_with_errors(opened, free), True, keep_value=True), minimum)


def _with_errors(m: FunctionMinimum, free: Mask) -> FunctionMinimum:
    """External errors and covariance from V."""
    p, v = m.parameters, m.inverse_hessian
    spread = safe_sqrt(2.0 * m.errordef * jnp.diagonal(v))
    errors = jnp.where(free, transform.external_errors(m.u, spread, p.lower, p.upper), 0.0)
    covariance = transform.external_covariance(m.u, v, m.errordef, p.lower, p.upper)
    return replace(m, errors=errors, covariance=symmetric.masked(covariance, free))


def _unknown(m: FunctionMinimum, unknown: Flag | bool, keep_value: bool = False) -> FunctionMinimum:
    """Where the derivatives are unknown: no longer a valid minimum, until the next fit."""

    def lost(x):
        return jnp.where(unknown, jnp.nan, x)

    status = jnp.where(unknown, Status.ABOVE_EDM_GOAL, m.status).astype(jnp.int32)
    fval = m.fval if keep_value else lost(m.fval)
    return replace(m, fval=fval, edm=lost(m.edm), gradient=lost(m.gradient), status=status)
