"""SCAN, SEEK, JUMP, CONTOUR."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import to_external, to_internal
from jaxminuit.command.hesse import curvatures
from jaxminuit.command.pictures import contour_map, scan_curve
from jaxminuit.command.report import contour as maps
from jaxminuit.command.report import messages
from jaxminuit.command.report import minos as words
from jaxminuit.command.report.axis import round_axis
from jaxminuit.command.report.frame import argument_missing
from jaxminuit.command.report.plot import point_plot
from jaxminuit.command.report.rows import Point
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import UNKNOWN, Run
from jaxminuit.command.state import Parameter, limits

SCAN_POINTS, MOST_POINTS = 40, 100
UNIT = float(np.float32(4.656613e-10))  # of the random numbers
TURN = 3.141593  # of the random steps of SEEK


def run_scan(run: Run) -> None:
    """SCAN [parno] [numpts] [from] [to]."""
    run.update(result="NO CHANGE")
    run.value()
    number, points = run.number(0), run.number(1)
    points = SCAN_POINTS if points < 2 else min(points, MOST_POINTS)
    if number == 0:
        for p in run.state.variable:
            _scan(run, p.number, points, 0.0, 0.0)
    else:
        chosen = run.state.find(number)
        if chosen is None or not chosen.variable:
            run.say(*words.scan_not_variable(number))
            run.code = UNKNOWN
            return
        _scan(run, number, points, run.argument(2), run.argument(3))
    if run.level >= 1:
        run.table()


def _scan(run: Run, number: int, points: int, start: float, end: float) -> None:
    """One parameter over its range; the best point is kept."""
    p = run.state.parameter(number)
    span = scan_range(p, start, end)
    if span is None:
        run.say(*words.scan_outside_limits(number), "")
        return
    xs = np.linspace(*span, points)
    values = _values_along(run, p, xs)
    run.pictures.append(scan_curve(run.state, number, xs, values))
    if run.level >= 0:
        shown = [Point(p.value, run.state.fval, " "), Point(p.value, run.state.fval, "X")]
        shown += [Point(float(x), float(f), "*") for x, f in zip(xs, values, strict=True) if np.isfinite(f)]
        run.say(*words.scan_heading(number, p.name, run.state.throw))
        run.say(*point_plot(shown, run.state.width, run.state.length))
    best = int(np.nanargmin(np.append(values, np.inf)))
    if best < len(values) and values[best] < run.state.fval:
        moved = replace(p, value=float(xs[best]), internal=to_internal(float(xs[best]), p))
        run.state = run.state.but(moved, fcn=float(values[best]), result="IMPROVED")


def scan_range(p: Parameter, start: float, end: float) -> tuple[float, float] | None:
    """The range: as asked, or two errors to each side, or from limit to limit; None if it lies outside the limits."""
    lower, upper = limits(p)
    if start != end and np.isfinite([start, end]).all():
        low, high = max(min(start, end), lower), min(max(start, end), upper)
        return (low, high) if low < high else None
    if p.limited:
        return lower, upper
    axis = round_axis(p.value - 2.0 * p.error, p.value + 2.0 * p.error, SCAN_POINTS)
    return axis.low, axis.high


def _values_along(run: Run, p: Parameter, xs: np.ndarray) -> np.ndarray:
    """The FCN with one parameter moved."""
    point, npar = run.state.vector(), len(run.state.variable)
    values = []
    for x in xs:
        point[p.number - 1] = x
        values.append(run.function.value(point, npar))
    run.update(nfcn=run.state.nfcn + len(values))
    return np.array(values)


def run_contour(run: Run) -> None:
    """CONTOUR <par1> <par2> [devs] [ngrid]."""
    two = len(run.state.variable) == 2 and not run.arguments
    if not run.arguments and not two:
        run.say(*argument_missing(run.word))
        run.code = UNKNOWN
        return
    found = run.state.variable if two else (run.state.find(run.number(i)) for i in (0, 1))
    pair = [p for p in found if p is not None and p.variable]
    if len(pair) < 2 or pair[0] is pair[1]:
        run.say(*maps.INVALID)
        run.code = UNKNOWN
        return
    run.value()
    if run.state.matrix_status < 1:
        curvatures(run, run.state.origin)
        pair = [run.state.parameter(p.number) for p in pair]
    values, errors = [p.value for p in pair], [p.error for p in pair]
    bounds = [limits(p) if p.limited else None for p in pair]
    state = run.state
    ngrid = min(max(run.number(3), 0), maps.MOST_COLUMNS)
    grid = maps.map_grid(values, errors, bounds, run.argument(2), ngrid, state.width, state.length)
    point, npar = state.vector(), len(state.variable)
    heights = np.empty((len(grid.y), len(grid.x)))
    for i, y in enumerate(grid.y):
        for j, x in enumerate(grid.x):
            point[pair[0].number - 1], point[pair[1].number - 1] = x, y
            heights[i, j] = run.function.value(point, npar)
    run.pictures.append(contour_map(state, (pair[0].number, pair[1].number), grid.x, grid.y, heights))
    names = [(p.number, p.name) for p in pair]
    run.say(*maps.contour_map(grid, heights, names, values, state.fval, state.up))


def random_number(seed: int) -> tuple[int, float]:
    """The next state of Minuit's generator, and a number between 0 and 1 (L'Ecuyer, with Schrage's method)."""
    seed = 40014 * (seed % 53668) - 12211 * (seed // 53668)
    seed = seed + 2147483563 if seed < 0 else seed
    return seed, float(np.float32(seed) * np.float32(UNIT))


def run_seek(run: Run) -> None:
    """SEEK [maxcalls] [devs]."""
    state = run.state
    failures = int(run.argument(0)) if 1 <= run.argument(0) < 1e6 else 100 + 20 * len(state.variable)
    devs = run.argument(1) if 0 < run.argument(1) < 1e10 else 3.0
    run.value()
    run.update(result="INITIAL")
    if run.level >= 1:
        run.say(*messages.seek_begins(failures, 10 * failures, devs))
    if run.level >= 2:
        run.table(Columns.INTERNAL)
    _random_walk(run, failures, devs)
    if run.level >= 2:
        run.say(*messages.seek_ends(failures))
    if run.level >= 1:
        run.table(Columns.INTERNAL)
    elif run.level == 0:
        run.table(Columns.NONE)


def _random_walk(run: Run, failures: int, devs: float) -> None:
    """Metropolis: down always, up with probability exp((F - Fnew) / UP)."""
    table, seed = list(run.state.variable), run.state.seed
    best, best_f = [p.internal for p in table], run.state.fval
    middle, middle_f, failed, calls = list(best), best_f, 0, 0
    dirin = [2.0 * _spread(p) * devs for p in table]
    point, npar = run.state.vector(), len(table)
    first = best_f
    for _ in range(10 * failures):
        trial = []
        for p, u, step in zip(table, middle, dirin, strict=True):
            seed, r1 = random_number(seed)
            seed, r2 = random_number(seed)
            trial.append(u + 0.5 * (r1 + r2 - 1.0) * step)
            point[p.number - 1] = to_external(trial[-1], p)
        value, calls = run.function.value(point, npar), calls + 1
        if value < middle_f:
            failed = 0 if value < best_f else failed
            if value < best_f:
                best, best_f = list(trial), value
            middle, middle_f = list(trial), value
            continue
        failed += 1
        seed, r = random_number(seed)
        bar = np.exp(max((best_f - value) / run.state.up, -700.0))
        if bar >= r:
            middle, middle_f = list(trial), value
        if failed >= failures:
            break
    found = [
        replace(p, internal=float(u), value=to_external(u, p), step=step)
        for p, u, step in zip(table, best, dirin, strict=True)
    ]
    changed = best_f < first
    run.state = run.state.but(
        *found, fcn=best_f, seed=seed, nfcn=run.state.nfcn + calls, result="IMPROVEMNT" if changed else "UNCHANGED"
    )
    if changed:
        run.state = replace(
            run.state.without_minos(), edm=None, minimised=0, matrix_status=min(run.state.matrix_status, 1)
        )


def _spread(p: Parameter) -> float:
    """The error in internal coordinates, cut at the limits."""
    if not p.limited:
        return p.error
    lower, upper = limits(p)
    ends = [to_internal(min(max(p.value + side * p.error, lower), upper), p) for side in (1.0, -1.0)]
    return 0.5 * abs(ends[0] - ends[1])


def run_jump(run: Run) -> None:
    """JUMP [devs]: to a random point, by up to so many errors (2) in every variable parameter."""
    devs = run.argument(0) if 0 < run.argument(0) < 1e10 else 2.0
    moved, seed = [], run.state.seed
    for p in run.state.variable:
        seed, r = random_number(seed)
        u = p.internal + (2.0 * r - 1.0) * devs * p.error
        moved.append(replace(p, internal=u, value=to_external(u, p)))
    run.state = run.state.but(*moved, seed=seed).new_values()
    if run.state.parameters:
        run.value()
