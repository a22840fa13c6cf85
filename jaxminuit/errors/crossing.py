"""The classic search for a crossing with its inner fits, as one machine.

One parameter (Minos) or two (a contour point) are moved together along a direction, x = mid + a dir in external
coordinates; at each trial a of the search the others are minimised by an inner Migrad that goes on from the one before.
"""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core import symmetric
from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.status import SideStatus, Status
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.errors.crossing_search import FARTHEST, CrossingSearch, Stage, begin, end, tell
from jaxminuit.minimise.machine import Nested
from jaxminuit.minimise.migrad_state import MigradState
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem import transform


class CrossingState(eqx.Module):
    """The inner fit, the search, and the line along which the pinned parameters move."""

    inner: MigradState
    search: CrossingSearch
    pinned: Mask
    mid: Vector
    direction: Vector
    nfcn: Count


class Crossing(Nested):
    """The search from trial to trial; see the module's sentences. `migrad` is the inner minimiser."""

    migrad: VariableMetric
    lower: Vector
    upper: Vector
    rise: Scalar

    def start(
        self, u: Vector, v: Matrix, errors: Vector, free: Mask, pinned: Mask, mid: Vector, direction: Vector,
        fmin: Scalar, max_calls: Count, wanted: Flag,
    ) -> CrossingState:  # fmt: skip
        """From internal coordinates u of the others and V of all; `mid`, `direction`: external, of the pinned ones."""
        eps = self.migrad.precision.eps
        limit = jnp.where(direction > 0, self.upper, self.lower)
        moving = pinned & (jnp.abs(direction) >= eps)
        reach = jnp.where(moving & jnp.isfinite(limit), (limit - mid) / jnp.where(moving, direction, 1.0), FARTHEST)
        stuck = jnp.any(pinned & ~moving & (jnp.abs(jnp.where(jnp.isfinite(limit), limit, jnp.inf) - mid) < eps))
        search = begin(fmin, self.rise, jnp.min(reach))
        over = jnp.where(wanted, SideStatus.AT_LIMIT, SideStatus.NOT_RUN)
        search = select(stuck | ~wanted, end(search, over), search)
        inner = self._inner(u, v, errors, free & ~pinned, pinned, mid, max_calls)
        return CrossingState(inner, search, pinned, mid, direction, jnp.int32(0))

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
        return s.search.stage == Stage.DONE

    def onward(self, s: CrossingState) -> CrossingState:
        """Tell the search the inner minimum, and start the fit at its next abscissa."""
        inner = s.inner
        ended = jnp.where(inner.status > Status.AT_LIMIT, SideStatus.FAILED, SideStatus.VALID)
        ended = jnp.where(inner.status == Status.CALL_LIMIT, SideStatus.CALL_LIMIT, ended)
        search = tell(s.search, inner.f, ended, self.migrad.precision.eps)
        s = replace(s, search=search, nfcn=s.nfcn + inner.nfcn)
        return select(self.finished(s), s, replace(s, inner=self._again(s)))

    def _again(self, s: CrossingState) -> MigradState:
        """The next inner fit, from the end of the one before, folded to the principal branch."""
        inner = s.inner
        u, sign = transform.fold(inner.x, self.lower, self.upper)
        v = inner.error.v * sign[:, None] * sign[None, :]
        spread = safe_sqrt(2.0 * self.rise * jnp.diagonal(v))
        errors = transform.external_errors(u, spread, self.lower, self.upper)
        steps = jnp.where(errors > 0, errors, 0.1)
        return self._inner(u, v, steps, inner.free, s.pinned, s.mid + s.search.a * s.direction, inner.max_calls)
