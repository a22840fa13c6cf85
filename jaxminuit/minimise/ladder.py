"""The ladder of retries for a Migrad that failed, as one machine (Minuit manual, MINImize).

First Migrad at strategy 2 from the best point, then rounds of Simplex around the best point and Migrad at strategy 2.
Every Migrad and every Simplex has its own budget of calls, and the best point is never lost.
"""

import enum
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.status import Rung, Status
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector, present
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.migrad_state import MigradState
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minimise.simplex import Simplex, SimplexState
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem.request import Reply, Request

FARTHEST = 1e3  # steps of a retry, in units of the user's: the errors of a failed fit may be anything
LIMITED_STEP = 5.0  # longest internal step of a parameter with limits
WIDENING = 3.0  # growth of the simplex after every second round


class Phase(enum.IntEnum):
    """What the next reply is for."""

    MIGRAD = 0
    SIMPLEX = 1
    DONE = 2


class LadderState(eqx.Module):
    """The present attempt, and the best Migrad so far (round 0 is the one without Simplex)."""

    phase: Count
    round: Count
    rung: Count  # of the best one; 0: the first Migrad, which is not in here
    migrad: MigradState
    simplex: SimplexState | None
    best: MigradState
    spread: Vector  # internal errors at the best point
    steps: Vector  # the user's internal steps
    nfcn: Count
    ngrad: Count
    nhessian: Count
    max_calls: Count


def mendable(status: Count, f: Scalar) -> Flag:
    """Whether a retry could help: the fit is not valid, has a value to go on from, and did not run out of calls."""
    return (status > Status.AT_LIMIT) & (status != Status.CALL_LIMIT) & jnp.isfinite(f)


def improves(status: Count, f: Scalar, old_status: Count, old_f: Scalar) -> Flag:
    """Whether a fit is better than the one before: valid before invalid, then the lower value."""
    valid, was_valid = status <= Status.AT_LIMIT, old_status <= Status.AT_LIMIT
    return (valid & ~was_valid) | ((valid == was_valid) & (f < old_f))


class Ladder(Machine):
    """All retries after the first Migrad; without `simplex` those that need none."""

    migrad: VariableMetric
    simplex: Simplex | None
    rounds: Count

    def start(self, first: FunctionMinimum, steps: Vector, max_calls: Count) -> LadderState:
        """From the first Migrad's result; finished at once if nothing is to be mended."""
        free = ~first.parameters.fixed
        none = jnp.int32(0)
        spread = self._spread(first.inverse_hessian)
        migrad = self._migrad(first.u, free, self._bounded(spread, steps), max_calls)
        simplex = None if self.simplex is None else self.simplex.start(first.u, free, steps, max_calls)
        best = replace(migrad, f=first.fval, status=first.status)
        phase = jnp.where(mendable(first.status, first.fval), Phase.MIGRAD, Phase.DONE).astype(jnp.int32)
        return LadderState(
            phase, none, jnp.int32(Rung.FIRST), migrad, simplex, best, spread, steps,
            jnp.asarray(first.nfcn), jnp.asarray(first.ngrad), jnp.asarray(first.nhessian), migrad.max_calls,
        )  # fmt: skip

    def ask(self, s: LadderState) -> Request:
        migrad = self.migrad.ask(s.migrad)
        if self.simplex is None:
            return migrad
        return select(s.phase == Phase.SIMPLEX, present(self.simplex).ask(present(s.simplex)), migrad)

    def tell(self, s: LadderState, reply: Reply) -> LadderState:
        if self.simplex is None:
            return self._tell_migrad(s, reply)
        return lax.cond(s.phase == Phase.SIMPLEX, plain(self._tell_simplex), plain(self._tell_migrad), s, reply)

    def finished(self, s: LadderState) -> Flag:
        return s.phase == Phase.DONE

    # ---- the two minimisers ---------------------------------------------------------------------------------------

    def _tell_migrad(self, s: LadderState, reply: Reply) -> LadderState:
        s = replace(s, migrad=self.migrad.tell(s.migrad, reply))
        return lax.cond(self.migrad.finished(s.migrad), plain(self._judge), lambda s: s, s)

    def _tell_simplex(self, s: LadderState, reply: Reply) -> LadderState:
        """When the simplex is done, Migrad goes on from it with steps of its extent."""
        machine = present(self.simplex)
        simplex = machine.tell(present(s.simplex), reply)
        s = replace(s, simplex=simplex)
        steps = self._bounded(self._spread(simplex.error.v), s.steps)
        migrad = self._migrad(simplex.x, s.best.free, steps, s.max_calls)
        turned = replace(s, migrad=migrad, nfcn=s.nfcn + simplex.nfcn, phase=jnp.int32(Phase.MIGRAD))
        return select(machine.finished(simplex), turned, s)

    def _migrad(self, u, free, steps, max_calls) -> MigradState:
        """Without the matrix of a fit that failed."""
        return self.migrad.start(u, free, steps, max_calls, jnp.zeros((u.size, u.size), u.dtype), False)

    # ---- from one attempt to the next -----------------------------------------------------------------------------

    def _judge(self, s: LadderState) -> LadderState:
        """A Migrad has ended: keep it if it is the best, and go on if it may help."""
        m, old = s.migrad, s.best
        better = improves(m.status, m.f, old.status, old.f)
        gained = old.f - m.f > self.migrad.goal
        later = Rung.CAREFUL if self.simplex is None else Rung.SIMPLEX
        rung = jnp.where(s.round == 0, Rung.CAREFUL, later).astype(jnp.int32)
        s = replace(
            s,
            best=select(better, m, old),
            rung=jnp.where(better, rung, s.rung),
            spread=jnp.where(better, self._spread(m.error.v), s.spread),
            nfcn=s.nfcn + m.nfcn,
            ngrad=s.ngrad + m.ngrad,
            nhessian=s.nhessian + m.nhessian,
        )
        # the same again would give the same; and no simplex cures an FCN that has a direction without effect
        flat = (s.best.status == Status.FLAT_DIRECTION) & (s.round > 0)
        vain = ~gained & (jnp.bool_(self.simplex is None) | flat)
        onward = mendable(s.best.status, s.best.f) & (m.status != Status.CALL_LIMIT) & (s.round < self.rounds) & ~vain
        return select(onward, self._retry(s), replace(s, phase=jnp.int32(Phase.DONE)))

    def _retry(self, s: LadderState) -> LadderState:
        """The next round, from the best point: steps as large as its errors, or in every second round the user's.

        The latter are taken backwards, and both grow, so that no round repeats another.
        """
        steps = self._bounded(s.spread, s.steps)
        new = replace(s, round=s.round + 1)
        if self.simplex is None:
            migrad = self._migrad(s.best.x, s.best.free, steps, s.max_calls)
            return replace(new, migrad=migrad, phase=jnp.int32(Phase.MIGRAD))
        steps = jnp.where(s.round % 2 == 0, steps, -s.steps) * WIDENING ** (s.round // 2)
        steps = jnp.where(self.migrad.limited, jnp.clip(steps, -LIMITED_STEP, LIMITED_STEP), steps)
        simplex = self.simplex.start(s.best.x, s.best.free, steps.astype(s.steps.dtype), s.max_calls)
        return replace(new, simplex=simplex, phase=jnp.int32(Phase.SIMPLEX))

    def _spread(self, v: Matrix) -> Vector:
        """Internal errors sqrt(2 UP V_ii)."""
        return safe_sqrt(2.0 * self.migrad.errordef * jnp.diagonal(v))

    def _bounded(self, spread: Vector, steps: Vector) -> Vector:
        """Errors as steps, but not out of all proportion to the user's; his where there are none."""
        usable = jnp.isfinite(spread) & (spread > 0)
        return jnp.where(usable, jnp.clip(spread, steps / FARTHEST, FARTHEST * steps), steps)
