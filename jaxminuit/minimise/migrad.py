"""Migrad: the variable-metric minimiser (Davidon-Fletcher-Powell with Fletcher's switch), as a machine.

Minuit manual, sections 4 (MIGrad), 5.1 and 5.2; F. James, M. Roos, Comput. Phys. Commun. 10 (1975) 343. One machine
serves both kinds of derivatives. With finite differences (`exact` false) it follows Minuit2 step for step. With exact
ones the line search uses the slopes, strategies 1 and 2 take the Hessian at the start, at the end and wherever the
quadratic model failed, and a negative eigenvalue is a way down rather than something to repair.
"""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.precision import Precision, precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.line_search import ParabolaSearch, SlopeSearch
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.migrad_state import MigradState, Next, Phase, nothing_to_do, unchanged, without_matrix
from jaxminuit.minimise.seed import derivatives_from_steps
from jaxminuit.minimise.verdict import verdict
from jaxminuit.problem.request import Kind, Reply, Request
from jaxminuit.problem.strategy import Strategy

FIRST_STEP = 10.0  # longest first step along a guess of V, in the user's step sizes
MAX_PASSES = 20  # returns from an exact Hessian to the loop; each must have moved, so more only polish rounding

SHARP = 1e-3  # of the EDM goal, where the loop ends that an exact Hessian follows: it should be that of the minimum


class Migrad(Machine):
    """The variable-metric minimiser. Leaves: errordef, tol, precision; static: strategy and kind of derivatives."""

    errordef: Scalar
    tol: Scalar
    precision: Precision
    limited: Mask
    strategy: Strategy = eqx.field(static=True)
    exact: bool = eqx.field(static=True)

    @property
    def goal(self) -> Scalar:
        """EDM below which the fit has converged: 0.002 tol UP (Minuit manual, MIGrad)."""
        floor = precision(self.errordef.dtype).eps2
        return 0.002 * jnp.maximum(self.tol * self.errordef, floor)

    @property
    def _search(self) -> ParabolaSearch | SlopeSearch:
        return (
            SlopeSearch(self.precision.eps) if self.exact else ParabolaSearch(self.precision.eps, self.precision.eps2)
        )

    # ---- the protocol -------------------------------------------------------------------------------------------

    def start(
        self, u: Vector, free: Mask, steps: Vector, max_calls: Count, v: Matrix, known: Flag | bool
    ) -> MigradState:
        """Begin at internal coordinates u with internal step sizes, and with V if it is `known`."""
        dtype = u.dtype
        zero, nan = jnp.zeros((), dtype), jnp.full((), jnp.nan, dtype)
        g, g2, gstep = derivatives_from_steps(u, free, steps, self.limited, self.errordef, self.precision)
        known = jnp.asarray(known)
        v = jnp.where(known, symmetric.masked(v, free), error_matrix.guess(g2, free, self.precision))
        error = error_matrix.start(v, jnp.where(known, 0.0, 1.0).astype(dtype))
        first = Phase.SEED_GRADIENT if self.exact else Phase.SEED_VALUE
        none, false = jnp.int32(0), jnp.array(False)
        max_calls = jnp.asarray(max_calls, jnp.int32)
        return MigradState(
            jnp.int32(first), jnp.int32(Status.NOT_FINITE), free, u, nan, g, g2, gstep, error, nan, nan,
            jnp.zeros_like(u), self._search.start(zero, zero, zero), jnp.zeros_like(u), jnp.array(True),
            known, false, false, none, none, none, none, none, max_calls, max_calls,
        )  # fmt: skip

    def ask(self, s: MigradState) -> Request:
        line = s.phase == Phase.LINE
        u = s.x + jnp.where(line, s.search.lam, 0.0) * s.step
        trial = Kind.GRADIENT if self.exact else Kind.VALUE
        kinds = jnp.array([Kind.VALUE, Kind.GRADIENT, trial, Kind.GRADIENT, Kind.HESSIAN, Kind.VALUE], jnp.int32)
        return Request(kinds[s.phase], u, s.free, s.f, s.g, s.g2, s.gstep, s.max_calls - s.nfcn)

    def tell(self, s: MigradState, reply: Reply) -> MigradState:
        hesse = s.phase == Phase.HESSE
        s = replace(s, nfcn=s.nfcn + reply.calls, ngrad=s.ngrad + self.exact, nhessian=s.nhessian + hesse)
        s, following = self._take_in(s, reply)
        s, following = lax.cond(following == Next.DIRECTION, plain(self._direction), unchanged, s, following)
        return lax.cond(following == Next.END, plain(self._end), lambda x: x, s)

    def _take_in(self, s: MigradState, reply: Reply):
        """The step that belongs to the phase. Only those that can happen are compiled."""
        steps = {Phase.SEED_GRADIENT: self._seed_gradient, Phase.LINE: self._line}
        if not self.exact:
            steps |= {Phase.SEED_VALUE: self._seed_value, Phase.GRADIENT: self._gradient}
        if self.strategy.level > 0:
            steps |= {Phase.HESSE: self._hesse}
        number = jnp.array([list(steps).index(phase) if phase in steps else 0 for phase in Phase], jnp.int32)
        return lax.switch(number[s.phase], [plain(step) for step in steps.values()], s, reply)

    def finished(self, s: MigradState) -> Flag:
        return s.phase == Phase.DONE

    # ---- the seed -----------------------------------------------------------------------------------------------

    def _seed_value(self, s: MigradState, reply: Reply):
        finite, varies = jnp.isfinite(reply.f), jnp.any(s.free)
        phase = jnp.where(finite & varies, Phase.SEED_GRADIENT, Phase.DONE)
        s = without_matrix(replace(s, f=reply.f, phase=phase.astype(jnp.int32)), ~finite)
        return select(finite & ~varies, nothing_to_do(s), s), jnp.int32(Next.WAIT)

    def _seed_gradient(self, s: MigradState, reply: Reply):
        finite = jnp.isfinite(reply.f) & jnp.all(jnp.isfinite(reply.g))
        if self.exact:
            s = replace(s, f=reply.f, g=reply.g)
            hesse = ~s.has_matrix & (self.strategy.level > 0)
        else:
            s = replace(s, g=reply.g, g2=reply.g2, gstep=reply.gstep)
            guess = error_matrix.start(error_matrix.guess(s.g2, s.free, self.precision), 1.0)
            s = replace(s, error=select(s.has_matrix, s.error, guess))
            downhill = ~s.has_matrix & jnp.any(s.free & (s.g2 <= 0))
            s = replace(s, seeding=downhill)
            hesse = ~s.has_matrix & ~downhill & (self.strategy.level == 2)
        s = self._with_edm(s)
        varies = jnp.any(s.free)
        hesse = hesse & varies
        # the Hessian of the seed is told in phase HESSE with `seeding` still set
        s = replace(s, seeding=s.seeding | hesse if not self.exact else hesse)
        phase = jnp.where(finite, jnp.where(hesse, Phase.HESSE, s.phase), Phase.DONE)
        following = jnp.where(finite & ~hesse & varies, Next.DIRECTION, Next.WAIT)
        s = without_matrix(replace(s, phase=phase.astype(jnp.int32)), ~finite)
        return select(finite & ~varies, nothing_to_do(s), s), following.astype(jnp.int32)

    def _with_edm(self, s: MigradState) -> MigradState:
        edm = error_matrix.edm(s.g, s.error.v)
        return replace(s, edm=edm, edm_now=edm * (1.0 + 3.0 * s.error.dcovar))

    def _negative(self, s: MigradState) -> Mask:
        """Parameters along which the second derivative is negative, and which are not plainly without effect."""
        eps = self.precision.eps
        return s.free & (s.g2 <= 0) & ~((jnp.abs(s.g) < eps) & (jnp.abs(s.g2) < eps))

    # ---- the next line ------------------------------------------------------------------------------------------

    def _direction(self, s: MigradState, following):
        """Choose the direction of the next line search, or end the loop."""
        del following
        if self.exact:
            return self._exact_direction(s)
        moving = s.seeding & jnp.any(self._negative(s)) & (s.moves <= 2 * jnp.sum(s.free))
        return lax.cond(moving, plain(self._along_negative), plain(self._after_seed), s)

    def _along_negative(self, s: MigradState):
        first = jnp.argmax(self._negative(s))
        size = jnp.where(s.g[first] < 0, s.gstep[first], -s.gstep[first])
        step = jnp.zeros_like(s.x).at[first].set(size)
        return self._begin_line(s, step, step @ s.g), jnp.int32(Next.WAIT)

    def _after_seed(self, s: MigradState):
        """Leave the search along negative second derivatives, if it was on, for the loop proper."""
        guess = error_matrix.guess(s.g2, s.free, self.precision, allow_negative=True)
        searched = self._with_edm(replace(s, error=error_matrix.start(guess, 1.0)))
        s = select(s.seeding, searched, s)
        hesse = s.seeding & (self.strategy.level == 2)
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
        return select(end, s, self._begin_line(s, step, slope)), following

    def _exact_direction(self, s: MigradState):
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
        return select(end, s, self._begin_line(s, step, slope)), following

    def _begin_line(self, s: MigradState, step: Vector, slope: Scalar) -> MigradState:
        ratio = jnp.abs(safe_divide(s.x, step))
        smallest = jnp.min(jnp.where(ratio > 0, ratio, jnp.inf))
        smallest = jnp.where(jnp.isfinite(smallest), smallest, 0.0)
        search = self._search.start(s.f, slope, smallest)
        return replace(s, phase=jnp.int32(Phase.LINE), step=step, search=search, trial_g=s.g)

    # ---- what comes back ----------------------------------------------------------------------------------------

    def _line(self, s: MigradState, reply: Reply):
        """A trial on the line; when the search is done, go to its best point."""
        lam = s.search.lam
        search = self._search.tell(s.search, reply.f, reply.g @ s.step)
        hit = (search.best_lam == lam) & (search.best_f == reply.f)
        s = replace(s, search=search, trial_g=jnp.where(hit, reply.g, s.trial_g))
        arrive = self._arrive if self.exact else self._move
        return lax.cond(search.done, plain(arrive), lambda s: (s, jnp.int32(Next.WAIT)), s)

    def _move(self, s: MigradState):
        """Finite differences: to the best point of the line, where the gradient is wanted next."""
        better = (jnp.abs(s.search.best_f - s.f) > jnp.abs(s.f) * self.precision.eps) | s.seeding
        there = replace(
            s, step=s.search.best_lam * s.step, x=s.x + s.search.best_lam * s.step, f=s.search.best_f,
            phase=jnp.int32(Phase.GRADIENT),
        )  # fmt: skip
        return select(better, there, s), jnp.where(better, Next.WAIT, Next.END).astype(jnp.int32)

    def _gradient(self, s: MigradState, reply: Reply):
        """Finite differences: the gradient at the point just reached; update V and judge the EDM with the old V."""
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

    def _arrive(self, s: MigradState):
        """Exact derivatives: to the best point of the line, whose gradient is there already."""
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
        moved = self._with_edm(moved)
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
        if self.exact:
            error = error_matrix.from_exact(reply, s.free, s.error.v)
            s = replace(s, error=error, fresh=jnp.array(True), has_matrix=jnp.array(True))
            s = replace(self._with_edm(s), seeding=jnp.array(False), passes=s.passes + ~s.seeding)
            unusable = (reply.outcome != MatrixStatus.ACCURATE) & (s.passes > 0)
            done = ~(s.edm > self.goal) & (error.status == MatrixStatus.ACCURATE)
            following = jnp.where(done | unusable | (s.passes > MAX_PASSES), Next.END, Next.DIRECTION)
            return s, following.astype(jnp.int32)
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

    def _end(self, s: MigradState) -> MigradState:
        """The loop is over: ask for the second derivatives if the strategy wants them, else give the verdict."""
        converged = s.edm_now <= self.goal
        tolerable = converged | (s.edm_now < 10.0 * self.goal) | (s.edm_now < jnp.abs(self.precision.eps2 * s.f))
        out_of_calls = (s.nfcn >= s.limit) & ~s.fresh
        if self.exact:
            hesse = ~s.fresh & ~out_of_calls & jnp.bool_(self.strategy.level > 0)
            above = ~tolerable
        else:
            threshold = (jnp.inf, 0.05, -jnp.inf)[self.strategy.level]
            above = ~(s.edm <= 10.0 * self.goal) | (s.edm < 0)
            first = (s.passes == 0) | tolerable | s.early
            hesse = ~s.fresh & ~out_of_calls & (s.error.dcovar > threshold) & first & jnp.any(s.free)
            above = above | (~first & ~tolerable)
        spent = out_of_calls | ((s.nfcn >= s.limit) & above)
        status = verdict(s.error, s.edm, above, spent)
        phase = jnp.where(hesse, Phase.HESSE, Phase.DONE)
        return replace(s, phase=phase.astype(jnp.int32), status=status)
