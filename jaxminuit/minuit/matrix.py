"""Matrix: an error matrix whose rows have the names of the parameters."""

from typing import Any

import numpy as np

from jaxminuit.core.symmetric import correlation
from jaxminuit.minuit import html, text
from jaxminuit.minuit.views import positions


class Matrix(np.ndarray):
    """A square array over all parameters, indexed by name, number, slice or list (fixed parameters: zero rows).

    ``m["a", "b"]`` is one element, ``m["a"]`` one row as a plain array, ``m[["a", "c"]]`` and ``m[:2]`` are square
    sub-matrices that keep their names.

    Parameters
    ----------
    array
        (n, n) numbers.
    names
        n parameter names.

    Raises
    ------
    ValueError
        If the array is not square or does not fit the names.
    """

    names: tuple[str, ...] | None

    def __new__(cls, array: Any, names: Any) -> "Matrix":
        new = np.array(array, dtype=float).view(cls)
        names = tuple(names)
        if new.shape != (len(names), len(names)):
            raise ValueError(f"a matrix of {len(names)} parameters cannot have the shape {new.shape}")
        new.names = names
        return new

    def __array_finalize__(self, source: Any) -> None:
        names = getattr(source, "names", None)
        self.names = names if names is not None and self.shape == (len(names), len(names)) else None

    def __reduce__(self):
        return type(self), (np.asarray(self), self.names)

    def __getitem__(self, key: Any) -> Any:
        plain = np.asarray(self)
        if self.names is None or _is_numpys(key):
            return plain[key]
        if isinstance(key, tuple):
            if len(key) != 2:
                raise IndexError(f"a matrix has two indices, not {len(key)}")
            rows, columns = (positions(k, self.names) for k in key)
            if isinstance(rows, list) and isinstance(columns, list):
                block = plain[np.ix_(rows, columns)]
                return Matrix(block, [self.names[i] for i in rows]) if rows == columns else block
            return plain[rows, columns]
        where = positions(key, self.names)
        if not isinstance(where, list):
            return plain[where]
        return Matrix(plain[np.ix_(where, where)], [self.names[i] for i in where])

    def to_dict(self) -> dict[tuple[str, str], float]:
        """Elements of the upper triangle by pairs of names."""
        n = len(self)
        return {(self.names[i], self.names[j]): float(self[i, j]) for i in range(n) for j in range(i, n)}

    def to_table(self) -> tuple[list[list[str]], tuple[str, ...]]:
        """Rows of text, each with the name first, and the names as column heads."""
        return text.matrix_rows(self), self.names

    def correlation(self) -> "Matrix":
        """C_ij / sqrt(C_ii C_jj); 0 wherever a parameter is fixed, also on the diagonal."""
        plain = np.asarray(self)
        rho = np.array(correlation(plain))
        absent = np.diagonal(plain) == 0
        rho[absent] = 0.0
        rho[:, absent] = 0.0
        return Matrix(rho, self.names)

    def __str__(self) -> str:
        return str(np.asarray(self)) if self.names is None else text.matrix(self)

    def __repr__(self) -> str:
        return repr(np.asarray(self)) if self.names is None else np.array2string(np.asarray(self), precision=8)

    def _repr_html_(self) -> str | None:
        return None if self.names is None else html.matrix(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("<Matrix ...>" if cycle else str(self))


def _is_numpys(key: Any) -> bool:
    """Whether a key only means something to NumPy: a new axis, a mask of the whole matrix, arrays of index pairs."""
    if isinstance(key, tuple):
        return any(k is None for k in key) or any(isinstance(k, np.ndarray) for k in key)
    return key is None or (isinstance(key, np.ndarray) and key.ndim == 2)
