"""Results as DataFrames."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np

from jaxminuit.batch.fits import Fits
from jaxminuit.batch.study import Study
from jaxminuit.core.status import MatrixStatus, Rung, SideStatus, Status
from jaxminuit.core.tree import is_traced
from jaxminuit.errors.contour_result import Contour
from jaxminuit.errors.profile import Profile
from jaxminuit.errors.result import MinosErrors
from jaxminuit.minimise.minimum import FunctionMinimum

Columns = dict[str, Any]


def to_pandas(result: Any, minos: MinosErrors | None = None) -> Any:
    """A result as a table.

    Parameters
    ----------
    result
        FunctionMinimum or MinosErrors: a row for each parameter. Fits or Study: a row for each fit or toy, with columns
        ``value:mu``, ``error:mu``, and with Minos errors ``lower:mu``, ``upper:mu`` and their statuses. Contour or
        Profile: a row for each point.
    minos
        For a FunctionMinimum: its Minos errors, for the columns ``lower`` and ``upper``. Default: these are NaN.

    Returns
    -------
    pandas.DataFrame
        Of a FunctionMinimum with the columns name, value, error, lower, upper (Minos errors), lower_limit, upper_limit
        (infinite where there is none), fixed. Codes are categories by name.

    Raises
    ------
    ImportError
        If pandas is not installed.
    TypeError
        A result of another kind, or one inside `jax.jit`, `vmap` or `grad`.
    ValueError
        Minos errors of other parameters, or for a result that has no use for them.
    """
    makers: dict[type, Callable[..., Any]] = {
        FunctionMinimum: _of_minimum, Fits: _of_fits, Study: _of_study, MinosErrors: _of_minos, Contour: _of_contour,
        Profile: _of_profile,
    }  # fmt: skip
    make = makers.get(type(result))
    if make is None:
        known = ", ".join(kind.__name__ for kind in makers)
        raise TypeError(f"only {known} can be shown as a DataFrame, not {type(result).__name__}")
    if is_traced(result):
        raise TypeError("a result inside jax.jit, vmap or grad has no numbers yet: make the table outside")
    if type(result) is not FunctionMinimum:
        if minos is not None:
            raise ValueError(f"minos belongs to a FunctionMinimum, not to {type(result).__name__}")
        return _pandas().DataFrame(make(result))
    if minos is not None and (not isinstance(minos, MinosErrors) or minos.names != result.names):
        raise ValueError("minos must be the MinosErrors of the same parameters")
    return _pandas().DataFrame(make(result, minos))


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError('a DataFrame needs pandas: pip install "jaxminuit[pandas]"') from error
    return pandas


def _named(codes: Any, kind: type[IntEnum]) -> Any:
    """Codes as a categorical column of names."""
    names = [code.name for code in kind]
    places = {int(code): i for i, code in enumerate(kind)}
    return _pandas().Categorical.from_codes([places[int(code)] for code in np.asarray(codes)], names)


def _of_minimum(m: FunctionMinimum, minos: MinosErrors | None) -> Columns:
    if np.ndim(m.fval) > 0:
        raise TypeError("a batch of minima has no rows for parameters: use fit_many, or take one of them")
    p, nothing = m.parameters, np.full(len(m.names), np.nan)
    return {
        "name": list(m.names),
        "value": np.asarray(m.values),
        "error": np.asarray(m.errors),
        "lower": nothing if minos is None else np.asarray(minos.lower),
        "upper": nothing if minos is None else np.asarray(minos.upper),
        "lower_limit": np.asarray(p.lower),
        "upper_limit": np.asarray(p.upper),
        "fixed": np.asarray(p.fixed),
    }


def _of_minos(e: MinosErrors) -> Columns:
    if np.ndim(e.rise) > 0:
        raise TypeError("a batch of Minos errors has no rows for parameters: take one of them")
    return {
        "name": list(e.names),
        "value": np.asarray(e.values),
        "lower": np.asarray(e.lower),
        "upper": np.asarray(e.upper),
        "lower_status": _named(e.lower_status, SideStatus),
        "upper_status": _named(e.upper_status, SideStatus),
        "valid": np.asarray(e.valid),
    }


def _each(names: Any, **matrices: Any) -> Columns:
    """Columns ``word:name`` of matrices (rows, parameters)."""
    whole = {word: np.asarray(matrix) for word, matrix in matrices.items()}
    return {f"{word}:{name}": matrix[:, i] for word, matrix in whole.items() for i, name in enumerate(names)}


def _sides(names: Any, lower: Any, upper: Any, lower_status: Any, upper_status: Any) -> Columns:
    """The same of Minos errors; parameters that Minos did not look at have no columns."""
    codes = {"lower_status": np.asarray(lower_status), "upper_status": np.asarray(upper_status)}
    done = [i for i in range(len(names)) if any(np.any(code[:, i] != SideStatus.NOT_RUN) for code in codes.values())]
    shown = [names[i] for i in done]
    columns = _each(shown, lower=np.asarray(lower)[:, done], upper=np.asarray(upper)[:, done])
    named = {f"{word}:{names[i]}": _named(code[:, i], SideStatus) for word, code in codes.items() for i in done}
    return columns | named


def _rows(fits: Any) -> Columns:
    """What a row of Fits and of a Study have in common."""
    return {
        "fval": np.asarray(fits.fval),
        "edm": np.asarray(fits.edm),
        "valid": np.asarray(fits.valid),
        "status": _named(fits.status, Status),
        "matrix_status": _named(fits.matrix_status, MatrixStatus),
        "rung": _named(fits.rung, Rung),
        "nfcn": np.asarray(fits.nfcn),
        **_each(fits.names, value=fits.values, error=fits.errors),
    }


def _of_fits(fits: Fits) -> Columns:
    e = fits.minos_errors
    sides = {} if e is None else _sides(fits.names, e.lower, e.upper, e.lower_status, e.upper_status)
    return _rows(fits) | sides


def _of_study(study: Study) -> Columns:
    s, sides = study, {}
    if s.minos_lower is not None:
        sides = _sides(s.names, s.minos_lower, s.minos_upper, s.minos_lower_status, s.minos_upper_status)
    return {"index": s.index, **_rows(s), **sides}


def _of_contour(c: Contour) -> Columns:
    if np.ndim(c.rise) > 1:
        raise TypeError("a batch of contours has no rows for points: take one of them")
    rise, points, status = np.atleast_1d(c.rise), np.asarray(c.points), np.asarray(c.status)
    points, status = points.reshape(rise.size, -1, 2), status.reshape(rise.size, -1)
    size = points.shape[1]  # one more than there are statuses where the first point is repeated
    status = np.concatenate([status, status[:, : size - status.shape[1]]], axis=1).reshape(-1)
    x, y = c.names
    return {
        x: points[..., 0].reshape(-1),
        y: points[..., 1].reshape(-1),
        "rise": np.repeat(rise, size),
        "status": _named(status, SideStatus),
        "valid": status <= SideStatus.AT_LIMIT,
    }


def _of_profile(p: Profile) -> Columns:
    if np.ndim(p.x) > 1:
        raise TypeError("a batch of profiles has no rows for points: take one of them")
    return {
        p.name: np.asarray(p.x),
        "fval": np.asarray(p.fval),
        "status": _named(p.status, Status),
        "valid": np.asarray(p.valid),
        "nfcn": np.asarray(p.nfcn),
    }
