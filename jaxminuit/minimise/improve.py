"""Improve: the search for other, lower minima around a known one, as a machine.

A. Goldstein, J. Price, Math. Comput. 25 (1971) 569; Minuit manual, IMProve. The known minimum (u0, F0) is taken out
of the FCN by stretching: y(u) = (F - F0 + goal) / ((u - u0) H/2 (u - u0)), which is 1 within the parabola, grows
without bound at u0 and is negative where F is lower. Each attempt minimises y by Simplex from a random start, then F by
Simplex and by Migrad. A valid minimum that is lower takes the place of the known one, and the search goes on from it.
"""

import enum
from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.status import Status
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.migrad_state import MigradState
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minimise.simplex import Simplex, SimplexState
from jaxminuit.minimise.variable_metric import VariableMetric
from jaxminuit.problem.request import Reply, Request

REACH = 2.0  # standard deviations around the known minimum where attempts start; twice and four times that in turns
ELSEWHERE = 1.0  # standard deviations beyond which a point that is not higher is looked at by Migrad
MOVED = 0.1  # the same for a point that is lower
SHARE = 0.1  # spread of y over the simplex, relative to its lowest value, at which stretching has done its work
LIMITED_STEP = 1.5  # longest internal step of a parameter with limits


class Phase(enum.IntEnum):
    """What the next reply is for."""

    STRETCHED = 0
    PLAIN = 1
    MIGRAD = 2
    DONE = 3


class ImproveState(eqx.Module):
    """The known minimum, and the attempt under way."""

    phase: Count
    attempt: Count
    found: Count  # minima that took the place of the known one
    simplex: SimplexState
    migrad: MigradState
    best: MigradState
    half_hessian: Matrix  # of the known minimum
    spread: Vector  # internal errors there
    steps: Vector  # the user's internal steps
    nfcn: Count
    ngrad: Count
    nhessian: Count
    each: Count  # call limit of one minimisation
    max_calls: Count


class Improve(Machine):
    """Attempts one after another; `key` and the number of the attempt give its random start."""

    migrad: VariableMetric
    simplex: Simplex
    key: jax.Array
    attempts: Count

    def start(self, minimum: FunctionMinimum, steps: Vector, each: Count, max_calls: Count) -> ImproveState:
        """Around a valid minimum; finished at once if it is not valid, or nothing is free."""
        free, none = ~minimum.parameters.fixed, jnp.int32(0)
        v = minimum.inverse_hessian
        best = self.migrad.start(minimum.u, free, steps, each, v, True)
        best = replace(best, f=minimum.fval, status=minimum.status)
        simplex = self.simplex.start(minimum.u, free, steps, each)
        s = ImproveState(
            jnp.int32(Phase.DONE), none, none, simplex, best, best, v, steps, steps, none, none, none,
            jnp.asarray(each, jnp.int32), jnp.asarray(max_calls, jnp.int32),
        )  # fmt: skip
        s = self._known(s)
        return select(minimum.valid & jnp.any(free), self._attempt(s), s)

    def ask(self, s: ImproveState) -> Request:
        return select(s.phase == Phase.MIGRAD, self.migrad.ask(s.migrad), self.simplex.ask(s.simplex))

    def tell(self, s: ImproveState, reply: Reply) -> ImproveState:
        return lax.cond(s.phase == Phase.MIGRAD, plain(self._tell_migrad), plain(self._tell_simplex), s, reply)

    def finished(self, s: ImproveState) -> Flag:
        return s.phase == Phase.DONE

    # ---- one attempt ----------------------------------------------------------------------------------------------

    def _attempt(self, s: ImproveState) -> ImproveState:
        """The next random simplex, or the end."""
        n = s.spread.size
        place, size = jax.random.uniform(jax.random.fold_in(self.key, s.attempt), (2, n), s.spread.dtype) - 0.5
        wider = jnp.array([1.0, 2.0, 4.0], s.spread.dtype)[s.attempt % 3]
        u = s.best.x + 2.0 * REACH * wider * place * s.spread
        steps = 2.0 * jnp.copysign(jnp.maximum(jnp.abs(size), 0.1), size) * s.spread
        simplex = self._simplex(s, jnp.where(s.best.free, u, s.best.x), steps)
        on = (s.attempt < self.attempts) & (s.nfcn < s.max_calls)
        phase = jnp.where(on, Phase.STRETCHED, Phase.DONE).astype(jnp.int32)
        return replace(s, simplex=simplex, phase=phase, attempt=s.attempt + on)

    def _tell_simplex(self, s: ImproveState, reply: Reply) -> ImproveState:
        """One machine for both functions: the stretched value takes the place of the plain one."""
        stretched = s.phase == Phase.STRETCHED
        y = self._stretched(s, s.simplex.trial, reply.f)
        lowest = jnp.min(jnp.where(s.simplex.used, s.simplex.fs, jnp.inf))
        tol = jnp.where(stretched, SHARE * jnp.abs(lowest) / self.simplex.errordef, self.simplex.tol)
        machine = replace(self.simplex, tol=tol)
        simplex = machine.tell(s.simplex, replace(reply, f=jnp.where(stretched, y, reply.f)))
        s = replace(s, simplex=simplex)
        values = jnp.where(simplex.used, simplex.fs, jnp.inf)
        low = jnp.argmin(values)
        done = machine.finished(simplex) | (stretched & (values[low] < 0))
        ended = replace(s, nfcn=s.nfcn + simplex.nfcn)
        after = select(stretched, self._after_stretched(ended, low), self._after_plain(ended, low))
        return select(done, after, s)

    def _after_stretched(self, s: ImproveState, low: Count) -> ImproveState:
        """F itself, if y is negative or the point lies outside the region that was searched at random."""
        u, y = s.simplex.corners[low], s.simplex.fs[low]
        promising = (y < 0) | (self._distance(s, u) > REACH)
        steps = s.spread * jnp.where(s.best.free, 1.0, 0.0)
        plain_search = replace(s, simplex=self._simplex(s, u, steps), phase=jnp.int32(Phase.PLAIN))
        return select(promising & (s.nfcn < s.max_calls), plain_search, self._attempt(s))

    def _after_plain(self, s: ImproveState, low: Count) -> ImproveState:
        """Migrad, if the point is lower than the known minimum or could soon be."""
        u, f = s.simplex.corners[low], s.simplex.fs[low]
        distance = self._distance(s, u)
        lower = (f < s.best.f - self.migrad.goal) & (distance > MOVED)
        nearly = (f < s.best.f + self.simplex.goal) & (distance > ELSEWHERE)
        zero = jnp.zeros_like(s.half_hessian)
        migrad = self.migrad.start(u, s.best.free, s.spread, self._budget(s), zero, False)
        polish = replace(s, migrad=migrad, phase=jnp.int32(Phase.MIGRAD))
        return select((lower | nearly) & (s.nfcn < s.max_calls), polish, self._attempt(s))

    def _tell_migrad(self, s: ImproveState, reply: Reply) -> ImproveState:
        """Keep what it found if that is valid and lower; then the next attempt."""
        s = replace(s, migrad=self.migrad.tell(s.migrad, reply))
        return lax.cond(self.migrad.finished(s.migrad), plain(self._judge), lambda s: s, s)

    def _judge(self, s: ImproveState) -> ImproveState:
        m = s.migrad
        s = replace(s, nfcn=s.nfcn + m.nfcn, ngrad=s.ngrad + m.ngrad, nhessian=s.nhessian + m.nhessian)
        taken = (m.status <= Status.AT_LIMIT) & (m.f < s.best.f - self.migrad.goal)
        s = select(taken, self._known(replace(s, best=m, found=s.found + 1)), s)
        return self._attempt(s)

    # ---- the known minimum ----------------------------------------------------------------------------------------

    def _known(self, s: ImproveState) -> ImproveState:
        """Errors and half the Hessian of the minimum in `best`."""
        v, free = s.best.error.v, s.best.free
        spread = safe_sqrt(2.0 * self.migrad.errordef * jnp.diagonal(v))
        spread = jnp.where(spread > 0, spread, s.steps)
        spread = jnp.where(self.migrad.limited, jnp.minimum(spread, LIMITED_STEP), spread)
        h, ok = symmetric.inverse(v, free)
        h = jnp.where(ok, h, symmetric.diagonal(2.0 * self.migrad.errordef / spread**2, free))
        return replace(s, spread=spread, half_hessian=0.5 * h)

    def _stretched(self, s: ImproveState, u: Vector, f: Scalar) -> Scalar:
        d = jnp.where(s.best.free, u - s.best.x, 0.0)
        parabola = d @ s.half_hessian @ d
        return (f - s.best.f + self.migrad.goal) / jnp.where(parabola > 0, parabola, 1.0)

    def _distance(self, s: ImproveState, u: Vector) -> Scalar:
        """Largest difference to the known minimum, in standard deviations."""
        d = jnp.abs(u - s.best.x)
        return jnp.max(jnp.where(s.best.free, safe_divide(d, s.spread), 0.0))

    def _budget(self, s: ImproveState) -> Count:
        return jnp.minimum(s.each, s.max_calls - s.nfcn)

    def _simplex(self, s: ImproveState, u: Vector, steps: Vector) -> SimplexState:
        return self.simplex.start(u, s.best.free, steps, self._budget(s))
