"""MinosErrors: the ends of the Minos intervals, as plain data."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from jaxminuit.core.shown import Shown
from jaxminuit.core.status import SideStatus
from jaxminuit.core.types import Mask, Scalar
from jaxminuit.minimise.minimum import FunctionMinimum


class MinosErrors(Shown):
    """Asymmetric errors of all parameters, both sides.

    Attributes
    ----------
    names
        Names of all n parameters.
    values
        (n,) Values at the minimum, from which the errors are counted.
    lower, upper
        (n,) Negative and positive errors. NaN where a parameter is fixed or was not asked for. A side at a limit has
        the distance to the limit; a failed side has the parabolic error.
    lower_status, upper_status
        (n,) Codes of `SideStatus`.
    lower_method, upper_method
        (n,) Codes of `SideMethod`: which search found the end.
    lower_params, upper_params
        (n, n) Row i holds all parameters at the end of the interval of parameter i.
    lower_nfcn, upper_nfcn
        (n,) FCN calls.
    fval, rise
        FCN at the minimum, and how far it rises at the ends (UP times the factor of the confidence level).
    """

    values: jnp.ndarray
    lower: jnp.ndarray
    upper: jnp.ndarray
    lower_status: jnp.ndarray
    upper_status: jnp.ndarray
    lower_method: jnp.ndarray
    upper_method: jnp.ndarray
    lower_params: jnp.ndarray
    upper_params: jnp.ndarray
    lower_nfcn: jnp.ndarray
    upper_nfcn: jnp.ndarray
    fval: Scalar
    rise: Scalar
    names: tuple[str, ...] = eqx.field(static=True)

    def interval(self, name: str) -> tuple[Scalar, Scalar]:
        """Lower and upper end of the interval of a parameter; ValueError if there is none of that name."""
        if name not in self.names:
            raise ValueError(f"unknown parameter {name!r}; the parameters are {list(self.names)}")
        i = self.names.index(name)
        return self.values[..., i] + self.lower[..., i], self.values[..., i] + self.upper[..., i]

    @property
    def status(self) -> Int[Array, " n"]:
        """(n,) The worse of the two sides' codes."""
        return jnp.maximum(self.lower_status, self.upper_status)

    @property
    def valid(self) -> Mask:
        """(n,) Whether both sides ended at a crossing or at a limit."""
        return self.status <= SideStatus.AT_LIMIT

    @property
    def nfcn(self) -> Int[Array, " n"]:
        """(n,) FCN calls of both sides."""
        return self.lower_nfcn + self.upper_nfcn

    def __str__(self) -> str:
        if jnp.ndim(self.rise) > 0:
            return f"Minos errors of {self.rise.size} fits"
        width = max(len(name) for name in self.names)
        lines = []
        for i, name in enumerate(self.names):
            lo, up = (SideStatus(int(s[i])) for s in (self.lower_status, self.upper_status))
            if lo == up == SideStatus.NOT_RUN:
                continue
            notes = [f"{side}: {s}" for side, s in (("lower", lo), ("upper", up)) if s != SideStatus.VALID]
            value, lower, upper = (float(x[i]) for x in (self.values, self.lower, self.upper))
            row = f"{name:<{width}}  {value: .8g}  {lower: .6g}  {upper:+.6g}"
            lines.append(row + ("  " + "; ".join(notes) if notes else ""))
        return "\n".join(lines) or f"no Minos errors of {np.size(self.lower)} parameters"


def minos_errors(minimum: FunctionMinimum, rise: Scalar, ends) -> MinosErrors:
    """The result from the ends of all intervals, with leading axes (side, parameter)."""
    return MinosErrors(
        values=minimum.values,
        lower=ends.error[0],
        upper=ends.error[1],
        lower_status=ends.status[0],
        upper_status=ends.status[1],
        lower_method=ends.method[0],
        upper_method=ends.method[1],
        lower_params=ends.params[0],
        upper_params=ends.params[1],
        lower_nfcn=ends.nfcn[0],
        upper_nfcn=ends.nfcn[1],
        fval=minimum.fval,
        rise=rise,
        names=minimum.names,
    )
