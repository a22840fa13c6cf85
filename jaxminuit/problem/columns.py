"""Columns and tables of other packages (pandas, pyarrow, awkward, uproot) as NumPy arrays, none of them imported.

What `numpy.asarray` would get wrong without a word is an error here: values that are missing (it makes NaN of them, or
forgets a mask) and categories (it gives labels as if they were measurements).
"""

from typing import Any

import numpy as np


def as_array(value: Any, what: str) -> np.ndarray:
    """A column, or anything else that NumPy reads, as an array. Of a table: (rows, columns).

    Raises
    ------
    ValueError
        Values are missing.
    TypeError
        A categorical column, or one that NumPy cannot read, such as a jagged one.
    """
    if is_table(value):
        names = names_of(value)
        if not names:
            raise ValueError(f"{what} is a table without columns")
        return np.stack([as_array(value[name], f"column {name!r} of {what}") for name in names], axis=-1)
    _check_present(value, what)
    if _is_categorical(value):
        raise TypeError(f"{what} is categorical: convert it to numbers first")
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:  # pyarrow and awkward raise ValueError, with what lies behind it below
        raise TypeError(f"{what} must be an array of real numbers: {str(error).splitlines()[0]}") from None
    if array.dtype.names is not None:
        raise TypeError(
            f"{what} must be an array of real numbers, not of records with fields {list(array.dtype.names)}"
        )
    return array


def is_column(value: Any) -> bool:
    """Whether this is a column or a table of another package, or an array with a mask."""
    return isinstance(value, np.ma.MaskedArray) or _package(value) in ("pandas", "pyarrow", "awkward")


def is_table(value: Any) -> bool:
    """Whether this is a table of named columns: a DataFrame, a pyarrow Table or RecordBatch, awkward records."""
    package = _package(value)
    if package == "pandas":
        return hasattr(value, "columns")
    if package == "pyarrow":
        return hasattr(value, "column_names")
    return package == "awkward" and bool(getattr(value, "fields", ()))


def names_of(table: Any) -> list[Any]:
    """Names of the columns of a table."""
    for attribute in ("column_names", "fields", "columns"):
        names = getattr(table, attribute, None)
        if names is not None:
            return list(names)
    raise TypeError(f"{table!r} is no table")


def _package(value: Any) -> str:
    return type(value).__module__.split(".")[0]


def _check_present(value: Any, what: str) -> None:
    """ValueError if values are missing; NaN in a column of floating-point numbers is a value."""
    missing = _number_missing(value)
    if missing:
        raise ValueError(f"{what} has {missing} missing values: drop them, or fill them")


def _number_missing(value: Any) -> int:
    if isinstance(value, np.ma.MaskedArray):
        return int(np.ma.count_masked(value))
    package = _package(value)
    if package == "pyarrow":
        return int(getattr(value, "null_count", 0))
    if package == "pandas" and hasattr(value, "isna") and _marks_missing(value):
        return int(np.sum(np.asarray(value.isna())))
    return 0


def _marks_missing(value: Any) -> bool:
    """Whether a column of pandas has a mark of its own for what is missing, other than NaN."""
    mark = getattr(getattr(value, "dtype", None), "na_value", np.nan)
    return not isinstance(mark, float)


def _is_categorical(value: Any) -> bool:
    kind = getattr(value, "dtype" if _package(value) == "pandas" else "type", None)
    return type(kind).__name__ in ("CategoricalDtype", "DictionaryType", "Categorical")
