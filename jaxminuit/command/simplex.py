"""SIMPLEX as the original walks: values only, every move printed where the print level asks for it.

The corners are found by a search along each axis, and found anew where a contraction fails or where the walk ends too
steeply; the classic method of Nelder and Mead with a parabolic step lies between (Minuit manual, SIMplex).
"""

from dataclasses import dataclass, replace

import numpy as np

from jaxminuit.command.engine import to_external
from jaxminuit.command.report import messages
from jaxminuit.command.run import FAILED, Run
from jaxminuit.command.state import Parameter, derivative

EXPANSION, SHRINK, GROW, BACK = 2.0, 0.5, 3.0, -0.4
MOST_FAILURES, MOST_SUCCESSES = 3, 6  # along one axis
NEAR, FAR = 2.0, 4.0  # weights of reflection and expansion in the parabola through them and the worst corner
LEAST_RHO, MOST_RHO = 4.0, 8.0  # where that parabola may be followed
STEEP = 1e10  # the EDM before there is one
TABLE_EVERY = 10  # moves, at print level 2


@dataclass
class Corners:
    """n + 1 points in internal coordinates, their values, and which are the lowest and the highest."""

    points: np.ndarray
    values: np.ndarray
    low: int
    high: int

    @property
    def mean(self) -> np.ndarray:
        """Of all but the highest."""
        return np.mean(np.delete(self.points, self.high, axis=0), axis=0)

    @property
    def spread(self) -> float:
        """Highest value less lowest: the EDM of this method."""
        return float(self.values[self.high] - self.values[self.low])


class Walk:
    """One SIMPLEX command.

    Parameters
    ----------
    run
        The command; its state follows the best point.
    calls, goal
        Limit on FCN calls, and the EDM below which the walk has converged.
    """

    def __init__(self, run: Run, calls: int, goal: float):
        self.run, self.calls, self.goal = run, calls, goal
        self.first, self.moves = run.state.nfcn, 0
        least = 2.0 * np.sqrt(run.state.eps)
        self.steps = np.array([max(_internal(p), least * abs(p.internal)) for p in run.state.variable])

    def value(self, u: np.ndarray) -> float:
        """The FCN at internal coordinates of the variable parameters."""
        return counted_value(self.run, u)

    def walk(self) -> bool:
        """Walk until the EDM was below its goal twice in a row (True) or the calls are spent."""
        self.run.update(edm=None)
        while True:
            corners = self.begin()
            ended = self.main_loop(corners)
            if ended is None:  # a contraction failed: new corners
                continue
            self.say(messages.SIMPLEX_CONVERGED if ended else messages.SIMPLEX_NOT_CONVERGED)
            mean = corners.mean
            value = self.value(mean)
            if value < self.run.state.fval:
                self.take(corners, mean, value)
            left = self.calls + self.first - self.run.state.nfcn
            if left < 3 * len(mean) or corners.spread <= 2.0 * self.goal:
                return ended

    def say(self, lines) -> None:
        """Print, from level 0 on."""
        if self.run.level >= 0:
            self.run.say(*lines)

    # ---- the corners ------------------------------------------------------------------------------------------------

    def begin(self) -> Corners:
        """One corner where the walk is, and one from a search along each axis."""
        u = np.array([p.internal for p in self.run.state.variable])
        start, first = u.copy(), self.run.state.fval
        n = len(u)
        corners = Corners(np.empty((n + 1, n)), np.empty(n + 1), n, n)
        best = first
        for i in range(n):
            value = self._along_axis(u, i, first)
            corners.values[i], corners.points[i] = value, u
            if value < best:
                corners.low, best = i, value
        lowest = corners.points[corners.low] if corners.low < n else start
        self._go(lowest, best)
        self.take(corners, start, first)
        if self.run.level >= 1:
            self.run.table()
        return corners

    def _along_axis(self, u: np.ndarray, i: int, aim: float) -> float:
        """Search along one axis, onward with growing steps or back; `u` ends at the corner, its value is returned."""
        here, ahead, good, bad = u[i], False, 0, 0
        while True:
            u[i] = here + self.steps[i]
            value = self.value(u)
            lower = value < aim
            if not lower:
                if ahead:
                    u[i] = here
                    return aim
                bad += 1
                self.steps[i] *= BACK
                if bad < MOST_FAILURES:
                    continue
                good = MOST_SUCCESSES  # the corner lies where it is highest: it must not coincide with the start
            here, aim, ahead, good = u[i], value, True, good + 1
            self.steps[i] *= GROW
            if lower:
                self.run.update(result="PROGRESS")
            if good >= MOST_SUCCESSES:
                return aim

    def take(self, corners: Corners, point: np.ndarray, value: float) -> None:
        """Put a point in place of the highest corner, go there if it is the best."""
        corners.points[corners.high], corners.values[corners.high] = point, value
        if value < self.run.state.fval:
            corners.low = corners.high
            self._go(point, value)
        corners.high = int(np.argmax(corners.values))
        self.run.update(edm=corners.spread)
        if corners.spread <= 0:
            self.run.say(*messages.no_dependence(len(point)))
            return
        self.steps = np.ptp(corners.points, axis=0)
        moved = (replace(p, step=float(s)) for p, s in zip(self.run.state.variable, self.steps, strict=True))
        self.run.state = self.run.state.but(*moved)

    def _go(self, point: np.ndarray, value: float) -> None:
        """The session at another point."""
        if value < self.run.state.fval:
            self.run.update(result="PROGRESS")
        moved = (
            replace(p, internal=float(u), value=to_external(float(u), p))
            for p, u in zip(self.run.state.variable, point, strict=True)
        )
        self.run.state = self.run.state.but(*moved, fcn=value)

    # ---- the moves --------------------------------------------------------------------------------------------------

    def main_loop(self, corners: Corners) -> bool | None:
        """Moves until the end: True converged, False out of calls, None where a contraction fails."""
        edm = before = STEEP
        while not (edm < self.goal and before < self.goal):
            before = edm
            if self.run.state.nfcn - self.first > self.calls:
                return False
            mean = corners.mean
            worst = corners.points[corners.high].copy()
            reflected = 2.0 * mean - worst
            value = self.value(reflected)
            if value < self.run.state.fval:
                self.take(corners, *self._expanded(corners, mean, worst, reflected, value))
                self._moved()
            elif not self._contracted(corners, mean, reflected, value):
                return None
            edm = corners.spread
        return True

    def _moved(self) -> None:
        self.moves += 1
        if self.run.level >= 3 or (self.run.level == 2 and self.moves % TABLE_EVERY == 0):
            self.run.table()

    def _expanded(self, corners: Corners, mean, worst, reflected, f_reflected) -> tuple[np.ndarray, float]:
        """The best of reflection, expansion and the minimum of the parabola through them and the worst corner."""
        self.run.update(result="PROGRESS")
        expanded = EXPANSION * reflected + (1.0 - EXPANSION) * mean
        f_expanded = self.value(expanded)
        highest, lowest = corners.values[corners.high], corners.values[corners.low]
        better = (expanded, f_expanded) if f_expanded < lowest else (reflected, f_reflected)
        y1, y2 = (f_reflected - highest) * FAR, (f_expanded - highest) * NEAR
        rho = 0.5 * (FAR * y1 - NEAR * y2) / (y1 - y2) if y1 != y2 else MOST_RHO
        if rho < LEAST_RHO:
            return better
        rho = min(rho, MOST_RHO)
        followed = rho * mean + (1.0 - rho) * worst
        value = self.value(followed)
        return (followed, value) if value < lowest and value < f_expanded else better

    def _contracted(self, corners: Corners, mean, reflected, f_reflected) -> bool:
        """The reflection if another corner is then the highest, else half way back to the mean; False if that fails."""
        if f_reflected < corners.values[corners.high]:
            highest = corners.high
            self.take(corners, reflected, f_reflected)
            if corners.high != highest:
                return True
        inward = SHRINK * corners.points[corners.high] + (1.0 - SHRINK) * mean
        value = self.value(inward)
        if value > corners.values[corners.high]:
            return False
        lower = value < self.run.state.fval
        self.take(corners, inward, value)
        if lower:
            self._moved()
        return True


def counted_value(run: Run, u: np.ndarray) -> float:
    """The FCN at internal coordinates of the variable parameters; without a number it is as high as can be."""
    state = run.state
    x = state.vector()
    for p, place in zip(state.variable, u, strict=True):
        x[p.number - 1] = to_external(float(place), p)
    run.update(nfcn=state.nfcn + 1)
    value = run.function.value(x, len(u))
    return value if np.isfinite(value) else np.finfo(float).max


def _internal(p: Parameter) -> float:
    """The error in internal coordinates."""
    slope = derivative(p)
    return p.error / slope if slope != 0 else p.error


def walk(run: Run, calls: int, goal: float) -> None:
    """Simplex from where the session is; converged when the EDM is below `goal`."""
    if not run.state.variable:
        return
    before = run.value()
    run.begins("SIMPLEX", "UNCHANGED")
    if run.level >= 0:
        run.say(*messages.simplex_begins(goal))
    try:
        converged = Walk(run, calls, goal).walk()
    except KeyboardInterrupt as stop:
        stop.session = run.state  # type: ignore[attr-defined]  # at the best point so far
        raise
    if run.state.fval < before:
        run.state = run.state.without_minos()
    run.update(minimised=1 if converged else -1)
    if not converged:
        run.update(result="CALL LIMIT")
        run.code = FAILED
    if run.level >= 0:
        run.table()
