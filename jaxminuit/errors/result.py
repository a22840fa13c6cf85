"""MinosErrors: the ends of the Minos intervals, as plain data."""

from collections.abc import Iterator

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from jaxminuit.core.html import Cell, facts_table, html_table
from jaxminuit.core.numerals import columns, numeral
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

    def _text(self) -> str:
        if jnp.ndim(self.rise) > 0:
            return f"Minos errors of {self.rise.size} fits"
        rows = [(name, value, lower, upper, "; ".join(notes)) for name, value, lower, upper, notes in self._rows()]
        return "\n".join(columns(rows)) or f"no Minos errors of {np.size(self.lower)} parameters"

    def _html(self) -> str:
        rows: list[list[str | Cell]] = [["", "value", "lower", "upper", ""]]
        if jnp.ndim(self.rise) > 0 or not (found := list(self._rows())):
            return facts_table([self._text()])
        for name, value, lower, upper, notes in found:
            rows.append([name, value, lower, upper, Cell("; ".join(notes), "warn" if notes else "")])
        return html_table("", rows, row_heads=True)

    def _rows(self) -> Iterator[tuple[str, str, str, str, list[str]]]:
        """Name, value, errors and remarks of the parameters that were done."""
        for i, name in enumerate(self.names):
            lo, up = (SideStatus(int(s[i])) for s in (self.lower_status, self.upper_status))
            if lo == up == SideStatus.NOT_RUN:
                continue
            value, lower, upper = (float(x[i]) for x in (self.values, self.lower, self.upper))
            size = max(-lower, upper)
            notes = [f"{side}: {s}" for side, s in (("lower", lo), ("upper", up)) if s != SideStatus.VALID]
            texts = numeral(value, 8, size, " "), numeral(lower, 6, size, " "), numeral(upper, 6, size, "+")
            yield name, *texts, notes


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
