"""Fits: the minima of many fits, with their Minos errors if those were asked for."""

from dataclasses import fields
from typing import Any

import jax
import numpy as np

from jaxminuit.batch.tables import tally, tally_of_ends
from jaxminuit.core.status import Status
from jaxminuit.core.types import Vector
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.minimum import FunctionMinimum


class Fits(FunctionMinimum):
    """Many minima: a FunctionMinimum whose every array has a leading axis of fits.

    Attributes
    ----------
    minos_errors
        MinosErrors with the same leading axis, or None if they were not asked for. Sides of fits that are not valid,
        and of parameters that are fixed or were not asked for, are NaN with status `NOT_RUN`.
    trips
        (3,) How often the FCN was evaluated for all lanes, how often for a few lanes with Hessian (or stencil), and
        how often finished fits were stored and new ones loaded, over all stages.
    """

    minos_errors: MinosErrors | None = None
    trips: Any = None

    def __len__(self) -> int:
        return self.fval.shape[0]

    def __getitem__(self, i: int) -> FunctionMinimum:
        """The minimum of one fit."""
        if not isinstance(i, int | np.integer) or isinstance(i, bool):
            raise TypeError(f"a fit is chosen by a whole number, not {i!r}")
        if not -len(self) <= i < len(self):
            raise IndexError(f"there is no fit {i}: there are {len(self)}")
        parts = {f.name: getattr(self, f.name) for f in fields(FunctionMinimum)}
        algorithm = parts.pop("algorithm")
        one = jax.tree_util.tree_map(lambda leaf: leaf[i], parts)
        return FunctionMinimum(**one, algorithm=algorithm)

    @property
    def params(self) -> Any:
        """The values in the structure that the user gave to Parameters, every leaf with a leading axis of fits."""
        return jax.vmap(self.parameters.unflatten)(self.values)

    @property
    def flat_direction(self) -> Vector:
        """(fits, n) `flat_direction` of every fit."""
        whole = {f.name: getattr(self, f.name) for f in fields(FunctionMinimum)}
        return jax.vmap(lambda m: m.flat_direction)(FunctionMinimum(**whole))

    def summary(self) -> str:
        """Numbers of fits by status and by the attempt that succeeded, calls, and means and spreads of the valid fits.

        The spread is the standard deviation of the values over the fits, to be compared with the mean error.
        """
        status = np.asarray(self.status)
        valid = status <= Status.AT_LIMIT
        lines = [f"{len(self)} fits by {self.algorithm}, {np.sum(valid)} valid"]
        lines += tally(status, np.asarray(self.rung), np.asarray(self.nfcn))
        if np.any(valid):
            width = max(len(name) for name in self.names)
            lines.append(f"  {'':<{width}}  {'mean':>12}  {'spread':>12}  {'mean error':>12}")
            values, errors = np.asarray(self.values)[valid], np.asarray(self.errors)[valid]
            for i, name in enumerate(self.names):
                numbers = (np.mean(values[:, i]), np.std(values[:, i]), np.mean(errors[:, i]))
                lines.append(f"  {name:<{width}}  " + "  ".join(f"{x:>12.6g}" for x in numbers))
        if self.minos_errors is not None:
            sides = self.minos_errors.lower_status, self.minos_errors.upper_status
            lines += tally_of_ends(*map(np.asarray, sides))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()
