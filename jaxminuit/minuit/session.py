"""Session: everything a Minuit object knows at one moment, immutable."""

import dataclasses
import functools
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.status import SideStatus
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.minuit.clock import Clock, Counts
from jaxminuit.minuit.views import default_step
from jaxminuit.problem import transform
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.strategy import STRATEGIES, Strategy

_COLUMNS = {"names", "values", "errors", "lower", "upper", "fixed"}


@dataclasses.dataclass(frozen=True, eq=False)
class Session:
    """One snapshot of a fit: the parameter table, the settings, and the results. Replaced as a whole, never changed.

    Attributes
    ----------
    names, values, errors, lower, upper, fixed
        The parameter table as NumPy arrays; errors are the steps of the next fit, and the errors of the last one.
    errordef, strategy, tol, precision
        Settings.
    minimum, minos
        Results, or None.
    current
        Whether the minimum belongs to the table as it is now (nothing was edited since).
    nfcn, ngrad, ng2, nhessian
        Totals of calls.
    made
        The table as Parameters, once they were asked for.
    seconds, compiling
        Time of the last fit and of Minos after it, and how much of it JAX compiled.
    """

    names: tuple[str, ...]
    values: np.ndarray
    errors: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fixed: np.ndarray
    errordef: float = 1.0
    strategy: Strategy = STRATEGIES[1]
    tol: float = 0.1
    precision: float | None = None
    minimum: FunctionMinimum | None = None
    minos: MinosErrors | None = None
    current: bool = False
    nfcn: int = 0
    ngrad: int = 0
    ng2: int = 0
    nhessian: int = 0
    seconds: float = 0.0
    compiling: float = 0.0
    made: Parameters | None = dataclasses.field(default=None, repr=False)

    @classmethod
    def start(cls, names: tuple[str, ...], values: np.ndarray, errordef: float) -> "Session":
        """Before the first fit: default steps, no limits, nothing fixed."""
        n = len(names)
        errors = np.array([default_step(v) for v in values])
        return cls(names, values, errors, np.full(n, -np.inf), np.full(n, np.inf), np.zeros(n, bool), errordef)

    def replace(self, **fields: Any) -> "Session":
        """A copy with some fields replaced."""
        made = None if fields.keys() & _COLUMNS else self.made
        return dataclasses.replace(self, **{"made": made, **fields})

    def edited(self, **columns: dict[int, Any]) -> "Session":
        """A copy with entries of the parameter table replaced: column name -> {position: entry}."""
        changed = {}
        for name, entries in columns.items():
            column = getattr(self, name).copy()
            for i, entry in entries.items():
                column[i] = entry
            changed[name] = column
        return self.replace(**changed, current=False)

    def parameters(self) -> Parameters:
        """The table as Parameters of one array; steps that cannot serve are replaced by the default.

        Made and sent to the device once for the same table: `made` remembers it.
        """
        made = self.made
        if made is None:
            made = self._parameters()
            object.__setattr__(self, "made", made)
        return made

    def _parameters(self) -> Parameters:
        usable = np.isfinite(self.errors) & (self.errors > 0)
        step = np.where(usable, self.errors, [default_step(v) for v in self.values])
        return _table(self.names).replace(
            values=self.values, step=step, lower=self.lower, upper=self.upper, fixed=self.fixed
        )

    def with_counts(self, counts: Counts) -> "Session":
        """A copy with more calls of the user's functions in its totals."""
        return self.replace(
            nfcn=self.nfcn + counts.nfcn,
            ngrad=self.ngrad + counts.ngrad,
            ng2=self.ng2 + counts.ng2,
            nhessian=self.nhessian + counts.nhessian,
        )

    def with_minimum(self, minimum: FunctionMinimum, before: tuple[int, int, int], clock: Clock) -> "Session":
        """A copy that has found a minimum: values and errors follow (fixed parameters keep theirs); no Minos errors.

        `before`: calls of the FCN, with gradient, and for Hessians that the minimum counts although they are in the
        totals already. Calls that the host counted itself take precedence.
        """
        counts = clock.counts
        if counts is None:
            made = (minimum.nfcn, minimum.ngrad, minimum.nhessian)
            nfcn, ngrad, nhessian = (int(n) - b for n, b in zip(made, before, strict=True))
            counts = Counts(nfcn, ngrad, 0, nhessian)
        return self.with_counts(counts).replace(
            values=np.asarray(minimum.values, dtype=float),
            errors=np.where(self.fixed, self.errors, np.asarray(minimum.errors)),
            minimum=minimum,
            minos=None,
            current=True,
            seconds=clock.seconds,
            compiling=clock.compiling,
        )

    def with_minos(self, found: MinosErrors, clock: Clock) -> "Session":
        """A copy with more Minos errors; a parameter done before is replaced."""
        nfcn = int(np.sum(found.nfcn))
        counts = Counts(nfcn, nfcn if clock.exact else 0) if clock.counts is None else clock.counts
        return self.with_counts(counts).replace(
            minos=_joined(self.minos, found),
            seconds=self.seconds + clock.seconds,
            compiling=self.compiling + clock.compiling,
        )

    def with_errordef(self, errordef: float) -> "Session":
        """A copy with another error definition; parabolic errors and covariance are scaled, Minos errors dropped."""
        new = self.replace(errordef=errordef, minos=None)
        if self.minimum is None:
            return new
        minimum = _rescaled(self.minimum, errordef)
        free = ~self.fixed & (self.errors == np.asarray(self.minimum.errors))
        return new.replace(minimum=minimum, errors=np.where(free, np.asarray(minimum.errors), self.errors))


@functools.lru_cache(maxsize=256)
def _table(names: tuple[str, ...]) -> Parameters:
    """Parameters of these names, whose numbers are to be replaced."""
    return Parameters(np.zeros(len(names)), names=names)


def _rescaled(m: FunctionMinimum, errordef: float) -> FunctionMinimum:
    """The same minimum for another UP: C is proportional to it, dx = sqrt(2 UP V_ii) internally.

    The EDM goal stays the one that the fit was judged by.
    """
    ratio = errordef / m.errordef
    internal = jnp.sqrt(jnp.maximum(2.0 * errordef * jnp.diagonal(m.inverse_hessian), 0.0))
    p = m.parameters
    errors = jnp.where(p.fixed, m.errors, transform.external_errors(m.u, internal, p.lower, p.upper))
    return eqx.tree_at(
        lambda t: (t.errordef, t.covariance, t.errors),
        m,
        (m.errordef * ratio, m.covariance * ratio, errors),
    )


def _joined(old: MinosErrors | None, new: MinosErrors) -> MinosErrors:
    """Rows that the new run did not do are taken from the old one."""
    if old is None:
        return new
    done = np.asarray(new.status) != SideStatus.NOT_RUN
    rows = {}
    for name in new.__dataclass_fields__:
        a, b = getattr(new, name), getattr(old, name)
        if name not in ("names", "fval", "rise"):
            rows[name] = jnp.where(done[:, None] if np.ndim(a) == 2 else done, a, b)
    return eqx.tree_at(lambda m: tuple(getattr(m, name) for name in rows), new, tuple(rows.values()))
