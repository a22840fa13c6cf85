"""Newton's method on exact Hessians, damped where they are not positive definite: for very small problems.

Every request brings value, gradient and Hessian, and every reply is followed by one step: with few parameters the
algebra is written out, so that many fits can be taken side by side. (K. Levenberg, Q. Appl. Math. 2 (1944) 164;
D. Marquardt, J. SIAM 11 (1963) 431.) There are no special cases: a fit that does not end in a plain minimum within a
few steps says so, and is one for Migrad.
"""

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core import small, symmetric
from jaxminuit.core.precision import Precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector, present
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.fumili import Fitted
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Kind, Reply, Request

MOST_CALLS = 30  # the fits that this is made for take 3 to 8
SETTLED = 1e-2  # of the EDM goal, where the fit ends
LONG = 1e-2  # of a parameter or its first step: a minimum whose next step is longer may be a plateau
FIRST_STEP = 10.0  # longest step in the user's step sizes, before the model has proved right
GROWTH = 4.0  # of that length when a step of it was right
ACCEPTED, GOOD = 1e-4, 0.25  # ratios of actual to predicted decrease
HARDER, SOFTER = 8.0, 0.125  # factors of the damping
FIRST_DAMPING, NO_DAMPING = 0.5, 0.02  # in units of the scaled Hessian's diagonal


class NewtonState(eqx.Module):
    """The best point with its derivatives, and the present trial."""

    x: Vector
    f: Scalar
    g: Vector
    hessian: Matrix  # unit rows for fixed parameters
    edm: Scalar
    step: Vector
    predicted: Scalar
    damping: Scalar
    radius: Scalar
    capped: Flag
    nfcn: Count
    finished: Flag
    converged: Flag


class Newton(Machine):
    """Levenberg's and Marquardt's damping of Newton's steps. `steps`: the user's steps in internal coordinates."""

    goal: Scalar
    precision: Precision
    free: Mask
    steps: Vector

    def start(self, u: Vector) -> NewtonState:
        """Begin at internal coordinates u."""
        zero, false = jnp.zeros((), u.dtype), jnp.array(False)
        return NewtonState(
            u, zero + jnp.inf, jnp.zeros_like(u), jnp.eye(u.size, dtype=u.dtype), zero + jnp.inf, jnp.zeros_like(u),
            zero, zero, zero + FIRST_STEP, false, jnp.int32(0), false, false,
        )  # fmt: skip

    def ask(self, s: NewtonState) -> Request:
        unknown = jnp.zeros_like(s.x)
        return Request(jnp.int32(Kind.HESSIAN), s.x + s.step, self.free, s.f, s.g, unknown, unknown, jnp.int32(0))

    def finished(self, s: NewtonState) -> Flag:
        return s.finished

    def tell(self, s: NewtonState, reply: Reply) -> NewtonState:
        h = symmetric.unit_where_fixed(reply.hessian, self.free)
        g = jnp.where(self.free, reply.g, 0.0)
        usable = jnp.isfinite(reply.f) & jnp.isfinite(jnp.sum(g)) & jnp.isfinite(jnp.sum(h))
        start, rounding = s.nfcn == 0, self.precision.eps * jnp.abs(s.f)
        decrease = s.f - reply.f
        taken = usable & (start | (decrease > ACCEPTED * s.predicted - rounding))
        good = taken & ~start & (decrease > GOOD * s.predicted - rounding)
        softer = jnp.where(s.damping > NO_DAMPING, SOFTER * s.damping, 0.0)
        harder = jnp.maximum(HARDER * s.damping, FIRST_DAMPING)
        damping = jnp.where(taken, jnp.where(good, softer, s.damping), harder)
        radius = jnp.where(good & s.capped, GROWTH * s.radius, s.radius)
        moved = replace(s, x=s.x + s.step, f=reply.f, g=g, hessian=h)
        lost = (start & ~usable) | (~start & ~taken & ~(s.predicted > rounding))
        s = replace(select(taken, moved, s), damping=damping, radius=radius, nfcn=s.nfcn + 1)
        return self._next(s, lost)

    def _next(self, s: NewtonState, lost: Flag) -> NewtonState:
        """The next trial, unless the fit has converged or is given up."""
        scale = symmetric.unit_scale(s.hessian)
        m, g = symmetric.scaled(s.hessian, scale), s.g * scale
        plain = small.cholesky(m, 0.0)
        positive = _exists(plain)
        newton = scale * small.solve(plain, g)
        edm = jnp.where(positive, 0.5 * jnp.sum(newton * s.g), jnp.inf)
        # with so much on its diagonal every matrix is positive definite (Gershgorin)
        bound = 0.1 + jnp.max(jnp.sum(jnp.abs(m), axis=1))
        damping = jnp.where(positive, s.damping, jnp.maximum(s.damping, bound))
        step = -scale * small.solve(small.cholesky(m, damping), g)
        length = jnp.max(safe_divide(jnp.abs(step), self.steps))
        step = step * jnp.minimum(1.0, safe_divide(s.radius, length, 1.0))
        predicted = -jnp.sum(step * (s.g + 0.5 * (s.hessian @ step)))
        far = jnp.any(jnp.abs(newton) > LONG * jnp.maximum(jnp.abs(s.x), self.steps))
        converged = positive & (edm <= SETTLED * self.goal) & ~far
        return replace(
            s, edm=edm, step=step, predicted=predicted, damping=damping, capped=length > s.radius,
            converged=converged, finished=converged | lost | (s.nfcn >= MOST_CALLS),
        )  # fmt: skip

    @staticmethod
    def ended(s: NewtonState) -> NewtonState:
        """The state without what only further steps need: enough for `result`."""
        absent: Any = None
        return replace(
            s, step=absent, predicted=absent, damping=absent, radius=absent, capped=absent, finished=absent
        )  # fmt: skip

    def error(self, s: NewtonState) -> ErrorMatrix:
        """V at the end of a fit that has converged; flat if an eigenvalue could come from rounding alone."""
        scale = symmetric.unit_scale(s.hessian)
        n = scale.size
        v = small.inverse(small.cholesky(symmetric.scaled(s.hessian, scale), 0.0))
        # at most the smallest eigenvalue of the scaled Hessian, and at least its n-th part
        lowest = safe_divide(jnp.ones((), v.dtype), jnp.trace(v))
        flat = ~(lowest > 100.0 * n * jnp.finfo(v.dtype).eps)
        v = symmetric.masked(symmetric.scaled(v, scale), self.free)
        zero = jnp.zeros_like(lowest)
        return ErrorMatrix(v, zero, jnp.int32(MatrixStatus.ACCURATE), None, lowest, flat, jnp.zeros_like(scale))

    def result(self, s: NewtonState) -> tuple[Fitted, Count]:
        """What was found, and CONVERGED, NOT_FINITE for a bad start, or CALL_LIMIT: not one for this method."""
        error = self.error(s)
        ended = jnp.where(s.converged & ~error.flat, Status.CONVERGED, Status.CALL_LIMIT)
        status = jnp.where(jnp.isfinite(s.f), ended, Status.NOT_FINITE).astype(jnp.int32)
        g2 = jnp.diagonal(s.hessian)
        f = jnp.where(jnp.isfinite(s.f), s.f, jnp.nan)
        return Fitted(self.free, s.x, f, s.g, g2, 0.1 * self.steps, s.edm, error, s.nfcn, s.nfcn, s.nfcn), status


def _exists(factor: small.Factor) -> Flag:
    """Whether the matrix of a factor is positive definite."""
    reciprocal = jnp.stack(present(factor.reciprocal))
    return jnp.all(jnp.isfinite(reciprocal) & (reciprocal > 0))
