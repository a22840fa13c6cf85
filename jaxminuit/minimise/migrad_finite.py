"""Migrad on finite differences: Minuit2's algorithm step for step (Davidon-Fletcher-Powell with Fletcher's switch)."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Mask, leaf
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.line_search import ParabolaSearch
from jaxminuit.minimise.migrad_state import MigradState, Next, Phase, nothing_to_do, without_matrix
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem.request import Kind, Reply
from jaxminuit.problem.strategy import STRATEGIES

LONG = 0.4  # of the default call limit


class FiniteMigrad(VariableMetric):
    """Trial points want values alone; gradients are taken where a line search ends.

    `level`: that of the strategy where it is a value, so that one program serves all levels; None where it is static.
    """

    level: Count | None = None

    first: ClassVar[Phase] = Phase.SEED_VALUE
    trial: ClassVar[Kind] = Kind.VALUE
    exact: ClassVar[bool] = False
    roundings: ClassVar[float] = 10.0  # differences over short steps enlarge the noise

    def of_any_level(self) -> "FiniteMigrad":
        """The same with its strategy's level as a value."""
        if self.level is not None:
            return self
        return replace(self, strategy=STRATEGIES[-1], level=leaf(np.int32(self.strategy.level)))

    @property
    def care(self) -> int | Count:
        """The strategy's level."""
        return self.strategy.level if self.level is None else self.level

    @property
    def search(self) -> ParabolaSearch:
        """Minuit's parabolas."""
        return ParabolaSearch(self.precision.eps, self.precision.eps2)

    @property
    def steps(self) -> dict[Phase, Callable]:
        """The phases, with a Hessian from strategy 1."""
        steps = {
            Phase.SEED_VALUE: self._seed_value,
            Phase.SEED_GRADIENT: self._seed_gradient,
            Phase.LINE: self.line,
            Phase.GRADIENT: self._gradient,
        }
        return steps | ({Phase.HESSE: self._hesse} if self.strategy.level > 0 else {})

    # ---- the seed -----------------------------------------------------------------------------------------------

    def _seed_value(self, s: MigradState, reply: Reply):
        finite, varies = jnp.isfinite(reply.f), jnp.any(s.free)
        phase = jnp.where(finite & varies, Phase.SEED_GRADIENT, Phase.DONE)
        s = without_matrix(replace(s, f=reply.f, phase=phase.astype(jnp.int32)), ~finite)
        return select(finite & ~varies, nothing_to_do(s), s), jnp.int32(Next.WAIT)

    def _seed_gradient(self, s: MigradState, reply: Reply):
        finite = jnp.isfinite(reply.f) & jnp.all(jnp.isfinite(reply.g))
        s = replace(s, g=reply.g, g2=reply.g2, gstep=reply.gstep)
        guess = error_matrix.start(error_matrix.guess(s.g2, s.free, self.precision), 1.0)
        s = replace(s, error=select(s.has_matrix, s.error, guess))
        downhill = ~s.has_matrix & jnp.any(s.free & (s.g2 <= 0))
        hesse = ~s.has_matrix & ~downhill & (self.care == 2)
        # the Hessian of the seed is told in phase HESSE with `seeding` still set
        s = self.with_edm(replace(s, seeding=downhill | hesse))
        phase = jnp.where(finite, jnp.where(hesse, Phase.HESSE, s.phase), Phase.DONE)
        following = jnp.where(finite & ~hesse, Next.DIRECTION, Next.WAIT)
        s = without_matrix(replace(s, phase=phase.astype(jnp.int32)), ~finite)
        return s, following.astype(jnp.int32)

    def _negative(self, s: MigradState) -> Mask:
        """Parameters along which the second derivative is negative, and which are not plainly without effect."""
        eps = self.precision.eps
        return s.free & (s.g2 <= 0) & ~((jnp.abs(s.g) < eps) & (jnp.abs(s.g2) < eps))

    # ---- the next line ------------------------------------------------------------------------------------------

    def direction(self, s: MigradState):
        """-V g; in the seed first along negative second derivatives."""
        moving = s.seeding & jnp.any(self._negative(s)) & (s.moves <= 2 * jnp.sum(s.free))
        return lax.cond(moving, plain(self._along_negative), plain(self._after_seed), s)

    def _along_negative(self, s: MigradState):
        first = jnp.argmax(self._negative(s))
        size = jnp.where(s.g[first] < 0, s.gstep[first], -s.gstep[first])
        step = jnp.zeros_like(s.x).at[first].set(size)
        return self.begin_line(s, step, step @ s.g), jnp.int32(Next.WAIT)

    def _after_seed(self, s: MigradState):
        """Leave the search along negative second derivatives, if it was on, for the loop proper."""
        guess = error_matrix.guess(s.g2, s.free, self.precision, allow_negative=True)
        searched = self.with_edm(replace(s, error=error_matrix.start(guess, 1.0)))
        s = select(s.seeding, searched, s)
        hesse = s.seeding & (self.care == 2)
        asked = replace(s, phase=jnp.int32(Phase.HESSE))
        ready, following = self._newton_direction(replace(s, seeding=jnp.array(False)))
        return select(hesse, asked, ready), jnp.where(hesse, Next.WAIT, following).astype(jnp.int32)

    def _newton_direction(self, s: MigradState):
        """-V g, with V repaired if that does not go down; the end of the loop if nothing does."""
        step = -s.error.v @ s.g
        uphill = step @ s.g > 0
        error = error_matrix.repaired(s.error, uphill, s.free, self.precision)
        step = jnp.where(uphill, -error.v @ s.g, step)
        s = replace(s, error=error)
        slope = step @ s.g
        flat = ~(s.g @ s.g > 0)
        end = flat | (slope > 0) | ~jnp.isfinite(slope) | (s.nfcn >= s.limit)
        s = replace(s, early=(slope > 0) & ~flat)
        following = jnp.where(end, Next.END, Next.WAIT).astype(jnp.int32)
        return select(end, s, self.begin_line(s, step, slope)), following

    # ---- what comes back ----------------------------------------------------------------------------------------

    def arrive(self, s: MigradState):
        """To the best point of the line, where the gradient is wanted next."""
        better = (jnp.abs(s.search.best_f - s.f) > jnp.abs(s.f) * self.precision.eps) | s.seeding
        there = replace(
            s, step=s.search.best_lam * s.step, x=s.x + s.search.best_lam * s.step, f=s.search.best_f,
            phase=jnp.int32(Phase.GRADIENT),
        )  # fmt: skip
        return select(better, there, s), jnp.where(better, Next.WAIT, Next.END).astype(jnp.int32)

    def _gradient(self, s: MigradState, reply: Reply):
        """The gradient at the point just reached; update V and judge the EDM with the old V."""
        new = replace(s, g=reply.g, g2=reply.g2, gstep=reply.gstep)
        edm = error_matrix.edm(reply.g, s.error.v)
        error = error_matrix.repaired(s.error, edm < 0, s.free, self.precision)
        edm = jnp.where(edm < 0, error_matrix.edm(reply.g, error.v), edm)
        bad = ~(edm >= 0)
        error = select(bad, error, error_matrix.updated(error, s.step, reply.g - s.g, careful=False))
        looped = replace(new, error=error, edm=edm, edm_now=edm * (1.0 + 3.0 * error.dcovar), early=bad)
        looped = replace(looped, fresh=jnp.array(False))
        onward = ~bad & (looped.edm_now > self.goal) & (s.nfcn < s.limit)
        searched = replace(new, moves=s.moves + 1)
        following = jnp.where(s.seeding | onward, Next.DIRECTION, Next.END)
        return select(s.seeding, searched, looped), following.astype(jnp.int32)

    def _hesse(self, s: MigradState, reply: Reply):
        """Second derivatives at the present point, in the seed or after the loop."""
        ok = reply.outcome == MatrixStatus.ACCURATE
        error = error_matrix.from_differences(reply, s.free, self.precision)
        s = replace(s, error=error, g=reply.g, g2=reply.g2, gstep=reply.gstep)
        edm = jnp.where(ok, error_matrix.edm(s.g, error.v), s.edm)
        s = replace(s, edm=edm, edm_now=edm * (1.0 + 3.0 * error.dcovar), fresh=jnp.array(True))
        valid = error.status <= MatrixStatus.MADE_POSITIVE_DEFINITE
        again = valid & (edm > self.goal) & (edm >= jnp.abs(self.precision.eps2 * s.f))
        limit = jnp.where(s.passes == 0, (1.3 * s.max_calls).astype(jnp.int32), s.limit)
        after = replace(s, limit=limit, passes=s.passes + 1)
        seeded = replace(s, seeding=jnp.array(False), fresh=jnp.array(False))
        following = jnp.where(s.seeding | again, Next.DIRECTION, Next.END)
        return select(s.seeding, seeded, after), following.astype(jnp.int32)

    # ---- the end ------------------------------------------------------------------------------------------------

    def end(self, s: MigradState) -> MigradState:
        """Minuit's tests; a Hessian when V is not accurate enough for the strategy."""
        tolerable = (s.edm_now < 10.0 * self.goal) | (s.edm_now < jnp.abs(self.precision.eps2 * s.f))
        out_of_calls = (s.nfcn >= s.limit) & ~s.fresh
        threshold = jnp.where(self.care == 0, jnp.inf, jnp.where(self.care == 1, 0.05, -jnp.inf))
        above = ~(s.edm <= 10.0 * self.goal) | (s.edm < 0)
        first = (s.passes == 0) | tolerable | s.early
        n = jnp.sum(s.free)
        # what took so long to be reached has been in a curved valley, where V may seem better than it is
        long = s.nfcn > LONG * (200 + 100 * n + 5 * n * n)
        unsure = (s.error.dcovar > threshold) | (long & (self.care > 0))
        hesse = ~s.fresh & ~out_of_calls & unsure & first & (n > 0)
        above = above | (~first & ~tolerable)
        return self.judge(s, hesse, out_of_calls, above)
