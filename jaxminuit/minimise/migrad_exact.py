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
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.line_search import SlopeSearch
from jaxminuit.minimise.migrad_state import MigradState, Next, Phase, nothing_to_do, without_matrix
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.minimise.verdict import verdict
from jaxminuit.problem.request import Kind, Reply

FIRST_STEP = 10.0  # longest first step along a guess of V, in the user's step sizes
MAX_PASSES = 20  # returns from an exact Hessian to the loop; each must have moved, so more only polish rounding
SHARP = 1e-3  # of the EDM goal, where the loop ends that an exact Hessian follows: it should be that of the minimum


class ExactMigrad(VariableMetric):
    """Every request brings the gradient along; V comes from exact Hessians and secants between them."""

    first: ClassVar[Phase] = Phase.SEED_GRADIENT
    trial: ClassVar[Kind] = Kind.GRADIENT
    exact: ClassVar[bool] = True

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

    def direction(self, s: MigradState):
        """-V g with the descent metric; at a stationary point of negative curvature, along its eigenvector."""
        newton = -s.error.v @ s.g
        stationary = s.fresh & (s.error.status == MatrixStatus.NOT_POSITIVE_DEFINITE) & ~(s.edm > self.goal)
        saddle = stationary & (s.error.lowest < 0) & ~s.error.flat
        # half of s.H.s is -UP: one standard deviation of the curvature's size
        down = s.error.direction * jnp.sqrt(2.0 * self.errordef / jnp.maximum(jnp.abs(s.error.lowest), 1e-300))
        down = jnp.where(down @ s.g > 0, -down, down)
        # a guess of V only knows the size of the first step, not how steep the FCN is
        errors = jnp.sqrt(2.0 * self.errordef * jnp.diagonal(s.error.v))
        longest = jnp.max(safe_divide(jnp.abs(newton), errors)) / FIRST_STEP
        newton = newton / jnp.where(s.has_matrix, 1.0, jnp.maximum(longest, 1.0))
        slope = newton @ s.g
        step = jnp.where(saddle, down, newton)
        slope = jnp.where(saddle, jnp.minimum(down @ s.g, 0.0) - self.errordef, slope)
        end = ~(slope < 0) | ~jnp.isfinite(slope) | (s.nfcn >= s.limit)
        following = jnp.where(end, Next.END, Next.WAIT).astype(jnp.int32)
        return select(end, s, self.begin_line(s, step, slope)), following

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
        progress = (search.best_lam != 0) & (decreased | (moved.edm < 0.5 * s.edm))
        goal = self.goal * (SHARP if self.strategy.level > 0 else 1.0)
        onward = (moved.edm_now > goal) & (s.nfcn < s.limit)
        again = progress & onward & (self.strategy.level == 2) & (search.trials > 1)
        moved = replace(moved, phase=jnp.where(again, Phase.HESSE, moved.phase).astype(jnp.int32))
        following = jnp.where(progress & onward, Next.DIRECTION, Next.END)
        following = jnp.where(again, Next.WAIT, following)
        return select(progress, moved, s), following.astype(jnp.int32)

    def _hesse(self, s: MigradState, reply: Reply):
        """Second derivatives at the present point, in the seed or after the loop."""
        error = error_matrix.from_exact(reply, s.free, s.error.v)
        s = replace(s, error=error, fresh=jnp.array(True), has_matrix=jnp.array(True))
        s = replace(self.with_edm(s), seeding=jnp.array(False), passes=s.passes + ~s.seeding)
        unusable = (reply.outcome != MatrixStatus.ACCURATE) & (s.passes > 0)
        done = ~(s.edm > self.goal) & (error.status == MatrixStatus.ACCURATE)
        following = jnp.where(done | unusable | (s.passes > MAX_PASSES), Next.END, Next.DIRECTION)
        return s, following.astype(jnp.int32)

    def end(self, s: MigradState) -> MigradState:
        """A Hessian at the end of the loop from strategy 1, and the verdict."""
        converged = s.edm_now <= self.goal
        tolerable = converged | (s.edm_now < 10.0 * self.goal) | (s.edm_now < jnp.abs(self.precision.eps2 * s.f))
        out_of_calls = (s.nfcn >= s.limit) & ~s.fresh
        hesse = ~s.fresh & ~out_of_calls & jnp.bool_(self.strategy.level > 0)
        above = ~tolerable
        spent = out_of_calls | ((s.nfcn >= s.limit) & above)
        status = verdict(s.error, s.edm, above, spent)
        phase = jnp.where(hesse, Phase.HESSE, Phase.DONE)
        return replace(s, phase=phase.astype(jnp.int32), status=status)
