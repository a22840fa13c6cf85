"""The fits inside MINOS, one after the other, for print levels and debug options that show them."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from jaxminuit.command.engine import to_external, to_internal
from jaxminuit.command.fixing import fixed
from jaxminuit.command.minimising import minimise
from jaxminuit.command.report import debug
from jaxminuit.command.report.rows import Point
from jaxminuit.command.run import Run
from jaxminuit.command.state import Parameter, State, limits, with_errors
from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import SideStatus
from jaxminuit.core.types import present
from jaxminuit.errors.crossing_search import Stage, begin, tell

QUIETER = 2  # print levels
SEARCHES = 6  # the debug option that shows them
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_told = quick_jit(tell)


def shown(run: Run) -> bool:
    """Whether inner fits, or the searches that they belong to, are to be printed."""
    return run.level >= QUIETER or run.state.debug[SEARCHES]


class InnerFits:
    """Fits of all parameters but one, which moves along x = mid + a direction.

    Parameters
    ----------
    run
        MINOS; after ``end`` its state is that of before, but for the calls.
    number
        Of the parameter that moves.
    sign
        +1 or -1: the end that is looked for.
    calls
        Limit for each fit; by default 2 (n + 1) times that of MIGRAD.
    other
        The last inner fit of the other end, if that has been looked for: its error matrix is what fits begin with.
    """

    def __init__(self, run: Run, number: int, sign: float, calls: int | None, other: State | None = None):
        self.run, self.base, self.number = run, run.state, number
        self.calls = 2 * (len(run.state.variable) + 1) * run.state.call_limit if calls is None else calls
        p = run.state.parameter(number)
        lower, upper = limits(p)
        self.p, self.mid = p, min(max(p.value + sign * p.error, lower), upper)
        self.direction = self.mid - p.value
        limit = upper if sign > 0 else lower
        reach = (limit - self.mid) / self.direction if self.direction else 0.0
        self.crossing = begin(*(jnp.asarray(x, float) for x in (run.state.fval, run.state.up, reach)))
        self.aim = run.state.fval + run.state.up
        self.points = [Point(0.0, self.aim, " "), Point(-1.0, run.state.fval, ".")]
        self._begin(sign, other)

    def _begin(self, sign: float, other: State | None) -> None:
        """The others go along with the parameter, as the error matrix has them correlated."""
        state, place = self.base, [p.number for p in self.base.variable].index(self.number)
        row = present(state.matrix)[place]
        ahead = sign * np.sqrt(state.up / row[place]) * row if row[place] > 0 else np.zeros_like(row)
        moved = tuple(_moved(p, p.internal + du) for p, du in zip(state.variable, ahead, strict=True))
        others = fixed(state.but(*moved), self.number)
        known = state if other is None or other.matrix is None else other
        matrix = others.matrix if known is state else known.matrix
        others = replace(others, matrix=matrix, matrix_status=known.matrix_status, dcovar=known.dcovar)
        strategy = max(state.strategy - 1, 0)
        self.run.state = with_errors(replace(others, strategy=strategy, minimised=1))

    def search(self) -> tuple[SideStatus, float]:
        """How the search ended, and the error."""
        self.run.quiet += QUIETER
        try:
            while self.crossing.stage != Stage.DONE:
                self.crossing = _told(self.crossing, *self._fit(float(self.crossing.a)), self.base.eps)
        finally:
            self.run.quiet -= QUIETER
        status = SideStatus(int(self.crossing.status))
        return status, self.direction * (1.0 + float(self.crossing.a)) if status == SideStatus.VALID else np.nan

    def _fit(self, a: float) -> tuple[float, int]:
        """One inner fit: its minimum, and the SideStatus for how it ended."""
        run = self.run
        value = self.mid + a * self.direction
        pinned = replace(run.state.parameter(self.number), value=value, internal=to_internal(value, self.p))
        run.state = run.state.but(pinned)
        f = run.function.value(run.state.vector(), len(run.state.variable))
        run.update(fcn=f, nfcn=run.state.nfcn + 1)
        if run.state.variable:
            minimise(run, self.calls, 0.05 * run.state.up)
        f = run.state.fval
        if self.base.debug[SEARCHES]:
            run.say(*debug.crossing(run.state.nfcn, self.aim, f, a))
        self.points.append(Point(a, f, LETTERS[(len(self.points) - 2) % len(LETTERS)]))
        if run.state.minimised >= 0:
            return f, int(SideStatus.VALID)
        return f, int(SideStatus.CALL_LIMIT if run.state.result == "CALL LIMIT" else SideStatus.FAILED)

    def plot(self, side: str, status: SideStatus) -> None:
        """The trials, for SET DEBUG 6."""
        if self.base.debug[SEARCHES]:
            page = {"width": self.base.width, "length": self.base.length, "at_limit": status == SideStatus.AT_LIMIT}
            self.run.say(*debug.crossing_plot(self.points, self.aim, debug.side(side, self.number), **page))

    def end(self) -> State:
        """Back to the minimum; the state of the last inner fit."""
        last = self.run.state
        kept = {name: getattr(last, name) for name in ("nfcn", "kept", "suppressed")}
        self.run.state = replace(self.base, **kept)
        self.run.code = 0
        return last


def _moved(p: Parameter, internal: float) -> Parameter:
    """The parameter at another internal value, folded to between its limits."""
    value = to_external(float(internal), p)
    return replace(p, value=value, internal=to_internal(value, p))


def minos_end(run: Run, number: int, side: str, calls: int | None, other: State | None):
    """One end of a Minos interval: (how its search ended, the error, the last inner fit)."""
    fits = InnerFits(run, number, 1.0 if side == "POSITIVE" else -1.0, calls, other)
    status, error = fits.search()
    fits.plot(side, status)
    return status, error, fits.end()
