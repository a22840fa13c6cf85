"""The inverse Hessian V that Migrad carries along: first guess, update from a step, replacement by a fresh Hessian."""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core import small, symmetric
from jaxminuit.core.precision import Precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.problem.request import Reply


class ErrorMatrix(eqx.Module):
    """V = inverse Hessian (zero rows for fixed parameters), how far it is trusted, and where it came from.

    `hessian`: the last raw Hessian (NaN if there was none). `lowest`: smallest eigenvalue of that
    Hessian scaled to a unit diagonal, `direction` its eigenvector: the way down where it is negative.
    """

    v: Matrix
    dcovar: Scalar
    status: Count
    hessian: Matrix | None
    lowest: Scalar
    flat: Flag
    direction: Vector


def start(v: Matrix, dcovar: Scalar | float) -> ErrorMatrix:
    """A matrix that came from outside, or from a guess of the second derivatives."""
    nan = jnp.full_like(v, jnp.nan)
    one = jnp.ones((), v.dtype)
    status = jnp.int32(MatrixStatus.APPROXIMATE)
    return ErrorMatrix(v, dcovar * one, status, nan, one, jnp.array(False), jnp.zeros_like(v[0]))


def guess(g2: Vector, free: Mask, precision: Precision, allow_negative: bool = False) -> Matrix:
    """diag(1 / g2), 1 where g2 is too small (or negative)."""
    usable = (jnp.abs(g2) if allow_negative else g2) > precision.eps
    return symmetric.diagonal(safe_divide(1.0, jnp.where(usable, g2, 1.0)), free)


def edm(g: Vector, v: Matrix) -> Scalar:
    """Estimated distance to the minimum, g.V.g / 2 (Minuit manual, section 5.1.4)."""
    return 0.5 * g @ v @ g


def updated(e: ErrorMatrix, dx: Vector, dg: Vector, careful: bool) -> ErrorMatrix:
    """Davidon's rank-two formula with Fletcher's switch, V + dx dx'/d - w w'/c (+ c r r' if d > c).

    d = dx.dg, w = V dg, c = dg.w, r = dx/d - w/c. dcovar is the mean of the old one and the relative change of V. With
    `careful`, steps along which the gradient did not rise (d <= 0) leave V alone. (R. Fletcher, Comput. J. 13 (1970)
    317; Minuit manual, section 5.1.)
    """
    w = e.v @ dg
    d, c = dx @ dg, dg @ w
    unusable = (c <= 0) | (d <= 0 if careful else d == 0) | ~jnp.isfinite(c + d)
    d, c = jnp.where(unusable, 1.0, d), jnp.where(unusable, 1.0, c)
    change = jnp.outer(dx, dx) / d - jnp.outer(w, w) / c
    r = dx / d - w / c
    change = change + jnp.where(d > c, c, 0.0) * jnp.outer(r, r)
    v = e.v + change
    moved = safe_divide(symmetric.packed_sum(change), symmetric.packed_sum(v))
    new = replace(e, v=v, dcovar=0.5 * (e.dcovar + moved), status=jnp.int32(MatrixStatus.APPROXIMATE))
    return select(unusable, e, new)


def repaired(e: ErrorMatrix, needed: Flag, free: Mask, precision: Precision) -> ErrorMatrix:
    """V made positive definite where needed."""
    v, made = symmetric.repair_if(needed, e.v, free, precision)
    forced = replace(e, v=v, dcovar=jnp.ones_like(e.dcovar), status=jnp.int32(MatrixStatus.MADE_POSITIVE_DEFINITE))
    return select(made, forced, replace(e, v=v))


def declared_flat(e: ErrorMatrix, flat: Flag) -> ErrorMatrix:
    """The matrix of a point where the FCN has no minimum along some direction, although its Hessian looks like one."""
    status = jnp.where(flat, MatrixStatus.NOT_POSITIVE_DEFINITE, e.status).astype(jnp.int32)
    return replace(e, flat=e.flat | flat, status=status)


def from_differences(reply: Reply, free: Mask, precision: Precision) -> ErrorMatrix:
    """Minuit's treatment of a finite-difference Hessian: forced positive definite, inverted; else diagonal."""
    h = symmetric.masked(reply.hessian, free)
    positive, made = symmetric.repair(h, free, precision)
    v, invertible = symmetric.inverse(positive, free)
    ok = reply.outcome == MatrixStatus.ACCURATE
    status = jnp.where(made, MatrixStatus.MADE_POSITIVE_DEFINITE, MatrixStatus.ACCURATE)
    status = jnp.where(invertible, status, MatrixStatus.INVERT_FAILED)
    status = jnp.where(ok, status, reply.outcome)
    good = ok & invertible
    small = precision.eps2
    spread = jnp.where(reply.g2 < small, 1.0, safe_divide(1.0, reply.g2, 1.0))
    spread = jnp.where(spread < small, 1.0, spread)
    v = jnp.where(good, v, symmetric.diagonal(spread, free))
    dcovar = jnp.where(status == MatrixStatus.ACCURATE, 0.0, 1.0)
    status = status.astype(jnp.int32)
    raw = jnp.where(ok, symmetric.unit_where_fixed(h, free), jnp.nan)
    return replace(start(v, 1.0), dcovar=dcovar.astype(v.dtype), status=status, hessian=raw)


def from_exact(reply: Reply, free: Mask, fallback: Matrix) -> ErrorMatrix:
    """An exact Hessian: its inverse if positive definite; else a descent metric, and the status says so."""
    h = symmetric.masked(reply.hessian, free)
    v, scaled, direction = symmetric.positive_inverse(h, free)
    ok = reply.outcome == MatrixStatus.ACCURATE
    flat = ok & (jnp.min(jnp.abs(scaled)) <= symmetric.flat_threshold(scaled))
    positive = ok & (scaled[0] > 0) & ~flat
    status = jnp.where(positive, MatrixStatus.ACCURATE, MatrixStatus.NOT_POSITIVE_DEFINITE)
    status = jnp.where(ok, status, reply.outcome).astype(jnp.int32)
    raw = jnp.where(ok, symmetric.unit_where_fixed(h, free), jnp.nan)
    return ErrorMatrix(
        jnp.where(ok, v, fallback), jnp.where(positive, 0.0, 1.0).astype(v.dtype), status, raw,
        scaled[0], flat, direction,
    )  # fmt: skip


def from_gauss_newton(h: Matrix, free: Mask, known: Flag) -> ErrorMatrix:
    """The inverse of a Gauss-Newton matrix, which is never indefinite, called approximate; diagonal if h is not known.

    Flat if the smallest eigenvalue of h scaled to a unit diagonal could come from rounding alone; 1 / trace(inverse) is
    at most that and at least its n-th part. There is no raw Hessian.
    """
    h = symmetric.unit_where_fixed(h, free)
    n, scale, unit = h.shape[0], symmetric.unit_scale(h), jnp.finfo(h.dtype)
    scaled = symmetric.scaled(h, scale)
    v = small.inverse(small.cholesky(scaled, small.safe_floor(scaled)))
    lowest = safe_divide(jnp.ones((), h.dtype), jnp.trace(v))
    flat = known & ~(lowest > 100.0 * n * n * unit.eps)
    v = symmetric.masked(symmetric.scaled(v, scale), free)
    status = jnp.where(flat, MatrixStatus.NOT_POSITIVE_DEFINITE, MatrixStatus.APPROXIMATE)
    status = jnp.where(known, status, MatrixStatus.HESSE_FAILED).astype(jnp.int32)
    v = jnp.where(known, v, symmetric.diagonal(scale * scale, free))
    dcovar = jnp.where(known & ~flat, 0.0, 1.0).astype(v.dtype)
    return ErrorMatrix(v, dcovar, status, None, lowest, flat, jnp.zeros_like(scale))
