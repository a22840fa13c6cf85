"""The classic search for a crossing: where the FCN, minimised over the other parameters, rises by UP.

One parameter (Minos) or two (a contour point) are moved together along a direction, x = mid + a dir in external
coordinates; at each trial a the others are minimised by an inner Migrad that goes on from the one before. First two
points and a line, then parabolas through three. (Minuit manual, section 7.3; F. James, "Interpretation of the errors".)
"""

import enum
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.parabola import parabola
from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.status import SideStatus, Status
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.minimise.machine import Nested
from jaxminuit.minimise.migrad_state import MigradState
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem import transform

MAX_TRIALS = 30
TOLERANCE = 0.01  # of the abscissa (in errors) and of the rise (in UP)
FARTHEST = 100.0  # abscissa beyond which no crossing is looked for


class Stage(enum.IntEnum):
    """Which trial the inner fit is for."""

    FIRST = 0
    SECOND = 1
    RISING = 2
    LINE = 3
    PARABOLA = 4
    DONE = 5


class CrossingState(eqx.Module):
    """The inner fit, the points found so far, and the next trial."""

    inner: MigradState
    stage: Count
    status: Count
    # what is searched for
    pinned: Mask
    mid: Vector
    direction: Vector
    fmin: Scalar
    aim: Scalar
    farthest: Scalar
    # where the search is
    a: Scalar
    at_limit: Flag
    alphas: Vector  # (3,) abscissae of the points kept
    fs: Vector  # (3,) their values
    best: Count
    slope: Scalar
    tries: Count
    trials: Count
    nfcn: Count


class Crossing(Nested):
    """The crossing search; see the module's sentences. `migrad` is the inner minimiser."""

    migrad: VariableMetric
    lower: Vector
    upper: Vector
    rise: Scalar

    def start(
        self, u: Vector, v: Matrix, errors: Vector, free: Mask, pinned: Mask, mid: Vector, direction: Vector,
        fmin: Scalar, max_calls: Count, wanted: Flag,
    ) -> CrossingState:  # fmt: skip
        """From internal coordinates u of the others and V of all; `mid`, `direction`: external, of the pinned ones."""
        dtype = u.dtype
        eps = self.migrad.precision.eps
        limit = jnp.where(direction > 0, self.upper, self.lower)
        moving = pinned & (jnp.abs(direction) >= eps)
        reach = jnp.where(moving & jnp.isfinite(limit), (limit - mid) / jnp.where(moving, direction, 1.0), FARTHEST)
        farthest = jnp.minimum(jnp.min(reach), FARTHEST)
        stuck = jnp.any(pinned & ~moving & (jnp.abs(jnp.where(jnp.isfinite(limit), limit, jnp.inf) - mid) < eps))
        at_limit = stuck | (farthest < TOLERANCE)
        zero, none = jnp.zeros((), dtype), jnp.int32(0)
        over = stuck | ~wanted
        status = jnp.where(wanted, SideStatus.AT_LIMIT, SideStatus.NOT_RUN).astype(jnp.int32)
        three = jnp.zeros(3, dtype)
        inner = self._inner(u, v, errors, free & ~pinned, pinned, mid, max_calls)
        return CrossingState(
            inner, jnp.where(over, Stage.DONE, Stage.FIRST).astype(jnp.int32), status, pinned, mid, direction, fmin,
            fmin + self.rise, farthest, zero, at_limit, three, three, none, zero, jnp.int32(1), none, none,
        )  # fmt: skip

    def _inner(self, u, v, errors, free, pinned, values, max_calls) -> MigradState:
        """An inner fit with the pinned parameters at their values, V squeezed to the others."""
        exact_u = transform.ext2int(values, self.lower, self.upper, jnp.zeros((), u.dtype))
        u = jnp.where(pinned, exact_u, u)
        x = transform.int2ext(u, self.lower, self.upper)
        steps = transform.internal_steps(x, errors, self.lower, self.upper, self.migrad.precision.eps2)
        return self.migrad.start(u, free, steps, max_calls, symmetric.squeezed(v, pinned), True)

    def inside(self, s: CrossingState) -> tuple[VariableMetric, MigradState]:
        return self.migrad, s.inner

    def holding(self, s: CrossingState, inner: MigradState) -> CrossingState:
        return replace(s, inner=inner)

    def finished(self, s: CrossingState) -> Flag:
        return s.stage == Stage.DONE

    # ---- after an inner fit ---------------------------------------------------------------------------------------

    def onward(self, s: CrossingState) -> CrossingState:
        """Judge the inner minimum, choose the next abscissa, start the fit there."""
        inner, f = s.inner, s.inner.f
        s = replace(
            s,
            nfcn=s.nfcn + inner.nfcn,
            trials=s.trials + 1,
        )
        lower_minimum = f < s.fmin - TOLERANCE * self.rise
        spent = inner.status == Status.CALL_LIMIT
        invalid = inner.status > Status.AT_LIMIT
        limited = s.at_limit & (f < s.aim)
        code = jnp.where(limited, SideStatus.AT_LIMIT, SideStatus.VALID)
        code = jnp.where(invalid, SideStatus.FAILED, code)
        code = jnp.where(spent, SideStatus.CALL_LIMIT, code)
        code = jnp.where(lower_minimum, SideStatus.NEW_MINIMUM, code)
        stages = [self._first, self._second, self._rising, self._line, self._parabola]
        following = lax.switch(s.stage, [plain(stage) for stage in stages], s, f)
        s = select(code != SideStatus.VALID, _end(s, code), following)
        return select(s.stage == Stage.DONE, s, replace(s, inner=self._again(s)))

    def _again(self, s: CrossingState) -> MigradState:
        """The next inner fit, from the end of the one before, folded to the principal branch."""
        inner = s.inner
        u, sign = transform.fold(inner.x, self.lower, self.upper)
        v = inner.error.v * sign[:, None] * sign[None, :]
        spread = safe_sqrt(2.0 * self.rise * jnp.diagonal(v))
        errors = transform.external_errors(u, spread, self.lower, self.upper)
        steps = jnp.where(errors > 0, errors, 0.1)
        return self._inner(u, v, steps, inner.free, s.pinned, s.mid + s.a * s.direction, inner.max_calls)

    def _to(self, s: CrossingState, a: Scalar, stage: Stage) -> CrossingState:
        """Go to abscissa a, or to the limit before it."""
        beyond = a > s.farthest
        a = jnp.where(beyond, s.farthest, a)
        return replace(s, a=a, at_limit=beyond, stage=jnp.int32(stage))

    def _first(self, s: CrossingState, f: Scalar) -> CrossingState:
        stored = jnp.maximum(f, s.fmin + 0.1 * self.rise)
        a = jnp.sqrt(self.rise / (stored - s.fmin)) - 1.0
        s = replace(s, alphas=s.alphas.at[0].set(0.0), fs=s.fs.at[0].set(stored))
        hit = jnp.abs(stored - s.aim) < TOLERANCE * self.rise
        return select(hit, _found(s, a), self._to(s, jnp.clip(a, -0.5, 1.0), Stage.SECOND))

    def _second(self, s: CrossingState, f: Scalar) -> CrossingState:
        return self._two_points(self._keep(s, 1, f))

    def _keep(self, s: CrossingState, slot, f: Scalar) -> CrossingState:
        return replace(s, alphas=s.alphas.at[slot].set(s.a), fs=s.fs.at[slot].set(f))

    def _two_points(self, s: CrossingState) -> CrossingState:
        """With two points: outward while the FCN falls, else along their line."""
        slope = safe_divide(s.fs[1] - s.fs[0], s.alphas[1] - s.alphas[0])
        s = replace(s, slope=slope)
        return select(slope < 0, self._outward(replace(s, tries=jnp.int32(1))), self._from_line(s))

    def _outward(self, s: CrossingState) -> CrossingState:
        a = s.alphas[0] + 0.2 * s.tries
        s = replace(s, alphas=s.alphas.at[0].set(s.alphas[1]), fs=s.fs.at[0].set(s.fs[1]))
        a = jnp.where(s.tries == 1, s.alphas[0] + 0.2, a)
        return self._to(s, a, Stage.RISING)

    def _rising(self, s: CrossingState, f: Scalar) -> CrossingState:
        s = self._keep(s, 1, f)
        slope = safe_divide(s.fs[1] - s.fs[0], s.alphas[1] - s.alphas[0])
        s = replace(s, slope=slope, tries=s.tries + 1)
        more = select(s.trials > MAX_TRIALS, _end(s, SideStatus.FAILED), self._outward(s))
        return select(slope > 0, self._from_line(s), more)

    def _from_line(self, s: CrossingState) -> CrossingState:
        x, f = s.alphas[:2], s.fs[:2]
        a = x[1] + safe_divide(s.aim - f[1], s.slope)
        near = jnp.min(jnp.abs(a - x)) < TOLERANCE * jnp.maximum(1.0, jnp.abs(a))
        hit = near & (jnp.min(jnp.abs(s.aim - f)) < TOLERANCE * self.rise)
        onward = self._to(s, jnp.clip(a, jnp.min(x) - 1.0, jnp.max(x) + 1.0), Stage.LINE)
        onward = select(s.trials > MAX_TRIALS, _end(s, SideStatus.FAILED), onward)
        return select(hit, _found(s, a), onward)

    def _line(self, s: CrossingState, f: Scalar) -> CrossingState:
        s = self._keep(s, 2, f)
        distance = jnp.abs(s.fs - s.aim)
        best = jnp.where((distance[2] <= distance[0]) & (distance[2] <= distance[1]), 2, jnp.argmin(distance))
        worst = jnp.argmax(distance)
        below = jnp.sum(s.fs < s.aim)
        around = (below == 1) | (below == 2)
        lost = (below == 0) & (best != 2)
        back = (below == 3) & (best != 2)

        def moved(s, slot):
            return replace(s, alphas=s.alphas.at[slot].set(s.alphas[2]), fs=s.fs.at[slot].set(s.fs[2]))

        again = moved(s, worst)
        again = replace(again, slope=safe_divide(again.fs[1] - again.fs[0], again.alphas[1] - again.alphas[0]))
        out = select(back, self._two_points(moved(s, 1)), self._from_line(again))
        out = select(lost, _end(s, SideStatus.FAILED), out)
        return select(around, self._from_parabola(replace(s, best=best.astype(jnp.int32))), out)

    def _parabola(self, s: CrossingState, f: Scalar) -> CrossingState:
        _, _, out = self._sides(s)
        s = replace(self._keep(s, out, f), best=out.astype(jnp.int32))
        return select(s.trials >= MAX_TRIALS, _end(s, SideStatus.FAILED), self._from_parabola(s))

    def _sides(self, s: CrossingState):
        """The points next to the aim on its lower and on its upper side, and the third."""
        left = jnp.argmax(jnp.where(s.fs <= s.aim, s.fs, -jnp.inf))
        right = jnp.argmin(jnp.where(s.fs > s.aim, s.fs, jnp.inf))
        return left, right, 3 - left - right

    def _from_parabola(self, s: CrossingState) -> CrossingState:
        """The root of the parabola through three points at which it rises through the aim, kept between the sides."""
        a2, a1, a0 = parabola(s.alphas, s.fs)
        determinant = a1 * a1 - 4.0 * a2 * (a0 - s.aim)
        root = safe_sqrt(determinant)
        plus = safe_divide(-a1 + root, 2.0 * a2)
        minus = safe_divide(-a1 - root, 2.0 * a2)
        falling = a1 + 2.0 * a2 * minus > 0
        a = jnp.where(falling, minus, plus)
        slope = a1 + 2.0 * a2 * a
        tolerance = TOLERANCE * jnp.maximum(1.0, jnp.abs(a))
        hit = (jnp.abs(a - s.alphas[s.best]) < tolerance) & (jnp.abs(s.fs[s.best] - s.aim) < TOLERANCE * self.rise)
        left, right, out = self._sides(s)
        x_left, x_right = s.alphas[left], s.alphas[right]
        distance = jnp.abs(s.fs - s.aim)
        lopsided = jnp.max(distance) > 10.0 * distance[out]
        between = jnp.where(lopsided, 0.5 * (a + 0.5 * (x_right + x_left)), a)
        margin = 0.1 * tolerance
        margin = jnp.where(slope * margin > TOLERANCE * self.rise, TOLERANCE * self.rise / slope, margin)
        low, high = jnp.minimum(x_left, x_right) + margin, jnp.maximum(x_left, x_right) - margin
        between = jnp.where(low > high, 0.5 * (x_left + x_right), jnp.clip(between, low, high))
        onward = self._to(s, between, Stage.PARABOLA)
        bad = ~(determinant >= self.migrad.precision.eps)
        return select(bad, _end(s, SideStatus.FAILED), select(hit, _found(s, a), onward))


def _end(s: CrossingState, status) -> CrossingState:
    return replace(s, status=jnp.asarray(status, jnp.int32), stage=jnp.int32(Stage.DONE))


def _found(s: CrossingState, a: Scalar) -> CrossingState:
    return replace(_end(s, SideStatus.VALID), a=a)
