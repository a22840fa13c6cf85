"""Symmetric matrices of which some rows are switched off: inverse, positive-definite repair, correlations.

A fixed parameter has a zero row in V (inverse Hessian) and is left out of every sum by a mask, so that fixing one
is a value and never a shape.
"""

import jax.numpy as jnp
from jax import lax

from jaxminuit.core.precision import Precision
from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.types import AnyMatrix, Flag, Mask, Matrix, Scalar, Vector


def masked(m: Matrix, free: Mask) -> Matrix:
    """Rows and columns of fixed parameters set to 0."""
    return jnp.where(free[:, None] & free[None, :], m, 0.0)


def unit_where_fixed(m: Matrix, free: Mask) -> Matrix:
    """Rows and columns of fixed parameters set to those of the unit matrix, so that m can be inverted."""
    return jnp.where(free[:, None] & free[None, :], m, jnp.eye(m.shape[0], dtype=m.dtype))


def diagonal(d: Vector, free: Mask) -> Matrix:
    """diag(d) with zero rows for fixed parameters."""
    return jnp.diag(jnp.where(free, d, 0.0))


def packed_sum(m: Matrix) -> Scalar:
    """Sum of |m_ij| over the triangle, each off-diagonal element once."""
    return jnp.sum(jnp.tril(jnp.abs(m)))


def unit_scale(m: Matrix) -> Vector:
    """1 / sqrt(|m_ii|), 1 where the diagonal is 0 or not finite: scales m to a unit diagonal."""
    d = jnp.abs(jnp.diagonal(m))
    usable = jnp.isfinite(d) & (d > 0)
    return jnp.where(usable, 1.0 / jnp.sqrt(jnp.where(usable, d, 1.0)), 1.0)


def scaled(m: Matrix, scale: Vector) -> Matrix:
    """diag(scale) m diag(scale)."""
    return m * scale[:, None] * scale[None, :]


def inverse(m: Matrix, free: Mask) -> tuple[Matrix, Flag]:
    """Inverse over the free rows (scaled to a unit diagonal first), and whether there is one."""
    m = unit_where_fixed(m, free)
    scale = unit_scale(m)
    inv = jnp.linalg.inv(scaled(m, scale))
    inv = scaled(0.5 * (inv + inv.T), scale)
    ok = jnp.all(jnp.diagonal(m) >= 0) & jnp.all(jnp.isfinite(inv))
    return masked(inv, free), ok


def repair(m: Matrix, free: Mask, precision: Precision) -> tuple[Matrix, Flag]:
    """Minuit's way to a positive-definite matrix, and whether more than the diagonal had to be shifted.

    A negative diagonal is lifted to 1/2; the matrix is scaled to a unit diagonal; if its smallest eigenvalue p is
    not above epspdf max(|p_max|, 1), every diagonal element is enlarged by the factor 1 + p_max/1000 - p.
    """
    one_free = jnp.sum(free) == 1
    epspdf = jnp.maximum(1e-12, precision.eps2)
    d = jnp.where(free, jnp.diagonal(m), 1.0)
    lowest = jnp.min(jnp.where(free, d, jnp.inf))
    shifted = d + jnp.where(lowest <= 0, 0.5 + epspdf - lowest, 0.0)
    shifted = jnp.where(shifted < 0, 1.0, shifted)
    moved = jnp.where(jnp.eye(d.size, dtype=bool), jnp.where(one_free, d, shifted)[:, None], unit_where_fixed(m, free))
    scale = unit_scale(moved)
    p = jnp.linalg.eigvalsh(_finite_or_zero(scaled(moved, scale)))
    largest = jnp.maximum(jnp.abs(p[-1]), 1.0)
    fine = jnp.where(one_free, jnp.all(d >= precision.eps), p[0] > epspdf * largest)
    factor = jnp.where(fine, 1.0, 1.0 + 0.001 * largest - p[0])
    lifted = jnp.where(one_free & ~fine, 1.0, jnp.diagonal(moved) * factor)
    new = jnp.where(jnp.eye(d.size, dtype=bool), lifted[:, None], moved)
    return masked(new, free), ~fine


def repair_if(needed: Flag, m: Matrix, free: Mask, precision: Precision) -> tuple[Matrix, Flag]:
    """`repair` where needed, else m as it is. The eigenvalues are only calculated when needed in a single fit."""
    return lax.cond(needed, lambda a: repair(a, free, precision), lambda a: (a, jnp.array(False)), m)


def scaled_eigenvectors(m: Matrix, free: Mask) -> tuple[Vector, Matrix]:
    """Eigenvalues of m scaled to a unit diagonal (ascending; 1 for fixed parameters), and unscaled eigenvectors."""
    m = _finite_or_zero(unit_where_fixed(m, free))
    scale = unit_scale(m)
    p, q = jnp.linalg.eigh(scaled(m, scale))
    return p, q * scale[:, None]


def positive_inverse(m: Matrix, free: Mask) -> tuple[Matrix, Vector, Vector]:
    """Inverse of m with the sign of negative eigenvalues turned, to serve as a descent metric.

    Returns V, the eigenvalues of m scaled to a unit diagonal (ascending; 1 for fixed parameters), and the eigenvector
    of the smallest one in unscaled coordinates.
    """
    p, q = scaled_eigenvectors(m, free)
    floor = flat_threshold(p)
    v = (q / jnp.maximum(jnp.abs(p), floor)[None, :]) @ q.T
    return masked(0.5 * (v + v.T), free), p, jnp.where(free, q[:, 0], 0.0)


def flat_threshold(p: Vector) -> Scalar:
    """Eigenvalues of a unit-diagonal matrix that rounding alone can make: 100 n eps max|p|."""
    return 100.0 * p.size * jnp.finfo(p.dtype).eps * jnp.maximum(jnp.max(jnp.abs(p)), 1.0)


def squeezed(v: Matrix, pinned: Mask) -> Matrix:
    """V of the parameters that are left when the pinned ones are fixed: V - V_p (V_pp)^-1 V_p'."""
    unit = jnp.eye(v.shape[0], dtype=v.dtype)
    block = jnp.where(pinned[:, None] & pinned[None, :], v, unit)
    block = jnp.where(jnp.diagonal(block)[:, None] * unit > 0, block, jnp.where(unit > 0, 1.0, block))
    columns = jnp.where(pinned[None, :], v, 0.0)
    left = v - columns @ jnp.linalg.solve(block, columns.T)
    return jnp.where(pinned[:, None] | pinned[None, :], 0.0, left)


def correlation(covariance: AnyMatrix) -> Matrix:
    """C_ij / sqrt(C_ii C_jj), 0 where a variance is 0, with 1 on the diagonal; batches in leading axes."""
    sigma = safe_sqrt(jnp.diagonal(covariance, axis1=-2, axis2=-1))
    rho = safe_divide(covariance, sigma[..., :, None] * sigma[..., None, :])
    return jnp.where(jnp.eye(covariance.shape[-1], dtype=bool), 1.0, rho)


def global_correlation(v: Matrix, free: Mask) -> Vector:
    """sqrt(1 - 1/(V_ii (V^-1)_ii)): the largest correlation of each parameter with any combination of the others."""
    unit = jnp.eye(v.shape[-1], dtype=v.dtype)
    whole = jnp.where(free[..., :, None] & free[..., None, :], v, unit)
    d = jnp.sqrt(jnp.abs(jnp.diagonal(whole, axis1=-2, axis2=-1)))
    d = jnp.where(d > 0, d, 1.0)
    scaled = whole / (d[..., :, None] * d[..., None, :])
    product = jnp.diagonal(jnp.linalg.inv(scaled), axis1=-2, axis2=-1)
    return jnp.where(free, safe_sqrt(1.0 - safe_divide(1.0, product)), 0.0)


def _finite_or_zero(m: Matrix) -> Matrix:
    return jnp.where(jnp.isfinite(m), m, 0.0)
