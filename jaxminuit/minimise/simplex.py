"""Simplex: the method of Nelder and Mead as Minuit has it, as a machine that asks for values only.

Minuit manual, SIMplex; J. Nelder, R. Mead, Comput. J. 7 (1965) 308. Robust far from a minimum and without derivatives;
its EDM is the spread of the values at the corners, and its errors are no more than the extent of the simplex.
"""

import enum
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.precision import precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Mask, Scalar, Vector
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Kind, Reply, Request

NEAR, FAR = 2.0, 3.0  # abscissae of reflection and expansion, in units of the way from the worst corner to the mean
RHO_MIN, RHO_MAX = 4.0, 8.0  # where the parabola through worst corner, reflection and expansion may be followed


class Phase(enum.IntEnum):
    """What the next value is for."""

    CORNERS = 0
    REFLECTED = 1
    EXPANDED = 2
    FOLLOWED = 3
    CONTRACTED = 4
    MEAN = 5
    DONE = 6


class SimplexState(eqx.Module):
    """n + 1 corners (those of fixed parameters switched off), and the points of the present move."""

    phase: Count
    status: Count
    free: Mask
    corners: Vector  # (n + 1, n)
    fs: Vector  # (n + 1,) their values, inf while not known
    used: Mask  # (n + 1,)
    low: Count
    high: Count
    corner: Count  # the one asked for in phase CORNERS
    # the move
    trial: Vector  # where the next value is wanted
    mean: Vector  # of all corners but the highest
    reflected: Vector
    expanded: Vector
    f_reflected: Scalar
    f_expanded: Scalar
    edm_before: Scalar
    # the result
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
    max_calls: Count


class Simplex(Machine):
    """The simplex method; see the module's sentences. The fit ends when the spread is below tol UP, twice in a row."""

    errordef: Scalar
    tol: Scalar

    @property
    def goal(self) -> Scalar:
        """Spread of the values at the corners below which the fit has converged: tol UP."""
        return jnp.maximum(self.tol * self.errordef, precision(self.errordef.dtype).eps2)

    def start(self, u: Vector, free: Mask, steps: Vector, max_calls: Count) -> SimplexState:
        """Corners at u and one internal step away from it along every free axis."""
        n, dtype = u.size, u.dtype
        corners = jnp.concatenate([u[None], u + jnp.diag(jnp.where(free, steps, 0.0))])
        nan, none = jnp.full((), jnp.nan, dtype), jnp.int32(0)
        zero = jnp.zeros_like(u)
        error = error_matrix.start(symmetric.diagonal(0.5 * steps**2 / self.errordef, free), jnp.ones((), dtype))
        error = replace(error, status=jnp.int32(MatrixStatus.ABSENT))
        return SimplexState(
            jnp.int32(Phase.CORNERS), jnp.int32(Status.NOT_FINITE), free, corners, jnp.full(n + 1, jnp.inf, dtype),
            jnp.concatenate([jnp.ones(1, bool), free]), none, none, none, u, u, u, u, nan, nan, nan,
            u, nan, zero, zero, zero, nan, error, none, none, none, jnp.asarray(max_calls, jnp.int32),
        )  # fmt: skip

    def ask(self, s: SimplexState) -> Request:
        zero = jnp.zeros_like(s.x)
        return Request(jnp.int32(Kind.VALUE), s.trial, s.free, s.f, zero, zero, zero, jnp.int32(0))

    def finished(self, s: SimplexState) -> Flag:
        return s.phase == Phase.DONE

    def tell(self, s: SimplexState, reply: Reply) -> SimplexState:
        s = replace(s, nfcn=s.nfcn + reply.calls)
        # a corner without a value is as bad as can be, so that the simplex turns away from it
        f = jnp.where(jnp.isfinite(reply.f), reply.f, jnp.finfo(s.fs.dtype).max)
        moves = [self._corner, self._reflected, self._expanded, self._followed, self._contracted, self._mean]
        return lax.switch(s.phase, [plain(move) for move in moves], s, f)

    # ---- the corners ----------------------------------------------------------------------------------------------

    def _corner(self, s: SimplexState, f: Scalar) -> SimplexState:
        fs = s.fs.at[s.corner].set(f)
        n = fs.size
        following = jnp.min(jnp.where(s.used & (jnp.arange(n) > s.corner), jnp.arange(n), n)).astype(jnp.int32)
        lost = (s.corner == 0) & (f == jnp.finfo(fs.dtype).max)
        s = replace(s, fs=fs)
        more = replace(s, corner=following, trial=s.corners[jnp.minimum(following, n - 1)])
        highest = jnp.argmax(jnp.where(s.used, fs, -jnp.inf)).astype(jnp.int32)
        complete = replace(s, low=jnp.argmin(fs).astype(jnp.int32), high=highest)
        s = select(following < n, more, self._reflect(complete))
        ended = replace(s, phase=jnp.int32(Phase.DONE))
        nothing = replace(ended, f=f, edm=jnp.zeros_like(f), status=jnp.int32(Status.CONVERGED))
        s = select(~jnp.any(s.free), nothing, s)
        return select(lost, replace(ended, f=jnp.full_like(f, jnp.nan), status=jnp.int32(Status.NOT_FINITE)), s)

    def _without_highest(self, s: SimplexState) -> Vector:
        others = s.used & (jnp.arange(s.fs.size) != s.high)
        return jnp.sum(jnp.where(others[:, None], s.corners, 0.0), axis=0) / jnp.maximum(jnp.sum(others), 1)

    def _reflect(self, s: SimplexState) -> SimplexState:
        """Begin a move: the highest corner mirrored at the mean of the others."""
        mean = self._without_highest(s)
        point = 2.0 * mean - s.corners[s.high]
        spread = s.fs[s.high] - s.fs[s.low]
        return replace(
            s, mean=mean, reflected=point, trial=point, edm_before=spread,
            phase=jnp.int32(Phase.REFLECTED),
        )  # fmt: skip

    def _replace(self, s: SimplexState, point: Vector, f: Scalar) -> SimplexState:
        """Put a point in place of the highest corner."""
        corners, fs = s.corners.at[s.high].set(point), s.fs.at[s.high].set(f)
        low = jnp.where(f < s.fs[s.low], s.high, s.low)
        high = jnp.argmax(jnp.where(s.used, fs, -jnp.inf)).astype(jnp.int32)
        return replace(s, corners=corners, fs=fs, low=low, high=high)

    def _next(self, s: SimplexState) -> SimplexState:
        """Another move, unless the spread was below its goal before and after this one, or the calls are spent."""
        spread = s.fs[s.high] - s.fs[s.low]
        onward = ((spread > self.goal) | (s.edm_before > self.goal)) & (s.nfcn < s.max_calls)
        return select(onward, self._reflect(s), self._stop(s))

    def _stop(self, s: SimplexState) -> SimplexState:
        """The value at the mean of all but the highest corner is the last one wanted."""
        mean = self._without_highest(s)
        return replace(s, mean=mean, trial=mean, phase=jnp.int32(Phase.MEAN))

    # ---- what comes back ------------------------------------------------------------------------------------------

    def _reflected(self, s: SimplexState, f: Scalar) -> SimplexState:
        s = replace(s, f_reflected=f)
        point = 2.0 * s.reflected - s.mean
        expand = replace(s, expanded=point, trial=point, phase=jnp.int32(Phase.EXPANDED))
        was_highest = s.high
        better = f < s.fs[s.high]
        taken = select(better, self._replace(s, s.reflected, f), s)
        # still the highest: half way back to the mean
        inward = 0.5 * (taken.corners[was_highest] + s.mean)
        contract = replace(taken, trial=inward, high=was_highest, phase=jnp.int32(Phase.CONTRACTED))
        no_gain = select(better & (taken.high != was_highest), self._next(taken), contract)
        return select(f > s.fs[s.low], no_gain, expand)

    def _contracted(self, s: SimplexState, f: Scalar) -> SimplexState:
        return select(f > s.fs[s.high], self._stop(s), self._next(self._replace(s, s.trial, f)))

    def _expanded(self, s: SimplexState, f: Scalar) -> SimplexState:
        """The minimum of the parabola through worst corner, reflection and expansion tells whether to go on."""
        s = replace(s, f_expanded=f)
        y1, y2 = (s.f_reflected - s.fs[s.high]) * FAR, (f - s.fs[s.high]) * NEAR
        rho = 0.5 * safe_divide(FAR * y1 - NEAR * y2, y1 - y2)
        near = rho < RHO_MIN
        rho = jnp.minimum(rho, RHO_MAX)
        point = rho * s.mean + (1.0 - rho) * s.corners[s.high]
        return select(
            near, self._next(self._better_of_both(s)), replace(s, trial=point, phase=jnp.int32(Phase.FOLLOWED))
        )

    def _better_of_both(self, s: SimplexState) -> SimplexState:
        expanded = s.f_expanded < s.fs[s.low]
        return self._replace(
            s, jnp.where(expanded, s.expanded, s.reflected), jnp.where(expanded, s.f_expanded, s.f_reflected)
        )

    def _followed(self, s: SimplexState, f: Scalar) -> SimplexState:
        best = (f < s.fs[s.low]) & (f < s.f_expanded)
        return self._next(select(best, self._replace(s, s.trial, f), self._better_of_both(s)))

    def _mean(self, s: SimplexState, f: Scalar) -> SimplexState:
        """The best corner, or the mean if that is better, and the verdict."""
        s = select(f < s.fs[s.low], self._replace(s, s.mean, f), s)
        spread = s.fs[s.high] - s.fs[s.low]
        best = jnp.where(s.used, s.fs, jnp.inf)
        low = jnp.argmin(best)
        corners = jnp.where(s.used[:, None], s.corners, s.corners[low])
        extent = (jnp.max(corners, axis=0) - jnp.min(corners, axis=0)) * jnp.sqrt(safe_divide(self.errordef, spread))
        v = symmetric.diagonal(0.5 * extent**2 / self.errordef, s.free)
        status = jnp.where(spread > self.goal, Status.ABOVE_EDM_GOAL, Status.CONVERGED)
        status = jnp.where(s.nfcn > s.max_calls, Status.CALL_LIMIT, status).astype(jnp.int32)
        return replace(
            s, x=s.corners[low], f=s.fs[low], edm=spread, error=replace(s.error, v=v), status=status,
            phase=jnp.int32(Phase.DONE),
        )  # fmt: skip
