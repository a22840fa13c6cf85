"""Fumili: Gauss-Newton steps inside a trust region, for sums of squares and likelihoods that show their terms.

The step minimises the quadratic model inside ||D s|| <= radius, D^2 being the largest diagonal of the Gauss-Newton
matrix seen so far (J. J. More, Lecture Notes in Mathematics 630 (1978) 105); the radius follows the ratio of actual
to predicted decrease. The matrix of a sum of convex functions has no negative eigenvalue, so that every step goes down
and Cholesky factors are enough. (I. N. Silin, FUMILI, CERN program library D510.)
"""

import enum
from dataclasses import replace
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import small, symmetric
from jaxminuit.core.precision import Precision, precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import Status
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.verdict import verdict
from jaxminuit.problem.request import Kind, Reply, Request

FIRST_RADIUS = 0.3  # of ||D u||
POOR, GOOD = 0.25, 0.75  # ratios of actual to predicted decrease at which the radius shrinks and grows
ACCEPTED = 1e-4  # ratio above which a trial is better
STEP = 1e-5  # of each parameter: steps below are small
RISE = 1e-12  # EDM in units of F below which steps are small too
LENIENCE = 1e-8  # by which part a step may be longer than the radius
SECULAR_STEPS = 30  # Newton steps for the damping, monotonous from 0: far more than ever needed


class Phase(enum.IntEnum):
    """What the next reply is for."""

    START = 0
    TRIAL = 1  # with its derivatives: likely to be accepted
    CAREFUL = 2  # its value alone, after a trial that was rejected
    ARRIVE = 3  # the derivatives at a trial that was accepted
    DONE = 4


class FumiliState(eqx.Module):
    """The best point with its derivatives, the trust region, and the present trial."""

    phase: Count
    status: Count  # CONVERGED, CALL_LIMIT, or ABOVE_EDM_GOAL: no step helps
    free: Mask
    x: Vector
    f: Scalar
    g: Vector
    hessian: Matrix  # of Gauss and Newton
    scale2: Vector  # D^2
    edm: Scalar
    radius: Scalar
    step: Vector
    length: Scalar  # ||D step||
    predicted: Scalar
    inside: Flag  # the step is shorter than the radius
    first: Scalar  # F at the start
    gstep: Vector
    nfcn: Count
    ngrad: Count
    max_calls: Count


class Fitted(eqx.Module):
    """What a FunctionMinimum is made from."""

    free: Mask
    x: Vector
    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    edm: Scalar
    error: ErrorMatrix
    nfcn: Count
    ngrad: Count
    nhessian: Count


class Fumili(Machine):
    """The Gauss-Newton minimiser; see the module's sentences."""

    errordef: Scalar
    tol: Scalar
    precision: Precision

    @property
    def goal(self) -> Scalar:
        """EDM below which the fit has converged: 0.002 tol UP, as for Migrad."""
        return 0.002 * jnp.maximum(self.tol * self.errordef, precision(self.errordef.dtype).eps2)

    def start(self, u: Vector, free: Mask, steps: Vector, gstep: Vector, max_calls: Count) -> FumiliState:
        """Begin at internal coordinates u; the first radius reaches at least the internal `steps`."""
        n, dtype = u.size, u.dtype
        nan, zero, none = jnp.full((), jnp.nan, dtype), jnp.zeros((), dtype), jnp.int32(0)
        return FumiliState(
            jnp.int32(Phase.START), jnp.int32(Status.NOT_FINITE), free, u, nan, jnp.zeros_like(u),
            jnp.zeros((n, n), dtype), jnp.zeros_like(u), nan, zero, jnp.where(free, steps, 0.0), zero, zero,
            jnp.array(True), nan, gstep, none, none, jnp.asarray(max_calls, jnp.int32),
        )  # fmt: skip

    def ask(self, s: FumiliState) -> Request:
        u = s.x + jnp.where(s.phase == Phase.START, 0.0, 1.0) * s.step
        kind = jnp.where(s.phase == Phase.CAREFUL, Kind.VALUE, Kind.HESSIAN).astype(jnp.int32)
        return Request(kind, u, s.free, s.f, s.g, jnp.diagonal(s.hessian), s.gstep, s.max_calls - s.nfcn)

    def finished(self, s: FumiliState) -> Flag:
        return s.phase == Phase.DONE

    def tell(self, s: FumiliState, reply: Reply) -> FumiliState:
        start, careful, arrive = (s.phase == phase for phase in (Phase.START, Phase.CAREFUL, Phase.ARRIVE))
        derivatives = jnp.all(jnp.isfinite(reply.g)) & jnp.all(jnp.isfinite(reply.hessian))
        usable = jnp.isfinite(reply.f) & (careful | derivatives)  # a reply may bring more than was asked for
        radius, better = self._judged(s, reply.f, usable)
        # derivatives that are not finite where the value was
        radius = jnp.where(arrive, jnp.where(usable, s.radius, 0.1 * s.length), radius)
        taken = usable & jnp.where(start | arrive, True, better & ~careful)
        wait = careful & better
        noise = ~start & ~taken & ~wait & (s.predicted <= self.precision.eps * jnp.abs(s.f))
        s = replace(s, nfcn=s.nfcn + reply.calls, ngrad=s.ngrad + ~careful, radius=radius)
        onward = self._next(select(taken, self._moved(s, reply), s), taken, noise)
        onward = select(wait, replace(s, phase=jnp.int32(Phase.ARRIVE)), onward)
        lost = replace(s, f=reply.f, phase=jnp.int32(Phase.DONE))
        return select(start & ~usable, lost, onward)

    def _judged(self, s: FumiliState, f: Scalar, usable: Flag) -> tuple[Scalar, Flag]:
        """The radius after a trial with value f, and whether that is better (More's rules)."""
        decrease = jnp.where(usable, s.f - f, -jnp.inf)
        ratio = safe_divide(decrease, s.predicted, -jnp.inf)
        slope = s.g @ s.step
        # where the parabola through both values and the slope has its minimum
        minimum = jnp.where(usable, 0.5 * slope / (slope + decrease), 0.1)
        shrink = jnp.where(decrease >= 0, 0.5, jnp.clip(minimum, 0.1, 0.5))
        radius = jnp.where(s.nfcn == 1, jnp.minimum(s.radius, s.length), s.radius)
        grown = jnp.where(s.inside | (ratio > GOOD), 2.0 * s.length, radius)
        radius = jnp.where(ratio > POOR, grown, shrink * jnp.minimum(radius, 10.0 * s.length))
        return radius, ratio > ACCEPTED

    def _moved(self, s: FumiliState, reply: Reply) -> FumiliState:
        """To the point of the reply."""
        start = s.phase == Phase.START
        diagonal = jnp.maximum(jnp.where(s.free, jnp.diagonal(reply.hessian), 1.0), s.scale2)
        scale2 = jnp.where(diagonal > 0, diagonal, 1.0)
        d = jnp.where(s.free, jnp.sqrt(scale2), 0.0)
        radius = jnp.maximum(FIRST_RADIUS * jnp.linalg.norm(d * s.x), jnp.linalg.norm(d * s.step))
        return replace(
            s, x=jnp.where(start, s.x, s.x + s.step), f=reply.f, g=jnp.where(s.free, reply.g, 0.0),
            hessian=symmetric.unit_where_fixed(reply.hessian, s.free), scale2=diagonal,
            radius=jnp.where(start, radius, s.radius), first=jnp.where(start, reply.f, s.first),
        )  # fmt: skip

    def _next(self, s: FumiliState, moved: Flag, noise: Flag) -> FumiliState:
        """The next trial inside the radius, unless the fit has converged, has no calls left, or cannot move."""
        d = jnp.sqrt(jnp.where(s.scale2 > 0, s.scale2, 1.0))
        newton, along, damping, floor = _steps(s.hessian / d[:, None] / d[None, :], s.g / d, s.radius)
        edm = 0.5 * jnp.sum(newton * s.g / d)
        newton, step = -newton / d, -along / d
        length = jnp.linalg.norm(along)
        predicted = -0.5 * jnp.sum(step * s.g) + 0.5 * (damping + floor) * length**2

        eps = self.precision.eps
        size = jnp.maximum(STEP, eps) * jnp.abs(s.x)
        small = jnp.all((jnp.abs(newton) <= size) & (jnp.abs(s.step) <= size))  # the next step, and the last one
        # where F goes to 0 it ends in the rounding of residuals as large as those at the start
        small = small | (edm <= jnp.maximum(jnp.maximum(RISE, eps) * jnp.abs(s.f), eps**2 * jnp.abs(s.first)))
        converged = moved & small & (edm < self.goal)
        stuck = noise | jnp.all(jnp.abs(step) <= eps * jnp.abs(s.x)) | ~(predicted > 0)
        spent = s.nfcn >= s.max_calls
        trial = jnp.where(moved, Phase.TRIAL, Phase.CAREFUL)
        status = jnp.where(stuck, Status.ABOVE_EDM_GOAL, Status.CALL_LIMIT)
        return replace(
            s, edm=edm, step=step, length=length, predicted=predicted, inside=damping == 0,
            phase=jnp.where(converged | stuck | spent, Phase.DONE, trial).astype(jnp.int32),
            status=jnp.where(converged, Status.CONVERGED, status).astype(jnp.int32),
        )  # fmt: skip

    def result(self, s: FumiliState) -> tuple[Fitted, Count]:
        """What was found, with the inverse Gauss-Newton matrix as error matrix, and the verdict on it."""
        error = error_matrix.from_gauss_newton(s.hessian, s.free, jnp.isfinite(s.edm))
        code = verdict(error, s.edm, self.goal, ~(s.edm < self.goal), s.status == Status.CALL_LIMIT)
        hidden = (code == Status.ABOVE_EDM_GOAL) & (s.edm <= self.precision.eps * jnp.abs(s.f))
        code = jnp.where(hidden, Status.CONVERGED_TO_NOISE, code).astype(jnp.int32)
        g2 = jnp.diagonal(s.hessian)
        fitted = Fitted(s.free, s.x, s.f, s.g, g2, s.gstep, s.edm, error, s.nfcn, s.ngrad, jnp.int32(0))
        return fitted, code


def _steps(m: Matrix, g: Vector, radius: Scalar) -> tuple[Vector, Vector, Scalar, Scalar]:
    """(m + floor)^-1 g; (m + floor + damping)^-1 g, not longer than the radius; the damping and the floor.

    Hebden's iteration for the damping comes from below; the step may be longer by rounding alone.
    """
    floor = small.safe_floor(m)
    longest = radius * (1.0 + max(LENIENCE, 16.0 * float(jnp.finfo(m.dtype).eps)))

    def too_long(state):
        return (state.turns == 0) | ((state.length > longest) & (state.turns < SECULAR_STEPS))

    def better(state):
        more = safe_divide(state.length - radius, radius) * safe_divide(state.length**2, state.rate)
        damping = jnp.where(state.turns == 0, 0.0, state.damping + more)
        factor = small.cholesky(m, floor + damping)
        along = small.solve(factor, g)
        newton = jnp.where(state.turns == 0, along, state.newton)
        rate = jnp.sum(small.forward(factor, along) ** 2)
        return _Damped(damping, along, newton, jnp.linalg.norm(along), rate, state.turns + 1)

    zero = jnp.zeros_like(radius)
    # the first turn is Newton's step: side by side in many fits the factor stands once in the program
    state = lax.while_loop(too_long, better, _Damped(zero, g, g, zero, zero, jnp.int32(0)))
    return state.newton, state.along, state.damping, floor


class _Damped(NamedTuple):
    """What is known of (m + floor + damping)^-1 g = along: its length, and g.(...)^-3.g, the rate at which it falls."""

    damping: Scalar
    along: Vector
    newton: Vector
    length: Scalar
    rate: Scalar
    turns: Count
