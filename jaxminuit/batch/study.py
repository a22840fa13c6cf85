"""Study: the fits of many toys, and what they say about the fit."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from jaxminuit import plot
from jaxminuit.batch.columns import TOYS, fields_of
from jaxminuit.batch.failures import Failures
from jaxminuit.batch.pulls import NOT_GIVEN, Bias, Coverage, Pulls, bias_of, coverage_of, level, pulls_of, truth_of
from jaxminuit.batch.store import Directory, Memory, manifest_in
from jaxminuit.batch.tables import Table, number, tally, tally_of_ends, with_error
from jaxminuit.core.status import SideStatus, Status
from jaxminuit.core.types import present


@dataclass(frozen=True, repr=False)
class Study(Table):
    """The results of toys, one row each, in the order of their numbers, as NumPy arrays.

    Attributes
    ----------
    names
        Names of the p parameters.
    n
        How many toys were asked for. There are fewer rows where other processes have not finished their share.
    index, key
        (m,) Numbers of the toys and (m, words) words of their keys: toy i was generated with
        ``jax.random.fold_in(key, i)``, which is ``jax.random.wrap_key_data(study.key[row])``.
    values, errors
        (m, p) Fitted values and parabolic errors.
    fval, edm, nfcn
        (m,) FCN at the minimum, estimated distance to it, calls of the FCN.
    status, matrix_status, rung
        (m,) Codes of `Status`, `MatrixStatus`, `Rung`.
    minos_lower, minos_upper, minos_lower_status, minos_upper_status
        (m, p) Minos errors (negative and positive; NaN where there are none) with codes of `SideStatus`; None without
        Minos.
    start, fixed
        (p,) Start values, and which parameters are fixed.
    truth
        (p,) True values: those given to `toys`, else the start values.
    has_truth
        Whether they were given. If not, pulls, bias and coverage say that the start values were taken.
    cl
        Confidence level that Minos was run at, as it was given.
    """

    names: tuple[str, ...]
    n: int
    index: np.ndarray
    key: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    fval: np.ndarray
    edm: np.ndarray
    nfcn: np.ndarray
    status: np.ndarray
    matrix_status: np.ndarray
    rung: np.ndarray
    minos_lower: np.ndarray | None
    minos_upper: np.ndarray | None
    minos_lower_status: np.ndarray | None
    minos_upper_status: np.ndarray | None
    start: np.ndarray
    fixed: np.ndarray
    truth: np.ndarray
    has_truth: bool
    cl: float | None

    @classmethod
    def read(cls, store: str | os.PathLike, truth: Any = None) -> "Study":
        """The study in a directory as far as it is there, without going on with it.

        Parameters
        ----------
        store
            The directory.
        truth
            As in `toys`. Default: the start values.

        Raises
        ------
        ValueError
            If there is no study in the directory, or a file of it is damaged.
        ImportError
            If pyarrow is not installed.
        """
        path = Path(store)
        manifest = manifest_in(path)
        if manifest.kind != TOYS:
            raise ValueError(f"{path} holds no toys but a {manifest.kind}: read it by the call that made it")
        return study_of(Directory(path, manifest), truth)

    def __len__(self) -> int:
        return self.index.size

    @property
    def valid(self) -> np.ndarray:
        """(m,) Whether the fit converged and left a usable error matrix."""
        return self.status <= Status.AT_LIMIT

    @property
    def minos_valid(self) -> np.ndarray | None:
        """(m, p) Whether both ends of the Minos interval were found, or lie at a limit; None without Minos."""
        if self.minos_lower_status is None or self.minos_upper_status is None:
            return None
        return np.maximum(self.minos_lower_status, self.minos_upper_status) <= SideStatus.AT_LIMIT

    def pulls(self, truth: Any = None, *, minos: bool = False) -> Pulls:
        """(value - truth)/error of the valid toys, with mean and width.

        Parameters
        ----------
        truth
            True values: a mapping from names to numbers (parameters that are not in it are left out), the structure of
            the parameters, or a vector. Default: the truth given to `toys`, or else the start values.
        minos
            Whether to divide by the Minos error on the side of the truth. Default: by the parabolic error.

        Raises
        ------
        ValueError
            Unknown names, a wrong number of values, or no Minos errors although they are asked for.
        """
        difference, shown = self._difference(truth)
        errors = self.errors
        if minos:
            if self.minos_lower is None or self.minos_upper is None:
                raise ValueError("the study has no Minos errors: give toys(..., minos=[...])")
            _, deviations = level(self.cl)
            errors = np.where(difference < 0, self.minos_upper, -self.minos_lower) / deviations
            errors = np.where(present(self.minos_valid), errors, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            pulls = np.where(errors > 0, difference / errors, np.nan)
        return replace(pulls_of([self.names[i] for i in shown], pulls[:, shown]), about=self._about(truth))

    def bias(self, truth: Any = None) -> Bias:
        """Mean of value - truth over the valid toys, with its error; `truth` as in `pulls`."""
        difference, shown = self._difference(truth)
        errors = np.where(np.isfinite(difference), self.errors, np.nan)
        found = bias_of([self.names[i] for i in shown], difference[:, shown], errors[:, shown])
        return replace(found, about=self._about(truth))

    def coverage(self, truth: Any = None, cl: float | None = None) -> Coverage:
        """How often the intervals of the valid toys hold the truth, with binomial errors.

        Parameters
        ----------
        truth
            As in `pulls`.
        cl
            Confidence level of the parabolic intervals, as in `minos`: None (default) for that of the study's Minos,
            one standard deviation if none was given. Minos intervals have the level that they were made with.

        Raises
        ------
        ValueError
            Unknown names, a wrong number of values, a level that is not positive.
        """
        difference, shown = self._difference(truth)
        names = [self.names[i] for i in shown]
        nominal, deviations = level(self.cl if cl is None else cl)
        reach = np.where(self.errors > 0, deviations * self.errors, np.nan)
        minos = None
        if self.minos_lower is not None and self.minos_upper is not None:
            found = present(self.minos_valid)
            lower, upper = (np.where(found, x, np.nan) for x in (self.minos_lower, self.minos_upper))
            ends = (difference + lower)[:, shown], (difference + upper)[:, shown]
            minos = coverage_of(names, level(self.cl)[0], *ends)
        ends = (difference - reach)[:, shown], (difference + reach)[:, shown]
        return replace(coverage_of(names, nominal, *ends, minos), about=self._about(truth))

    def failures(self) -> Failures:
        """The ledger of the toys that failed in spite of all retries."""
        bad = ~self.valid
        return Failures(self.names, self.index[bad], self.key[bad], self.status[bad], self.values[bad])

    def draw_pulls(self, truth: Any = None, *, minos: bool = False, ax: Any = None) -> list[Any]:
        """Histograms of the pulls beside the unit Gaussian, one panel for each free parameter.

        Parameters
        ----------
        truth, minos
            As in `pulls`.
        ax
            matplotlib Axes, one for each parameter. Default: new ones in the current figure, which is emptied.

        Returns
        -------
        list of matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        p = self.pulls(truth, minos=minos)
        means, widths = map(with_error, p.mean, p.mean_error), map(with_error, p.width, p.width_error)
        about = "\ntruth: start values" if p.about else ""
        notes = [f"mean {mean}\nwidth {width}{about}" for mean, width in zip(means, widths, strict=True)]
        return plot.draw_pull_histograms(p.names, p.pulls, notes, ax=ax)

    def summary(self) -> str:
        """Numbers of toys by status, calls, and for each parameter mean, spread, mean error and pull."""
        return str(self)

    def _title(self) -> str:
        there = "" if len(self) == self.n else f" of {self.n}; the others are not there yet"
        about = self._about(None).replace(", with", "; below,")
        lines = [f"{len(self)} toys{there}, {np.sum(self.valid)} valid{about}"]
        lines += tally(self.status, self.rung, self.nfcn)
        if self.minos_lower_status is not None and self.minos_upper_status is not None:
            lines += tally_of_ends(self.minos_lower_status, self.minos_upper_status)
        return "\n".join(lines)

    def _table(self) -> list[Sequence[str]]:
        rows: list[Sequence[str]] = [
            (
                "",
                "truth" if self.has_truth else "start",
                "mean",
                "spread",
                "mean error",
                "mean of pulls",
                "width of pulls",
            )
        ]
        pulls, shown = self.pulls(), self._difference(None)[1]
        for k, i in enumerate(shown):
            values, errors = self.values[self.valid, i], self.errors[self.valid, i]
            spread = np.std(values, ddof=1) if values.size > 1 else np.nan
            numbers = (
                self.truth[i],
                values.mean() if values.size else np.nan,
                spread,
                errors.mean() if values.size else np.nan,
            )
            mean, width = (pulls.mean[k], pulls.mean_error[k]), (pulls.width[k], pulls.width_error[k])
            rows.append((self.names[i], *(number(x, 6) for x in numbers), with_error(*mean), with_error(*width)))
        return rows

    def _about(self, truth: Any) -> str:
        return NOT_GIVEN if truth is None and not self.has_truth else ""

    def _difference(self, truth: Any) -> tuple[np.ndarray, np.ndarray]:
        """(m, p) value - truth, NaN for toys that are not valid; numbers of the free parameters with a truth."""
        truth = self.truth if truth is None else truth_of(self.names, truth)
        difference = np.where(self.valid[:, None], self.values - truth, np.nan)
        return difference, np.flatnonzero(np.isfinite(truth) & ~self.fixed)


def study_of(store: Memory, truth: Any) -> Study:
    """The study from all chunks that are in a store now."""
    m = store.manifest
    store.load(range(m.chunks))
    parts = [store.columns[chunk] for chunk in sorted(store.columns) if chunk < m.chunks]
    fields = fields_of(parts, m.names, m.minos, m.n)
    start = np.array(m.start["values"], float)
    return Study(
        names=tuple(m.names),
        n=m.n,
        start=start,
        fixed=np.array(m.start["fixed"], bool),
        truth=start if truth is None else truth_of(m.names, truth),
        has_truth=truth is not None,
        cl=m.options["cl"],
        **fields,
    )
