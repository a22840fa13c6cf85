"""The Fortran-callable routines as methods of an object (Minuit manual, section 3.3)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from jaxminuit.command.callable.opened import argument_list, finite, whole
from jaxminuit.command.callable.queries import Queries
from jaxminuit.command.callable.units import StandardInput
from jaxminuit.command.deck import Stop, is_parameters, is_title_command
from jaxminuit.command.define import define
from jaxminuit.command.errors import contour_of, draw_contour
from jaxminuit.command.functions import FunctionError
from jaxminuit.command.interpret import interpret
from jaxminuit.command.parse import MAX_COMMAND, BadDefinition, Command, Definition, parse_command, parse_definition
from jaxminuit.command.report import files, frame
from jaxminuit.command.run import BLANK, NORMAL
from jaxminuit.command.streams import MAX_NESTING, ReadError

REFUSED, END_OF_DEFINITIONS = 1, 2  # MNPARS
PARAMETERS, SET_INPUT, SET_TITLE, SET_COVARIANCE = 5, 6, 7, 8  # MNCOMD: records that only a deck can carry out
STACK_FULL = 1  # MNINPU
INVALID = -1  # MNCONT
BLANK_RECORD = " BLANK COMMAND IGNORED."


class Session(Queries):
    """Minuit as a program calls it: the routines are methods, and their output arguments are returned.

    Sessions do not know of each other, so several problems can be open at once. ``mninit`` comes first. FCNs are
    ``fcn(x)`` of one JAX array, x[i-1] being parameter i, or ``fcn(npar, grad, xval, iflag, futil)`` as in Fortran,
    which fills ``grad`` when ``iflag`` is 2 and returns the value, or None to leave it as it was. An exception in the
    FCN ends the command with code 9 and leaves the state as it was before; ``failure`` holds it.

    Parameters
    ----------
    stand : callable, optional
        Called, without arguments, by the command STANDARD.

    Attributes
    ----------
    state : State
        Everything that commands can change (read only).
    failure : Exception or None
        What the FCN raised in the last command.
    """

    def mnparm(self, num: int, chnam: str, stval: float, step: float, bnd1: float = 0.0, bnd2: float = 0.0) -> int:
        """``CALL MNPARM(NUM, CHNAM, STVAL, STEP, BND1, BND2, IERFLG*)``: define a parameter, or define it anew.

        Parameters
        ----------
        num : int
            Its number for the FCN, 1 to 100.
        chnam : str
            Its name; what is beyond ten characters is cut.
        stval, step : float
            Start value, and step or approximate error; a step of 0 makes a constant.
        bnd1, bnd2 : float, default 0
            Limits; none if both are 0.

        Returns
        -------
        ierflg : int
            0, or 1 if it cannot be defined: number out of range, equal limits, more than 50 variable parameters.

        Raises
        ------
        TypeError, ValueError
            If a number is none, or is not finite.
        """
        wanted = Definition(
            whole("num", num), str(chnam), *finite(stval=stval, step=step, bnd1=bnd1, bnd2=bnd2)
        )  # fmt: skip
        return self._define(wanted)

    def mnpars(self, chstr: str) -> int:
        """``CALL MNPARS(CHSTR, ICONDN*)``: define a parameter as a record of a deck does.

        Parameters
        ----------
        chstr : str
            The record, as in ``"15 'Lambda Mass' 1.2, 0.1"``.

        Returns
        -------
        icondn : int
            0, 1 if the definition is ignored because of an error, 2 if it ends the definitions (blank, number 0).
        """
        deck = self._deck
        try:
            wanted = parse_definition(chstr)
        except BadDefinition as error:
            deck.say(f" {error}")
            return REFUSED
        return END_OF_DEFINITIONS if wanted is None else self._define(wanted)

    def mnexcm(
        self, fcn: Callable, chcom: str, arglis: Any = (), narg: int | None = None, futil: Callable | None = None
    ) -> int:
        """``CALL MNEXCM(FCN, CHCOM, ARGLIS, NARG, IERFLG*, FUTIL)``: carry out a command.

        Parameters
        ----------
        fcn : callable
            The function to be minimised.
        chcom : str
            The command without its numbers, as in ``"SET PRINT"``.
        arglis : sequence of float or float, default ()
            Its numeric arguments.
        narg : int, optional
            How many of them count; all by default.
        futil : callable, optional
            Passed to the FCN as its last argument; None or 0: none.

        Returns
        -------
        ierflg : int
            0 done; 1 blank; 3 unknown command or wrong arguments; 4 not converged; 9 the FCN raised an exception;
            10 END, 11 EXIT or STOP, 12 RETURN.

        Raises
        ------
        TypeError, ValueError
            If `fcn` has another number of arguments than one or five, or `arglis` holds what is no number.
        """
        command = Command(str(chcom)[:MAX_COMMAND].upper(), argument_list(arglis, narg))
        return self._execute(fcn, futil, command, str(chcom)[:MAX_COMMAND])

    def mncomd(self, fcn: Callable, chstr: str, futil: Callable | None = None) -> int:
        """``CALL MNCOMD(FCN, CHSTR, ICONDN*, FUTIL)``: carry out a command that is given as a record.

        Parameters
        ----------
        fcn : callable
            The function to be minimised.
        chstr : str
            The command with its numbers, as in ``"MINOS 500 1 2"``.
        futil : callable, optional
            Passed to the FCN as its last argument.

        Returns
        -------
        icondn : int
            As for MNEXCM, or 2 if the record is unreadable. 5 PARAMETERS, 6 SET INPUT, 7 SET TITLE, 8 SET COVARIANCE:
            nothing is done, since more records would have to follow.
        """
        record = str(chstr).lstrip(" ").upper()
        if not record:
            self._with(fcn, futil).say(BLANK_RECORD)
            return BLANK
        if is_parameters(record):
            self._heading = True
            return PARAMETERS
        preempted = {"SET INP": SET_INPUT, "SET COV": SET_COVARIANCE}.get(record[:7])
        if is_title_command(record):
            return SET_TITLE
        return preempted or self._execute(fcn, futil, parse_command(str(chstr)), None)

    def mncont(
        self, fcn: Callable, num1: int, num2: int, npt: int, futil: Callable | None = None
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """``CALL MNCONT(FCN, NUM1, NUM2, NPT, XPT*, YPT*, NFOUND*, FUTIL)``: points of a contour at Fmin + UP.

        The FCN is minimised over the other parameters at each point.

        Parameters
        ----------
        fcn : callable
            The function to be minimised.
        num1, num2 : int
            Numbers of the two parameters.
        npt : int
            How many points are wanted, at least 4 and at most 101.
        futil : callable, optional
            Passed to the FCN as its last argument.

        Returns
        -------
        xpt, ypt : (nfound,) arrays
            The points; empty if there are none.
        nfound : int
            How many were found; 0 if fewer than four (or the FCN raised an exception), -1 if an argument is not valid.
        """
        deck, nothing = self._with(fcn, futil), np.zeros(0)
        first, second, size = whole("num1", num1), whole("num2", num2), whole("npt", npt)
        run = self._run("MNCONTOUR")
        try:
            with np.errstate(all="ignore"):  # numbers that overflow show in the print-out
                found = contour_of(run, first, second, size)
                if found is not None:
                    draw_contour(run, first, second, *found)
        except FunctionError as error:
            deck.say(*run.lines, *deck.function.take_printed(), *frame.function_failed(error))
            return nothing, nothing, 0
        run.say()
        self._take(run)
        return (nothing, nothing, INVALID) if found is None else (*found, len(found[0]))

    def mnintr(self, fcn: Callable, futil: Callable | None = None) -> None:
        """``CALL MNINTR(FCN, FUTIL)``: read commands from the input unit until END, EXIT, RETURN, STOP or its end.

        At a terminal there are prompts and questions, as in interactive mode.

        Parameters
        ----------
        fcn : callable
            The function to be minimised.
        futil : callable, optional
            Passed to the FCN as its last argument.
        """
        deck = self._with(fcn, futil)
        source, before = deck.inputs.current, deck.state.interactive
        typed = isinstance(source, StandardInput) and source.is_terminal()
        deck.interactive = before or typed
        deck.state = replace(deck.state, interactive=deck.interactive)
        try:
            deck.commands()
        except (Stop, ReadError):
            pass  # why has been printed
        finally:
            if typed:
                deck.state = replace(deck.state, interactive=before)
        deck.say(*frame.RETURNS)

    def mninpu(self, nunit: int) -> int:
        """``CALL MNINPU(NUNIT, IERR*)``: take the next commands from another unit.

        Parameters
        ----------
        nunit : int
            A unit that `open_unit` opened to be read; 0 goes back to the unit before.

        Returns
        -------
        ierr : int
            0, or 1 if ten units wait already.

        Raises
        ------
        ValueError
            If the unit is not open.
        """
        inputs, unit = self._deck.inputs, whole("nunit", nunit)
        if unit == 0 and inputs.at_primary:
            self._deck.say(*files.NOTHING_ABOVE)
        elif unit == 0:
            inputs.leave()
        elif unit not in inputs.opened:
            raise ValueError(f"nunit: unit {unit} is not open; open_unit({unit}, file) opens it")
        elif len(inputs.stack) > MAX_NESTING:
            self._deck.say(*files.TOO_DEEP)
            return STACK_FULL
        else:
            inputs.enter(unit)
        source = inputs.current
        self._deck.state = replace(self.state, input_unit=source.unit, input_name=source.name)
        return NORMAL

    def _define(self, wanted: Definition) -> int:
        run = self._run()
        done, self._heading = define(run, wanted, self._heading)
        self._deck.say(*run.lines)
        if not done:
            return REFUSED
        self._deck.state = run.state
        return NORMAL

    def _execute(self, fcn: Callable, futil: Callable | None, command: Command, echo: str | None) -> int:
        """Carry out a command; SAVE, which writes a file, is the deck's."""
        deck = self._with(fcn, futil)
        if command.readable and command.word[:3] in ("SAV", "PUN"):
            return deck.command(command.word).code
        outcome = interpret(deck.state, deck.function, command, echo)
        deck.say(*outcome.lines)
        deck.state = outcome.state
        return outcome.code
