"""FMin, Param, Params, MError, MErrors: what a Minuit object found, as plain data with iminuit's names."""

import dataclasses
import math
from collections import OrderedDict
from typing import Any

from jaxminuit.core.status import MatrixStatus, SideStatus, Status
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit import html, text
from jaxminuit.minuit.views import position

_HESSE_FAILED = (MatrixStatus.HESSE_FAILED, MatrixStatus.INVERT_FAILED, MatrixStatus.CALL_LIMIT)
_POSITIVE_DEFINITE = (MatrixStatus.ACCURATE, MatrixStatus.APPROXIMATE)


class _Shown:
    """Text on print, text or HTML in notebooks, by the functions of the same name in `text` and `html`."""

    __slots__ = ()
    _table: str
    _cycle = "<{} ...>"

    def __str__(self) -> str:
        return getattr(text, self._table)(self)

    def _repr_html_(self) -> str:
        return getattr(html, self._table)(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self._cycle.format(type(self).__name__) if cycle else str(self))

    def __init_subclass__(cls) -> None:
        """IPython takes the first class that has either, so a `__repr__` would come before an inherited method."""
        super().__init_subclass__()
        cls._repr_pretty_ = _Shown._repr_pretty_  # type: ignore[method-assign]

    def __dir__(self) -> list[str]:
        """Facts only: how such an object is made is the business of its class."""
        return [name for name in super().__dir__() if name != "of"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class FMin(_Shown):
    """Facts about one minimum.

    Attributes
    ----------
    algorithm
        What found it: Migrad, Simplex, or Hesse (at values that the user set).
    fval, edm, edm_goal, errordef
        FCN value, estimated distance to the true minimum, its goal, and the error definition.
    nfcn, ngrad, ng2, nhessian
        Total calls so far of the FCN, and those that also gave gradient, second derivatives, Hessian.
    reduced_chi2
        fval over degrees of freedom; NaN unless the FCN is a chi-square with data.
    is_valid, has_valid_parameters
        Whether the fit converged.
    has_covariance, has_accurate_covar, has_posdef_covar, has_made_posdef_covar, hesse_failed
        State of the error matrix.
    is_above_max_edm, has_reached_call_limit, has_parameters_at_limit
        Ten times the goal of the EDM exceeded; stopped by the call limit; a free parameter within half an error of a
        limit.
    time
        Seconds spent, those in which JAX traced and compiled included (the tables say how many).
    """

    algorithm: str
    edm: float
    edm_goal: float
    errordef: float
    fval: float
    has_accurate_covar: bool
    has_covariance: bool
    has_made_posdef_covar: bool
    has_parameters_at_limit: bool
    has_posdef_covar: bool
    has_reached_call_limit: bool
    has_valid_parameters: bool
    hesse_failed: bool
    is_above_max_edm: bool
    is_valid: bool
    nfcn: int
    ng2: int
    ngrad: int
    nhessian: int
    reduced_chi2: float
    time: float
    _compiling: float
    _message: str
    _table = "fmin"

    @classmethod
    def of(
        cls,
        minimum: FunctionMinimum,
        *,
        ndof: float,
        nfcn: int,
        ngrad: int,
        ng2: int = 0,
        nhessian: int,
        time: float,
        compiling: float = 0.0,
    ) -> "FMin":
        """From a FunctionMinimum, the degrees of freedom and the totals of a session."""
        status, matrix = Status(int(minimum.status)), MatrixStatus(int(minimum.matrix_status))
        fval, edm, goal, up = (float(x) for x in (minimum.fval, minimum.edm, minimum.goal, minimum.errordef))
        valid = status <= Status.AT_LIMIT and edm >= 0
        has_ndof = up == 1.0 and math.isfinite(ndof) and ndof > 0
        return cls(
            algorithm=minimum.algorithm,
            edm=edm,
            edm_goal=goal,
            errordef=up,
            fval=fval,
            has_accurate_covar=matrix == MatrixStatus.ACCURATE,
            has_covariance=matrix != MatrixStatus.ABSENT and matrix not in _HESSE_FAILED,
            has_made_posdef_covar=matrix == MatrixStatus.MADE_POSITIVE_DEFINITE,
            has_parameters_at_limit=bool(minimum.at_limit.any()),
            has_posdef_covar=matrix in _POSITIVE_DEFINITE,
            has_reached_call_limit=status == Status.CALL_LIMIT,
            has_valid_parameters=valid,
            hesse_failed=matrix in _HESSE_FAILED,
            is_above_max_edm=not edm <= 10.0 * goal,
            is_valid=valid,
            nfcn=nfcn,
            ng2=ng2,
            ngrad=ngrad,
            nhessian=nhessian,
            reduced_chi2=fval / ndof if has_ndof else math.nan,
            time=time,
            _compiling=compiling,
            _message=status.message,
        )

    def _facts(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name[0] != "_"}

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, FMin):
            return NotImplemented
        pairs = zip(self._facts().values(), other._facts().values(), strict=True)
        return all(a == b or (a != a and b != b) for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]  # NaNs count as equal

    def __repr__(self) -> str:
        return "<FMin " + " ".join(f"{name}={fact!r}" for name, fact in self._facts().items()) + ">"


@dataclasses.dataclass(frozen=True)
class Param:
    """One row of the parameter table.

    Attributes
    ----------
    number, name, value, error
        Position, name, value, and parabolic error (before a fit: the first step).
    merror
        Minos errors (lower, upper), or None.
    is_const, is_fixed
        `is_const` is always False: Minuit's constants are fixed parameters here.
    lower_limit, upper_limit
        Limits, or None.
    """

    number: int
    name: str
    value: float
    error: float
    merror: tuple[float, float] | None
    is_const: bool
    is_fixed: bool
    lower_limit: float | None
    upper_limit: float | None

    @property
    def has_limits(self) -> bool:
        """Whether there is a limit on either side."""
        return self.has_lower_limit or self.has_upper_limit

    @property
    def has_lower_limit(self) -> bool:
        """Whether there is a lower limit."""
        return self.lower_limit is not None

    @property
    def has_upper_limit(self) -> bool:
        """Whether there is an upper limit."""
        return self.upper_limit is not None

    def __str__(self) -> str:
        return text.params([self])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("Param(...)" if cycle else str(self))


class Params(_Shown, tuple):
    """The parameter table: a tuple of Param that is also indexed by name."""

    __slots__ = ()
    _table = "params"
    _cycle = "{}(...)"

    @classmethod
    def of(cls, table: Any, merrors: Any) -> "Params":
        """From a table with the columns names, values, errors, lower, upper, fixed (a Session), and MErrors."""
        rows = zip(table.names, table.values, table.errors, table.lower, table.upper, table.fixed, strict=True)
        return cls(
            Param(
                number=i,
                name=name,
                value=float(value),
                error=float(error),
                merror=(merrors[name].lower, merrors[name].upper) if name in merrors else None,
                is_const=False,
                is_fixed=bool(fixed),
                lower_limit=float(low) if math.isfinite(low) else None,
                upper_limit=float(up) if math.isfinite(up) else None,
            )
            for i, (name, value, error, low, up, fixed) in enumerate(rows)
        )

    def __getitem__(self, key: int | slice | str) -> Any:  # type: ignore[override]
        if isinstance(key, str):
            return tuple.__getitem__(self, position(key, tuple(p.name for p in self)))
        found = tuple.__getitem__(self, key)
        return Params(found) if isinstance(key, slice) else found

    def to_table(self) -> tuple[list[list[Any]], list[str]]:
        """Rows (number, then texts) and the column heads."""
        head = ["pos", "name", "value", "error", "error-", "error+", "limit-", "limit+", "fixed"]
        return [[p.number, *text.param_row(p, limit="%s")] for p in self], head

    def __repr__(self) -> str:
        return tuple.__repr__(self)


@dataclasses.dataclass(frozen=True)
class MError(_Shown):
    """Minos errors of one parameter: `lower` is negative; `min` is the value at the minimum."""

    number: int
    name: str
    lower: float
    upper: float
    is_valid: bool
    lower_valid: bool
    upper_valid: bool
    at_lower_limit: bool
    at_upper_limit: bool
    at_lower_max_fcn: bool
    at_upper_max_fcn: bool
    lower_new_min: bool
    upper_new_min: bool
    nfcn: int
    min: float
    _table = "merror"

    @classmethod
    def of(cls, errors: MinosErrors, i: int) -> "MError":
        """Row i of MinosErrors."""
        low, up = SideStatus(int(errors.lower_status[i])), SideStatus(int(errors.upper_status[i]))
        return cls(
            number=i,
            name=errors.names[i],
            lower=float(errors.lower[i]),
            upper=float(errors.upper[i]),
            is_valid=max(low, up) <= SideStatus.AT_LIMIT,
            lower_valid=low <= SideStatus.AT_LIMIT,
            upper_valid=up <= SideStatus.AT_LIMIT,
            at_lower_limit=low == SideStatus.AT_LIMIT,
            at_upper_limit=up == SideStatus.AT_LIMIT,
            at_lower_max_fcn=low == SideStatus.CALL_LIMIT,
            at_upper_max_fcn=up == SideStatus.CALL_LIMIT,
            lower_new_min=low == SideStatus.NEW_MINIMUM,
            upper_new_min=up == SideStatus.NEW_MINIMUM,
            nfcn=int(errors.nfcn[i]),
            min=float(errors.values[i]),
        )

    __str__ = _Shown.__str__

    def __repr__(self) -> str:
        facts = " ".join(f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self))
        return f"<MError {facts}>"


class MErrors(_Shown, OrderedDict):
    """Minos errors by parameter name (or by position among those that were calculated)."""

    _table = "merrors"

    @classmethod
    def of(cls, errors: MinosErrors | None) -> "MErrors":
        """From MinosErrors, without the parameters that were not done."""
        if errors is None:
            return cls()
        done = [i for i, status in enumerate(errors.status) if int(status) != SideStatus.NOT_RUN]
        return cls((errors.names[i], MError.of(errors, i)) for i in done)

    def __getitem__(self, key: str | int) -> MError:
        if isinstance(key, str):
            return OrderedDict.__getitem__(self, key)
        names = tuple(self)
        return OrderedDict.__getitem__(self, names[position(key, names)])

    def __repr__(self) -> str:
        return "<MErrors\n  " + ",\n  ".join(repr(error) for error in self.values()) + "\n>"
