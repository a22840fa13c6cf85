"""Profile: the FCN along one parameter, minimised over the others, as plain data."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

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

    def __str__(self) -> str:
        valid, size = int(jnp.sum(self.valid)), self.status.size
        if jnp.ndim(self.x) > 1:
            return f"{len(self.x)} profiles of {self.name}: {valid} of {size} points valid"
        low, high = (f"{float(end):.8g}" for end in (jnp.min(self.x), jnp.max(self.x)))
        return f"profile of {self.name} from {low} to {high}: {valid} of {size} points valid"
