"""The plain data that the print-out is made of."""

from typing import NamedTuple


class Status(NamedTuple):
    """What stands in the heading of a parameter table.

    Parameters
    ----------
    fcn, edm :
        Best value of the FCN and estimated distance to the minimum; None when unknown.
    origin, status :
        The words after FROM (8 characters) and STATUS= (10 characters); longer words are cut.
    calls, total :
        FCN calls since ``origin`` began, and all of them.
    strategy :
        0, 1 or 2.
    matrix :
        Quality of the error matrix: 0 none, 1 approximate, 2 forced positive-definite, 3 accurate.
    uncertainty :
        Estimated relative error of the matrix, 0 to 1 (what exceeds 1 is printed as 100 %).
    up :
        Error definition.
    """

    fcn: float | None
    edm: float | None = None
    origin: str = "PARAMETR"
    status: str = "RESET"
    calls: int = 0
    total: int = 0
    strategy: int = 1
    matrix: int = 0
    uncertainty: float = 1.0
    up: float = 1.0


class Row(NamedTuple):
    """One parameter.

    Parameters
    ----------
    number, name :
        External number and name (10 characters are printed).
    value, error :
        External value; step or error.
    kind :
        ``"variable"``, ``"fixed"`` or ``"constant"``.
    limits :
        (lower, upper), or None without limits.
    step, derivative, internal :
        Step, first derivative and value in internal coordinates.
    minus, plus :
        Minos errors: a number, None when not calculated, ``"at limit"`` when a limit stopped the search.
    at_limit :
        Whether the value is at one of its limits.
    """

    number: int
    name: str
    value: float
    error: float = 0.0
    kind: str = "variable"
    limits: tuple[float, float] | None = None
    step: float = 0.0
    derivative: float = 0.0
    internal: float = 0.0
    minus: float | str | None = None
    plus: float | str | None = None
    at_limit: bool = False


class Matrix(NamedTuple):
    """An external error matrix.

    Parameters
    ----------
    covariance :
        Rows of the matrix, (n, n), which includes the factor UP.
    global_correlations :
        (n,) global correlation coefficients.
    numbers :
        (n,) external numbers of the variable parameters.
    quality :
        0 to 3, as in Status.matrix.
    up :
        Error definition.
    """

    covariance: object
    global_correlations: object
    numbers: tuple[int, ...]
    quality: int = 3
    up: float = 1.0


class Point(NamedTuple):
    """A point of a line-printer plot and the character that stands for it; a blank one is the origin of the axes."""

    x: float
    y: float
    character: str = "*"


class Message(NamedTuple):
    """A warning that was kept back: the number of calls when it came up, who raised it, what it said."""

    calls: int
    origin: str
    message: str
