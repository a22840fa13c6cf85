"""Data-driven mode: title, parameter definitions and commands, block after block (Minuit manual, section 3.2)."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from jaxminuit.command.define import define
from jaxminuit.command.ending import save_records
from jaxminuit.command.fixing import cleared
from jaxminuit.command.functions import FunctionError, UserFunction
from jaxminuit.command.inputs import set_input
from jaxminuit.command.interpret import FCN_FAILED, Outcome, interpret, is_echoed
from jaxminuit.command.parse import BadDefinition, Command, parse_command, parse_definition
from jaxminuit.command.report import definitions, files, frame
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import END, EXIT, FAILED, RETURN, UNKNOWN, UNREADABLE, Run
from jaxminuit.command.saving import run_save
from jaxminuit.command.setting import TERMINAL
from jaxminuit.command.showing import RELEASE
from jaxminuit.command.state import EPS, State, with_errors
from jaxminuit.command.streams import Inputs, Output, ReadError, Source

MOST_ERRORS = 100
SUCCESS, NOT_CONVERGED, BAD_INPUT = 0, 1, 2


class Stop(Exception):
    """The run ends, for a reason that frame.ENDS knows."""

    def __init__(self, reason: str, problem: str = ""):
        super().__init__(problem or reason)
        self.reason, self.problem = reason, problem


class Deck:
    """A run of Minuit that is driven by records.

    Parameters
    ----------
    function
        The user's FCN.
    primary
        Where records come from at first.
    write
        Takes the text of the print-out.
    interactive
        Whether a person answers questions and may try again.
    folder
        Where SET INPUT and SAVE look for files with a relative name.
    saves
        File of the unit that SAVE writes to; None: not opened.
    units
        Functions that take the print-out of further units, for SET OUTPUT.

    Attributes
    ----------
    state
        The session.
    status
        0, 1 if the last minimisation did not converge, 2 after input that could not be understood.
    problems
        What was wrong with the input, with file and line.
    """

    def __init__(
        self,
        function: UserFunction,
        primary: Source,
        write: Callable[[str], object],
        *,
        interactive: bool = False,
        folder: str = ".",
        saves: str | None = None,
        units: dict[int, Callable[[str], object]] | None = None,
        state: State | None = None,
    ):
        self.function, self.inputs = function, Inputs(primary, folder)
        self.saves, self.save_begun, self.interactive = saves, False, interactive
        self.state = State() if state is None else state
        if interactive:
            width, length, throw = TERMINAL
            self.state = replace(self.state, interactive=True, width=width, length=length, throw=throw)
        self.state = replace(self.state, input_unit=primary.unit, input_name=primary.name)
        self.outputs = {self.state.output_unit: Output(write)}
        self.outputs.update((unit, Output(other)) for unit, other in (units or {}).items())
        self.problems: list[str] = []
        self.failed = False

    @property
    def status(self) -> int:
        """The exit status of the run."""
        return BAD_INPUT if self.problems else NOT_CONVERGED if self.failed else SUCCESS

    def say(self, *lines: str) -> None:
        """Print lines on the present output unit."""
        self.outputs.get(self.state.output_unit, self.outputs[min(self.outputs)]).lines(lines)

    def run(self) -> int:
        """Everything, from the banner to the last line; the exit status."""
        self.say(frame.STARS, *frame.initialised(RELEASE, EPS), frame.STARS)
        reason, block = None, 0
        try:
            while True:
                block += 1
                self.say(*frame.data_block(block)[1 if block == 1 else 0 :])
                self.state = cleared(self.state)
                self._title()
                self._definitions()
                self._first_call()
                self.commands()
        except Stop as stop:
            reason = stop
        except ReadError as error:
            reason = Stop("read error", str(error))
        if reason.problem:
            self.problem(reason.problem)
        self.say(*frame.terminated(reason.reason))
        return self.status

    def problem(self, text: str) -> None:
        """Remember what is wrong, with file and line."""
        source = self.inputs.current
        self.problems.append(f"{source.name}:{source.position}: {text}")

    def read(self, prompt: str) -> str:
        """The next record of the present mode; files that end give way to those before them."""
        while True:
            if self.state.interactive:
                self.say(prompt)
            source = self.inputs.current
            record = source.read(prompt if self.state.interactive else "")
            if record is None:
                self._end_of_file(files.end_of_data(source.unit))
            elif record[:4].upper() == "*EOF":
                self._end_of_file(files.end_mark(source.unit))
            elif record.lstrip().upper().startswith("SET INP"):
                set_input(self, record)
            else:
                return record

    def _end_of_file(self, lines: list[str]) -> None:
        self.say(*lines)
        if self.inputs.at_primary:
            self.say(*files.LAST_END)
            return
        self.revert()

    def revert(self) -> None:
        """Go on with the input before."""
        self.inputs.leave()
        source = self.inputs.current
        interactive = self.interactive and self.inputs.at_primary
        self.state = replace(
            self.state, input_unit=source.unit, input_name=source.name, interactive=interactive
        )  # fmt: skip
        if self.state.print_level >= 0:
            self.say(*files.input_reverts(interactive, source.unit, source.name))

    def _title(self) -> None:
        record = self.read(frame.TITLE_PROMPT)
        if is_title_command(record):
            record = self.read(frame.TITLE_PROMPT)
        elif is_parameters(record):
            record = ""
        self._set_title(record)

    def _set_title(self, record: str) -> None:
        title = "".join(c if c.isprintable() else "?" for c in record[:50]).rstrip()
        self.state = replace(self.state, title=title)
        self.say(*frame.title_read(title))

    def _definitions(self) -> None:
        heading = True
        while True:
            record = self.read(frame.PARAMETER_PROMPT)
            if is_parameters(record):
                continue
            if is_title_command(record):
                self._set_title(self.read(frame.TITLE_PROMPT))
                heading = True
                continue
            try:
                wanted = parse_definition(record)
            except BadDefinition as error:
                self._bad_definition(str(error))
                continue
            if wanted is None:
                break
            run = Run(self.state, self.function)
            done, heading = define(run, wanted, heading)
            self.say(*run.lines)
            if done:
                self.state = run.state
            else:
                self._bad_definition(f"parameter {wanted.number} cannot be defined")
        if not self.state.interactive and self.state.print_level >= 0:
            self.say(*frame.definitions_end())

    def _bad_definition(self, problem: str) -> None:
        if self.state.interactive:
            self.say(*definitions.TRY_AGAIN)
            return
        self.say(*definitions.ERROR)
        raise Stop("parameters", problem)

    def _first_call(self) -> None:
        self.say(*frame.FIRST_CALL)
        run = Run(self.state, self.function)
        try:
            first = run.call(1) if run.state.parameters else 0.0
            touched = self.function.touched
            again = run.call(4) if run.state.parameters else first
            if not touched and not self.function.touched:
                self.say(*run.lines, *frame.NO_VALUE)
                raise Stop("fcn", "the FCN returned no value for IFLAG 1 and 4")
            run.update(fcn=again if run.state.parameters else None, nfcn=2, result="RESET")
            run.table(Columns.LIMITS)
            if touched and first != again and np.isfinite(first):
                third = run.call(4)
                run.update(fcn=third, nfcn=3)
                run.say(*frame.time_dependent(again, third))
        except FunctionError as error:
            self.say(*run.lines, *self.function.take_printed(), f" THE USER FUNCTION FAILED: {error}")
            raise Stop("fcn", str(error)) from error
        self.state = run.state
        self.say(*run.lines)

    def commands(self) -> int:
        """Commands until END (code 10 returned), or until a Stop is raised by EXIT, STOP or RETURN."""
        errors = 0
        while errors <= MOST_ERRORS:
            record = self.read(frame.COMMAND_PROMPT)
            outcome = self.command(record)
            if outcome.code in (UNKNOWN, UNREADABLE):
                errors += 1
            if outcome.code == END:
                return END
            if outcome.code == EXIT:
                raise Stop("stop" if "STO" in record.upper() else "exit")
            if outcome.code == RETURN:
                raise Stop("return")
        return END

    def command(self, record: str) -> Outcome:
        """Carry out one record that is no SET INPUT."""
        if is_title_command(record):
            self._set_title(self.read(frame.TITLE_PROMPT))
            return Outcome(self.state, [])
        if is_parameters(record):
            self._definitions()
            return Outcome(self.state, [])
        if record.lstrip().upper().startswith("SET COV"):
            return self._covariance(record)
        command = parse_command(record)
        if command.readable and command.word[:3] in ("SAV", "PUN"):
            return self._save(command)
        outcome = interpret(self.state, self.function, command)
        self.say(*outcome.lines)
        self.state = outcome.state
        self._judge(outcome, command)
        return outcome

    def _judge(self, outcome: Outcome, command: Command) -> None:
        """What a command says about the exit status."""
        if outcome.code in (UNREADABLE, UNKNOWN):
            self.problem(
                "a command that cannot be read" if outcome.code == UNREADABLE else f"{command.word}: not understood"
            )
        elif outcome.code == FCN_FAILED:
            self.problem(outcome.problem)
        elif command.word[:3] in ("MIG", "MIN", "SIM", "IMP", "MNC"):
            self.failed = outcome.code == FAILED

    def _save(self, command: Command) -> Outcome:
        self.state = replace(self.state, commands=self.state.commands + 1)
        if is_echoed(self.state, command):
            self.say(*frame.command_echo(self.state.commands, command.word + " ", command.arguments))
        self.state = replace(self.state, origin="SAVe", calls_before=self.state.nfcn)
        run_save(self, save_records(self.state))
        return Outcome(self.state, [])

    def _covariance(self, record: str) -> Outcome:
        """SET COVARIANCE: the lower triangle of the internal matrix follows, in fields of eleven columns."""
        self.state = replace(self.state, commands=self.state.commands + 1)
        self.say(*frame.record_echo(self.state.commands, record))
        n = len(self.state.variable)
        values: list[float] = []
        while len(values) < n * (n + 1) // 2:
            row = self.inputs.current.read()
            found = [_plain(row[i : i + 11]) for i in range(0, min(len(row.rstrip()), 77), 11)] if row else [None]
            if None in found:
                raise Stop("read error", "the error matrix cannot be read")
            values += found
        matrix = np.zeros((n, n))
        matrix[np.tril_indices(n)] = values[: n * (n + 1) // 2]
        matrix = matrix + np.tril(matrix, -1).T
        if n and np.all(np.isfinite(matrix)):
            self.state = with_errors(replace(self.state, matrix=matrix, matrix_status=3, dcovar=0.0))
        run = Run(self.state, self.function)
        run.matrix()
        if self.state.parameters:
            run.table(Columns.INTERNAL)
        self.say(*run.lines)
        return Outcome(self.state, [])


def _plain(word: str) -> float | None:
    try:
        value = float(word.upper().replace("D", "E"))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def is_title_command(record: str) -> bool:
    """Whether a record says that the next one is a title."""
    return record.lstrip().upper().startswith("SET TIT")


def is_parameters(record: str) -> bool:
    """Whether a record says that parameter definitions follow."""
    return record.lstrip().upper().startswith("PAR")
