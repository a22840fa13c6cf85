"""How a data block begins: title, parameter definitions, first call of the FCN (Minuit manual, section 3.2)."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.define import define
from jaxminuit.command.failures import place
from jaxminuit.command.functions import FunctionError
from jaxminuit.command.parse import BadDefinition, parse_definition
from jaxminuit.command.records import Stop, is_parameters, is_title_command
from jaxminuit.command.report import definitions, frame
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import Run

TITLE_LENGTH = 50


def read_title(deck) -> None:
    """The title of a block, which may have a SET TITLE before it, or be missing."""
    record = deck.read(frame.TITLE_PROMPT)
    if is_title_command(record):
        record = deck.read(frame.TITLE_PROMPT)
    elif is_parameters(record):
        record = ""
    set_title(deck, record)


def set_title(deck, record: str) -> None:
    """Another title."""
    title = "".join(c if c.isprintable() else "?" for c in record[:TITLE_LENGTH]).rstrip()
    deck.state = replace(deck.state, title=title)
    deck.say(*frame.title_read(title))


def read_definitions(deck) -> None:
    """Parameter definitions until a blank record; Stop at one that cannot be read, but for a person."""
    heading = True
    while True:
        record = deck.read(frame.PARAMETER_PROMPT)
        if is_parameters(record):
            continue
        if is_title_command(record):
            set_title(deck, deck.read(frame.TITLE_PROMPT))
            heading = True
            continue
        try:
            wanted = parse_definition(record)
        except BadDefinition as error:
            _bad_definition(deck, str(error))
            continue
        if wanted is None:
            break
        run = Run(deck.state, deck.function)
        done, heading = define(run, wanted, heading)
        deck.say(*run.lines)
        if done:
            deck.state = run.state
        else:
            _bad_definition(deck, f"parameter {wanted.number} cannot be defined")
    if not deck.state.interactive and deck.state.print_level >= 0:
        deck.say(*frame.definitions_end())


def _bad_definition(deck, problem: str) -> None:
    if deck.recovers(problem) or deck.state.interactive:
        deck.say(*definitions.TRY_AGAIN)
        return
    deck.say(*definitions.ERROR)
    raise Stop("parameters", problem)


def first_call(deck) -> None:
    """The FCN with IFLAG 1 and 4; Stop if it fails, but for a person."""
    deck.say(*frame.FIRST_CALL)
    run = Run(deck.state, deck.function)
    try:
        _first_values(deck, run)
    except FunctionError as error:
        deck.say(*run.lines, *deck.function.take_printed(), *frame.function_failed(error))
        if not deck.person:
            problem = f"the FCN failed at the first call: {error}{place(error.__cause__ or error)}"
            raise Stop("fcn", problem) from error
        return
    deck.state = run.state
    deck.say(*run.lines)


def _first_values(deck, run: Run) -> None:
    """Both calls, the table, and a third call if they differ."""
    first = run.call(1) if run.state.parameters else 0.0
    touched = deck.function.touched
    again = run.call(4) if run.state.parameters else first
    if not touched and not deck.function.touched:
        deck.say(*run.lines, *frame.NO_VALUE)
        raise Stop("fcn", "the FCN returned no value for IFLAG 1 and 4")
    run.update(fcn=again if run.state.parameters else None, nfcn=2, result="RESET")
    run.table(Columns.LIMITS)
    if touched and first != again and np.isfinite(first):
        third = run.call(4)
        run.update(fcn=third, nfcn=3)
        run.say(*frame.time_dependent(again, third))
