"""The iterations of Migrad, as print levels 2 and 3 show them."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from jaxminuit.command.engine import ACCURATE_ENOUGH, moved, to_external
from jaxminuit.command.report.messages import matrix_change
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import Run
from jaxminuit.command.state import State, with_errors
from jaxminuit.minimise.migrad_state import Phase

EVERY_TENTH = 2  # the print level that shows one iteration in ten; the next shows all
USABLE = 0.5  # relative uncertainty above which there is no error matrix to speak of
DOUBTFUL = 0.1  # and above which an accurate one is so no more


class Iteration(NamedTuple):
    """What Migrad knew after one iteration."""

    u: np.ndarray
    fcn: float
    gradient: np.ndarray
    edm: float
    v: np.ndarray
    dcovar: float
    nfcn: int
    quality: int  # of the error matrix with which its step was made


class Iterations:
    """Watches Migrad on the host: remembers every iteration.

    `quality` is that of the error matrix: an update that changed it much or little tells, but not the last one. `hear`
    is called at every step, and may stop the fit.
    """

    def __init__(self, dcovar: float, quality: int, hear: Callable[[], object]):
        self.kept: list[Iteration] = []
        self._hear = hear
        self.quality, self._next = quality, quality
        self._phase, self._last, self.dcovar = int(Phase.SEED_VALUE), np.nan, dcovar

    def __call__(self, state) -> None:
        self._hear()
        inner = getattr(state, "inner", state)
        phase, before = int(inner.phase), self._phase
        self._phase = phase
        change = float(inner.error.dcovar)
        if before != Phase.GRADIENT or phase == before:
            self._last = change
            return
        # the mean of the uncertainty before and the relative change, of which the original counts half
        change, self._last = 2.0 * change - self._last, change
        self.dcovar = 0.5 * (self.dcovar + 0.5 * max(change, 0.0))
        u, fcn, gradient, edm, v = (np.asarray(a) for a in (inner.x, inner.f, inner.g, inner.edm, inner.error.v))
        self.quality = self._next
        self.kept.append(Iteration(u, float(fcn), gradient, float(edm), v, self.dcovar, int(inner.nfcn), self.quality))
        self._next = _judged(self.quality, self.dcovar)


def _judged(quality: int, dcovar: float) -> int:
    """The quality of an error matrix after an update."""
    if quality == 0 and dcovar < USABLE:
        quality = 1
    if quality == 3 and dcovar > DOUBTFUL:
        quality = 1
    return 3 if quality == 1 and dcovar < ACCURATE_ENOUGH else quality


def show_iterations(run: Run, iterations: list[Iteration]) -> None:
    """Print the tables; the error matrix of each is the one with which its step was made."""
    if run.level < EVERY_TENTH:
        return
    start, before = run.state, None
    for i, now in enumerate(iterations):
        if run.level == EVERY_TENTH and i % 10 != 0:
            before = now
            continue
        run.state = _at(start, now, before)
        run.table(Columns.DERIVATIVES)
        if run.level > EVERY_TENTH:
            run.say(*matrix_change(now.dcovar))
        before = now
    run.state = start


def _at(start: State, now: Iteration, before: Iteration | None) -> State:
    """The session as it was after an iteration."""
    values = np.array(
        [to_external(u, p) if p.variable else p.value for p, u in zip(start.parameters, now.u, strict=True)]
    )
    table = tuple(
        replace(p, gradient=float(g)) if p.variable else p
        for p, g in zip(moved(start, values, now.u), now.gradient, strict=True)
    )
    state = replace(
        start, parameters=table, fcn=now.fcn, edm=now.edm, nfcn=start.nfcn + now.nfcn, result="PROGRESS"
    )  # fmt: skip
    if before is None or now.quality < 1:
        return state
    free = np.array([p.variable for p in start.parameters])
    matrix = 2.0 * before.v[np.ix_(free, free)]
    return with_errors(replace(state, matrix=matrix, matrix_status=now.quality, dcovar=before.dcovar))
