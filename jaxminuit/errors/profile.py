"""Profile: the FCN along one parameter, minimised over the others, as plain data."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from jaxminuit.core.html import Cell, facts_table
from jaxminuit.core.numerals import numeral
from jaxminuit.core.shown import Shown
from jaxminuit.core.status import Status


class Profile(Shown):
    """A profile of one parameter. Unpacks as ``x, fval, valid = profile``.

    Attributes
    ----------
    x
        (size,) Values of the parameter, in the order asked for.
    fval
        (size,) FCN minimised over all other parameters.
    status
        (size,) Codes of `Status` of each minimisation.
    params
        (size, n) All parameters at each point, fixed ones included.
    nfcn
        (size,) FCN calls.
    name
        The parameter.
    """

    x: Float[Array, " size"]
    fval: Float[Array, " size"]
    status: Int[Array, " size"]
    params: Float[Array, "size n"]
    nfcn: Int[Array, " size"]
    name: str = eqx.field(static=True)

    @property
    def valid(self) -> Bool[Array, " size"]:
        """(size,) Whether each minimisation converged."""
        return self.status <= Status.AT_LIMIT

    def __iter__(self):
        return iter((self.x, self.fval, self.valid))

    def _text(self) -> str:
        valid, size = int(jnp.sum(self.valid)), self.status.size
        if jnp.ndim(self.x) > 1:
            return f"{len(self.x)} profiles of {self.name}: {valid} of {size} points valid"
        low, high = float(jnp.min(self.x)), float(jnp.max(self.x))
        ends = (numeral(end, 8, high - low) for end in (low, high))
        return f"profile of {self.name} from {' to '.join(ends)}: {valid} of {size} points valid"

    def _html(self) -> str:
        return facts_table([Cell(self._text(), "good" if jnp.all(self.valid) else "warn")])
