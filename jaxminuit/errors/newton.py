"""Minos by constrained Newton steps: straight to the point where the FCN is up by UP and flat in all other directions.

With the quadratic model f + g.s + s.H.s/2 at the present point (V = H^-1), the point where the model equals the aim
and every derivative but that of parameter i vanishes lies at

    s = -V g + lambda V e_i,   lambda = +- sqrt( 2 (aim - f + g.V.g/2) / V_ii ).

V is updated by the secant of each step; when that does not help, by the exact Hessian. The search has ended when
|f - aim| and the EDM of the other parameters, (g.V.g - (V g)_i^2 / V_ii)/2, are both below 1e-4 UP, and the exact
Hessian there shows a minimum along the others (from a saddle, or a limit that they should leave, it goes on). Strategy
0 does without this last look where every secant step has at least halved the distance.

Where the step would lead beyond the limit of parameter i, it is put there, the others move with it by the correlation,
s = V e_i (limit - x_i) / V_ii - W g with W = V - V e_i e_i.V / V_ii, and are then minimised by steps -W g. If the FCN
is below the aim at their minimum, the limit is the end.
"""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Kind, Reply, Request

TOLERANCE = 1e-4  # of the rise, in UP
MAX_SECANT = 6  # evaluations before the exact Hessian is taken at every point
MAX_TRIALS = 25
MAX_LOST = 12  # evaluations after which a point without a crossing of its model ends the search
ROUNDING = 1e-9  # eigenvalues of a unit-diagonal matrix above minus this count as not negative
HALF_SIGMA = 0.5  # step off a saddle of the other parameters, in standard deviations of its curvature
LONGEST = 2.0  # step in units of one standard deviation of the model


class NewtonState(eqx.Module):
    """The last point and the step from it to the next."""

    x: Vector
    f: Scalar
    g: Vector
    v: Matrix
    step: Vector
    axis: Vector  # unit vector of parameter i
    sign: Scalar  # of the internal step that goes to the wanted external side
    origin: Scalar  # internal coordinate i at the minimum
    fmin: Scalar
    miss: Scalar  # how far the last point was from the end, in UP
    free: Mask
    lowest: Scalar  # smallest eigenvalue of the others' Hessian at x, scaled to a unit diagonal; 0 if it is not known
    down: Vector  # its eigenvector
    exact: Flag
    limit: Count
    trials: Count
    found: Flag
    failed: Flag
    pinned: Flag  # parameter i is put at its limit; v is the matrix of the others


class Newton(Machine):
    """The constrained Newton search; see the module's formulae."""

    lower: Vector
    upper: Vector
    rise: Scalar
    verify: bool = eqx.field(static=True)

    def start(
        self, u, v, f, g, free: Mask, axis: Vector, side: Scalar, accurate: Flag, wanted: Flag, max_calls: Count
    ) -> NewtonState:
        """From a minimum at u with V; `side` is +1 or -1 in external coordinates.

        If V is not accurate, the exact Hessian at the minimum is asked for first.
        """
        falling = jnp.isinf(self.lower) & jnp.isfinite(self.upper)  # the external value falls where u rises
        sign = side * jnp.where(jnp.any(falling & (axis > 0)), -1.0, 1.0)
        none, no = jnp.int32(0), jnp.array(False)
        zero = jnp.zeros_like(u)
        s = NewtonState(
            u, f, g, v, zero, axis, sign, u @ axis, f, jnp.full_like(f, jnp.inf), free,
            jnp.zeros_like(f), zero, ~accurate, jnp.minimum(max_calls, MAX_TRIALS).astype(jnp.int32), none,
            ~wanted, no, no,
        )  # fmt: skip
        stepped = self._advance(replace(s, exact=no))
        return select(accurate, replace(stepped, found=~wanted, miss=s.miss), s)

    def ask(self, s: NewtonState) -> Request:
        kind = jnp.where(s.exact, Kind.HESSIAN, Kind.GRADIENT).astype(jnp.int32)
        zero = jnp.zeros_like(s.x)
        return Request(kind, s.x + s.step, s.free, s.f, s.g, zero, zero, jnp.int32(0))

    def finished(self, s: NewtonState) -> Flag:
        return s.found | s.failed

    def tell(self, s: NewtonState, reply: Reply) -> NewtonState:
        seen = lax.cond(s.exact, plain(self._from_hessian), plain(self._from_secant), s, reply)
        return self._tell(s, reply, *seen)

    def tell_lower(self, s: NewtonState, reply: Reply) -> NewtonState:
        return self._tell(s, reply, *self._from_secant(s, reply))

    def _tell(self, s: NewtonState, reply: Reply, v: Matrix, lowest: Scalar, down: Vector) -> NewtonState:
        """Move to the point that the reply is for."""
        usable = jnp.isfinite(reply.f) & jnp.all(jnp.isfinite(reply.g))
        usable &= ~s.exact | (reply.outcome == MatrixStatus.ACCURATE)
        lower_minimum = reply.f < s.fmin - 0.01 * self.rise
        s = replace(
            s,
            x=s.x + s.step,
            f=reply.f,
            g=reply.g,
            v=v,
            lowest=lowest,
            down=down,
            trials=s.trials + 1,
        )
        return select(usable & ~lower_minimum, self._advance(s), replace(s, failed=jnp.array(True)))

    def _from_hessian(self, s: NewtonState, reply: Reply):
        """V, and the lowest eigenvalue of the others' Hessian with its direction."""
        others = error_matrix.from_exact(reply, s.free & (s.axis == 0), s.v)
        v = error_matrix.from_exact(reply, s.free, s.v).v
        return jnp.where(s.pinned, others.v, v), others.lowest, others.direction

    def _from_secant(self, s: NewtonState, reply: Reply):
        """V updated by the step just made, but not by one to a limit; of the others' Hessian nothing is known."""
        change = jnp.where(s.pinned, jnp.where(s.axis > 0, 0.0, reply.g - s.g), reply.g - s.g)
        v = error_matrix.updated(error_matrix.start(s.v, 0.0), s.step, change, careful=True).v
        v = jnp.where(s.pinned & (s.step @ s.axis != 0), s.v, v)
        return v, jnp.zeros_like(s.f), jnp.zeros_like(s.x)

    def _advance(self, s: NewtonState) -> NewtonState:
        """Judge the present point and take the model's step from it."""
        aim = s.fmin + self.rise
        vg, vi = s.v @ s.g, s.v @ s.axis
        vii, vgi, gvg = vi @ s.axis, vg @ s.axis, s.g @ vg
        shift = vi * safe_divide(1.0, vii)  # what the others do for a unit of parameter i; 0 if it is pinned
        nuisance = 0.5 * (gvg - shift @ s.g * vgi)
        off = jnp.where(s.pinned, 0.0, jnp.abs(s.f - aim))
        miss = (off + jnp.maximum(nuisance, 0.0)) / self.rise
        outward = s.pinned | ((s.sign * vgi > 0) & (s.sign * (s.x @ s.axis - s.origin) > 0))
        found = (off < TOLERANCE * self.rise) & (nuisance < TOLERANCE * self.rise) & outward

        radicand = jnp.where(s.pinned, 0.0, safe_divide(2.0 * (aim - s.f + 0.5 * gvg), vii, -1.0))
        multiplier = s.sign * safe_sqrt(radicand)
        step = -vg + multiplier * vi
        # s.H.s of the model, against the 2 UP of one standard deviation
        length2 = gvg - 2.0 * multiplier * vgi + multiplier * multiplier * vii
        longest = 2.0 * self.rise * LONGEST**2
        step = step * jnp.where(length2 > longest, safe_sqrt(safe_divide(longest, length2, 1.0)), 1.0)

        # the point found must be a minimum along the others: seen with the Hessian at the end of the last small step
        saddle = s.lowest < -ROUNDING
        down = s.down * HALF_SIGMA * safe_sqrt(safe_divide(2.0 * self.rise, jnp.abs(s.lowest)))
        down = jnp.where(down @ s.g > 0, -down, down)
        step = jnp.where(found & s.exact & saddle, down, step)
        verify = found & ~s.exact & self.verify
        found = found & jnp.where(s.exact, ~saddle, not self.verify)

        beyond, way = self._limit_on(s, s.x + step)
        beyond &= ~s.pinned & ~found
        meets = beyond & (s.sign * way >= 0)
        # the model has no crossing, or only one behind the limit that the search came from
        lost = ((radicand < 0) & ~meets) | (beyond & ~meets)
        stalled = verify | (s.trials >= MAX_SECANT) | (miss > 0.5 * s.miss) | lost
        exact = s.exact | stalled
        others = shift * vgi - vg  # towards their minimum
        step = jnp.where(meets, shift * way + others, step)
        step = jnp.where(meets & (s.axis > 0), way, step)
        # a lost secant model: the Hessian at the same point; a lost Hessian: the others to their minimum first
        step = jnp.where(lost, jnp.where(s.exact, others, 0.0), step)
        failed = (lost & s.exact & (s.trials >= MAX_LOST)) | (s.trials >= s.limit) | ~jnp.all(jnp.isfinite(step))
        before = s.pinned & found & (s.f >= aim)  # the crossing lies before the limit
        found &= ~before
        failed = (failed & ~found) | before
        v = jnp.where(meets, s.v - jnp.outer(vi, shift), s.v)
        miss = jnp.where(meets, jnp.inf, miss)
        return replace(s, v=v, step=step, miss=miss, exact=exact, found=found, failed=failed, pinned=s.pinned | meets)

    def _limit_on(self, s: NewtonState, target: Vector) -> tuple[Flag, Scalar]:
        """Whether coordinate i would reach the point where its limit lies, and the way there from x."""
        both = jnp.isfinite(self.lower) & jnp.isfinite(self.upper)
        one = jnp.isfinite(self.lower) ^ jnp.isfinite(self.upper)
        beyond = jnp.where(both, jnp.abs(target) >= jnp.pi / 2, one & (target <= 0))
        corner = jnp.where(both, jnp.copysign(jnp.pi / 2, target), 0.0)
        return jnp.any(beyond & (s.axis > 0)), (corner - s.x) @ s.axis
