"""The search for a crossing as a dialogue: abscissae go out, values of the minimised FCN come back.

The classic search of Minos (Minuit manual, section 7.3) with every inner fit in the hands of the caller, who prints it
where the print level or SET DEBUG asks for that; `jaxminuit.errors.crossing` is the same search in one program.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from jaxminuit.core.parabola import parabola
from jaxminuit.core.status import SideStatus
from jaxminuit.errors.crossing import FARTHEST, MAX_TRIALS, TOLERANCE

OUTWARD = 0.2  # steps while the FCN falls
Trials = Generator[float, float, float]


class Unfinished(Exception):
    """The search ends without a crossing; `args` holds its SideStatus."""


@dataclass
class Crossing:
    """Where a FCN, minimised over other parameters, rises by `rise`; abscissa 0 is the first guess, -1 the minimum.

    `farthest` is the abscissa at which a parameter meets its limit.
    """

    fmin: float
    rise: float
    farthest: float = FARTHEST
    trials: int = 0

    @property
    def aim(self) -> float:
        """The value looked for."""
        return self.fmin + self.rise

    def _at(self, a: float, limited: bool = False) -> Generator[float, float, tuple[float, float]]:
        """One trial, not beyond the limit."""
        if self.trials >= MAX_TRIALS:
            raise Unfinished(SideStatus.FAILED)
        self.trials += 1
        limited, a = limited or a > self.farthest, min(a, self.farthest)
        f = yield a
        if limited and f < self.aim:
            raise Unfinished(SideStatus.AT_LIMIT)
        return a, f

    def _hit(self, f) -> bool:
        return abs(f - self.aim) < TOLERANCE * self.rise

    def search(self) -> Trials:
        """Yields abscissae, wants values, returns the crossing; raises Unfinished."""
        _, f = yield from self._at(0.0, self.farthest < TOLERANCE)
        f = max(f, self.fmin + 0.1 * self.rise)
        a = np.sqrt(self.rise / (f - self.fmin)) - 1.0
        if self._hit(f):
            return a
        first, second = (0.0, f), (yield from self._at(float(np.clip(a, -0.5, 1.0))))
        while True:
            first, second = yield from self._rising(first, second)
            a, points = yield from self._along_line(first, second)
            if points is None:
                return a
            if isinstance(points, tuple):
                first, second = points
                continue
            return (yield from self._by_parabolas(points))

    def _rising(self, first, second):
        """Outward while the FCN falls."""
        tries = 1
        while _slope(first, second) < 0:
            first, second = second, (yield from self._at(second[0] + OUTWARD * tries))
            tries += 1
        return first, second

    def _along_line(self, first, second):
        """Along the line through two points until three lie around the aim (a list of them), the third is the farthest
        of three below it (two points, for the beginning), or the crossing is hit (its abscissa, and None)."""
        while True:
            slope = _slope(first, second)
            if not slope > 0:
                raise Unfinished(SideStatus.FAILED)
            a = second[0] + (self.aim - second[1]) / slope
            near = min(abs(a - first[0]), abs(a - second[0])) < TOLERANCE * max(1.0, abs(a))
            if near and (self._hit(first[1]) or self._hit(second[1])):
                return a, None
            low, high = sorted((first[0], second[0]))
            third = yield from self._at(float(np.clip(a, low - 1.0, high + 1.0)))
            points = [first, second, third]
            distance = [abs(f - self.aim) for _, f in points]
            best = 2 if distance[2] <= min(distance[:2]) else int(np.argmin(distance))
            below = sum(f < self.aim for _, f in points)
            if below in (1, 2):
                return a, points[best:] + points[:best]
            if best != 2:
                if below == 0:
                    raise Unfinished(SideStatus.FAILED)
                return a, (first, third)
            first, second = ((second, third), (first, third))[int(np.argmax(distance)) == 1]

    def _by_parabolas(self, points):
        """From three points around the aim, the best or newest of them first."""
        while True:
            a2, a1, a0 = (
                float(c) for c in parabola(np.array([p[0] for p in points]), np.array([p[1] for p in points]))
            )
            determinant = a1 * a1 - 4.0 * a2 * (a0 - self.aim)
            if not determinant > 0 or a2 == 0:
                raise Unfinished(SideStatus.FAILED)
            roots = [(-a1 + side * np.sqrt(determinant)) / (2.0 * a2) for side in (1.0, -1.0)]
            a = roots[1] if a1 + 2.0 * a2 * roots[1] > 0 else roots[0]
            slope, tolerance = a1 + 2.0 * a2 * a, TOLERANCE * max(1.0, abs(a))
            if abs(a - points[0][0]) < tolerance and self._hit(points[0][1]):
                return float(a)
            left = max((p for p in points if p[1] <= self.aim), key=lambda p: p[1])
            right = min((p for p in points if p[1] > self.aim), key=lambda p: p[1])
            other = next(p for p in points if p is not left and p is not right)
            if max(abs(f - self.aim) for _, f in points) > 10.0 * abs(other[1] - self.aim):
                a = 0.5 * (a + 0.5 * (left[0] + right[0]))
            margin = 0.1 * tolerance
            margin = min(margin, TOLERANCE * self.rise / slope) if slope > 0 else margin
            low, high = min(left[0], right[0]) + margin, max(left[0], right[0]) - margin
            a = 0.5 * (left[0] + right[0]) if low > high else float(np.clip(a, low, high))
            points = [(yield from self._at(a)), left, right]


def _slope(first, second) -> float:
    return (second[1] - first[1]) / (second[0] - first[0]) if second[0] != first[0] else 0.0
