"""SET: everything that only changes how the session works."""

from collections.abc import Callable

import numpy as np

from jaxminuit.command.fixing import set_limits, set_parameter
from jaxminuit.command.gradients import set_gradient, set_no_gradient
from jaxminuit.command.report import files, show
from jaxminuit.command.report.rows import Message
from jaxminuit.command.report.warning import held_back
from jaxminuit.command.run import Run
from jaxminuit.command.state import with_errors

EXTRA = ("NODebug", "DEBug", "SHOw", "SET")
WORDS = (*show.OPTIONS, *EXTRA)
NARROWEST = 50
TERMINAL, PRINTED = (80, 30, 0), (120, 56, 1)  # width, length and page throw, interactive and in batch
LARGEST = 10**9
PAGE = 9999  # columns or lines that a page can have


def option(word: str) -> str | None:
    """The SET or SHOW word that a command means: its first three letters stand somewhere in columns 4 to 10."""
    part = word[3:10].upper()
    return next((name for name in WORDS if name[:3].upper() in part), None)


def run_set(run: Run) -> None:
    """SET xxx."""
    name = option(run.word)
    if name is None:
        run.say(*show.unknown_option(run.word), *show.options("SET"))
        return
    effect = SETTERS.get(name[:3].upper())
    if effect is None:
        run.say(*show.ILLEGAL)
        return
    effect(run)


def _print_level(run: Run) -> None:
    run.update(print_level=max(-LARGEST, run.number(0)))


def _errordef(run: Run) -> None:
    up = run.argument(0)
    up = up if 0 < up < 1e300 else 1.0
    if up == run.state.up:
        return
    run.update(up=up)
    run.state = with_errors(run.state.without_minos())


def _width(run: Run) -> None:
    run.update(width=min(max(run.number(0), NARROWEST), PAGE))


def _length(run: Run) -> None:
    run.update(length=min(run.number(0), PAGE))


def _throw(run: Run) -> None:
    run.update(throw=run.number(0))
    run.say(*show.page_throw(run.state.throw))


def _random(run: Run) -> None:
    run.update(seed=run.number(0))
    if run.level >= 1:
        run.say(*show.random_seed_set(run.state.seed))


def _strategy(run: Run) -> None:
    run.update(strategy=min(max(run.number(0), 0), 2))
    if run.level >= 1:
        run.say(*show.strategy_used(run.state.strategy))


def _eps(run: Run) -> None:
    if 0 < run.argument(0) < 0.1:
        run.update(eps=run.argument(0))
    run.say(*show.accuracy(run.state.eps))


def _warnings(run: Run) -> None:
    run.update(warnings=True)
    list_warnings(run)


def _no_warnings(run: Run) -> None:
    run.update(warnings=False)


def list_warnings(run: Run) -> None:
    """Print the warnings that were kept back, and forget them."""
    run.say(*held_back([Message(*entry) for entry in run.state.kept], run.state.suppressed))
    run.update(kept=(), suppressed=0)


def _batch(run: Run) -> None:
    _mode(run, False)


def _interactive(run: Run) -> None:
    _mode(run, True)


def _mode(run: Run, interactive: bool) -> None:
    run.update(interactive=interactive)
    if run.level >= 0:
        run.say(*files.input_now(interactive, run.state.input_unit, run.state.input_name))


def _output(run: Run) -> None:
    unit = run.number(0)
    if unit < 1:
        run.say(*show.ILLEGAL)
        return
    run.update(output_unit=unit)
    if run.level >= 0:
        run.say(*files.output_unit(unit))


def _debug(run: Run) -> None:
    number = run.number(0)
    if not 0 <= number < len(run.state.debug):
        run.say(*show.unknown_debug_option(number))
        return
    _switch(run, number, True)


def _no_debug(run: Run) -> None:
    number = run.number(0)
    if number < 0 or number >= len(run.state.debug):
        run.update(debug=(False,) * len(run.state.debug))
        return
    _switch(run, number, False)


def _switch(run: Run, number: int, on: bool) -> None:
    debug = np.array(run.state.debug)
    debug[number] = on
    run.update(debug=tuple(bool(flag) for flag in debug))


def _elsewhere(run: Run) -> None:
    """INPUT, TITLE and COVARIANCE read records, which only a deck has."""
    run.say(" ABOVE COMMAND IS ILLEGAL.   IGNORED")


SETTERS: dict[str, Callable[[Run], None]] = {
    "PAR": set_parameter,
    "LIM": set_limits,
    "PRI": _print_level,
    "NOG": set_no_gradient,
    "GRA": set_gradient,
    "ERR": _errordef,
    "WID": _width,
    "LIN": _length,
    "NOW": _no_warnings,
    "WAR": _warnings,
    "RAN": _random,
    "STR": _strategy,
    "PAG": _throw,
    "EPS": _eps,
    "OUT": _output,
    "BAT": _batch,
    "INT": _interactive,
    "DEB": _debug,
    "NOD": _no_debug,
    "INP": _elsewhere,
    "TIT": _elsewhere,
    "COV": _elsewhere,
}
