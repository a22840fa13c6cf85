"""SHOW: every question about the session."""

from collections.abc import Callable

from jaxminuit.command.hesse import scaled_eigenvalues
from jaxminuit.command.report import files, show
from jaxminuit.command.report.matrix import eigenvalues
from jaxminuit.command.report.minos import NONE_VALID
from jaxminuit.command.report.table import Columns, matrix_word
from jaxminuit.command.run import Run
from jaxminuit.command.setting import list_warnings, option

RELEASE = "96.03"  # of the original, whose print-out this is


def run_show(run: Run) -> None:
    """SHOW xxx."""
    name = option(run.word)
    if name is None:
        run.say(*show.unknown_option(run.word), *show.options("SHOW"))
        return
    SHOWERS[name[:3].upper()](run)


def _fcn(run: Run) -> None:
    if run.state.parameters:
        run.value()
    run.table(Columns.NONE)


def _parameters(run: Run) -> None:
    if run.state.parameters:
        run.value()
    run.table()


def _limits(run: Run) -> None:
    if run.state.parameters:
        run.value()
    run.table(Columns.LIMITS)


def _covariance(run: Run) -> None:
    run.matrix()


def _correlations(run: Run) -> None:
    run.matrix(covariance=False)


def _eigenvalues(run: Run) -> None:
    matrix = run.state.matrix
    if matrix is None or not len(matrix):
        run.say(matrix_word(0))
        return
    run.say(*eigenvalues(scaled_eigenvalues(matrix)))


def _minos(run: Run) -> None:
    if all(p.minus is None and p.plus is None for p in run.state.parameters):
        run.say(*NONE_VALID)
        return
    run.table(Columns.MINOS, title=True)


def _warnings(run: Run) -> None:
    run.say(*show.warnings(run.state.warnings))
    if not run.state.warnings:
        list_warnings(run)


def _input(run: Run) -> None:
    run.say(*files.input_now(run.state.interactive, run.state.input_unit, run.state.input_name))


def _debug(run: Run) -> None:
    run.say(*show.debug_options({i for i, on in enumerate(run.state.debug) if on}))


SHOWERS: dict[str, Callable[[Run], None]] = {
    "FCN": _fcn,
    "PAR": _parameters,
    "LIM": _limits,
    "COV": _covariance,
    "COR": _correlations,
    "PRI": lambda run: run.say(*show.print_levels(run.state.print_level)),
    "NOG": lambda run: run.say(*show.gradient(run.state.user_gradient)),
    "GRA": lambda run: run.say(*show.gradient(run.state.user_gradient)),
    "ERR": lambda run: run.say(*show.error_definition(run.state.up)),
    "INP": _input,
    "WID": lambda run: run.say(*show.page_width(run.state.width)),
    "LIN": lambda run: run.say(*show.page_length(run.state.length)),
    "NOW": _warnings,
    "WAR": _warnings,
    "RAN": lambda run: run.say(*show.random_seed(run.state.seed)),
    "TIT": lambda run: run.say(*show.task_title(run.state.title)),
    "STR": lambda run: run.say(*show.strategies(run.state.strategy)),
    "EIG": _eigenvalues,
    "PAG": lambda run: run.say(*show.page_throw(run.state.throw)),
    "MIN": _minos,
    "EPS": lambda run: run.say(*show.accuracy(run.state.eps)),
    "OUT": lambda run: run.say(*files.output_unit(run.state.output_unit)),
    "BAT": _input,
    "INT": _input,
    "VER": lambda run: run.say(*show.version(RELEASE)),
    "DEB": _debug,
    "NOD": _debug,
    "SHO": lambda run: run.say(*show.options("SHOW")),
    "SET": lambda run: run.say(*show.options("SET")),
}
