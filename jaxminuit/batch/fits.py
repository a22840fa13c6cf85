"""Fits: the minima of many fits, with their Minos errors if those were asked for."""

from dataclasses import fields
from typing import Any

import jax
import numpy as np

from jaxminuit.batch.tables import tally, tally_of_ends, text_rows
from jaxminuit.core.html import facts_table, html_table
from jaxminuit.core.status import Status
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

    def summary(self) -> str:
        """Numbers of fits by status and by the attempt that succeeded, calls, and means and spreads of the valid fits.

        The spread is the standard deviation of the values over the fits, to be compared with the mean error.
        """
        rows = self._table()
        return "\n".join([*self._lines(), *(text_rows(rows) if rows else []), *self._minos_lines()])

    def _html(self) -> str:
        lines, rows = [*self._lines(), *self._minos_lines()], self._table()
        return html_table("\n".join(lines), rows, row_heads=True) if rows else facts_table(lines)

    def _lines(self) -> list[str]:
        """Numbers of fits by status and attempt, and calls."""
        status, rung, nfcn = (np.asarray(x) for x in (self.status, self.rung, self.nfcn))
        valid = np.sum(status <= Status.AT_LIMIT)
        return [f"{len(self)} fits by {self.algorithm}, {valid} valid", *tally(status, rung, nfcn)]

    def _minos_lines(self) -> list[str]:
        if self.minos_errors is None:
            return []
        return tally_of_ends(*map(np.asarray, (self.minos_errors.lower_status, self.minos_errors.upper_status)))

    def _table(self) -> list[tuple[str, ...]]:
        """Mean, spread and mean error of every parameter over the valid fits, heads first; nothing without any."""
        valid = np.asarray(self.valid)
        if not np.any(valid):
            return []
        rows: list[tuple[str, ...]] = [("", "mean", "spread", "mean error")]
        values, errors = np.asarray(self.values)[valid], np.asarray(self.errors)[valid]
        for i, name in enumerate(self.names):
            numbers = (np.mean(values[:, i]), np.std(values[:, i]), np.mean(errors[:, i]))
            rows.append((name, *(f"{x:>12.6g}" for x in numbers)))
        return rows

    def _text(self) -> str:
        return self.summary()
