"""The protocol of every algorithm: it asks for FCN values and is told them, and never calls the FCN itself."""

import abc
from typing import Any

import equinox as eqx
from jax import lax

from jaxminuit.core.tree import plain
from jaxminuit.core.types import Flag


class Machine(eqx.Module):
    """An algorithm as three pure functions of its state. Arrays in the state keep shape and dtype for ever.

    The state itself comes from a method ``start(...)`` whose arguments differ from machine to machine.
    """

    @abc.abstractmethod
    def ask(self, state: Any) -> Any:
        """What is wanted next (a Request, or Points for plain values)."""

    @abc.abstractmethod
    def tell(self, state: Any, reply: Any) -> Any:
        """The state after the answer to what was asked."""

    def tell_lower(self, state: Any, reply: Any) -> Any:
        """The same where no Hessian was asked for: machines leave out what only a Hessian needs.

        Many fits side by side pay for every branch that could be taken.
        """
        return self.tell(state, reply)

    @abc.abstractmethod
    def finished(self, state: Any) -> Flag:
        """Whether nothing more is wanted."""


class Nested(Machine):
    """A machine that turns another one, and goes on when that has finished: it asks what the inner one asks.

    Where a Python loop turns it, each of the two is a program of its own.
    """

    @abc.abstractmethod
    def inside(self, state: Any) -> tuple[Machine, Any]:
        """The inner machine and its state."""

    @abc.abstractmethod
    def holding(self, state: Any, inner: Any) -> Any:
        """The state with another one of the inner machine."""

    @abc.abstractmethod
    def onward(self, state: Any) -> Any:
        """The state after the end of the inner machine, which is started again if there is more to do."""

    def ask(self, state: Any) -> Any:
        machine, inner = self.inside(state)
        return machine.ask(inner)

    def tell(self, state: Any, reply: Any) -> Any:
        machine, inner = self.inside(state)
        inner = machine.tell(inner, reply)
        return lax.cond(machine.finished(inner), plain(self.onward), lambda s: s, self.holding(state, inner))
