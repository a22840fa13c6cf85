"""Ctrl-C in a session: the command ends, the session goes on."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.engine import Engine
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.parse import parse_command
from jaxminuit.command.state import State
from jaxminuit.command.table import find
from jaxminuit.minimise.minimum import FunctionMinimum

KEEPING = ("MIGRAD", "MINIMIZE", "SIMPLEX")  # what they have found until then is kept
INTERRUPTED = ("", " INTERRUPTED.")
KEPT = " THE BEST POINT SO FAR IS KEPT, WITHOUT AN ERROR MATRIX."
UNCHANGED = " PARAMETERS ARE AS THEY WERE BEFORE THE COMMAND."


def after_interrupt(
    state: State, function: UserFunction, record: str, stop: KeyboardInterrupt
) -> tuple[State, list[str]]:
    """The session after Ctrl-C in the command of a record, and what to say.

    Migrad, Minimize and Simplex leave the best point that they had found (handed over as `stop.minimum` or
    `stop.session`), every other command the parameters of before.
    """
    row = find(parse_command(record).word)
    if row is None or row.name not in KEEPING:
        return state, [*INTERRUPTED, UNCHANGED]
    found, minimum = getattr(stop, "session", None), getattr(stop, "minimum", None)
    if isinstance(minimum, FunctionMinimum) and np.isfinite(minimum.fval):
        found = Engine(state, function).found(minimum, matrix=False)
    if found is None or found.fcn is None or (state.fcn is not None and not found.fcn < state.fcn):
        return state, [*INTERRUPTED, UNCHANGED]
    found = replace(found.without_matrix().without_minos(), minimised=-1, origin=row.origin, result="INTERRUPT")
    return found, [*INTERRUPTED, KEPT]
