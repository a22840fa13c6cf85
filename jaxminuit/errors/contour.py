"""The contour of two parameters by continuation: once around a region.

It is the region in which the FCN, minimised over the other parameters, is below an aim.

Coordinates w: external for the two parameters of the plane, whose limits are kept here, internal for the others. Each
reply holds value, gradient and Hessian, which make a quadratic model of the minimised FCN (contour_model.py). A ray
from the minimum finds the first node. From each node an arc of the model's curvature predicts the next; Newton steps
correct it, in the plane along the normal and in the others to their minimum, which must be one. At a limit the way
goes on along the limit until the contour leaves it. Back at the first node, points are put evenly on the line of nodes
and corrected in the same way, but with the last Hessian as long as that serves.
"""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import MatrixStatus, SideStatus
from jaxminuit.core.tree import plain
from jaxminuit.core.types import Count, Flag, Mask, Scalar, Vector
from jaxminuit.errors.contour_closing import SHARPEST, closes, passes_first
from jaxminuit.errors.contour_model import (
    Model,
    Node,
    Pair,
    Plane,
    length,
    metric,
    model,
    nearest_root,
    normal,
    rising_root,
    tangent,
    turned,
)
from jaxminuit.errors.contour_nodes import MOST_NODES, evenly, no_nodes
from jaxminuit.errors.contour_state import Outcome, Stage, TraceState, Verdict
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Kind, Reply, Request

# of the rise: how far a point may be from the contour before its last step, which squares that; and when the Hessian is
# that of another point and there is no last step
WITH_HESSIAN = 1e-3
WITH_ANOTHER = 5e-5
SMALL = 0.02
ASKED_FOR = 1e-4  # the first, for the points asked for
ROUNDING = 1e-9  # eigenvalues of a unit-diagonal matrix above minus this count as not negative
MAX_TRIALS = 10
STRAYED = 0.5  # by which part of a step its end may lie beside what was aimed at
TURN = 0.3  # by how much (in radians) the contour may turn in one step
# longest steps, in the metric in which the region is about a unit disc
LONGEST_RAY = 1.5
LONGEST_LINE = 1.0
LONGEST_ARC = 4.0
SHORTEST = 1e-7
FARTHEST = 100.0  # along a ray
ATTEMPTS = 4  # rays, a quarter turn apart


class Trace(Machine):
    """The tracer of a contour; `plane` holds the unit vectors of x and y, `lower` and `upper` their limits."""

    plane: Plane
    lower: Pair
    upper: Pair
    origin: Vector  # the minimum
    fmin: Scalar
    rise: Scalar
    free: Mask
    limit: Count  # of calls
    g2: Vector  # second derivatives and steps at the minimum, from which differences begin
    gstep: Vector
    size: int = eqx.field(static=True)
    differences: bool = eqx.field(static=True)  # derivatives are differences: the value comes with the Hessian alone

    def start(self, g: Vector, wanted: Flag) -> TraceState:
        """At the minimum, where the gradient is g; not wanted: finished at once."""
        w, none = self.origin, jnp.int32(0)
        n, pair = w.size, jnp.zeros(2, w.dtype)
        stage = jnp.where(wanted, Stage.RAY, Stage.DONE).astype(jnp.int32)
        status = jnp.where(wanted, SideStatus.CALL_LIMIT, SideStatus.NOT_RUN).astype(jnp.int32)
        base = Node(w, self.fmin, pair, jnp.zeros((2, 2), w.dtype), self.plane)
        return TraceState(
            stage, w, self.fmin, g, jnp.zeros((n, n), w.dtype), jnp.array(True), none, jnp.eye(2, dtype=w.dtype), base,
            pair.at[0].set(1.0), pair, pair, pair, pair, jnp.asarray(LONGEST_RAY, w.dtype), none, no_nodes(w),
            jnp.zeros(self.size, jnp.int32), jnp.zeros(self.size, w.dtype), none,
            jnp.full((self.size + 1, n), jnp.nan, w.dtype), jnp.broadcast_to(status, (self.size + 1,)), none, none,
        )  # fmt: skip

    def ask(self, s: TraceState) -> Request:
        kind = jnp.where(s.exact, Kind.HESSIAN, Kind.GRADIENT).astype(jnp.int32)
        return Request(kind, s.w, self.free, s.f, s.g, self.g2, self.gstep, self.limit - s.nfcn)

    def finished(self, s: TraceState) -> Flag:
        return s.stage == Stage.DONE

    def tell(self, s: TraceState, reply: Reply) -> TraceState:
        unknown = s.exact & (reply.outcome != MatrixStatus.ACCURATE)
        h = jnp.where(s.exact, jnp.where(unknown, jnp.nan, reply.hessian), s.h)
        m = model(reply.f, reply.g, h, self.free, self.plane, self.rise)
        first = metric(m.slope, m.bend, self.rise)
        s = replace(
            s, f=reply.f, g=reply.g, h=h, trials=s.trials + 1, nfcn=s.nfcn + reply.calls, nhessian=s.nhessian + s.exact,
            metric=jnp.where(s.nfcn == 0, first, s.metric),
        )  # fmt: skip
        tracing = s.stage < Stage.SAMPLE
        verdict = _once(self._verdict(s, m))
        s = self._next(self._recorded(s, m, verdict), m, verdict)
        closed = verdict.outcome == Outcome.CLOSED
        far = length(self.plane.T @ (s.base.w - self.origin), s.metric) > FARTHEST
        broken = tracing & ((s.reach < SHORTEST) | (s.nodes.count >= MOST_NODES) | (far & (s.stage == Stage.RAY)))
        s = lax.cond(closed | broken, plain(self._close), lambda s, closed: s, s, closed)
        s = self._sought(s, (verdict.outcome == Outcome.TOLD) | (tracing & (s.stage == Stage.SAMPLE)))
        return replace(s, stage=jnp.where(s.nfcn >= self.limit, Stage.DONE, s.stage).astype(jnp.int32))

    # ---- what a reply means ---------------------------------------------------------------------------------------

    def _verdict(self, s: TraceState, m: Model) -> Verdict:
        """Whether the target is reached, and what lies on the way to it."""
        straight, ray, hit = s.stage <= Stage.LINE, s.stage == Stage.RAY, s.stage == Stage.HIT
        extreme, sample = s.stage == Stage.EXTREME, s.stage == Stage.SAMPLE
        on_line = sample & s.nodes.unpacked(s.node[s.point])[-1]
        rest = self.fmin + self.rise - s.f
        tolerance = jnp.where(s.exact, jnp.where(sample, ASKED_FOR, WITH_HESSIAN), WITH_ANOTHER) * self.rise
        settled = m.usable & (m.nuisance < tolerance) & (m.lowest > -ROUNDING)
        near = jnp.abs(rest) < tolerance
        d = jnp.where(straight, s.along, s.across)
        b, c, longest = m.slope @ d, d @ m.bend @ d, s.reach / length(d, s.metric)
        crossed = straight & near & (b > 0)
        over = straight & ~crossed & (rest < 0)
        root = jnp.where(straight, rising_root(b, c, rest), nearest_root(b, c, rest))
        d = jnp.where((straight & ~crossed & ~over) | on_line, 0.0, jnp.clip(root, -longest, longest)) * d
        d_extreme, apart, convex = self._to_extreme(s, m, rest)
        d = jnp.where(extreme, d_extreme, d)
        target = s.w + m.lift @ d + m.newton
        here = jnp.where(sample & ~s.exact, s.w, target)
        node = Node(here, s.f, m.slope + m.bend @ d, m.bend, m.lift)
        # with the Hessian of another point, once a small step; after that, or if it is not small, its own is wanted
        small = sample & ~s.exact & (s.trials == 1) & (jnp.abs(rest) < SMALL * self.rise)
        small &= m.nuisance < SMALL * self.rise

        p, step = self.plane.T @ target, self.plane.T @ (target - s.base.w)
        beyond = (p < self.lower) | (p > self.upper)
        outside = jnp.any(beyond) & ~straight & ~sample
        # the contour lies beyond the limit on which the trial is
        blocked = jnp.any(beyond & self._at_limit(s.w)) & (rest > 0) & ~straight & ~hit
        reached = settled & jnp.where(straight, ~over, near | on_line | (sample & blocked))
        reached &= ~extreme | (apart < tolerance)
        before, after = tangent(s.base.slope, s.metric), tangent(node.slope, s.metric)
        too_far = length(step, s.metric) > 2.0 * s.reach
        bad = too_far | jnp.where(extreme, (step @ s.metric @ before <= 0), before @ s.metric @ after < SHARPEST)
        # into a corner; where the contour comes back from the limit; over the limit that it has just left
        bad |= ~extreme & self._strays(s, p)
        bad |= hit & (outside | (node.slope @ s.along >= 0))
        bad = ~straight & (bad | jnp.any(beyond & self._at_limit(s.base.w)))
        around = jnp.where(straight, ~ray & passes_first(self.plane, s, node), closes(self.plane, s, node))
        flips = (before * after < 0) & (s.skip == 0) & (s.stage == Stage.CURVE)
        end = straight & settled & ~crossed & ~over & (self._room(s.w, s.along) <= 0)

        outcome = jnp.where(around, Outcome.CLOSED, Outcome.ONWARD)
        outcome = jnp.where(jnp.any(flips) & ~around, Outcome.EXTREME, outcome)
        outcome = jnp.where(outside, Outcome.TOWARD, outcome)
        outcome = jnp.where(bad, Outcome.SHORTER, outcome)
        outcome = jnp.where(reached | (blocked & settled), outcome, Outcome.AGAIN)
        lost = ~m.usable | ((outcome == Outcome.AGAIN) & (s.trials >= MAX_TRIALS)) | (extreme & ~convex)
        outcome = jnp.where(lost, Outcome.SHORTER, outcome)
        # a point asked for: told when it is good, or given up
        missing = jnp.isnan(s.fraction[s.point])
        told = reached | missing | (s.trials >= MAX_TRIALS)
        outcome = jnp.where(sample, jnp.where(told, Outcome.TOLD, Outcome.AGAIN), outcome).astype(jnp.int32)
        stage = jnp.where(straight, jnp.where(crossed, Stage.CURVE, jnp.where(ray & ~end, Stage.RAY, Stage.LINE)), 0)
        stage = jnp.where(straight, stage, jnp.where(hit, Stage.LINE, Stage.CURVE)).astype(jnp.int32)
        good = jnp.where(sample, reached & ~missing, crossed | end | hit | extreme)
        return Verdict(outcome, target, small, node, flips.astype(d.dtype), stage, good, end)

    def _strays(self, s: TraceState, p: Pair) -> Flag:
        """Whether p is so far from where the step should end that contour between them may be left out.

        One metric may be nearly blind along some direction: looked at with two.
        """
        way, off = s.aimed - self.plane.T @ s.base.w, p - s.aimed
        metrics = (s.metric, jnp.diag(jnp.diagonal(s.metric)))
        return jnp.any(jnp.stack([length(off, m) > STRAYED * length(way, m) for m in metrics]))

    def _to_extreme(self, s: TraceState, m: Model, rest: Scalar):
        """Step to where the other coordinate, too, is at its minimum; how far the FCN is above that; if it is one."""
        axis, other = s.axis, 1.0 - s.axis
        pull, curve, mixed = other @ m.slope, other @ m.bend @ other, axis @ m.bend @ other
        b = axis @ m.slope - safe_divide(mixed * pull, curve)
        c = axis @ m.bend @ axis - safe_divide(mixed * mixed, curve)
        apart = safe_divide(0.5 * pull * pull, curve)
        root = nearest_root(b, c, rest + apart)
        d = root * axis - safe_divide(pull + mixed * root, curve) * other
        return d * jnp.minimum(1.0, safe_divide(s.reach, length(d, s.metric), 1.0)), apart, curve > 0

    def _inside(self, w: Vector) -> Vector:
        """The same with x and y inside their limits, exactly on them where they were outside."""
        clipped = self.plane @ jnp.clip(self.plane.T @ w, self.lower, self.upper)
        return jnp.where(jnp.sum(self.plane, axis=1) > 0, clipped, w)

    def _at_limit(self, w: Vector):
        """Which of x and y lie on a limit."""
        p = self.plane.T @ w
        return (p == self.lower) | (p == self.upper)

    def _room(self, w: Vector, e: Pair) -> Scalar:
        """How far it is from w to the limit in the direction e, which is that of an axis."""
        p = self.plane.T @ w
        return jnp.min(jnp.where(e > 0, self.upper - p, jnp.where(e < 0, p - self.lower, jnp.inf)))

    # ---- what follows ---------------------------------------------------------------------------------------------

    def _recorded(self, s: TraceState, m: Model, v: Verdict) -> TraceState:
        """The node, or the point asked for, is kept."""
        onward, told = v.outcome == Outcome.ONWARD, v.outcome == Outcome.TOLD
        node = replace(v.node, w=self._inside(v.node.w))
        along = jnp.where(onward & v.end, turned(s.along), s.along)
        nodes = s.nodes.added(onward & (v.stage != Stage.RAY), node, v.vertex, v.stage == Stage.LINE, along)
        base = Node(*(jnp.where(onward, *pair) for pair in zip(_leaves(node), _leaves(s.base), strict=True)))
        status = jnp.where(jnp.any(self._at_limit(node.w)), SideStatus.AT_LIMIT, SideStatus.VALID)
        status = jnp.where(s.f < self.fmin - 0.01 * self.rise, SideStatus.NEW_MINIMUM, status)
        status = jnp.where(v.vertex, status, SideStatus.FAILED).astype(jnp.int32)
        j = jnp.where(told, s.point, self.size)
        return replace(
            s, base=base, along=along, nodes=nodes, status=lax.dynamic_update_index_in_dim(s.status, status, j, 0),
            points=lax.dynamic_update_index_in_dim(s.points, jnp.where(v.vertex, node.w, jnp.nan), j, 0),
            point=s.point + told,
        )  # fmt: skip

    def _next(self, s: TraceState, m: Model, v: Verdict) -> TraceState:
        """The next trial: nearer to the same target, or for another target on the way from the last node."""
        again, shorter, onward = (v.outcome == o for o in (Outcome.AGAIN, Outcome.SHORTER, Outcome.ONWARD))
        saddle = (m.nuisance < WITH_HESSIAN * self.rise) & (m.lowest < -ROUNDING)
        nearer = v.target + jnp.where(saddle, m.down, 0.0)
        nearer = jnp.where(s.exact | v.small, nearer, s.w)
        # where the FCN is not finite, go half the way to the chord between the nodes
        chord = s.nodes.chord(s.node[s.point], s.fraction[s.point])
        nearer = jnp.where(m.usable, nearer, 0.5 * (s.w + chord))

        stage = jnp.where(onward, v.stage, jnp.minimum(s.stage, Stage.CURVE))
        longest = jnp.array([LONGEST_RAY, LONGEST_LINE, LONGEST_ARC], s.w.dtype)[jnp.minimum(stage, Stage.CURVE)]
        reach = jnp.where(onward, jnp.minimum(2.0 * s.reach, longest), jnp.where(shorter, 0.4 * s.reach, s.reach))
        fresh = jnp.where(s.stage == Stage.EXTREME, s.axis, 0.0)
        skip = jnp.where(onward, fresh, jnp.where(shorter & (s.stage == Stage.EXTREME), 1.0, s.skip))
        before, after = tangent(s.base.slope, s.metric), tangent(v.node.slope, s.metric)
        fraction = jnp.where(v.flips > 0, safe_divide(before, before - after), 2.0)
        seeking, toward = v.outcome == Outcome.EXTREME, v.outcome == Outcome.TOWARD
        axis = jnp.where(seeking, (jnp.arange(2) == jnp.argmin(fraction)).astype(skip.dtype), s.axis)

        straight = stage <= Stage.LINE
        arc, across, shortened = self._arc(s, reach, jnp.where(seeking, jnp.min(fraction), 1.0))
        step = jnp.where(straight, self._straight(s, reach), arc)
        step = jnp.where(toward, self.plane.T @ (v.target - s.base.w), step)
        w, hits, edge = self._toward(s, step)
        hits = hits & ~straight
        stage = jnp.where(hits, Stage.HIT, jnp.where(seeking, Stage.EXTREME, stage))
        across = jnp.where(hits, safe_divide(edge, length(edge, s.metric)), across)
        tracing = ~again & (s.stage < Stage.SAMPLE)

        def now(new, old):
            return jnp.where(tracing, new, old)

        return replace(
            s, w=self._inside(jnp.where(tracing, w, nearer)), stage=now(stage, s.stage).astype(jnp.int32),
            trials=now(0, s.trials).astype(jnp.int32), exact=~(again & v.small) | self.differences,
            aimed=now(self.plane.T @ self._inside(w), s.aimed), across=now(across, s.across),
            along=now(jnp.where(hits, edge, s.along), s.along),
            axis=now(axis, s.axis), skip=now(skip, s.skip),
            reach=now(jnp.where(straight, reach, shortened), s.reach),
        )  # fmt: skip

    def _straight(self, s: TraceState, reach: Scalar) -> Pair:
        """Along the ray or the line: to the model's crossing, to the limit, or as far as a step reaches."""
        e, base = s.along, s.base
        root = rising_root(base.slope @ e, e @ base.bend @ e, self.fmin + self.rise - base.f)
        way = jnp.minimum(jnp.minimum(root, safe_divide(reach, length(e, s.metric), jnp.inf)), self._room(base.w, e))
        return jnp.maximum(way, 0.0) * e

    def _arc(self, s: TraceState, reach: Scalar, fraction: Scalar):
        """A step along an arc of the contour's curvature, at most `TURN` of it; the normal there; the step's length."""
        base = s.base
        t, d = tangent(base.slope, s.metric), normal(base.slope, s.metric)
        curvature = safe_divide(t @ base.bend @ t, base.slope @ d)
        reach = jnp.minimum(reach, safe_divide(TURN, jnp.abs(curvature), jnp.inf))
        turn = fraction * reach * curvature
        half = jnp.sinc(0.5 * turn / jnp.pi)
        step = fraction * reach * (jnp.sinc(turn / jnp.pi) * t - 0.5 * turn * half * half * d)
        # from a limit the contour goes inside, though its arc may come back beyond it
        p = self.plane.T @ (base.w + self.plane @ step)
        back = jnp.any(((p < self.lower) | (p > self.upper)) & self._at_limit(base.w))
        step = jnp.where(back, fraction * reach * t, step)
        return step, jnp.cos(turn) * d + jnp.sin(turn) * t, reach

    def _toward(self, s: TraceState, step: Pair):
        """The trial a step from the last node, or where that step meets a limit; if it does; the way on along it."""
        p = self.plane.T @ s.base.w
        limit = jnp.where(step > 0, self.upper, self.lower)
        x = jnp.where(step != 0, safe_divide(limit - p, step, jnp.inf), jnp.inf)
        hits, which = jnp.min(x) < 1.0, jnp.arange(2) == jnp.argmin(x)
        w = s.base.w + s.base.lift @ (jnp.minimum(jnp.min(x), 1.0) * step)
        exactly = self.plane @ jnp.where(which & (jnp.min(x) <= 1.0), limit, self.plane.T @ w)
        w = jnp.where(jnp.sum(self.plane, axis=1) > 0, exactly, w)
        return w, hits, turned(jnp.where(which, jnp.sign(step), 0.0))

    # ---- the points asked for -------------------------------------------------------------------------------------

    def _close(self, s: TraceState, whole: Flag) -> TraceState:
        """All around: to the points. If the way broke off, or went around a hole, once more with another ray."""
        attempt = s.attempt + 1
        anew = (~whole | (s.nodes.area(self.plane) < 0)) & (attempt < ATTEMPTS)
        lost = s.nodes.count < 2
        ray = jnp.array([[1, 0], [0, 1], [-1, 0], [0, -1]], s.w.dtype)[attempt % ATTEMPTS]
        node, fraction = evenly(s.nodes, self.plane, self.size, whole)
        stage = jnp.where(anew, Stage.RAY, jnp.where(lost, Stage.DONE, Stage.SAMPLE)).astype(jnp.int32)
        return replace(
            s, stage=stage, w=self.origin, along=jnp.where(anew, ray, s.along), attempt=attempt, trials=jnp.int32(0),
            reach=jnp.asarray(LONGEST_RAY, s.w.dtype), exact=jnp.array(True), node=node, fraction=fraction,
            nodes=replace(s.nodes, count=jnp.where(anew, 0, s.nodes.count)),
            status=jnp.where(lost & ~anew, SideStatus.FAILED, s.status),
        )  # fmt: skip

    def _sought(self, s: TraceState, another: Flag) -> TraceState:
        """The first trial for another point asked for: on the line of nodes."""
        j = jnp.minimum(s.point, self.size - 1)
        k, x = s.node[j], jnp.where(jnp.isnan(s.fraction[j]), 0.0, s.fraction[j])
        w, slope = s.nodes.at(k, x, self.plane, s.metric)
        across = normal(slope, s.metric)
        over = (s.stage == Stage.SAMPLE) & (s.point >= self.size)
        return replace(
            s, w=jnp.where(another, self._inside(w), s.w),
            across=jnp.where(another, across, s.across), trials=jnp.where(another, 0, s.trials).astype(jnp.int32),
            exact=s.exact & ~another | self.differences, stage=jnp.where(over, Stage.DONE, s.stage).astype(jnp.int32),
        )  # fmt: skip


def _once(v: Verdict) -> Verdict:
    """The same. XLA would work out the decisions anew in every small kernel that uses them; not through a product."""
    decisions = (v.outcome, v.stage, v.small, v.vertex, v.end, *v.flips)
    outcome, stage, small, vertex, end, *flips = jnp.stack([x.astype(v.target.dtype) for x in decisions]) @ jnp.eye(
        len(decisions), dtype=v.target.dtype
    )
    codes = {"outcome": outcome.astype(jnp.int32), "stage": stage.astype(jnp.int32)}
    return replace(v, **codes, small=small > 0, vertex=vertex > 0, end=end > 0, flips=jnp.stack(flips))


def _leaves(node: Node):
    return node.w, node.f, node.slope, node.bend, node.lift
