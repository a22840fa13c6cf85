"""One round of a batch: as many fits as go through the programs at once, stage after stage."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxminuit.batch.axes import Batch
from jaxminuit.batch.mending import by_fumili
from jaxminuit.batch.queue import Plan, drain, placed
from jaxminuit.batch.stages import FUMILI, HESSE, LADDER, MIGRAD, MINOS_CLASSIC, MINOS_NEWTON, Item, Options, Stage
from jaxminuit.core.status import SideMethod, SideStatus, Status
from jaxminuit.core.tree import put_rows
from jaxminuit.core.types import leaf
from jaxminuit.errors.minos import Side
from jaxminuit.fit.errors import informed
from jaxminuit.fit.fumili import judged_status
from jaxminuit.minimise.ladder import mendable
from jaxminuit.minimise.minimum import FunctionMinimum


class Wanted(NamedTuple):
    """Whether Fumili does Migrad's part, and what follows: Hesse, ends of Minos intervals, retries."""

    fumili: bool
    hesse: bool
    minos: list[int]
    retries: int
    terms: bool  # whether Fumili is one of the retries


class Found(NamedTuple):
    """Minima with a leading axis of fits; ends with leading axes (fit, side, parameter), or None; what it took."""

    minimum: FunctionMinimum
    ends: Side | None
    trips: np.ndarray


class Round:
    """The fits from `first` to `last`, filled up to `length`, on their way through the stages.

    Results are NumPy arrays: between stages they are looked at to see what has to be done. `tell` is told the stages.
    """

    def __init__(
        self, batch: Batch, first: int, last: int, length: int, plan: Plan, options: Options, tell: Callable[[str], Any]
    ):
        self.size, self.length, self.plan, self.options = last - first, length, plan, options
        self.rows, self.shared = batch.rows(first, last, length), batch.shared
        self.trips, self.tell = np.zeros(3, int), tell

    def fitted(self, wanted: Wanted) -> Found:
        """All stages that are wanted."""
        minimum = self._fumili() if wanted.fumili else self._migrad()
        if wanted.retries > 0:
            minimum = self._mended(minimum, wanted.terms)
        if wanted.hesse:
            self.tell(f"Hesse of {self.size} fits")
            minimum = self._run(HESSE, *self._known(minimum), np.arange(self.size))
        ends = self._ends(minimum, wanted.minos) if wanted.minos else None
        return Found(minimum, ends, self.trips)

    def _migrad(self) -> FunctionMinimum:
        self.tell(f"Migrad of {self.size} fits")
        return self._run(MIGRAD, self.rows, self.shared, np.arange(self.size))

    def _fumili(self) -> FunctionMinimum:
        """From strategy 1 on an exact Hessian judges the fit."""
        self.tell(f"Fumili of {self.size} fits")
        minimum = self._run(FUMILI, self.rows, self.shared, np.arange(self.size))
        if self.plan.strategy.level == 0:
            return minimum
        judged = self._run(HESSE, *self._known(minimum), np.arange(self.size))
        return replace(judged, status=np.asarray(judged_status(minimum.status, judged.status)))

    def _run(self, stage: Stage, stacked: Any, shared: Any, rows, number=None, side=None, longer: int = 1) -> Any:
        zero = np.zeros(len(rows), np.int32)
        number = zero if number is None else number.astype(np.int32)
        dtype = self.options.tol.dtype
        side = zero.astype(dtype) if side is None else side.astype(dtype)
        item = Item(rows.astype(np.int32), number, side)
        stacked = placed(stacked, self.plan.mesh)
        results, trips = drain(stage, self.plan, stacked, shared, item, self.options, longer * self.length)
        self.trips = self.trips + trips
        return results

    def _known(self, minimum: FunctionMinimum) -> tuple[Any, Any]:
        """Rows and shared arrays of the stages that go on from a minimum."""
        fill = self.length - self.size
        filled = jax.tree_util.tree_map(lambda x: np.concatenate([x, np.repeat(x[-1:], fill, axis=0)]), minimum)
        nothing = jax.tree_util.tree_map(lambda _: None, minimum)
        return (*self.rows[:2], filled), (*self.shared[:2], nothing)

    def _mended(self, minimum: FunctionMinimum, fumili: bool) -> FunctionMinimum:
        """The retries, for the fits that they could help."""
        rows = np.flatnonzero((minimum.status > Status.AT_LIMIT) & np.isfinite(minimum.fval))
        if fumili and rows.size > 0:
            self.tell(f"Fumili for {rows.size} fits")
            mended = by_fumili(self.rows, self.shared, minimum, rows, self.options, self.plan.strategy)
            minimum = put_rows(minimum, rows, mended)
        rows = np.flatnonzero(np.asarray(mendable(minimum.status, minimum.fval)))
        if rows.size == 0:
            return minimum
        self.tell(f"retries of {rows.size} fits")
        as_migrad = replace(minimum, algorithm="Migrad")
        mended = self._run(LADDER, *self._known(as_migrad), rows)
        mended = put_rows(as_migrad, rows, mended)
        return replace(mended, algorithm=minimum.algorithm)

    def _ends(self, minimum: FunctionMinimum, parameters: list[int]) -> Side:
        """All ends of all fits: by Newton steps, and by the classic search where these fail."""
        asked = np.zeros(minimum.values.shape, bool)
        asked[:, parameters] = True
        asked &= ~minimum.parameters.fixed & (minimum.status <= Status.AT_LIMIT)[:, None]
        wanted = np.argwhere(np.broadcast_to(asked[:, None], (self.size, 2, asked.shape[1])))
        ends = _nothing(minimum)
        if self.plan.exact and len(wanted) > 0:
            minimum = self._informed(minimum, np.any(asked, axis=1))
            self.tell(f"Minos of {len(wanted)} ends")
            ends = self._searched(MINOS_NEWTON, minimum, wanted, ends, len(parameters))
            wanted = np.argwhere(ends.status == SideStatus.FAILED)
        if len(wanted) > 0:
            self.tell(f"classic Minos of {len(wanted)} ends")
            ends = self._searched(MINOS_CLASSIC, minimum, wanted, ends, len(parameters))
        return ends

    def _informed(self, minimum: FunctionMinimum, asked: np.ndarray) -> FunctionMinimum:
        """The minima with accurate matrices for those that are asked for their ends."""
        rows = np.flatnonzero(asked & ~minimum.accurate)
        if rows.size == 0:
            return minimum
        self.tell(f"Hesse of {rows.size} fits")
        judged = self._run(HESSE, *self._known(minimum), rows)
        judged = put_rows(minimum, rows, judged)
        return jax.tree_util.tree_map(np.asarray, informed(minimum, judged))

    def _searched(self, stage: Stage, minimum: FunctionMinimum, wanted, ends: Side, parameters: int) -> Side:
        """The ends with those in `wanted`, rows of (fit, side, parameter), found by one search."""
        fit, side, number = wanted.T
        longer = 2 * (1 << (parameters - 1).bit_length())
        found = self._run(stage, *self._known(minimum), fit, number, 2.0 * side - 1.0, longer)
        calls = found.nfcn + ends.nfcn[fit, side, number]
        ends = put_rows(ends, (fit, side, number), found)
        ends.nfcn[fit, side, number] = calls
        return ends


def _nothing(minimum: FunctionMinimum) -> Side:
    """Ends that have not been looked for."""
    size, n = minimum.values.shape
    shape, nan = (size, 2, n), minimum.values.dtype.type(np.nan)
    return Side(
        leaf(np.full(shape, nan)),
        leaf(np.full(shape, SideStatus.NOT_RUN, np.int32)),
        leaf(np.full(shape, SideMethod.NEWTON, np.int32)),
        leaf(np.full((*shape, n), nan)),
        leaf(np.zeros(shape, np.int32)),
    )
