"""Data-driven mode: title, parameter definitions and commands, block after block (Minuit manual, section 3.2)."""

from collections.abc import Callable
from dataclasses import replace

from jaxminuit.command.beginning import first_call, read_definitions, read_title, set_title
from jaxminuit.command.covariance import set_covariance
from jaxminuit.command.ending import save_records
from jaxminuit.command.fixing import cleared
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.inputs import set_input
from jaxminuit.command.interpret import Outcome, interpret, is_echoed
from jaxminuit.command.interrupted import after_interrupt
from jaxminuit.command.parse import Command, parse_command
from jaxminuit.command.pictures import Picture
from jaxminuit.command.records import Stop, is_covariance, is_input_command, is_parameters, is_title_command
from jaxminuit.command.report import files, frame
from jaxminuit.command.run import END, EXIT, RETURN, UNKNOWN, UNREADABLE
from jaxminuit.command.saving import run_save
from jaxminuit.command.setting import TERMINAL
from jaxminuit.command.showing import RELEASE
from jaxminuit.command.state import EPS, State
from jaxminuit.command.streams import Closed, Inputs, Output, ReadError, Source
from jaxminuit.command.verdict import Verdict, complaint

MOST_ERRORS = 100
INCOMPLETE = "the input ends before the first command"
NO_END = "the input ends without EXIT, STOP or RETURN"


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
    tell
        Takes what is wrong with the input, at once.
    draw
        Takes what SCAN, CONTOUR or MNCONTOUR found, and the title, to make a picture; gives back what went wrong.

    Attributes
    ----------
    state
        The session.
    person
        Whether somebody sits at a terminal: input that ends a deck is then only refused.
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
        tell: Callable[[str], object] | None = None,
        draw: Callable[[Picture, str], str | None] | None = None,
    ):
        self.function, self.inputs = function, Inputs(primary, folder)
        self.saves, self.save_begun, self.interactive = saves, False, interactive
        self.person = interactive and primary.ask is not None
        self.state = State() if state is None else state
        if interactive:
            width, length, throw = TERMINAL
            self.state = replace(self.state, interactive=True, width=width, length=length, throw=throw)
        self.state = replace(self.state, input_unit=primary.unit, input_name=primary.name)
        self.outputs = {self.state.output_unit: Output(write)}
        self.outputs.update((unit, Output(other)) for unit, other in (units or {}).items())
        self.verdict, self.draw, self.ended = Verdict(tell), draw, False

    @property
    def status(self) -> int:
        """The exit status of the run."""
        return self.verdict.status

    @property
    def problems(self) -> list[str]:
        """What was wrong with the input, with file and line."""
        return self.verdict.problems

    def say(self, *lines: str) -> None:
        """Print lines on the present output unit."""
        self.outputs.get(self.state.output_unit, self.outputs[min(self.outputs)]).lines(lines)

    def run(self) -> int:
        """Everything, from the banner to the last line; the exit status."""
        self.say(frame.STARS, *frame.initialised(RELEASE, EPS), frame.STARS)
        reason = self._blocks()
        if reason.problem:
            self.problem(reason.problem, mended=reason.reason == "end of data")
        self.say(*frame.terminated("read error" if reason.reason == "end of data" else reason.reason))
        return self.status

    def _blocks(self) -> Stop:
        """Data blocks until the run ends; why it does."""
        block, complete = 0, False
        try:
            while True:
                block += 1
                self.say(*frame.data_block(block)[1 if block == 1 else 0 :])
                self.state = cleared(self.state)
                complete = block > 1
                read_title(self)
                complete = False
                read_definitions(self)
                first_call(self)
                complete = True
                self.commands()
        except Stop as stop:
            return stop
        except Closed:
            return Stop("exit")
        except ReadError as error:
            if self.ended:
                return Stop("end of data" if complete else "read error", NO_END if complete else INCOMPLETE)
            return Stop("read error", str(error))

    def problem(self, text: str, mended: bool = False) -> None:
        """Remember what is wrong, with file and line, and with those of the SET INPUT that led there."""
        here, *above = (f"{source.name}:{source.position}" for source in reversed(self.inputs.stack))
        self.verdict.problem(f"{here}: {text}" + (f" (read by {above[0]})" if above else ""), mended)

    def recovers(self, problem: str) -> bool:
        """Whether a person can go on after what would end a deck: told, and back at the terminal."""
        if not self.person:
            return False
        if not self.inputs.at_primary:
            self.problem(problem, mended=True)
        self.say(f" {problem}")
        self.to_primary()
        return True

    def to_primary(self) -> None:
        """Leave all nested inputs."""
        while not self.inputs.at_primary:
            self.revert()

    def read(self, prompt: str) -> str:
        """The next record of the present mode; files that end give way to those before them."""
        while True:
            try:
                record = self._record(prompt)
            except ReadError as error:
                ended = self.inputs.at_primary and self.inputs.current.ended
                if ended or not self.recovers(str(error)):
                    raise
            except KeyboardInterrupt:
                if not self.person:
                    raise
                self.to_primary()
            else:
                if record is not None:
                    return record

    def _record(self, prompt: str) -> str | None:
        """A record; None for one that changes where records come from."""
        source = self.inputs.current
        if self.state.interactive and source.ask is None:
            self.say(prompt)
        record = source.read(prompt if self.state.interactive else "")
        if record is None:
            self._end_of_file(files.end_of_data(source.unit))
        elif record[:4].upper() == "*EOF":
            self._end_of_file(files.end_mark(source.unit))
        elif is_input_command(record):
            set_input(self, record)
        else:
            return record
        return None

    def _end_of_file(self, lines: list[str]) -> None:
        self.say(*lines)
        if self.inputs.at_primary:
            self.say(*files.LAST_END)
            self.ended = True
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

    def commands(self) -> int:
        """Commands until END (code 10 returned), or until a Stop is raised by EXIT, STOP or RETURN."""
        errors = 0
        while errors <= MOST_ERRORS or self.person:
            try:
                record = self.read(frame.COMMAND_PROMPT)
            except Closed:
                record = "EXIT"
            outcome = self._command_of_person(record) if self.person else self.command(record)
            if outcome.code in (UNKNOWN, UNREADABLE):
                errors += 1
            if outcome.code == END:
                return END
            if outcome.code == EXIT:
                raise Stop("stop" if "STO" in record.upper() else "exit")
            if outcome.code == RETURN:
                raise Stop("return")
        return END

    def _command_of_person(self, record: str) -> Outcome:
        """A record that Ctrl-C can interrupt, and that cannot end the run by being wrong."""
        try:
            with self.function.ctrl_c.kept():
                outcome = self.command(record)
            if self.function.ctrl_c.waits:  # too late for this command, but not for the rest of a file
                self.to_primary()
            return outcome
        except KeyboardInterrupt as stop:
            self.state, lines = after_interrupt(self.state, self.function, record, stop)
            self.verdict.interrupted(parse_command(record).word)
            self.say(*self.function.take_printed(), *lines)
            self.to_primary()
        except (Stop, ReadError) as error:
            self.recovers(str(error))
        return Outcome(self.state, [])

    def command(self, record: str) -> Outcome:
        """Carry out one record that is no SET INPUT."""
        if is_title_command(record):
            set_title(self, self.read(frame.TITLE_PROMPT))
            return Outcome(self.state, [])
        if is_parameters(record):
            read_definitions(self)
            return Outcome(self.state, [])
        if is_covariance(record):
            set_covariance(self, record)
            return Outcome(self.state, [])
        command = parse_command(record)
        if command.readable and command.word[:3] in ("SAV", "PUN"):
            return self._save(command)
        outcome = interpret(self.state, self.function, command)
        self.say(*outcome.lines)
        self.state = outcome.state
        self._judge(outcome, command)
        self._draw(outcome.pictures)
        return outcome

    def _draw(self, pictures: tuple[Picture, ...]) -> None:
        if self.draw is None:
            return
        for picture in pictures:
            problem = self.draw(picture, self.state.title)
            if problem is not None:
                self.problem(problem)

    def _judge(self, outcome: Outcome, command: Command) -> None:
        """What a command says about the exit status; a person at the terminal has seen what is wrong."""
        problem = complaint(outcome, command.word)
        if problem is not None and not (self.person and self.inputs.at_primary):
            self.problem(problem, mended=self.person)
        self.verdict.fitted(outcome, command.word)

    def _save(self, command: Command) -> Outcome:
        self.state = replace(self.state, commands=self.state.commands + 1)
        if is_echoed(self.state, command):
            self.say(*frame.command_echo(self.state.commands, command.word + " ", command.arguments))
        self.state = replace(self.state, origin="SAVe", calls_before=self.state.nfcn)
        run_save(self, save_records(self.state))
        return Outcome(self.state, [])
