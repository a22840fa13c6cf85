"""MINOS and MNCONTOUR."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import Engine, to_internal
from jaxminuit.command.hesse import curvatures
from jaxminuit.command.inner import minos_end, shown
from jaxminuit.command.minimising import limits_of, minimise
from jaxminuit.command.pictures import contour_line
from jaxminuit.command.report import messages
from jaxminuit.command.report import minos as words
from jaxminuit.command.report.definitions import restored
from jaxminuit.command.report.plot import point_plot
from jaxminuit.command.report.rows import Point
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import FAILED, UNKNOWN, Run
from jaxminuit.command.state import Parameter, limits
from jaxminuit.core.status import SideStatus
from jaxminuit.fit.contours import mncontour
from jaxminuit.fit.errors import minos

ONE_UP = 1.0 - np.exp(-0.5)  # the joint confidence level at which the FCN is up by UP, for two parameters
SIDES = (("POSITIVE", "upper"), ("NEGATIVE", "lower"))
AT_LIMIT = 1e-9  # of the interval between the limits
REPEATS = 5  # new minima that Minos goes on from


def run_minos(run: Run) -> None:
    """MINOS [maxcalls] [parno] [parno] ..."""
    prepare(run, "MINOs")
    limit = int(run.argument(0)) if 1 <= run.argument(0) < 2e9 else None
    for _ in range(REPEATS):
        chosen = _chosen(run)
        if not chosen:
            run.say(*words.NO_ERRORS)
            return
        run.begins("MINOS", "SUCCESSFUL")
        if not _one_round(run, chosen, limit):
            break
    if run.level >= 0:
        run.table(Columns.MINOS, title=True)
    if run.level >= 2:
        run.matrix(covariance=False)


def prepare(run: Run, name: str) -> None:
    """A minimum with a full error matrix, as Minos and contours need it."""
    if run.state.minimised < 1:
        run.say(*messages.must_minimise(name))
        calls, _ = limits_of(run)
        tolerance = 0.05 * run.state.up if name == "MNContour" else 0.1 * run.state.up
        minimise(run, calls, tolerance)
        run.code = 0
    if run.state.matrix_status < 3 and run.state.variable:
        curvatures(run, run.state.origin)


def _chosen(run: Run) -> list[int]:
    """The positions of the wanted parameters among all that are defined."""
    table, asked = run.state.parameters, [int(a) if abs(a) < 1e9 else -1 for a in run.arguments[1:]]
    if not asked:
        return [i for i, p in enumerate(table) if p.variable]
    chosen = []
    for number in asked:
        p = run.state.find(number)
        if p is None or not p.variable:
            run.say(*words.not_variable(number))
        elif table.index(p) not in chosen:
            chosen.append(table.index(p))
    return chosen


def _one_round(run: Run, chosen: list[int], limit: int | None) -> bool:
    """Minos for the chosen parameters; True if a new minimum was found and all has to be done again."""
    run.state = run.state.but(*(replace(run.state.parameters[i], minus=None, plus=None) for i in chosen))
    ends = _ends_shown(run, chosen, limit) if shown(run) else _ends(run, chosen, limit)
    for i, side, status, error, values in ends:
        if status == SideStatus.NEW_MINIMUM and _lower_minimum(run, values):
            return True
        _tell(run, i, side, status, error)
        if side == SIDES[-1][0] and run.level >= 2:
            p = run.state.parameters[i]
            run.say(*restored(p.number, p.name))
    missing = [p for p in (run.state.parameters[i] for i in chosen) if p.minus is None or p.plus is None]
    if missing:
        run.update(result="FAILURE" if len(missing) == len(chosen) else "PROBLEMS")
    return False


def _ends(run: Run, chosen: list[int], limit: int | None):
    """All ends in one program: (position, side, status, error, parameters there) of each."""
    engine = Engine(run.state, run.function)
    found = minos(engine.fcn, engine.minimum(), chosen, max_calls=limit, strategy=run.state.strategy, **engine.options)
    calls = int(np.sum(np.asarray(found.lower_nfcn)[chosen]) + np.sum(np.asarray(found.upper_nfcn)[chosen]))
    run.update(nfcn=run.state.nfcn + calls)
    for i in chosen:
        for side, name in SIDES:
            status = SideStatus(int(np.asarray(getattr(found, f"{name}_status"))[i]))
            values = np.asarray(getattr(found, f"{name}_params"))[i]
            yield i, side, status, float(np.asarray(getattr(found, name))[i]), values


def _ends_shown(run: Run, chosen: list[int], limit: int | None):
    """The same one after the other, with their inner fits printed."""
    for i in chosen:
        last = None
        for side, _ in SIDES:
            p = run.state.parameters[i]
            if run.level >= 2:
                run.say(*words.search_begins(side, p.number, p.name))
                run.say(*words.parameter_set(p.number, p.value, p.error if side == "POSITIVE" else -p.error))
            status, error, last = minos_end(run, p.number, side, limit, last)
            yield i, side, status, error, np.array([p.value for p in last.parameters])


def _tell(run: Run, i: int, side: str, status: SideStatus, error: float) -> None:
    """Keep one error, and print what there is to say about it."""
    p = run.state.parameters[i]
    if status == SideStatus.VALID:
        run.state = run.state.but(_with_end(p, side, error))
        if run.level >= 2:
            run.say(*words.end_found(side, p.number, p.name, error))
    elif status == SideStatus.AT_LIMIT:
        run.state = run.state.but(_with_end(p, side, np.inf))
        if run.level >= 1:
            run.say(*words.beyond_limit(side, p.number, p.name))
    elif run.level >= 1:
        if status == SideStatus.CALL_LIMIT and not shown(run):
            run.say(*messages.MIGRAD_CALL_LIMIT)
        run.say(*words.not_calculated(side, p.number))


def _with_end(p: Parameter, side: str, error: float) -> Parameter:
    """The parameter with one Minos error."""
    return replace(p, plus=error) if side == "POSITIVE" else replace(p, minus=error)


def _lower_minimum(run: Run, values: np.ndarray) -> bool:
    """Go to the point below the old minimum, and minimise from there; False if it is not lower after all."""
    if not np.all(np.isfinite(values)):
        return False
    from_there = run.state.but(*(_at(p, x) for p, x in zip(run.state.parameters, values, strict=True) if p.variable))
    value = run.function.value(from_there.vector(), len(from_there.variable))
    if not value < run.state.fval:
        return False
    run.say(*words.NEW_MINIMUM)
    run.state = replace(from_there.without_matrix().without_minos(), fcn=value, nfcn=run.state.nfcn + 1)
    minimise(run, run.state.call_limit, 0.1 * run.state.up)
    return run.state.minimised > 0


def _at(p: Parameter, value: float) -> Parameter:
    """The parameter at another external value."""
    return replace(p, value=float(value), internal=to_internal(float(value), p))


def run_mncontour(run: Run) -> None:
    """MNCONTOUR <par1> <par2> [npts]."""
    first, second = run.number(0), run.number(1)
    if len(run.state.variable) == 2 and (first <= 0 or second <= 0):
        first, second = (p.number for p in run.state.variable)
    size = run.number(2) if run.argument(2) else 20
    found = contour_of(run, first, second, size)
    if found is None:
        run.code = UNKNOWN
        return
    draw_contour(run, first, second, *found)


def contour_of(run: Run, first: int, second: int, size: int):
    """The points of a contour (xs, ys), as many as were found; None if the arguments cannot be meant."""
    pair = [run.state.find(number) for number in (first, second)]
    if first == second or any(p is None or not p.variable for p in pair):
        run.say(*words.INVALID_PARAMETERS)
        return None
    if size < 4:
        run.say(*words.TOO_FEW_POINTS)
        return None
    prepare(run, "MNContour")
    size = min(size, 101)
    if run.level >= 0:
        others = [(p.number, p.name) for p in run.state.variable if p not in pair and p.number not in (first, second)]
        run.say(*words.contour_begins(size, len(run.state.variable), others))
    run.begins("MNContour")
    engine = Engine(run.state, run.function)
    places = [run.state.parameters.index(run.state.parameter(number)) for number in (first, second)]
    found = mncontour(
        engine.fcn, engine.minimum(), *places, size=size, cl=ONE_UP, strategy=run.state.strategy, **engine.options
    )
    run.update(nfcn=run.state.nfcn + int(found.nfcn))
    points = np.asarray(found.points)[np.asarray(found.valid)]
    if len(points) < 4:
        run.say(*words.NO_FOUR_POINTS)
        run.code = FAILED
        return np.zeros(0), np.zeros(0)
    points = np.roll(points, -int(np.argmin(points[:, 0])), axis=0)
    _keep_ends(run, (first, second), points)
    if len(points) < size:
        run.say(*words.next_point_lost(len(points)))
        run.code = FAILED
    return points[:, 0], points[:, 1]


def _keep_ends(run: Run, pair, points: np.ndarray) -> None:
    """The ends of the Minos intervals of both parameters, which are among the points of a contour."""
    for number, places in zip(pair, points.T, strict=True):
        p = run.state.parameter(number)
        low, high = float(np.min(places)) - p.value, float(np.max(places)) - p.value
        lower, upper = limits(p)
        near = AT_LIMIT * (upper - lower) if p.limited else 0.0
        low = np.inf if p.limited and p.value + low - lower <= near else low
        high = np.inf if p.limited and upper - p.value - high <= near else high
        run.state = run.state.but(replace(p, minus=low, plus=high))


def draw_contour(run: Run, first: int, second: int, xs, ys) -> None:
    """The plot and the table of the points."""
    if len(xs):
        run.pictures.append(contour_line(run.state, (first, second), xs, ys))
    if run.level < 0 or len(xs) < 4:
        return
    p, q = run.state.parameter(first), run.state.parameter(second)
    above, below = words.contour_axes((first, p.name), (second, q.name))
    points = [Point(p.value, q.value, " "), *(Point(float(x), float(y), "X") for x, y in zip(xs, ys, strict=True))]
    run.say(above, *point_plot(points, run.state.width, run.state.length), below)
    if run.level >= 1:
        run.say(*words.contour_points(xs, ys, (p.name, q.name), run.state.fval, run.state.up))
