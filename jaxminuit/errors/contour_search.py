"""A contour by crossing searches, as Minuit has it: for functions without exact derivatives.

First the four Minos ends; an end at a limit is replaced by the points where the contour meets that limit. Then, again
and again, a point between the two neighbours that are farthest apart (in units of the extents): from the middle between
them along the normal to their chord, x and y pinned, the others minimised by the inner Migrad at every trial. (Minuit
manual, MNContour.)
"""

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.status import SideStatus
from jaxminuit.core.symmetric import squeezed
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.errors.contour_model import Pair, Plane, turned
from jaxminuit.errors.crossing import Crossing, CrossingState
from jaxminuit.minimise.machine import Nested
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform

SEARCHES = 12  # before the gaps: for each of low x, low y, high x, high y one end, and two along a limit
PLACES = (0.5, 0.75, 0.25)  # on a chord, from which a crossing is looked for
APART = 1e-4  # in errors; points on a limit closer than this are one
ON_LIMIT = 1e-7  # in errors; nearer to a limit than this is on it
DONE = 1000


class GapsState(eqx.Module):
    """The present search, and the points found so far, in order."""

    inner: CrossingState
    number: Count  # of the search; from SEARCHES: one for a gap, at the place number - SEARCHES
    gap: Count
    edge: Vector  # all parameters at the limit along which is searched
    edge_f: Scalar
    points: Matrix  # (size, n) external
    status: Count  # (size,)
    count: Count
    ends: Matrix  # (2, 2) lower and upper end of x and of y
    failure: Count  # what the points not found are reported as
    nfcn: Count


class Gaps(Nested):
    """Crossing searches around the minimum; `plane` holds the unit vectors of x and y."""

    crossing: Crossing
    minimum: FunctionMinimum
    plane: Plane
    lower: Pair
    upper: Pair
    limit: Count
    inner_limit: Count
    size: int = eqx.field(static=True)

    def start(self, wanted: Flag) -> GapsState:
        """From the minimum; not wanted: finished at once."""
        m, none = self.minimum, jnp.int32(0)
        unstarted: Any = None  # the first search begins from the rest of the state
        n, dtype = m.u.size, m.u.dtype
        status = jnp.where(wanted, SideStatus.FAILED, SideStatus.NOT_RUN).astype(jnp.int32)
        blank = GapsState(
            unstarted, none, none, m.values, m.fval, jnp.full((self.size, n), jnp.nan, dtype),
            jnp.full(self.size, SideStatus.VALID, jnp.int32), none, jnp.zeros((2, 2), dtype), status, none,
        )  # fmt: skip
        s = replace(blank, inner=self._search(blank))
        return replace(s, number=jnp.where(wanted, 0, DONE).astype(jnp.int32))

    def inside(self, s: GapsState) -> tuple[Crossing, CrossingState]:
        return self.crossing, s.inner

    def holding(self, s: GapsState, inner: CrossingState) -> GapsState:
        return replace(s, inner=inner)

    def finished(self, s: GapsState) -> Flag:
        return s.number >= DONE

    # ---- the searches ---------------------------------------------------------------------------------------------

    def _search(self, s: GapsState) -> CrossingState:
        """The crossing search of that number."""
        m, crossing = self.minimum, self.crossing
        lower, upper = crossing.lower, crossing.upper
        side, sub = s.number // 3, s.number % 3
        axis, other = self.plane[:, side % 2], self.plane[:, 1 - side % 2]
        out = jnp.where(side < 2, -1.0, 1.0)
        rise = jnp.minimum(crossing.rise, m.errordef)
        spread = safe_sqrt(2.0 * rise * jnp.diagonal(m.inverse_hessian))
        errors = transform.external_errors(m.u, spread, lower, upper)
        # an end: one parabolic error away, the others moved along
        mid = jnp.where(axis > 0, jnp.clip(m.values + out * errors, lower, upper), m.values)
        column = m.inverse_hessian @ axis
        shift = out * safe_sqrt(2.0 * rise) * safe_divide(column, safe_sqrt(column @ axis))
        # along a limit: from the lowest point there; around the region counter-clockwise
        first = jnp.where((side == 0) | (side == 3), 1.0, -1.0)
        along = jnp.where(sub == 1, first, -first) * other * errors
        along = along * jnp.maximum((m.fval + crossing.rise - s.edge_f) / crossing.rise, 0.1)
        # between two neighbours: along the normal of their chord
        place = jnp.array(PLACES, m.u.dtype)[jnp.clip(s.number - SEARCHES, 0, 2)]
        chord, middle = self._chord(s, place)
        inside = self.plane @ middle

        gap, border = s.number >= SEARCHES, (s.number < SEARCHES) & (sub > 0)
        pinned = jnp.where(gap, jnp.any(self.plane > 0, axis=1), jnp.where(border, other > 0, axis > 0))
        mid = jnp.where(gap, inside, jnp.where(border, s.edge, mid))
        direction = jnp.where(gap, self.plane @ -turned(chord), jnp.where(border, along, mid - m.values))
        moved = jnp.where(gap, m.u, m.u + shift)
        moved = transform.ext2int(transform.int2ext(moved, lower, upper), lower, upper, crossing.migrad.precision.eps2)
        held = border & (axis > 0)
        at_edge = transform.ext2int(s.edge, lower, upper, jnp.where(held, 0.0, crossing.migrad.precision.eps2))
        free = ~m.parameters.fixed
        u = jnp.where(free, jnp.where(border, at_edge, moved), m.u)
        v = jnp.where(border, squeezed(m.inverse_hessian, axis > 0), m.inverse_hessian)
        errors = jnp.where(errors > 0, errors, 0.1)
        yes = jnp.array(True)
        return crossing.start(
            u, v, errors, free & ~held, pinned, mid, direction, m.fval, self.inner_limit, yes,
        )  # fmt: skip

    def _chord(self, s: GapsState, place) -> tuple[Pair, Pair]:
        """Chord of the gap, scaled so that its normal is about one extent long; and the point on it."""
        j = jnp.where(s.gap + 1 < s.count, s.gap + 1, 0)
        p, q = self.plane.T @ s.points[s.gap], self.plane.T @ s.points[j]
        chord = q - p
        extents = s.ends[1] - s.ends[0]
        size = jnp.max(jnp.abs(safe_divide(turned(chord), extents)))
        return safe_divide(chord, size), place * p + (1.0 - place) * q

    # ---- after a search -------------------------------------------------------------------------------------------

    def onward(self, s: GapsState) -> GapsState:
        """Keep what was found and begin the next search."""
        c, m = s.inner, self.minimum
        lower, upper = self.crossing.lower, self.crossing.upper
        inner = transform.int2ext(c.inner.x, lower, upper)
        values = jnp.where(c.pinned, jnp.clip(c.mid + c.search.a * c.direction, lower, upper), inner)
        values = jnp.where(m.parameters.fixed, m.values, values)
        # what ends at a limit, or runs along one, lies on it exactly
        near = ON_LIMIT * m.errors
        values = jnp.where(jnp.abs(values - lower) <= near, lower, values)
        values = jnp.where(jnp.abs(values - upper) <= near, upper, values)
        valid, limited = c.search.status == SideStatus.VALID, c.search.status == SideStatus.AT_LIMIT
        s = replace(s, nfcn=s.nfcn + c.nfcn)
        s = lax.cond(s.number < SEARCHES, plain(self._end), plain(self._filled), s, values, valid, limited)
        spent = (s.nfcn >= self.limit) & (s.number < DONE) & (s.count < self.size)
        over = spent | (s.count >= self.size)
        s = replace(
            s, number=jnp.where(over, DONE, s.number).astype(jnp.int32),
            failure=jnp.where(spent, SideStatus.CALL_LIMIT, s.failure).astype(jnp.int32),
        )  # fmt: skip
        return select(s.number >= DONE, s, replace(s, inner=self._search(s)))

    def _end(self, s: GapsState, values: Vector, valid: Flag, limited: Flag) -> GapsState:
        """An end, or a point where the contour meets a limit."""
        side, sub = s.number // 3, s.number % 3
        main, border = sub == 0, sub > 0
        axis = side % 2
        ends = s.ends.at[side // 2, axis].set(jnp.where(main, (self.plane.T @ values)[axis], s.ends[side // 2, axis]))
        lost = main & ~valid & ~limited
        edge = jnp.where(main, values, s.edge)
        edge_f = jnp.where(main, s.inner.inner.f, s.edge_f)
        last = s.points[jnp.maximum(s.count - 1, 0)]
        close = jnp.abs(self.plane.T @ (values - last)) <= APART * (self.plane.T @ self.minimum.errors)
        twin = border & (s.count > 0) & jnp.all(close)
        kept = jnp.where(main, valid, (valid | limited) & ~twin)
        s = self._inserted(s, s.count - 1, values, kept)
        number = jnp.where(main & ~limited, s.number + 3, s.number + 1)
        number = jnp.where(lost | ((number >= SEARCHES) & (s.count < 3)), DONE, number)
        failure = jnp.where(lost, s.inner.search.status, s.failure)
        number, failure = number.astype(jnp.int32), failure.astype(jnp.int32)
        s = replace(s, ends=ends, edge=edge, edge_f=edge_f, number=number, failure=failure)
        return replace(s, gap=self._widest(s))

    def _filled(self, s: GapsState, values: Vector, valid: Flag, limited: Flag) -> GapsState:
        """A point for a gap; or another place on its chord, and at last the end."""
        found = valid | limited
        number = jnp.where(found, SEARCHES, s.number + 1)
        number = jnp.where(number >= SEARCHES + len(PLACES), DONE, number).astype(jnp.int32)
        s = self._inserted(replace(s, number=number), s.gap, values, found)
        return replace(s, gap=jnp.where(found, self._widest(s), s.gap))

    def _inserted(self, s: GapsState, after: Count, values: Vector, wanted: Flag) -> GapsState:
        """With a point after that one."""
        k = jnp.arange(self.size)
        back = jnp.roll(s.points, 1, axis=0), jnp.roll(s.status, 1)
        p = self.plane.T @ values
        at_limit = jnp.any((p == self.lower) | (p == self.upper))
        status = jnp.where(at_limit, SideStatus.AT_LIMIT, SideStatus.VALID).astype(jnp.int32)
        new, later = k == after + 1, k > after + 1
        points = jnp.where(new[:, None], values, jnp.where(later[:, None], back[0], s.points))
        status = jnp.where(new, status, jnp.where(later, back[1], s.status))
        s_new = replace(s, points=points, status=status, count=s.count + 1)
        return select(wanted, s_new, s)

    def _widest(self, s: GapsState) -> Count:
        """The point with the widest gap to the next; two on the same limit have none."""
        k = jnp.arange(self.size)
        p = s.points @ self.plane
        q = p[jnp.where(k + 1 < s.count, k + 1, 0)]
        extents = s.ends[1] - s.ends[0]
        apart = jnp.sum(safe_divide(q - p, extents) ** 2, axis=1)
        same = jnp.any(((p == q) & ((p == self.lower) | (p == self.upper))), axis=1)
        return jnp.argmax(jnp.where((k < s.count) & ~same, apart, -1.0)).astype(jnp.int32)

    def result(self, s: GapsState) -> tuple[Matrix, Count, Count, Count]:
        """Points (all parameters), statuses, calls and Hessians; points not found are nan at the end."""
        found: Mask = jnp.arange(self.size) < s.count
        points = jnp.where(found[:, None], s.points, jnp.nan)
        return points, jnp.where(found, s.status, s.failure).astype(jnp.int32), s.nfcn, jnp.int32(0)
