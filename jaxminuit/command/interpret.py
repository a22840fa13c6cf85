"""Interpretation: (state, command) -> (state, lines). Nothing is printed and no file is touched."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jax.errors import JaxRuntimeError

from jaxminuit.command.failures import debugging, in_words, internal_error, place
from jaxminuit.command.functions import FunctionError, UserFunction
from jaxminuit.command.parse import Command
from jaxminuit.command.pictures import Picture
from jaxminuit.command.report import frame
from jaxminuit.command.run import BLANK, END, EXIT, NORMAL, RETURN, UNKNOWN, UNREADABLE, Run
from jaxminuit.command.state import State
from jaxminuit.command.table import OBSOLETE, find

FCN_FAILED = 9
INTERNAL_ERROR = 14


class Outcome(NamedTuple):
    """What came of a command.

    Attributes
    ----------
    state
        The session afterwards; that of before if the FCN raised an exception.
    lines
        What is to be printed.
    code
        0 done, 1 blank, 2 unreadable, 3 unknown or wrong arguments, 4 not converged, 9 the FCN raised an exception,
        10 END, 11 EXIT and STOP, 12 RETURN, 14 an error of jaxminuit itself.
    problem
        The exception in words, with the line of the user's file.
    pictures
        What can be drawn of it.
    """

    state: State
    lines: list[str]
    code: int = NORMAL
    problem: str = ""
    pictures: tuple[Picture, ...] = ()


def interpret(state: State, function: UserFunction, command: Command, echo: str | None = None) -> Outcome:
    """Carry out one command; `echo` is how it is repeated, by default its words and a blank."""
    if not command.readable:
        return Outcome(state, [*command.problems, *frame.UNREADABLE], UNREADABLE)
    state = replace(state, commands=state.commands + 1)
    lines = list(command.problems)
    if is_echoed(state, command):
        lines += frame.command_echo(
            state.commands, f"{command.word.upper()} " if echo is None else echo, command.arguments
        )
    if not command.word.strip():
        return Outcome(state, [*lines, *frame.BLANK_COMMAND], BLANK)
    word, row = command.word, find(command.word)
    if row is None and word[:3] in OBSOLETE:
        old, new = OBSOLETE[word[:3]]
        lines += frame.obsolete(old, new)
        word, row = new.upper(), find(new)
    if row is None or row.effect is None:
        return Outcome(state, [*lines, *frame.unknown_command(command.word + " ")], UNKNOWN)
    run = Run(state, function, word, command.arguments)
    if row.origin is not None:
        run.begins(row.origin)
    try:
        with np.errstate(all="ignore"):  # numbers that overflow show in the print-out
            row.effect(run)
    except (FunctionError, JaxRuntimeError) as error:  # the latter from callbacks and checks of the FCN, or no memory
        words = str(error) if isinstance(error, FunctionError) else in_words(error)
        printed = function.take_printed()
        lines += [*run.lines, *printed, *frame.function_failed(words)]
        code = run.code if run.code in (END, EXIT, RETURN) else FCN_FAILED  # an end is one all the same
        return Outcome(state, lines, code, f"the FCN failed: {words}{place(error.__cause__ or error)}")
    except Exception as error:  # none is expected: the session goes on as it was, unless somebody looks for errors
        if debugging():
            raise
        lines += [*run.lines, *function.take_printed(), *internal_error(error)]
        return Outcome(state, lines, INTERNAL_ERROR, f"an error in jaxminuit: {in_words(error)}")
    run.say()
    return Outcome(run.state, lines + run.lines, run.code, pictures=tuple(run.pictures))


def is_echoed(state: State, command: Command) -> bool:
    """Commands are repeated at print level 0 and above, but not one that asks for silence."""
    silence = command.word[:7].upper() == "SET PRI" and command.arguments and command.arguments[0] < 0
    return state.print_level >= 0 and not silence
