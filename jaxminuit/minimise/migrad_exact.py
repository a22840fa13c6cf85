"""Migrad on exact derivatives.

The line search uses the slopes, so that most steps accept their first trial. Strategies 1 and 2 take the Hessian at
the start, at the end and wherever the quadratic model failed, and a negative eigenvalue is a way down rather than
something to repair.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import jax.numpy as jnp

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import select
from jaxminuit.core.types import Flag
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.line_search import SlopeSearch
from jaxminuit.minimise.migrad_state import MigradState, Next, Phase, nothing_to_do, without_matrix
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem.request import Kind, Reply

GROWTH = 4.0  # of the longest step when a step of that length was accepted at once
MAX_PASSES = 20  # returns from an exact Hessian to the loop; each must have moved, so more only polish rounding
UPDATED = 1e-2  # of the EDM goal, where the loop ends without any Hessian: V of updates alone may be wrong by factors
SHARP = 1e-3  # of the EDM goal, where the loop ends that an exact Hessian follows: it should be that of the minimum
# EDM, relative to the FCN, above which the loop goes on even below its goal: an errordef that is far too large for the
# FCN (a sum of squares without errors) would else stop it anywhere
RELATIVE = 1e-11
TOLERABLE = 1e-6  # the same for a fit that ran out of calls on its way there
LONG = 1e-2  # of a parameter or its first step, how long Newton's step may be at a minimum that is not looked at twice
UNDIMINISHED = 0.9  # of Newton's step, which at a minimum of eighth order shrinks to 0.86
VANISHED = 1e-20  # EDM in UP below which an FCN that goes to 0 need not be followed


class ExactMigrad(VariableMetric):
    """Every request brings the gradient along; V comes from exact Hessians and secants between them."""

    first: ClassVar[Phase] = Phase.SEED_GRADIENT
    trial: ClassVar[Kind] = Kind.GRADIENT
    exact: ClassVar[bool] = True
    roundings: ClassVar[float] = 2.0

    @property
    def search(self) -> SlopeSearch:
        """Cubic interpolation on values and slopes."""
        return SlopeSearch(self.precision.eps)

    @property
    def steps(self) -> dict[Phase, Callable]:
        """The phases, with Hessians from strategy 1."""
        steps = {Phase.SEED_GRADIENT: self._seed_gradient, Phase.LINE: self.line}
        return steps | ({Phase.HESSE: self._hesse} if self.strategy.level > 0 else {})

    def _seed_gradient(self, s: MigradState, reply: Reply):
        finite, varies = jnp.isfinite(reply.f) & jnp.all(jnp.isfinite(reply.g)), jnp.any(s.free)
        hesse = ~s.has_matrix & (self.strategy.level > 0) & varies
        # the Hessian of the seed is told in phase HESSE with `seeding` still set
        s = self.with_edm(replace(s, f=reply.f, g=reply.g, seeding=hesse))
        phase = jnp.where(finite, jnp.where(hesse, Phase.HESSE, s.phase), Phase.DONE)
        following = jnp.where(finite & ~hesse & varies, Next.DIRECTION, Next.WAIT)
        s = without_matrix(replace(s, phase=phase.astype(jnp.int32)), ~finite)
        return select(finite & ~varies, nothing_to_do(s), s), following.astype(jnp.int32)

    # ---- the next line ------------------------------------------------------------------------------------------

    def direction(self, s: MigradState):
        """-V g with the descent metric; at a stationary point of negative curvature, along its eigenvector."""
        newton = -s.error.v @ s.g
        stationary = s.fresh & (s.error.status == MatrixStatus.NOT_POSITIVE_DEFINITE) & ~(s.edm > self.goal)
        saddle = stationary & (s.error.lowest < 0) & ~s.error.flat
        # half of s.H.s is -UP: one standard deviation of the curvature's size
        down = s.error.direction * jnp.sqrt(2.0 * self.errordef / jnp.maximum(jnp.abs(s.error.lowest), 1e-300))
        down = jnp.where(down @ s.g > 0, -down, down)
        # far from the minimum neither a guess of V nor the Hessian knows how long a step should be
        length = jnp.max(safe_divide(jnp.abs(newton), 10.0 * s.gstep))
        newton = newton * jnp.minimum(1.0, safe_divide(s.radius, length, 1.0))
        slope = newton @ s.g
        step = jnp.where(saddle, down, newton)
        slope = jnp.where(saddle, jnp.minimum(down @ s.g, 0.0) - self.errordef, slope)
        end = ~(slope < 0) | ~jnp.isfinite(slope) | (s.nfcn >= s.limit)
        following = jnp.where(end, Next.END, Next.WAIT).astype(jnp.int32)
        s = replace(s, capped=length > s.radius)
        return select(end, s, self.begin_line(s, step, slope)), following

    def _settled(self, s: MigradState, edm) -> Flag:
        """Whether the EDM is small enough: sharply below its goal, and below what the FCN's own size can show.

        Without Hessians of its own the loop ends where Minuit's does if V began as one: that of a typical fit of many.
        """
        if self.strategy.level == 0:
            return edm <= jnp.where(s.hessian_at < 0, UPDATED, 1.0) * self.goal
        return (edm <= SHARP * self.goal) & self._small_beside_fcn(s, edm, RELATIVE)

    def _small_beside_fcn(self, s: MigradState, edm, relative: float) -> Flag:
        return edm <= jnp.maximum(relative, self.precision.eps) * jnp.abs(s.f) + VANISHED * self.errordef

    def arrive(self, s: MigradState):
        """To the best point of the line, whose gradient is there already."""
        search = s.search
        decreased = s.f - search.best_f > jnp.abs(s.f) * self.precision.eps
        dx, dg = search.best_lam * s.step, s.trial_g - s.g
        # a guess of V that is too small would hide the distance along directions not yet explored
        larger = jnp.where(s.has_matrix, 1.0, jnp.maximum(safe_divide(dx @ dg, dg @ s.error.v @ dg), 1.0))
        error = error_matrix.updated(replace(s.error, v=larger * s.error.v), dx, dg, careful=True)
        moved = replace(
            s, x=s.x + dx, f=search.best_f, g=s.trial_g, error=error, has_matrix=jnp.array(True),
            fresh=jnp.array(False),
        )  # fmt: skip
        moved = self.with_edm(moved)
        longer = s.capped & (search.trials == 1)
        moved = replace(moved, radius=jnp.where(longer, GROWTH * s.radius, s.radius))
        progress = (search.best_lam != 0) & (decreased | (moved.edm < 0.5 * s.edm))
        onward = ~self._settled(moved, moved.edm_now) & (s.nfcn < s.limit)
        # a Hessian where the model failed at once, and about as much for Hessians as for the steps between them
        steps = (3 - self.strategy.level) * (jnp.sum(s.free) + 1)
        stale = (search.trials > 1) | (s.nfcn - jnp.maximum(s.hessian_at, 0) >= steps)
        stale = stale & (self.strategy.level > 0)
        again = progress & (s.nfcn < s.limit) & (onward & stale | s.doubtful)
        moved = replace(moved, phase=jnp.where(again, Phase.HESSE, moved.phase).astype(jnp.int32))
        following = jnp.where(progress & onward, Next.DIRECTION, Next.END)
        following = jnp.where(again, Next.WAIT, following)
        return select(progress, moved, s), following.astype(jnp.int32)

    def _hesse(self, s: MigradState, reply: Reply):
        """Second derivatives at the present point, in the seed or after the loop."""
        error = error_matrix.from_exact(reply, s.free, s.error.v)
        s = replace(s, error=error, fresh=jnp.array(True), has_matrix=jnp.array(True))
        s = replace(self.with_edm(s), seeding=jnp.array(False), hessian_at=s.nfcn)
        unusable = (reply.outcome != MatrixStatus.ACCURATE) & (s.passes > 0)
        settled = self._settled(s, s.edm) & (error.status == MatrixStatus.ACCURATE)
        far, plateau = self._plateau(s)
        plateau = plateau & settled & s.doubtful
        again = settled & far & (~s.doubtful | s.capped)
        s = replace(s, doubtful=again, error=error_matrix.declared_flat(error, plateau))
        done = settled & ~again
        following = jnp.where(done | unusable | (s.passes > MAX_PASSES), Next.END, Next.DIRECTION)
        return s, following.astype(jnp.int32)

    def _plateau(self, s: MigradState) -> tuple[Flag, Flag]:
        """Whether Newton's step is long for some parameter, and whether it is about as long as the one before.

        On the way to infinity along a falling plateau the EDM vanishes like at a minimum, but the steps do not: they
        stay equal on exp(-x) and grow on 1/x, where at a minimum of fourth order they shrink by 2/3 each.
        """
        step = jnp.abs(s.error.v @ s.g)
        relative = safe_divide(step, jnp.maximum(jnp.abs(s.x), 10.0 * s.gstep))
        longest = jnp.argmax(relative)
        return relative[longest] > LONG, ~s.capped & (step[longest] > UNDIMINISHED * jnp.abs(s.step[longest]))

    # ---- the end ------------------------------------------------------------------------------------------------

    def end(self, s: MigradState) -> MigradState:
        """A Hessian at the end of the loop from strategy 1, and the verdict."""
        out_of_calls = (s.nfcn >= s.limit) & ~s.fresh
        hesse = ~s.fresh & ~out_of_calls & jnp.bool_(self.strategy.level > 0)
        above = ~(s.edm_now < 10.0 * self.goal)
        on_the_way = (s.nfcn >= s.limit) & ~self._small_beside_fcn(s, s.edm, TOLERABLE)
        return self.judge(s, hesse, out_of_calls | (on_the_way & ~hesse), above)
