"""Hesse: the second derivatives at a point, as a machine (Minuit manual, HESse and section 5.3)."""

import enum
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.precision import Precision
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Scalar, Vector
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Kind, Reply, Request


class Phase(enum.IntEnum):
    """What the next reply is for."""

    VALUE = 0
    GRADIENT = 1
    HESSIAN = 2
    DONE = 3


class HesseState(eqx.Module):
    """The point, what is known there, and the error matrix once it is told."""

    phase: Count
    free: Mask
    x: Vector
    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    edm: Scalar
    error: ErrorMatrix
    nfcn: Count
    ngrad: Count
    nhessian: Count
    max_calls: Count


class Hesse(Machine):
    """Second derivatives at one point: exact at once, or by finite differences after value and gradient there."""

    precision: Precision
    exact: bool = eqx.field(static=True)

    def start(self, x, free, f, g, g2, gstep, known: Flag, max_calls: Count) -> HesseState:
        """At internal coordinates x; `known` tells whether f, g, g2 and gstep are those of a minimum."""
        nan, none = jnp.full_like(f, jnp.nan), jnp.int32(0)
        guess = error_matrix.guess(g2, free, self.precision)
        first = Phase.HESSIAN if self.exact else jnp.where(known, Phase.HESSIAN, Phase.VALUE)
        max_calls = jnp.asarray(max_calls, jnp.int32)
        return HesseState(
            jnp.int32(first), free, x, f, g, g2, gstep, nan, error_matrix.start(guess, 1.0), none, none, none, max_calls
        )

    def ask(self, s: HesseState) -> Request:
        kind = jnp.minimum(s.phase, Kind.HESSIAN).astype(jnp.int32)
        return Request(kind, s.x, s.free, s.f, s.g, s.g2, s.gstep, s.max_calls - s.nfcn)

    def tell(self, s: HesseState, reply: Reply) -> HesseState:
        s = replace(s, nfcn=s.nfcn + reply.calls)
        last = s.phase == Phase.HESSIAN
        s = replace(s, ngrad=s.ngrad + reply.gradients, nhessian=s.nhessian + last)
        return select(last, self._hessian(s, reply), self._before(s, reply))

    def finished(self, s: HesseState) -> Flag:
        return s.phase == Phase.DONE

    def _before(self, s: HesseState, reply: Reply) -> HesseState:
        phase = jnp.where(jnp.isfinite(reply.f), s.phase + 1, Phase.DONE).astype(jnp.int32)
        gradient = s.phase == Phase.GRADIENT
        kept = replace(s, f=reply.f, phase=phase)
        return select(gradient, replace(kept, g=reply.g, g2=reply.g2, gstep=reply.gstep), kept)

    def _hessian(self, s: HesseState, reply: Reply) -> HesseState:
        if self.exact:
            error = error_matrix.from_exact(reply, s.free, s.error.v)
        else:
            error = error_matrix.from_differences(reply, s.free, self.precision)
        usable = jnp.isfinite(reply.f) & (reply.outcome == MatrixStatus.ACCURATE)
        edm = jnp.where(usable, error_matrix.edm(reply.g, error.v), jnp.nan)
        return replace(
            s, phase=jnp.int32(Phase.DONE), f=reply.f, g=reply.g, g2=reply.g2, gstep=reply.gstep, edm=edm, error=error
        )
