"""Test statistics from ratios of profile likelihoods, for many data sets (Cowan et al., arXiv:1007.1727)."""

from dataclasses import replace
from typing import Any

import equinox as eqx
import numpy as np

from jaxminuit.batch.arguments import apart, checked_options, free_parameters
from jaxminuit.batch.asymptotic import BOUNDED, checked_kind
from jaxminuit.batch.axes import Batch, batch_of
from jaxminuit.batch.fit_many import checked_devices, checked_lanes, fit_many
from jaxminuit.batch.pairs import fit_pairs, suits
from jaxminuit.batch.progress import progress_of
from jaxminuit.batch.stages import Ends
from jaxminuit.core.shown import Shown
from jaxminuit.core.status import Status
from jaxminuit.core.tree import put_rows, select_rows
from jaxminuit.core.types import leaf
from jaxminuit.fit.job import Job
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.parameters import Parameters


class LikelihoodRatio(Shown):
    """Values of a test statistic for many data sets, with the two fits behind each; NumPy arrays.

    Attributes
    ----------
    q
        (fits,) The statistic; NaN where a fit failed, so that it cannot be used unnoticed.
    mu
        (fits,) Tested value of the parameter of interest.
    values, conditional_values
        (fits, n) All parameters at the minimum, and at that with the parameter of interest fixed to `mu`.
    errors
        (fits, n) Their parabolic errors at the minimum.
    fval, conditional_fval
        (fits,) FCN there.
    status, conditional_status
        (fits,) Codes of `Status`.
    tolerance
        (fits,) How accurate q is: the sum of both fits' goals of the estimated distance, over UP, and rounding.
    """

    q: np.ndarray
    mu: np.ndarray
    values: np.ndarray
    conditional_values: np.ndarray
    errors: np.ndarray
    fval: np.ndarray
    conditional_fval: np.ndarray
    status: np.ndarray
    conditional_status: np.ndarray
    tolerance: np.ndarray
    names: tuple[str, ...] = eqx.field(static=True)
    poi: str = eqx.field(static=True)
    kind: str = eqx.field(static=True)

    def __len__(self) -> int:
        return self.q.shape[0]

    @property
    def muhat(self) -> np.ndarray:
        """(fits,) The parameter of interest at the minimum (never below 0 for "qtilde" and "ttilde")."""
        return self.values[:, self.names.index(self.poi)]

    @property
    def valid(self) -> np.ndarray:
        """(fits,) Whether both fits are valid and the unconditional one is the lower of the two."""
        return np.isfinite(self.q)

    @property
    def failed(self) -> int:
        """How many have no value."""
        return int(np.sum(~self.valid))

    def rows(self, which: Any) -> "LikelihoodRatio":
        """Some of the data sets, chosen by a mask, slice or positions."""
        return replace(self, **{name: getattr(self, name)[which] for name in ARRAYS})

    def _text(self) -> str:
        lines = [f"{self.kind} of {self.poi} for {len(self)} data sets, {len(self) - self.failed} with a value"]
        pairs = (("unconditional", self.status), ("conditional", self.conditional_status))
        for name, status in pairs:
            codes, counts = np.unique(status[status > Status.AT_LIMIT], return_counts=True)
            lines += [f"  {m:>8}  {name} fits: {Status(int(c))}" for c, m in zip(codes, counts, strict=True)]
        good = (self.status <= Status.AT_LIMIT) & (self.conditional_status <= Status.AT_LIMIT)
        if below := int(np.sum(good & ~self.valid)):
            lines.append(f"  {below:>8}  unconditional fits that stayed above the conditional one")
        if np.any(self.valid):
            quantiles = np.nanquantile(self.q, [0.05, 0.5, 0.95])
            lines.append("  5 %, median, 95 %: " + ", ".join(f"{x:.4g}" for x in quantiles))
        return "\n".join(lines)


ARRAYS = (
    *("q", "mu", "values", "conditional_values", "errors", "fval", "conditional_fval", "status"),
    *("conditional_status", "tolerance"),
)


def likelihood_ratio(
    fcn: AbstractFCN,
    start: Parameters | FunctionMinimum,
    poi: str | int,
    mu: Any = None,
    *,
    kind: str = "qtilde",
    in_axes: Any = "auto",
    **options: Any,
) -> LikelihoodRatio:
    """Ratio of the profile likelihoods with one parameter fixed and free, for many data sets.

    With t = (F(mu) - F(muhat)) / UP, which is -2 ln lambda(mu), and arXiv:1007.1727 equations 8 to 16:
    "tmu" is t; "q0" is t at mu = 0, or 0 for muhat < 0; "qmu" is t, or 0 for muhat > mu; "ttilde" is t with muhat kept
    from falling below 0; "qtilde" (default) is that, or 0 for muhat > mu.

    All data sets are fitted in one queue with the parameter free, and in another, of the same program, with it fixed.
    Where the second ends lower, the first is done again from there.

    Fits of up to 6 parameters to up to 64 numbers take Newton's steps on exact Hessians, both of a pair in one program;
    what does not end in a plain minimum in 30 calls is done as all others, and so is everything if `max_calls` is given
    or the gradient is not exact.

    Parameters
    ----------
    fcn, in_axes
        As in `fit_many`. For one data set and many `mu`, ``in_axes=None``.
    start
        Parameters or a FunctionMinimum; its limits hold in both fits. A lower limit of 0 for the parameter of interest
        makes "tmu" the statistic of Feldman and Cousins. "qtilde" and "ttilde" set one at 0 where there is none.
    poi
        Name or number of the parameter of interest.
    mu
        Its tested value: a number, or (fits,). Not needed for "q0".
    options
        Further arguments of `fit_many`: strategy, tol, gradient, max_calls, iterate, precision, lanes, devices,
        progress. A smaller `tol` makes q more accurate than 0.004 tol. No Hessian is needed for q: ``strategy=0`` is
        about twice as fast, and compiles faster, where the fits are easy.

    Returns
    -------
    LikelihoodRatio

    Raises
    ------
    TypeError, ValueError
        Unknown kind or argument, a parameter that is fixed or unknown, mu outside its limits, as in `fit_many`.
    """
    options, (start, index) = checked_options(options), tested(start, poi, kind)
    mu = tested_values(start, index, mu, kind)
    shared = in_axes is None and mu.ndim == 1
    size = mu.shape[0] if shared else batch_of(fcn, start, in_axes).size
    for name, array in (("mu", mu), ("start", start.values[..., 0])):
        if array.ndim == 1 and array.shape[0] != size:
            raise ValueError(f"{name} has {array.shape[0]} values, but there are {size} data sets")
    mu, dtype = np.broadcast_to(mu, (size,)), start.values.dtype
    values = np.array(np.broadcast_to(start.values, (size, start.size)))
    fixed_values = np.array(values)
    fixed_values[:, index] = mu
    fixed = start.replace(values=fixed_values, fixed=start.fixed.at[..., index].set(True))
    options, progress = apart(options)
    batch = batch_of(fcn, start.replace(values=values), in_axes)
    with progress_of(progress, 2 * size) as shown:
        quick, left = _quickly(batch, index, mu, options, shown)
        if quick is None or left.size > 0:
            some, axes = batch.some(left)
            rows = start.replace(values=values[left]), fixed.replace(values=fixed_values[left])
            told = shown.inside("", quick is None)  # the others have been counted already
            found = _carefully(some, axes, *rows, start.names[index], options, told)
            quick = found if quick is None else put_rows(quick, left, found)
    free, conditional = quick
    raw, tolerance = _difference(free, conditional, dtype)
    return _result(free, conditional, raw, tolerance, mu, index, kind, start.names)


def _quickly(batch: Batch, index: int, mu, options: dict, shown) -> tuple[tuple[Ends, Ends] | None, np.ndarray]:
    """Both fits of the data sets by Newton's method where they are very small, and the numbers of those left over."""
    everything = np.arange(batch.size)
    given = {name: options.get(name) for name in ("max_calls", "precision")}
    strategy, tol, gradient = options.get("strategy", 1), options.get("tol", 0.1), options.get("gradient", "auto")
    one_fcn, one_start, _ = batch.one(0)
    job = Job(one_fcn, one_start, strategy, tol, gradient, given["max_calls"], "compiled", given["precision"])
    if given["max_calls"] is not None or not suits(batch, job):
        return None, everything
    devices, lanes = checked_devices(options.get("devices")), checked_lanes(options.get("lanes", "auto"))
    eps = None if given["precision"] is None else job.problem.precision.eps
    free, conditional = fit_pairs(batch, job, index, mu, lanes, devices, eps, shown)
    raw, tolerance = _difference(free, conditional, mu.dtype)
    nothing = free.status == Status.NOT_FINITE  # at the start, where every method begins
    return (free, conditional), np.flatnonzero(~nothing & ~(_both(free, conditional) & (raw >= -tolerance)))


def _carefully(fcn, axes, start, fixed, name: str, options: dict, shown) -> tuple[Ends, Ends]:
    """The same by `fit_many`, and by a second free fit from the end of the conditional one where that was lower."""

    def fitted(start, what, counts=True):
        fits = fit_many(fcn, start, in_axes=axes, progress=shown.inside(f"{what}: ", counts), **options)
        return Ends(*(leaf(np.asarray(getattr(fits, field))) for field in Ends._fields))

    values = np.asarray(start.values)
    free = fitted(start, "free")
    conditional = fitted(fixed, f"{name} fixed")
    raw, tolerance = _difference(free, conditional, values.dtype)
    if np.any(_both(free, conditional) & (raw < -tolerance)):
        # those that need it start where the conditional fit ended, the others where they are
        lower = np.where((raw < -tolerance)[:, None], conditional.values, free.values)
        again = start.replace(values=np.where(np.isfinite(lower), lower, values))
        free = _lower_of(free, fitted(again, "free again, from there", False))
    return free, conditional


def as_kind(t: LikelihoodRatio, kind: str) -> LikelihoodRatio:
    """The one-sided statistic that belongs to a two-sided one."""
    return replace(t, q=_one_sided(t.q, t.muhat, t.mu, kind), kind=kind)


def tested(start: Any, poi: str | int, kind: str) -> tuple[Parameters, int]:
    """Start values with the limits of the statistic, and the position of the parameter of interest."""
    checked_kind(kind)
    start = free_parameters(start)
    index = start.index(poi)
    if np.any(np.asarray(start.fixed)[..., index]):
        raise ValueError(f"the parameter of interest {start.names[index]} is fixed")
    if kind in BOUNDED:
        start = start.replace(lower=start.lower.at[..., index].max(0.0))
    return start, index


def tested_values(start: Parameters, index: int, mu: Any, kind: str) -> np.ndarray:
    """Tested values as an array; ValueError for those that cannot be tested."""
    if kind == "q0":
        if mu is not None and np.any(np.asarray(mu) != 0):
            raise ValueError(f"q0 tests the value 0, so that mu cannot be {mu!r}")
        mu = 0.0
    elif mu is None:
        raise ValueError(f"{kind} needs mu, the value to test")
    array = np.asarray(mu)
    if array.dtype.kind not in "iuf" or array.ndim > 1 or not np.all(np.isfinite(array)):
        raise ValueError(f"mu must be a finite number, or a vector of them, not {mu!r}")
    low, high = np.max(start.lower[..., index]), np.min(start.upper[..., index])
    for value in array[(array < low) | (array > high)].ravel()[:1]:
        raise ValueError(f"mu = {value:g} is outside the limits ({low:g}, {high:g}) of {start.names[index]}")
    return array.astype(start.values.dtype)


def _difference(free: Ends, conditional: Ends, dtype) -> tuple[np.ndarray, np.ndarray]:
    """(F(mu) - F(muhat)) / UP, and how far below 0 it can come by the goals of the fits and by rounding."""
    up, eps = np.asarray(free.errordef), np.finfo(dtype).eps
    raw = (np.asarray(conditional.fval) - np.asarray(free.fval)) / up
    rounding = 16.0 * eps * np.abs(np.asarray(conditional.fval))
    return raw, (np.asarray(free.goal) + np.asarray(conditional.goal) + rounding) / up


def _both(free: Ends, conditional: Ends) -> np.ndarray:
    return (np.asarray(free.status) <= Status.AT_LIMIT) & (np.asarray(conditional.status) <= Status.AT_LIMIT)


def _lower_of(first: Ends, second: Ends) -> Ends:
    """For each data set the second fit where it is valid and lower."""
    better = (second.status <= Status.AT_LIMIT) & ~(second.fval >= first.fval)
    return select_rows(better, second, first)


def _result(free: Ends, conditional: Ends, raw, tolerance, mu, index: int, kind: str, names) -> LikelihoodRatio:
    muhat = np.asarray(free.values)[:, index]
    good = _both(free, conditional) & (raw >= -tolerance)
    q = np.where(good, np.maximum(raw, 0.0), np.nan)
    return LikelihoodRatio(
        q=_one_sided(q, muhat, mu, kind),
        mu=np.asarray(mu),
        values=np.asarray(free.values),
        conditional_values=np.asarray(conditional.values),
        errors=np.asarray(free.errors),
        fval=np.asarray(free.fval),
        conditional_fval=np.asarray(conditional.fval),
        status=np.asarray(free.status),
        conditional_status=np.asarray(conditional.status),
        tolerance=tolerance,
        names=names,
        poi=names[index],
        kind=kind,
    )


def _one_sided(q, muhat, mu, kind: str):
    """0 where the data deviate to the side that does not count; NaN stays."""
    away = {"q0": muhat < 0.0, "qmu": muhat > mu, "qtilde": muhat > mu}.get(kind, False)
    return np.where(away & np.isfinite(q), 0.0, q)
