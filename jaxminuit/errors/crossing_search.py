"""The classic search for a crossing alone: abscissae go out, values of the minimised FCN come back.

Looked for is where the FCN, minimised over all parameters but those that move, is up by UP. Abscissa -1 is the minimum
and 0 the first guess. Two points and their line, outward while the FCN falls along it, until three points lie around
the aim; from then on parabolas through three. The crossing is where the last line or parabola has it.
(Minuit manual, section 7.3; F. James, "Interpretation of the errors".)
"""

import enum
from dataclasses import replace
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxminuit.core.parabola import parabola
from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.status import SideStatus
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Scalar

MAX_TRIALS = 30
TOLERANCE = 0.01  # of the abscissa (in errors) and of the rise (in UP)
FARTHEST = 100.0  # abscissa beyond which no crossing is looked for
OUTWARD = 0.2  # first step while the FCN falls; each is longer by as much

Pair = Float[Array, "2"]
Points = Float[Array, "2 3"]  # abscissae and values


class Stage(enum.IntEnum):
    """Which trial is wanted."""

    FIRST = 0
    SECOND = 1
    OUTWARD = 2
    LINE = 3
    PARABOLA = 4
    DONE = 5


class CrossingSearch(eqx.Module):
    """What is searched for, the points kept, and the next trial."""

    stage: Count
    status: Count  # SideStatus, once the search is done
    fmin: Scalar
    rise: Scalar
    farthest: Scalar
    a: Scalar  # of the next trial; at last of the crossing
    at_limit: Flag  # whether that trial is at a limit
    points: Points
    steps: Count  # outward
    trials: Count

    @property
    def aim(self) -> Scalar:
        """The value looked for."""
        return self.fmin + self.rise


class _Choice(NamedTuple):
    """What to do next: a trial, or, where the crossing is known well enough, the end."""

    stage: Count
    a: Scalar
    known: Flag
    crossing: Scalar
    failed: Flag


def begin(fmin: Scalar, rise: Scalar, farthest: Scalar) -> CrossingSearch:
    """Before the first trial; at abscissa `farthest` a parameter meets its limit."""
    zero, none = jnp.zeros_like(fmin), jnp.int32(0)
    farthest = jnp.minimum(farthest, FARTHEST).astype(fmin.dtype)
    return CrossingSearch(
        jnp.int32(Stage.FIRST), jnp.int32(SideStatus.FAILED), fmin, jnp.asarray(rise, fmin.dtype), farthest, zero,
        farthest < TOLERANCE, jnp.zeros((2, 3), fmin.dtype), none, none,
    )  # fmt: skip


def end(s: CrossingSearch, status: Count | int) -> CrossingSearch:
    """The search when it is over; `status` is a SideStatus."""
    return replace(s, status=jnp.asarray(status, jnp.int32), stage=jnp.int32(Stage.DONE))


def tell(s: CrossingSearch, f: Scalar, ended: Count, eps: Scalar) -> CrossingSearch:
    """After the inner fit at `s.a`: its minimum, and the SideStatus for how it ended.

    `eps`, the relative accuracy of the FCN, is the least discriminant of a parabola that counts as reaching the aim.
    """
    s = replace(s, trials=s.trials + 1)
    code = jnp.where(s.at_limit & (f < s.aim), SideStatus.AT_LIMIT, SideStatus.VALID)
    code = jnp.where(jnp.isfinite(f), code, SideStatus.FAILED)
    code = jnp.where(ended == SideStatus.VALID, code, ended)
    code = jnp.where(f < s.fmin - TOLERANCE * s.rise, SideStatus.NEW_MINIMUM, code)
    return select(code == SideStatus.VALID, _onward(s, f, eps), end(s, code))


def _onward(s: CrossingSearch, f: Scalar, eps: Scalar) -> CrossingSearch:
    """Keep the point, and choose. Every rule is worked out once, for all stages, and one of them taken."""
    first, line, curve = s.stage == Stage.FIRST, s.stage == Stage.LINE, s.stage == Stage.PARABOLA
    raised = jnp.maximum(f, s.fmin + 0.1 * s.rise)
    points = _kept(s, jnp.where(first, raised, f))
    distance, below = jnp.abs(points[1] - s.aim), jnp.sum(points[1] < s.aim)
    best = jnp.where(curve | (distance[2] <= jnp.min(distance)), 2, jnp.argmin(distance))
    three = curve | (line & (below > 0) & (below < 3))
    lost, back = line & (below == 0) & (best != 2), line & (below == 3) & (best != 2)
    # of three on one side of the aim two are kept: not the worst, or, to begin again, the first and the new one
    place = jnp.where(back, 1, jnp.argmax(distance))
    points = jnp.where(line & ~three, _put(points, place, points[:, 2]), points)
    around = _around(points, s.aim)
    choice = _by_two(s, points, back)
    choice = select(three, _by_parabola(s, around, points[:, best], eps), choice)
    choice = select(first, _by_first(s, raised), choice)
    s = replace(
        s, points=jnp.where(three, around, points), steps=jnp.where(choice.stage == Stage.OUTWARD, s.steps + 1, 0)
    )
    beyond = choice.a > s.farthest
    onward = replace(s, a=jnp.where(beyond, s.farthest, choice.a), at_limit=beyond, stage=choice.stage)
    onward = select(choice.known, end(replace(s, a=choice.crossing), SideStatus.VALID), onward)
    return select(choice.failed | lost, end(s, SideStatus.FAILED), onward)


# ---- the points kept ------------------------------------------------------------------------------------------------


def _put(points: Points, place: Count | int, point: Pair) -> Points:
    """With a point in the place of another."""
    return jnp.where(jnp.arange(3) == place, point[:, None], points)


def _kept(s: CrossingSearch, f: Scalar) -> Points:
    """With the point just tried: the third of three, the second of two."""
    points = jnp.where(s.stage == Stage.OUTWARD, _put(s.points, 0, s.points[:, 1]), s.points)
    place = jnp.where(s.stage >= Stage.LINE, 2, jnp.where(s.stage == Stage.FIRST, 0, 1))
    return _put(points, place, jnp.stack([s.a, f]))


def _around(points: Points, aim: Scalar) -> Points:
    """The points next to the aim on its lower and on its upper side, and the third, which the next trial replaces."""
    f = points[1]
    left, right = jnp.argmax(jnp.where(f <= aim, f, -jnp.inf)), jnp.argmin(jnp.where(f > aim, f, jnp.inf))
    return jnp.take(points, jnp.stack([left, right, 3 - left - right]), axis=1, mode="clip")


# ---- the rules ------------------------------------------------------------------------------------------------------


def _by_first(s: CrossingSearch, f: Scalar) -> _Choice:
    """The FCN taken for a parabola with its bottom at the minimum."""
    a = jnp.sqrt(s.rise / (f - s.fmin)) - 1.0
    known = jnp.abs(f - s.aim) < TOLERANCE * s.rise
    return _Choice(jnp.int32(Stage.SECOND), jnp.clip(a, -0.5, 1.0), known, a, jnp.array(False))


def _by_two(s: CrossingSearch, points: Points, back: Flag) -> _Choice:
    """Outward while the FCN falls, else along the line through the first two points, not more than 1 beyond them."""
    x, f = points[:, :2]
    slope, ahead = safe_divide(f[1] - f[0], x[1] - x[0]), s.aim - f[1]
    a = x[1] + safe_divide(ahead, slope, jnp.sign(ahead) * FARTHEST)  # a flat line goes as far as it may
    near = jnp.min(jnp.abs(a - x)) < TOLERANCE * jnp.maximum(1.0, jnp.abs(a))
    falls = (back | (s.stage == Stage.SECOND)) & (slope < 0)
    falls = jnp.where(s.stage == Stage.OUTWARD, ~(slope > 0), falls)
    known = near & (jnp.min(jnp.abs(s.aim - f)) < TOLERANCE * s.rise) & ~falls
    onward = jnp.where(falls, x[1] + OUTWARD * (s.steps + 1), jnp.clip(a, jnp.min(x) - 1.0, jnp.max(x) + 1.0))
    stage = jnp.where(falls, Stage.OUTWARD, Stage.LINE).astype(jnp.int32)
    return _Choice(stage, onward, known, a, (s.trials > MAX_TRIALS) & ~known)


def _by_parabola(s: CrossingSearch, points: Points, best: Pair, eps: Scalar) -> _Choice:
    """Where the parabola through the three points rises through the aim, kept between the points next to it.

    With D = b^2 - 4 a c the slope there is sqrt(D), and the root (-b + sqrt(D)) / 2 a or -2 c / (b + sqrt(D)).
    """
    x, f = points
    a2, a1, a0 = parabola(x, f)
    determinant = a1 * a1 - 4.0 * a2 * (a0 - s.aim)
    slope = safe_sqrt(determinant)
    a = jnp.where(a1 > 0, safe_divide(2.0 * (s.aim - a0), a1 + slope), safe_divide(slope - a1, 2.0 * a2))
    tolerance, distance = TOLERANCE * jnp.maximum(1.0, jnp.abs(a)), jnp.abs(f - s.aim)
    known = (jnp.abs(a - best[0]) < tolerance) & (jnp.abs(best[1] - s.aim) < TOLERANCE * s.rise)
    middle = 0.5 * (x[0] + x[1])
    between = jnp.where(jnp.max(distance) > 10.0 * distance[2], 0.5 * (a + middle), a)
    margin = jnp.minimum(0.1 * tolerance, safe_divide(TOLERANCE * s.rise, slope, jnp.inf))
    low, high = jnp.min(x[:2]) + margin, jnp.max(x[:2]) - margin
    between = jnp.where(low > high, middle, jnp.clip(between, low, high))
    spent = (s.stage == Stage.PARABOLA) & (s.trials >= MAX_TRIALS)
    return _Choice(jnp.int32(Stage.PARABOLA), between, known, a, spent | ~(determinant >= eps))
