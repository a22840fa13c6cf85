"""Two fits in a row, for ratios of likelihoods: all free, then one parameter fixed, from where the first ended."""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.tree import select
from jaxminuit.core.types import Flag, Mask, Scalar, Vector
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.newton import Newton, NewtonState
from jaxminuit.problem.request import Reply, Request


class FreeThenFixedState(eqx.Module):
    """The fit that is on, and the end of the first one once `second` holds."""

    now: NewtonState
    first: NewtonState
    second: Flag
    done: Flag


class FreeThenFixed(Machine):
    """Newton's method twice. `fixed` marks the parameter of interest, `tested` is its internal value in the second fit.

    If the first fit fails there is no second.
    """

    newton: Newton
    fixed: Mask
    tested: Scalar

    def fit(self, second: Flag) -> Newton:
        """The machine of the fit that is on."""
        return replace(self.newton, free=self.newton.free & ~(second & self.fixed))

    def start(self, u: Vector) -> FreeThenFixedState:
        """Begin at internal coordinates u."""
        state, false = self.newton.start(u), jnp.array(False)
        return FreeThenFixedState(state, self.newton.ended(state), false, false)

    def ask(self, s: FreeThenFixedState) -> Request:
        return self.fit(s.second).ask(s.now)

    def tell(self, s: FreeThenFixedState, reply: Reply) -> FreeThenFixedState:
        newton = self.fit(s.second)
        now = newton.tell(s.now, reply)
        turn = now.finished & ~s.second
        following = newton.start(jnp.where(self.fixed, self.tested, now.x))
        done = now.finished & (s.second | ~now.converged)
        now, first = select(turn, following, now), select(turn, newton.ended(now), s.first)
        return FreeThenFixedState(now, first, s.second | turn, done)

    def finished(self, s: FreeThenFixedState) -> Flag:
        return s.done
