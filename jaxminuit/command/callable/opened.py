"""What every routine stands on: the state, the units, the FCN of the present call."""

from collections.abc import Callable
from dataclasses import replace
from operator import index
from typing import Any

import numpy as np

from jaxminuit.command.callable.called import CalledFunction, Functions
from jaxminuit.command.callable.units import Units, check_unit
from jaxminuit.command.deck import Deck
from jaxminuit.command.report import frame
from jaxminuit.command.run import Run
from jaxminuit.command.showing import RELEASE
from jaxminuit.command.state import EPS, SEED, State


class Opened:
    """A Minuit with a state and units of its own.

    Parameters
    ----------
    stand
        Called, without arguments, by the command STANDARD.
    """

    def __init__(self, stand: Callable | None = None):
        self.stand = stand
        self._units, self._functions = Units(), Functions()
        self._held: Deck | None = None
        self._heading = True  # whether the next definition comes below a heading

    @property
    def state(self) -> State:
        """Everything that commands can change: parameters, FCN value, error matrix, settings (read only)."""
        return self._deck.state

    @property
    def failure(self) -> BaseException | None:
        """The exception that the FCN raised in the last command, None if it raised none."""
        function = self._deck.function
        return function.failure if isinstance(function, CalledFunction) else None

    def open_unit(self, unit: int, file: Any, mode: str = "r") -> None:
        """Connect a unit with a file, as OPEN does in Fortran.

        Units that are not opened are standard input and standard output; SAVE needs one that is opened.

        Parameters
        ----------
        unit : int
            Its number, 1 to 999.
        file : str, path or text stream
            What is read or written. SAVE writes to files that are named, not to streams.
        mode : {"r", "w", "a"}, default "r"
            To read, to write anew (what the file holds is lost), or to append.

        Raises
        ------
        ValueError
            For another mode, or a number that no unit can have.
        OSError
            If the file cannot be opened.
        """
        self._units.open(unit, file, mode)
        if self._held is not None and unit == self.state.save_unit:
            self._connect_save()

    def close_unit(self, unit: int) -> None:
        """Disconnect a unit from its file, as CLOSE does in Fortran.

        Parameters
        ----------
        unit : int
            Its number; nothing happens if it is not open.
        """
        self._units.close(unit)
        if self._held is not None and unit == self.state.save_unit:
            self._connect_save()

    def mninit(self, ird: int = 5, iwr: int = 6, isav: int = 7) -> None:
        """``CALL MNINIT(IRD, IWR, ISAV)``: initialise Minuit.

        All is forgotten but the state of the random generator and the units that are open.

        Parameters
        ----------
        ird, iwr, isav : int
            Units of the commands that MNINTR reads, of the print-out, and of SAVE. What was not opened before is
            standard input and standard output; SAVE saves nothing then.

        Raises
        ------
        ValueError
            For a number that no unit can have.
        """
        for name, unit in (("ird", ird), ("iwr", iwr), ("isav", isav)):
            check_unit(name, unit)
        seed = SEED if self._held is None else self.state.seed
        state = State(output_unit=iwr, save_unit=isav, seed=seed)
        primary, outputs = self._units.source(ird), self._units.outputs
        deck = Deck(CalledFunction(_no_fcn), primary, outputs[6].write, state=state)
        deck.outputs, deck.inputs.opened = outputs, self._units.sources
        self._held, self._heading = deck, True
        self._connect_save()
        deck.say(*frame.initialised(RELEASE, EPS))

    def mnseti(self, ctitle: str) -> None:
        """``CALL MNSETI(CTITLE)``: give the problem a title.

        Parameters
        ----------
        ctitle : str
            Up to 50 characters; what is beyond is cut.
        """
        deck = self._deck
        title = "".join(c if c.isprintable() else "?" for c in str(ctitle)[:50]).rstrip()
        deck.state = replace(deck.state, title=title)

    @property
    def _deck(self) -> Deck:
        if self._held is None:
            raise RuntimeError("Minuit is not initialised: call mninit (or mn_init) first")
        return self._held

    def _connect_save(self) -> None:
        """SAVE writes to the file of its unit: anew, or below what the unit holds already."""
        unit = self.state.save_unit
        self._deck.saves = self._units.path(unit)
        self._deck.save_begun = unit in self._units.appended or unit == self.state.output_unit

    def _with(self, fcn: Callable, futil: Callable | None) -> Deck:
        """The deck, with an FCN for the next command."""
        deck = self._deck
        deck.function = self._functions.find(fcn, futil, self.stand)
        return deck

    def _run(self, word: str = "") -> Run:
        """A run on the present state."""
        return Run(self.state, self._deck.function, word)

    def _take(self, run: Run) -> None:
        """Print what a run printed, and go on with its state."""
        self._deck.say(*run.lines)
        self._deck.state = run.state


def _no_fcn(x):
    """Stands for the FCN before the first command, and is never called."""
    raise RuntimeError("no FCN was given")


def whole(name: str, value) -> int:
    """A whole number, also if it comes as a float; TypeError for anything else."""
    try:
        return int(value) if isinstance(value, float | np.floating) and float(value).is_integer() else index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None


def finite(**values) -> tuple[float, ...]:
    """Numbers as floats; ValueError for one that is not finite, TypeError for what is no number."""
    found = []
    for name, value in values.items():
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise TypeError(f"{name} must be a number, not {value!r}") from None
        if not np.isfinite(number):
            raise ValueError(f"{name} must be finite, not {value!r}")
        found.append(number)
    return tuple(found)


def argument_list(arglis, narg=None) -> tuple[float, ...]:
    """The first `narg` numbers of a list, or of one number alone; TypeError or ValueError for anything else."""
    try:
        numbers = np.atleast_1d(np.asarray(() if arglis is None else arglis, dtype=float)).ravel()
    except (TypeError, ValueError):
        raise TypeError(f"arglis must hold numbers, not {arglis!r}") from None
    if narg is None:
        return tuple(numbers.tolist())
    count = whole("narg", narg)
    if not 0 <= count <= len(numbers):
        raise ValueError(f"narg must be from 0 to {len(numbers)}, the length of arglis, not {narg!r}")
    return tuple(numbers[:count].tolist())
