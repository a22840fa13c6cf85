"""One command on its way: the state as it changes, and the lines that it prints."""

from dataclasses import replace

import numpy as np

from jaxminuit.command.functions import UserFunction
from jaxminuit.command.pictures import Picture
from jaxminuit.command.report.frame import NEW_START
from jaxminuit.command.report.matrix import matrix_and_correlations
from jaxminuit.command.report.rows import Matrix, Row, Status
from jaxminuit.command.report.table import Columns, columns_for, parameter_table
from jaxminuit.command.report.warning import KEPT, warning
from jaxminuit.command.state import Parameter, State, Warn, limits

NORMAL, BLANK, UNREADABLE, UNKNOWN, FAILED = 0, 1, 2, 3, 4
END, EXIT, RETURN = 10, 11, 12
NEAR_LIMIT = 1e-3  # |cos u| below which a parameter counts as being at its limit


class Run:
    """What a command works on. The state itself is never changed, only exchanged.

    Parameters
    ----------
    state
        The state before the command.
    function
        The user's FCN.
    word, arguments
        The command in upper case, and its numeric arguments.
    """

    def __init__(self, state: State, function: UserFunction, word: str = "", arguments: tuple[float, ...] = ()):
        self.state, self.function, self.word, self.arguments = state, function, word, arguments
        self.lines: list[str] = []
        self.pictures: list[Picture] = []
        self.code = NORMAL
        self.quiet = 0  # by how much the print level is lowered inside another command

    @property
    def level(self) -> int:
        """The print level."""
        return self.state.print_level - self.quiet

    def argument(self, i: int) -> float:
        """The argument at a place, counted from 0; 0 where there is none."""
        return self.arguments[i] if i < len(self.arguments) else 0.0

    def number(self, i: int) -> int:
        """The argument at a place as a whole number, cut as in Fortran; absurd ones become -1."""
        value = self.argument(i)
        return int(value) if abs(value) < 1e9 else -1

    def say(self, *lines: str) -> None:
        """Print lines."""
        self.lines += self.function.take_printed()
        self.lines += lines

    def update(self, **fields) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **fields)

    def begins(self, origin: str, result: str | None = None) -> None:
        """The values from here on come from another command."""
        self.update(origin=origin, calls_before=self.state.nfcn)
        if result is not None:
            self.update(result=result)

    def warn(self, origin: str, message: str) -> None:
        """A warning: printed, or kept while warnings are suppressed."""
        if self.state.warnings and self.state.print_level >= 0:
            self.say(*warning(f"{origin:<8}", message))
        else:
            kept = (*self.state.kept, Warn(self.state.nfcn, origin, message))[-KEPT:]
            self.update(kept=kept, suppressed=self.state.suppressed + 1)

    def value(self) -> float:
        """The FCN value at the present parameters, from a new call if it is not known."""
        if self.state.fcn is None:
            if self.level >= 1:
                self.say(*NEW_START)
            self.update(fcn=self.call(4), nfcn=self.state.nfcn + 1)
        return self.state.fval

    def call(self, iflag: int) -> float:
        """Call the FCN at the present parameters; what it prints comes among the lines."""
        value = self.function.value(self.state.vector(), len(self.state.variable), iflag)
        self.lines += self.function.take_printed()
        return value

    def table(self, columns: Columns | None = None, title: bool = False) -> None:
        """Print the parameter table; by default with the columns of SHOW PARAMETERS."""
        state = self.state
        columns = columns_for(state.matrix_status) if columns is None else columns
        rows = [row_of(p) for p in state.parameters]
        self.say(*parameter_table(rows, self.status(), columns, state.title if title else None))

    def status(self) -> Status:
        """The heading of tables."""
        s = self.state
        calls = s.nfcn - s.calls_before
        return Status(
            s.fcn, s.edm, s.origin, s.result, calls, s.nfcn, s.strategy, s.matrix_status, s.dcovar, s.up
        )  # fmt: skip

    def matrix(self, covariance: bool = True) -> None:
        """Print the error matrix and the correlations, or these alone."""
        self.say(*matrix_and_correlations(matrix_of(self.state), self.state.width, covariance=covariance))


def row_of(p: Parameter) -> Row:
    """A parameter as the table wants it."""
    minus, plus = ("at limit" if end is not None and np.isinf(end) else end for end in (p.minus, p.plus))
    pair = limits(p) if p.limited else None
    gradient = p.gradient if np.isfinite(p.gradient) else 0.0
    near = p.limited and abs(np.cos(p.internal)) < NEAR_LIMIT
    return Row(p.number, p.name, p.value, p.error, p.kind, pair, p.step, gradient, p.internal, minus, plus, near)


def matrix_of(state: State) -> Matrix | None:
    """The error matrix as the print-out wants it."""
    if state.matrix is None:
        return None
    numbers = tuple(p.number for p in state.variable)
    return Matrix(state.covariance(), state.global_correlations(), numbers, state.matrix_status, state.up)
