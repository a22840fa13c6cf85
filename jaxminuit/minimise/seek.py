"""Seek: Monte Carlo search by the method of Metropolis, as a machine that asks for values only.

Minuit manual, SEEk and section 5.1.4; N. Metropolis et al., J. Chem. Phys. 21 (1953) 1087. Points are drawn uniformly
in a box around the present one. A lower point is always moved to, a higher one with probability exp((Fbest - F) / UP).
Step k draws its numbers from the key folded with k, so that the sequence depends on nothing else.
"""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxminuit.core.types import Count, Flag, Mask, Scalar, Vector
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Kind, Reply, Request

LENGTHS = 10  # the search ends after so many times the calls that it may make without a lower value


class SeekState(eqx.Module):
    """The centre of the box, the best point, and the next one to try."""

    free: Mask
    trial: Vector
    threshold: Scalar  # log of the random number that decides on a higher point
    centre: Vector
    f_centre: Scalar
    x: Vector
    f: Scalar  # inf while no finite value has been seen
    step: Count
    idle: Count  # calls since the last lower value
    nfcn: Count


class Seek(Machine):
    """The random search; `half` is half the width of the box in internal coordinates, `patience` the idle calls."""

    errordef: Scalar
    key: jax.Array
    half: Vector
    patience: Count

    def start(self, u: Vector, free: Mask) -> SeekState:
        """At u, where the first value is wanted."""
        none, unknown = jnp.int32(0), jnp.full((), jnp.inf, u.dtype)
        return SeekState(free, u, jnp.zeros_like(unknown), u, unknown, u, unknown, none, none, none)

    def ask(self, s: SeekState) -> Request:
        zero = jnp.zeros_like(s.x)
        return Request(jnp.int32(Kind.VALUE), s.trial, s.free, s.f, zero, zero, zero, jnp.int32(0))

    def finished(self, s: SeekState) -> Flag:
        spent = (s.idle >= self.patience) | (s.step > LENGTHS * self.patience)
        return (s.step > 0) & (spent | ~jnp.any(s.free))

    def tell(self, s: SeekState, reply: Reply) -> SeekState:
        f = jnp.where(jnp.isfinite(reply.f), reply.f, jnp.inf)
        lower, best = f < s.f_centre, f < s.f
        moved = lower | (jnp.isfinite(f) & ((s.f - f) / self.errordef >= s.threshold))
        idle = jnp.where(best, 0, s.idle + ~lower).astype(jnp.int32)
        s = replace(
            s,
            centre=jnp.where(moved, s.trial, s.centre),
            f_centre=jnp.where(moved, f, s.f_centre),
            x=jnp.where(best, s.trial, s.x),
            f=jnp.where(best, f, s.f),
            idle=jnp.where(s.step > 0, idle, 0),
            step=s.step + 1,
            nfcn=s.nfcn + reply.calls,
        )
        return self._draw(s)

    def _draw(self, s: SeekState) -> SeekState:
        """The next point in the box, and the number that decides on it."""
        r = jax.random.uniform(jax.random.fold_in(self.key, s.step), (s.x.size + 1,), s.x.dtype)
        trial = jnp.where(s.free, s.centre + (2.0 * r[1:] - 1.0) * self.half, s.centre)
        return replace(s, trial=trial, threshold=jnp.log(r[0]))
