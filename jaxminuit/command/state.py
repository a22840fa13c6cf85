"""The state of a Minuit session: everything that a command can change, and nothing that it can do."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from jaxminuit.core.calls import default_calls
from jaxminuit.problem import transform

MAX_EXTERNAL = 100
MAX_VARIABLE = 50
EPS = 8.881784197001252e-16  # relative accuracy that Minuit finds for double precision
SEED = 12345

Matrix = np.ndarray


@dataclass(frozen=True)
class Parameter:
    """One defined parameter.

    `kind` is "variable", "fixed" (by a command) or "constant" (by its definition). Limits are None where absent.
    `minus` and `plus` are Minos errors: None if not calculated, inf if the limit was met first.
    """

    number: int
    name: str
    value: float
    error: float
    kind: str
    lower: float | None = None
    upper: float | None = None
    minus: float | None = None
    plus: float | None = None
    internal: float = 0.0
    gradient: float = float("nan")
    g2: float = float("nan")
    gstep: float = 0.0
    step: float = 0.0  # the last step taken, internal

    @property
    def variable(self) -> bool:
        """Whether fits vary it."""
        return self.kind == "variable"

    @property
    def limited(self) -> bool:
        """Whether it has limits."""
        return self.lower is not None


class Warn(NamedTuple):
    """A warning that was not printed at once."""

    calls: int
    origin: str
    message: str


@dataclass(frozen=True)
class State:
    """A session between two commands.

    Attributes
    ----------
    fcn, edm
        FCN value at the present parameters and the estimated distance to the minimum; None if unknown.
    matrix
        (n, n) Internal covariance of the n variable parameters, without UP; None where there is none.
    matrix_status, dcovar
        0 no matrix, 1 approximate, 2 made positive definite, 3 accurate; its relative uncertainty.
    minimised
        1 after a minimisation that converged, -1 after one that failed, 0 after parameters were changed.
    origin, result, calls_before
        Which command found the present values, how it ended, and the number of calls before it.
    order_fixed
        Numbers of the fixed parameters, in the order in which they were fixed.
    called_3
        FCN value at the last call with IFLAG=3.
    """

    parameters: tuple[Parameter, ...] = ()
    fcn: float | None = None
    edm: float | None = None
    up: float = 1.0
    nfcn: int = 0
    calls_before: int = 0
    origin: str = "CLEAR"
    result: str = "RESET"
    matrix: Matrix | None = None
    matrix_status: int = 0
    dcovar: float = 1.0
    minimised: int = 0
    strategy: int = 1
    print_level: int = 1
    user_gradient: bool = False
    eps: float = EPS
    seed: int = SEED
    title: str = ""
    width: int = 120
    length: int = 56
    throw: int = 1
    interactive: bool = False
    warnings: bool = True
    kept: tuple[Warn, ...] = ()
    suppressed: int = 0
    debug: tuple[bool, ...] = field(default=(False,) * 7)
    order_fixed: tuple[int, ...] = ()
    commands: int = 0
    called_3: float | None = None
    input_unit: int = 5
    input_name: str = ""
    output_unit: int = 6
    save_unit: int = 7

    @property
    def variable(self) -> tuple[Parameter, ...]:
        """The parameters that fits vary."""
        return tuple(p for p in self.parameters if p.variable)

    @property
    def highest(self) -> int:
        """The highest number of a defined parameter."""
        return max((p.number for p in self.parameters), default=0)

    @property
    def fval(self) -> float:
        """The FCN value; LookupError where it is not known."""
        if self.fcn is None:
            raise LookupError("the FCN value is not known")
        return self.fcn

    @property
    def call_limit(self) -> int:
        """The default limit on calls."""
        return default_calls(len(self.variable))

    def find(self, number: int) -> Parameter | None:
        """The parameter of that number, if it is defined."""
        return next((p for p in self.parameters if p.number == number), None)

    def parameter(self, number: int) -> Parameter:
        """The parameter of that number; LookupError where none is defined."""
        found = self.find(number)
        if found is None:
            raise LookupError(f"parameter {number} is not defined")
        return found

    def vector(self, length: int = 0) -> np.ndarray:
        """All values by number: entry i - 1 is parameter i, 0 where none is defined."""
        x = np.zeros(max(self.highest, length))
        for p in self.parameters:
            x[p.number - 1] = p.value
        return x

    def but(self, *changed: Parameter, **fields: Any) -> "State":
        """The state with some parameters exchanged (or added) and other fields replaced."""
        table = {p.number: p for p in self.parameters}
        table.update((p.number, p) for p in changed)
        return replace(self, parameters=tuple(table[i] for i in sorted(table)), **fields)

    def new_values(self, result: str = "RESET") -> "State":
        """Values were changed: no FCN value, no minimum, no Minos errors; a matrix is kept but not trusted."""
        status = min(self.matrix_status, 1)
        return self.without_minos(
            fcn=None, edm=None, minimised=0, matrix_status=status, dcovar=1.0, result=result, called_3=None
        )

    def redefined(self) -> "State":
        """The problem was changed: nothing is known any more."""
        return self.new_values().without_matrix()

    def without_matrix(self) -> "State":
        """No error matrix."""
        return replace(self, matrix=None, matrix_status=0, dcovar=1.0, edm=None)

    def without_minos(self, **fields: Any) -> "State":
        """No Minos errors."""
        cleared = (replace(p, minus=None, plus=None) for p in self.parameters)
        return replace(self, parameters=tuple(cleared), **fields)

    def covariance(self) -> Matrix | None:
        """(n, n) External covariance of the variable parameters, with UP."""
        if self.matrix is None:
            return None
        slope = np.array([derivative(p) for p in self.variable])
        return self.up * slope[:, None] * self.matrix * slope[None, :]

    def global_correlations(self) -> list[float]:
        """Global correlation coefficients of the variable parameters, 0 where there is no full matrix."""
        n = len(self.variable)
        if self.matrix is None or self.matrix_status < 1 or n == 0:
            return [0.0] * n
        try:
            inverse = np.linalg.inv(self.matrix)
        except np.linalg.LinAlgError:
            return [0.0] * n
        with np.errstate(all="ignore"):
            product = np.diagonal(self.matrix) * np.diagonal(inverse)
            rho = np.sqrt(np.clip(1.0 - 1.0 / product, 0.0, 1.0))
        return [float(r) for r in np.where(product > 1.0, rho, 0.0)]


def limits(p: Parameter) -> tuple[float, float]:
    """Its limits, infinite where absent."""
    return (-np.inf, np.inf) if p.lower is None or p.upper is None else (p.lower, p.upper)


def derivative(p: Parameter) -> float:
    """dx/du at its value."""
    lower, upper = limits(p)
    return float(transform.dint2ext(p.internal, lower, upper)) if p.limited else 1.0


def external_error(p: Parameter, spread: float) -> float:
    """The external error that an internal one stands for."""
    if not p.limited:
        return spread
    lower, upper = limits(p)
    return float(transform.external_errors(p.internal, spread, lower, upper))


def with_errors(state: State) -> State:
    """Parabolic errors from the matrix."""
    if state.matrix is None:
        return state
    spreads = np.sqrt(np.abs(np.diagonal(state.matrix)) * state.up)
    return state.but(
        *(replace(p, error=external_error(p, float(s))) for p, s in zip(state.variable, spreads, strict=True))
    )
