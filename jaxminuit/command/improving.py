"""IMPROVE: other minima looked for with the function of Goldstein and Price, then SIMPLEX and MIGRAD from there.

The FCN above the known minimum is divided by the parabola of the error matrix, which takes that minimum away; a simplex
without parabolic steps begins at random within two errors of it (Minuit manual, IMProve).
"""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import to_external
from jaxminuit.command.errors import prepare
from jaxminuit.command.minimising import limits_of, minimise
from jaxminuit.command.report import messages
from jaxminuit.command.run import FAILED, Run
from jaxminuit.command.searching import random_number
from jaxminuit.command.simplex import Corners, Walk, counted_value
from jaxminuit.command.state import derivative

NEAR, FAR = 0.1, 2.0  # errors within which a point belongs to the old minimum: one that lies lower, one that may not
FLAT = 0.1  # of the lowest value: the spread below which the search ends
MOST_SIMPLEXES = 50
UNSURE = 0.5  # relative uncertainty of the error matrix afterwards


class Stretched:
    """The search for a point from which another minimum may be reached."""

    def __init__(self, run: Run, calls: int):
        self.run, self.last_call = run, run.state.nfcn + calls
        state = run.state
        if state.matrix is None:
            raise ValueError("IMPROVE needs an error matrix")
        self.origin, self.f = np.array([p.internal for p in state.variable]), state.fval
        self.errors = np.array([p.error / (derivative(p) or 1.0) for p in state.variable])
        self.form = np.linalg.pinv(state.matrix)

    def random(self) -> float:
        """The next random number less a half."""
        seed, number = random_number(self.run.state.seed)
        self.run.update(seed=seed)
        return number - 0.5

    def value(self, u: np.ndarray) -> float:
        """(F - F0) / parabola; F itself far below where the parabola vanishes."""
        height = self.plain(u) - self.f
        parabola = float((u - self.origin) @ self.form @ (u - self.origin))
        return height / (parabola if parabola > 0 else 1.0)

    def plain(self, u: np.ndarray) -> float:
        """The FCN at internal coordinates."""
        return counted_value(self.run, u)

    def near(self, u: np.ndarray, errors: float) -> bool:
        """Whether a point lies within so many errors of the known minimum."""
        return bool(np.all(np.abs(u - self.origin) <= errors * self.errors))

    def search(self) -> tuple[np.ndarray, bool] | None:
        """A point, and whether it lies below the minimum; None if the calls were not enough."""
        sizes = 2.0 * self.errors
        u = np.array([x + 2.0 * size * self.random() for x, size in zip(self.origin, sizes, strict=True)])
        for _ in range(MOST_SIMPLEXES):
            corners = self._begin(u, sizes)
            ended = self._loop(corners)
            u = corners.points[corners.low]
            if ended is not None:
                return (u, corners.values[corners.low] < 0) if ended else None
            sizes = np.ptp(corners.points, axis=0)
        return None

    def _begin(self, u: np.ndarray, sizes: np.ndarray) -> Corners:
        """A simplex of random size around a point."""
        n = len(u)
        points, values = np.tile(u, (n + 1, 1)), np.empty(n + 1)
        values[n] = self.value(u)
        for i in range(n):
            points[i, i] -= sizes[i] * self.random()
            values[i] = self.value(points[i])
        order = np.r_[n, np.arange(n)]  # of corners of one height the first is the lowest, and the highest
        return Corners(points, values, int(order[np.argmin(values[order])]), int(order[np.argmax(values[order])]))

    def _loop(self, corners: Corners) -> bool | None:
        """True at an end, False where the calls are spent, None where a contraction fails."""
        spread = before = corners.values[corners.low]
        while corners.values[corners.low] >= 0:
            enough = FLAT * corners.values[corners.low]
            if spread < enough and before < enough:
                return True
            before = spread
            if self.run.state.nfcn > self.last_call:
                return False
            if not self._move(corners):
                return None
            spread = corners.spread
        return True

    def _move(self, corners: Corners) -> bool:
        """Reflection, expansion or contraction; False if that leads up."""
        mean, highest = corners.mean, corners.high
        reflected = 2.0 * mean - corners.points[highest]
        value = self.value(reflected)
        if value < corners.values[corners.low]:
            expanded = 2.0 * reflected - mean
            farther = self.value(expanded)
            better = farther < corners.values[corners.low]
            _take(corners, *((expanded, farther) if better else (reflected, value)))
            return True
        if value < corners.values[highest]:
            _take(corners, reflected, value)
            if corners.high != highest:
                return True
        inward = 0.5 * (corners.points[corners.high] + mean)
        value = self.value(inward)
        if value > corners.values[corners.high]:
            return False
        _take(corners, inward, value)
        return True


def _take(corners: Corners, point: np.ndarray, value: float) -> None:
    """Put a point in place of the highest corner."""
    corners.points[corners.high], corners.values[corners.high] = point, value
    if value < corners.values[corners.low]:
        corners.low = corners.high
    corners.high = int(np.argmax(corners.values))


def run_improve(run: Run) -> None:
    """IMPROVE [maxcalls]: attempts to find a lower minimum, n + 4 of them."""
    if not run.state.variable:
        return
    calls, _ = limits_of(run)
    prepare(run, "IMProve")
    if run.state.matrix is None:
        run.code = FAILED
        return
    known, first = run.state, run.state.nfcn
    attempts = int(run.argument(1)) if 1 <= run.argument(1) < 1e6 else len(known.variable) + 4
    for attempt in range(1, attempts + 1):
        if run.level >= 0:
            run.say(*messages.improve_attempt(attempt))
        if _attempt(run, first + calls - run.state.nfcn):
            _go_on(run)
            return
        if run.level >= 0:
            run.say(*messages.IMPROVE_RETURNED)
        _back(run, known)
        if run.state.nfcn - first > calls:
            break
    run.code = FAILED
    steps = (replace(p, step=0.01 * p.error / (derivative(p) or 1.0)) for p in run.state.variable)
    run.state = run.state.but(*steps, matrix_status=1, dcovar=max(known.dcovar, UNSURE), result="RESET")
    if run.level >= 0:
        run.table()


def _back(run: Run, known) -> None:
    """To the known minimum, but for calls and random numbers."""
    last = run.state
    run.state = replace(
        known, nfcn=last.nfcn, seed=last.seed, kept=last.kept, suppressed=last.suppressed, origin=last.origin,
        calls_before=last.calls_before,
    )  # fmt: skip


def _attempt(run: Run, calls: int) -> bool:
    """Whether a lower minimum was found, to which the session has gone then."""
    search = Stretched(run, calls)
    found = search.search()
    if found is None:
        return False
    u, lower = found
    if lower and run.level >= 1:
        run.say(*messages.IMPROVE_FOUND)
    moved = (
        replace(p, internal=float(x), value=to_external(float(x), p))
        for p, x in zip(run.state.variable, u, strict=True)
    )
    run.state = run.state.but(*moved, fcn=search.plain(u))
    if search.near(u, NEAR if lower else FAR):
        return False
    run.begins("SIMPLEX", "UNCHANGED")
    goal = 0.1 * run.state.up
    if run.level >= 0:
        run.say(*messages.simplex_begins(goal))
    Walk(run, max(search.last_call - run.state.nfcn, 1), goal).walk()
    if run.level >= 0:
        run.table()
    u = np.array([p.internal for p in run.state.variable])
    return run.state.fval < search.f and not search.near(u, NEAR)


def _go_on(run: Run) -> None:
    """MIGRAD from the new minimum."""
    if run.level >= 0:
        run.say(*messages.IMPROVE_NEW)
    dcovar = max(run.state.dcovar, UNSURE)
    run.state = run.state.without_minos(minimised=0, result="NEW MINIMU", matrix_status=1, dcovar=dcovar)
    minimise(run, run.state.call_limit, 0.1 * run.state.up)
