"""Contour: the points around a confidence region of two parameters, as plain data."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from jaxminuit.core.html import Cell, facts_table, html_table
from jaxminuit.core.numerals import numeral
from jaxminuit.core.shown import Shown
from jaxminuit.core.status import SideStatus
from jaxminuit.core.types import Count, Scalar


class Contour(Shown):
    """Points on which the FCN, minimised over all parameters but two, is up by `rise`, in counter-clockwise order.

    `numpy.asarray` and iteration give the points. Several confidence levels add a leading axis to every array.

    Attributes
    ----------
    points
        (size, 2) External values of the two parameters; the first point is repeated if the contour was asked for
        closed. NaN where no point was found.
    status
        (size,) Codes of `SideStatus`. AT_LIMIT: the point lies on a limit, inside the contour or where they meet.
    params
        (size, n) All parameters at each point, fixed ones included.
    fval, rise
        FCN at the minimum, and how far it rises on the contour (UP times the factor of the confidence level).
    nfcn, nhessian
        FCN calls (value, or value and gradient together), and exact Hessians.
    names
        Names of the two parameters.
    """

    points: Float[Array, "*levels points 2"]
    status: Int[Array, "*levels size"]
    params: Float[Array, "*levels size n"]
    fval: Scalar
    rise: Float[Array, "*levels"]
    nfcn: Count
    nhessian: Count
    names: tuple[str, str] = eqx.field(static=True)

    @property
    def valid(self) -> Bool[Array, "*levels size"]:
        """(size,) Whether each point was found."""
        return self.status <= SideStatus.AT_LIMIT

    def __array__(self, dtype=None, copy=None):
        array = np.asarray(self.points, dtype)
        return array.copy() if copy else array

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self):
        return iter(np.asarray(self.points))

    def __getitem__(self, key):
        return self.points[key]

    def _text(self) -> str:
        ranges = [f"{name} from {low} to {high}" for name, low, high in self._ranges()]
        return "\n".join([*self._facts(), *ranges])

    def _html(self) -> str:
        grade = "good" if jnp.all(self.valid) else "warn" if jnp.any(self.valid) else "bad"
        first, *facts = self._facts()
        rows = [["", "from", "to"], *self._ranges()]
        return facts_table([Cell(first, grade), *facts]) + (html_table("", rows, row_heads=True) if rows[1:] else "")

    def _facts(self) -> list[str]:
        """How many points of what kind there are; one line for several levels."""
        x, y = self.names
        valid, size = int(jnp.sum(self.valid)), self.status.size
        if jnp.ndim(self.rise) > 0:
            return [f"{self.rise.size} contours of {x} and {y}: {valid} of {size} points valid"]
        counts = {code: int(jnp.sum(self.status == code)) for code in SideStatus if code != SideStatus.VALID}
        return [
            f"contour of {x} and {y}: {valid} of {size} points valid, FCN calls {int(self.nfcn)}",
            f"FCN = {numeral(self.fval, 10)} at the minimum, {numeral(self.rise, 6)} more on the contour",
            *(f"{count} point{'s' if count > 1 else ''}: {code.message}" for code, count in counts.items() if count),
        ]

    def _ranges(self) -> list[tuple[str, str, str]]:
        """Name, lowest and highest value of both parameters on one contour."""
        points = np.asarray(self.points)
        if points.ndim != 2 or not np.any(np.isfinite(points[:, 0])):
            return []
        found = points[np.isfinite(points[:, 0])]
        ends = zip(self.names, found.min(axis=0), found.max(axis=0), strict=True)
        return [(name, numeral(low, 8, high - low), numeral(high, 8, high - low)) for name, low, high in ends]
