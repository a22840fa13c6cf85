"""Any machine on finite differences: its requests for derivatives become sweeps of plain values."""

from typing import Any

import equinox as eqx
from jax import lax

from jaxminuit.core.types import Flag, Vector
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem.request import Points
from jaxminuit.problem.stencil import Stencil, StencilState


class FiniteState(eqx.Module):
    """The machine's own state, and its current request on the way to a reply."""

    inner: Any
    stencil: StencilState


class Finite(Machine):
    """A machine that asks for values only, made of one that asks for derivatives and a stencil."""

    machine: Machine
    stencil: Stencil

    def start(self, inner: Any) -> FiniteState:
        """From the started state of the inner machine."""
        return FiniteState(inner, self.stencil.begin(self.machine.ask(inner)))

    def ask(self, state: FiniteState) -> Points:
        return self.stencil.ask(state.stencil)

    def tell(self, state: FiniteState, values: Vector) -> FiniteState:
        stencil = self.stencil.tell(state.stencil, values)

        def complete(_):
            inner = self.machine.tell(state.inner, self.stencil.reply(stencil))
            return FiniteState(inner, self.stencil.begin(self.machine.ask(inner)))

        return lax.cond(self.stencil.finished(stencil), complete, lambda _: FiniteState(state.inner, stencil), None)

    def finished(self, state: FiniteState) -> Flag:
        return self.machine.finished(state.inner)
