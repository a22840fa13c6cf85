"""Impacts: how far one parameter moves when another is moved by its error and all are fitted again."""

from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import numpy as np

from jaxminuit.batch.arguments import check_valid, checked_options, usual_steps
from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.tables import ShownTable
from jaxminuit.core.status import SideStatus, Status
from jaxminuit.errors.result import MinosErrors
from jaxminuit.fit.checks import asked_for
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.plot.impacts import draw_impacts
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.parameters import Parameters


class Impacts(ShownTable):
    """Impacts of m parameters on one, side 0 the lower and side 1 the upper.

    Attributes
    ----------
    minimum
        The fit from which the parameters were moved.
    poi, names
        The parameter of interest, and those that were moved.
    shifts
        (m, 2) By how much each was moved, with its sign; cut at limits.
    impacts
        (m, 2) Change of the parameter of interest in the fit with the parameter fixed there; NaN where a fit failed.
    status
        (m, 2) Codes of `Status` of these fits.
    pulls, constraints
        (m,) (value - prior value) / prior error, and error / prior error; NaN without a prior.
    """

    minimum: FunctionMinimum
    shifts: np.ndarray
    impacts: np.ndarray
    status: np.ndarray
    pulls: np.ndarray
    constraints: np.ndarray
    poi: str = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)

    @property
    def size(self) -> np.ndarray:
        """(m,) The larger of both impacts, without sign; NaN where both fits failed."""
        with np.errstate(invalid="ignore"):
            return np.fmax(np.abs(self.impacts[:, 0]), np.abs(self.impacts[:, 1]))

    @property
    def ranking(self) -> np.ndarray:
        """(m,) Positions of the parameters, the largest impact first; those without one last."""
        return np.argsort(-np.where(np.isnan(self.size), -1.0, self.size), kind="stable")

    @property
    def failed(self) -> int:
        """How many of the fits failed."""
        return int(np.sum(self.status > Status.AT_LIMIT))

    def draw(self, top: int = 20, axes: Any = None) -> Any:
        """The ranking: impacts as bars, and pulls as points with their constraints where there are priors.

        Parameters
        ----------
        top
            How many parameters to show. Default 20.
        axes
            matplotlib Axes for the impacts, or a pair of them for pulls and impacts. Default: the current figure.
        """
        order = self.ranking[:top]
        names = [self.names[i] for i in order]
        pulls = (self.pulls[order], self.constraints[order]) if np.any(np.isfinite(self.pulls)) else None
        return draw_impacts(names, self.impacts[order], pulls=pulls, poi=self.poi, axes=axes)

    def _remarks(self) -> list[str]:
        return [f"{self.failed} of {self.status.size} fits failed"] if self.failed else []

    def _title(self) -> str:
        i = self.minimum.parameters.index(self.poi)
        return f"impacts on {self.poi} = {float(self.minimum.values[i]):.6g} +- {float(self.minimum.errors[i]):.3g}"

    def _table(self) -> list[Sequence[str]]:
        columns = (*self.impacts.T, *self.shifts.T, self.pulls, self.constraints)
        rows = [(self.names[i], *(f"{c[i]:+.4g}" if np.isfinite(c[i]) else "-" for c in columns)) for i in self.ranking]
        return [("", "impact down", "impact up", "moved down", "moved up", "pull", "constraint"), *rows]


def impacts(
    fcn: AbstractFCN,
    minimum: FunctionMinimum,
    poi: str | int,
    parameters: Sequence | str | int | None = None,
    *,
    errors: MinosErrors | str | None = None,
    priors: Mapping | None = None,
    **options: Any,
) -> Impacts:
    """Fix each parameter at both ends of its error and fit all others again: what that does to one of them.

    All 2 m fits go through one queue, each from the minimum moved along the error matrix. For a parabolic FCN the
    impact of parameter i is +- C_ip / sigma_i.

    Parameters
    ----------
    fcn
        FCN or cost with its data.
    minimum
        The fit to them.
    poi
        Name or number of the parameter of interest.
    parameters
        Names or numbers of those to move. Default: all other free ones.
    errors
        None (default): parabolic errors. MinosErrors: both sides as they are there, where they are valid. "prior": the
        errors of `priors`, around the fitted value (the impact before the data constrain a parameter).
    priors
        Mapping from names to ``(value, error)``: knowledge from before the fit, for pulls and constraints.
    options
        Further arguments of `fit_many`: strategy, tol, gradient, max_calls, iterate, precision, lanes, devices,
        progress.

    Returns
    -------
    Impacts
        A fit that failed has its status there, and NaN as impact.

    Raises
    ------
    TypeError, ValueError
        A minimum that is not valid or not of one fit; parameters that are fixed, unknown, or the one of interest; an
        error that is not positive; errors "prior" without a prior.
    """
    options = checked_options(options)
    check_valid(minimum)
    p = minimum.parameters
    index = p.index(poi)
    moved = _moved(p, index, parameters)
    known = _priors(p, priors)
    x = np.asarray(minimum.values)
    low, high = np.asarray(p.lower)[moved], np.asarray(p.upper)[moved]
    ends = np.clip(x[moved, None] + _shifts(minimum, moved, errors, known), low[:, None], high[:, None])
    shifts = ends - x[moved, None]
    starts, fixed = _starts(minimum, moved, shifts)
    start = p.replace(values=starts, step=usual_steps(minimum), fixed=fixed)
    fits = fit_many(fcn, start, in_axes=None, **options)
    status = np.asarray(fits.status).reshape(shifts.shape)
    change = (np.asarray(fits.values)[:, index] - x[index]).reshape(shifts.shape)
    prior, error = known[moved].T
    return Impacts(
        minimum=minimum,
        shifts=shifts,
        impacts=np.where(status <= Status.AT_LIMIT, change, np.nan),
        status=status,
        pulls=(x[moved] - prior) / error,
        constraints=np.asarray(minimum.errors)[moved] / error,
        poi=p.names[index],
        names=tuple(p.names[i] for i in moved),
    )


def _moved(p: Parameters, index: int, parameters: Any) -> list[int]:
    """Positions of the parameters to move."""
    fixed = np.asarray(p.fixed)
    if fixed[index]:
        raise ValueError(f"the parameter of interest {p.names[index]} is fixed")
    if parameters is None:
        moved = [i for i in range(p.size) if i != index and not fixed[i]]
    else:
        moved = asked_for(p, parameters)
    if not moved:
        raise ValueError(f"there is no other free parameter than {p.names[index]}")
    for i in moved:
        if i == index:
            raise ValueError(f"{p.names[i]} is the parameter of interest, and cannot be moved")
        if fixed[i]:
            raise ValueError(f"{p.names[i]} is fixed, and has no error to be moved by")
    return moved


def _priors(p: Parameters, priors: Mapping | None) -> np.ndarray:
    """(n, 2) Prior values and errors; NaN where there is none."""
    known = np.full((p.size, 2), np.nan)
    for name, pair in ({} if priors is None else priors).items():
        pair = np.asarray(pair, float)
        if pair.shape != (2,) or not np.all(np.isfinite(pair)) or pair[1] <= 0:
            raise ValueError(f"the prior of {name} must be a value and a positive error, not {pair.tolist()}")
        known[p.index(name)] = pair
    return known


def _shifts(minimum: FunctionMinimum, moved: list[int], errors: Any, known: np.ndarray) -> np.ndarray:
    """(m, 2) By how much to move each parameter down and up."""
    names = [minimum.names[i] for i in moved]
    parabolic = np.asarray(minimum.errors)[moved, None] * np.array([-1.0, 1.0])
    if errors is None:
        shifts = parabolic
    elif isinstance(errors, MinosErrors):
        if errors.names != minimum.names or np.ndim(errors.rise) > 0:
            raise ValueError(f"errors are those of {errors.names}, not of one fit of {minimum.names}")
        shifts = np.stack([np.asarray(errors.lower)[moved], np.asarray(errors.upper)[moved]], axis=1)
        status = np.stack([np.asarray(errors.lower_status)[moved], np.asarray(errors.upper_status)[moved]], axis=1)
        shifts = np.where(status <= SideStatus.AT_LIMIT, shifts, parabolic)
    elif isinstance(errors, str) and errors == "prior":
        shifts = known[moved, 1:] * np.array([-1.0, 1.0])
        for k in np.flatnonzero(np.isnan(shifts[:, 0]))[:1]:
            raise ValueError(f"{names[k]} has no prior to take its error from")
    else:
        raise TypeError(f"errors must be None, MinosErrors or 'prior', not {errors!r}")
    for k in np.flatnonzero(~np.all(np.isfinite(shifts) & (shifts != 0), axis=1))[:1]:
        raise ValueError(f"the error of {names[k]} is not positive: {shifts[k].tolist()}")
    return shifts


def _starts(minimum: FunctionMinimum, moved: list[int], shifts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(2 m, n) Start values, moved along the error matrix but not over limits, and fixed flags."""
    p, n, covariance = minimum.parameters, minimum.values.size, np.asarray(minimum.covariance)
    variance = np.diagonal(covariance)[moved]
    slopes = covariance[moved] / np.where(variance > 0, variance, 1.0)[:, None]
    x = np.asarray(minimum.values) + slopes[:, None, :] * shifts[:, :, None]
    margin = 1e-3 * np.asarray(minimum.errors)
    low, high = np.asarray(p.lower) + margin, np.asarray(p.upper) - margin
    x = np.where(low < high, np.clip(x, low, high), np.asarray(minimum.values))
    for k, i in enumerate(moved):
        x[k, :, i] = float(minimum.values[i]) + shifts[k]
    fixed = np.broadcast_to(np.asarray(p.fixed), (len(moved), 2, n)).copy()
    fixed[np.arange(len(moved)), :, moved] = True
    x = np.where(np.asarray(p.fixed), np.asarray(minimum.values), x)
    return x.reshape(-1, n), fixed.reshape(-1, n)
