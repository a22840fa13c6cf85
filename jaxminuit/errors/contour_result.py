"""Contour: the points around a confidence region of two parameters, as plain data."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

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

    def __str__(self) -> str:
        x, y = self.names
        valid, size = int(jnp.sum(self.valid)), self.status.size
        if jnp.ndim(self.rise) > 0:
            return f"{self.rise.size} contours of {x} and {y}: {valid} of {size} points valid"
        lines = [
            f"contour of {x} and {y}: {valid} of {size} points valid, FCN calls {int(self.nfcn)}",
            f"FCN = {float(self.fval):.10g} at the minimum, {float(self.rise):.6g} more on the contour",
        ]
        counts = {code: int(jnp.sum(self.status == code)) for code in SideStatus if code != SideStatus.VALID}
        lines += [f"{count} points: {code.message}" for code, count in counts.items() if count]
        if valid:
            found = np.asarray(self.points)[np.isfinite(np.asarray(self.points)[:, 0])]
            for name, low, high in zip(self.names, found.min(axis=0), found.max(axis=0), strict=True):
                lines.append(f"{name} from {low:.8g} to {high:.8g}")
        return "\n".join(lines)
