"""What both kinds of Migrad share: the phases of a variable-metric minimiser as a machine.

Minuit manual, sections 4 (MIGrad), 5.1 and 5.2; F. James, M. Roos, Comput. Phys. Commun. 10 (1975) 343.
"""

import abc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.precision import Precision, precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import Status
from jaxminuit.core.tree import plain
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.minimise import error_matrix, noise
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.migrad_state import MigradState, Next, Phase, unchanged
from jaxminuit.minimise.seed import derivatives_from_steps
from jaxminuit.minimise.verdict import verdict
from jaxminuit.problem.request import Kind, Reply, Request
from jaxminuit.problem.strategy import Strategy

FIRST_STEP = 10.0  # longest first step in the user's step sizes


class VariableMetric(Machine):
    """The variable-metric minimiser. Leaves: errordef, tol, precision, limited; static: strategy."""

    errordef: Scalar
    tol: Scalar
    precision: Precision
    limited: Mask
    strategy: Strategy = eqx.field(static=True)

    first: eqx.AbstractClassVar[Phase]  # what the first request is for
    trial: eqx.AbstractClassVar[Kind]  # what is asked at trial points
    exact: eqx.AbstractClassVar[bool]  # whether derivatives are exact
    roundings: eqx.AbstractClassVar[float]  # eps |F| that an EDM may be wrong by, through its gradient, in tenths

    @property
    def goal(self) -> Scalar:
        """EDM below which the fit has converged: 0.002 tol UP (Minuit manual, MIGrad)."""
        floor = precision(self.errordef.dtype).eps2
        return 0.002 * jnp.maximum(self.tol * self.errordef, floor)

    @property
    @abc.abstractmethod
    def search(self) -> Any:
        """The line search."""

    @property
    @abc.abstractmethod
    def steps(self) -> dict[Phase, Callable]:
        """What is made of a reply in each phase that can happen: (state, reply) -> (state, Next)."""

    @abc.abstractmethod
    def direction(self, s: MigradState):
        """Choose the direction of the next line search, or end the loop: (state, Next)."""

    @abc.abstractmethod
    def arrive(self, s: MigradState):
        """Go to the best point of a finished line search: (state, Next)."""

    @abc.abstractmethod
    def end(self, s: MigradState) -> MigradState:
        """The loop is over: ask for the second derivatives if the strategy wants them, else give the verdict."""

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
        none, false = jnp.int32(0), jnp.array(False)
        max_calls = jnp.asarray(max_calls, jnp.int32)
        return MigradState(
            jnp.int32(self.first), jnp.int32(Status.NOT_FINITE), free, u, nan, g, g2, gstep, error, nan, nan,
            jnp.zeros_like(u), self.search.start(zero, zero, zero), jnp.zeros_like(u), zero + FIRST_STEP, false,
            jnp.array(True), known, false, false, false, jnp.zeros(noise.OFFSETS.size, dtype), nan, none, none,
            none, none - 1, none, none, none, max_calls, max_calls,
        )  # fmt: skip

    def ask(self, s: MigradState) -> Request:
        on_line = jnp.where(s.phase == Phase.NOISE, jnp.asarray(noise.OFFSETS, s.x.dtype)[s.probe], 0.0)
        along = jnp.where(s.phase == Phase.LINE, s.search.lam, on_line)
        wanted = {Phase.LINE: self.trial, Phase.SEED_GRADIENT: Kind.GRADIENT, Phase.GRADIENT: Kind.GRADIENT}
        kinds = jnp.array([wanted.get(p, Kind.HESSIAN if p == Phase.HESSE else Kind.VALUE) for p in Phase], jnp.int32)
        return Request(kinds[s.phase], s.x + along * s.step, s.free, s.f, s.g, s.g2, s.gstep, s.max_calls - s.nfcn)

    def tell(self, s: MigradState, reply: Reply) -> MigradState:
        return self._tell(s, reply, self.steps | {Phase.NOISE: self._probe})

    def tell_lower(self, s: MigradState, reply: Reply) -> MigradState:
        lower = {phase: step for phase, step in self.steps.items() if phase != Phase.HESSE}
        return self._tell(s, reply, lower | {Phase.NOISE: self._probe})

    def _tell(self, s: MigradState, reply: Reply, steps: dict[Phase, Callable]) -> MigradState:
        hesse = s.phase == Phase.HESSE
        s = replace(s, nfcn=s.nfcn + reply.calls, ngrad=s.ngrad + self.exact, nhessian=s.nhessian + hesse)
        s, following = self._take_in(s, reply, steps)
        s, following = lax.cond(following == Next.DIRECTION, plain(self._onward), unchanged, s, following)
        return lax.cond(following == Next.END, plain(self.end), lambda x: x, s)

    def finished(self, s: MigradState) -> Flag:
        return s.phase == Phase.DONE

    def _take_in(self, s: MigradState, reply: Reply, steps: dict[Phase, Callable]):
        """The step that belongs to the phase. Only those that can happen are compiled."""
        phases = list(steps)
        number = jnp.array([phases.index(phase) if phase in phases else 0 for phase in Phase], jnp.int32)
        return lax.switch(number[s.phase], [plain(step) for step in steps.values()], s, reply)

    def _onward(self, s: MigradState, following):
        del following
        return self.direction(s)

    def judge(self, s: MigradState, hesse: Flag, out_of_calls: Flag, above: Flag) -> MigradState:
        """The verdict, unless a Hessian is wanted, or the noise of the FCN must be known for it."""
        spent = out_of_calls | ((s.nfcn >= s.limit) & above)
        rounding = self.roundings * self.precision.eps * jnp.abs(s.f)
        # differences that did not know of the noise mean nothing
        accuracy = jnp.where(self.exact & (s.noise > rounding), s.noise, rounding)
        status = verdict(s.error, s.edm, self.goal, above, spent, accuracy, s.fresh)
        probe = ~hesse & (status == Status.ABOVE_EDM_GOAL) & (s.probe == 0)
        phase = jnp.where(hesse, Phase.HESSE, jnp.where(probe, Phase.NOISE, Phase.DONE))
        spread = jnp.sqrt(2.0 * self.errordef * jnp.maximum(jnp.diagonal(s.error.v), 0.0) / jnp.sum(s.free))
        return replace(
            s, phase=phase.astype(jnp.int32), status=status, passes=s.passes + hesse,
            step=jnp.where(probe, spread, s.step), limit=s.limit + noise.OFFSETS.size * probe,
        )  # fmt: skip

    def _probe(self, s: MigradState, reply: Reply):
        """One more value on the line that shows the noise."""
        s = replace(s, probes=s.probes.at[s.probe].set(reply.f), probe=s.probe + 1)
        last = s.probe == noise.OFFSETS.size
        s = replace(s, noise=jnp.where(last, noise.noise_level(s.probes), s.noise))
        return s, jnp.where(last, Next.END, Next.WAIT).astype(jnp.int32)

    def line(self, s: MigradState, reply: Reply):
        """A trial on the line; when the search is done, go to its best point."""
        lam = s.search.lam
        search = self.search.tell(s.search, reply.f, reply.g @ s.step)
        hit = (search.best_lam == lam) & (search.best_f == reply.f)
        s = replace(s, search=search, trial_g=jnp.where(hit, reply.g, s.trial_g))
        return lax.cond(search.done, plain(self.arrive), lambda s: (s, jnp.int32(Next.WAIT)), s)

    def begin_line(self, s: MigradState, step: Vector, slope: Scalar) -> MigradState:
        """A line search along `step`, on which the FCN falls with `slope` at first."""
        ratio = jnp.abs(safe_divide(s.x, step))
        smallest = jnp.min(jnp.where(ratio > 0, ratio, jnp.inf))
        smallest = jnp.where(jnp.isfinite(smallest), smallest, 0.0)
        search = self.search.start(s.f, slope, smallest)
        return replace(s, phase=jnp.int32(Phase.LINE), step=step, search=search, trial_g=s.g)

    def with_edm(self, s: MigradState) -> MigradState:
        """EDM from the gradient and V, and that enlarged by the inaccuracy of V."""
        edm = error_matrix.edm(s.g, s.error.v)
        return replace(s, edm=edm, edm_now=edm * (1.0 + 3.0 * s.error.dcovar))
