"""Matrix: an error matrix whose rows have the names of the parameters."""

from typing import Any, Self

import numpy as np

from jaxminuit.core.symmetric import correlation
from jaxminuit.minuit import html, text
from jaxminuit.minuit.views import positions


class Matrix(np.ndarray):
    """A square array over all parameters, indexed by name, number, slice or list (fixed parameters: zero rows).

    ``m["a", "b"]`` is one element, ``m["a"]`` one row, whose elements have names too (``m["a"]["b"]``).
    ``m[["a", "c"]]`` and ``m[:2]`` are square sub-matrices that keep their names. Assignments take the same keys. In
    calculations it is an array like any other.

    Parameters
    ----------
    array
        (n, n) numbers. Or the names, if they are all that is given: then the elements are 0.
    names
        n parameter names.

    Raises
    ------
    TypeError
        If there are no names, or they are neither a tuple, a list nor a dict.
    ValueError
        If the array is not square or does not fit the names.
    """

    names: tuple[str, ...] | None

    def __new__(cls, array: Any, names: Any = None) -> Self:
        """A matrix of an array, with names of its rows unless they are None."""
        if names is None:
            array, names = None, array
        if not isinstance(names, tuple | list | dict):
            raise TypeError(f"parameters must be a tuple or a dict of names, not {names!r}")
        names = tuple(names)
        new = np.array(np.zeros((len(names),) * 2) if array is None else array, dtype=float).view(cls)
        if new.shape != (len(names), len(names)):
            raise ValueError(f"a matrix of {len(names)} parameters cannot have the shape {new.shape}")
        new.names = names
        return new

    def __array_finalize__(self, source: Any) -> None:
        names = getattr(source, "names", None)
        fits = names is not None and self.ndim in (1, 2) and set(self.shape) == {len(names)}
        self.names = names if fits else None

    def __reduce__(self):
        if self.names is None or self.ndim == 1:
            return _plain_again, (np.array(self), self.names)
        return type(self), (np.array(self), self.names)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names, or the positions as text where the rows have no names."""
        return tuple(map(str, range(len(self)))) if self.names is None or self.ndim != 2 else self.names

    def __getitem__(self, key: Any) -> Any:
        found = np.asarray(self)[self._index(key)]
        if self.names is None or self.ndim == 1 or _is_numpys(key):
            return found
        rows, columns = (positions(k, self.names) for k in (key if isinstance(key, tuple) else (key, key)))
        if isinstance(rows, list) and rows == columns:
            return Matrix(found, [self.names[i] for i in rows])
        if not isinstance(key, tuple):
            found = found.view(type(self))
            found.names = self.names
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        np.asarray(self)[self._index(key)] = value

    def _index(self, key: Any) -> Any:
        """What a key means to NumPy."""
        if self.names is None or _is_numpys(key):
            return key
        if self.ndim == 1:
            return _translated(key, self.names)
        if not isinstance(key, tuple):
            where = positions(key, self.names)
            return np.ix_(where, where) if isinstance(where, list) else where
        if len(key) != 2:
            raise IndexError(f"a matrix has two indices, not {len(key)}")
        rows, columns = (positions(k, self.names) for k in key)
        return np.ix_(rows, columns) if isinstance(rows, list) and isinstance(columns, list) else (rows, columns)

    def to_dict(self) -> dict[tuple[str, str], float]:
        """Elements of the upper triangle by pairs of names."""
        plain, n = np.asarray(self), len(self)
        return {(self.labels[i], self.labels[j]): float(plain[i, j]) for i in range(n) for j in range(i, n)}

    def to_table(self) -> tuple[list[list[str]], tuple[str, ...]]:
        """Rows of text, each with the name first, and the names as column heads."""
        return text.matrix_rows(self), self.labels

    def correlation(self) -> "Matrix":
        """C_ij / sqrt(C_ii C_jj); 0 wherever a parameter is fixed, also on the diagonal."""
        plain = np.asarray(self)
        rho = np.array(correlation(plain))
        absent = np.diagonal(plain) == 0
        rho[absent] = 0.0
        rho[:, absent] = 0.0
        return Matrix(rho, self.labels)

    def __str__(self) -> str:
        return text.matrix(self) if self._is_square() else repr(self)

    def __repr__(self) -> str:
        return str(np.asarray(self))

    def _repr_html_(self) -> str:
        return html.matrix(self) if self._is_square() else f"<pre>{self!r}</pre>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("<Matrix ...>" if cycle else str(self))

    def _is_square(self) -> bool:
        return self.ndim == 2 and self.shape[0] == self.shape[1] > 0


def _plain_again(array: np.ndarray, names: tuple[str, ...] | None) -> Matrix:
    """A Matrix that is no square of named rows, from its pickled parts."""
    new = array.view(Matrix)
    new.names = names
    return new


def _translated(key: Any, names: tuple[str, ...]) -> Any:
    """A key of one row with positions for names."""
    named = isinstance(key, str | list) or (isinstance(key, slice) and str in (type(key.start), type(key.stop)))
    return positions(key, names) if named else key


def _is_numpys(key: Any) -> bool:
    """Whether a key only means something to NumPy: a new axis, a mask of the whole matrix, arrays of index pairs."""
    if isinstance(key, tuple):
        return any(k is None for k in key) or any(isinstance(k, np.ndarray) for k in key)
    return key is None or (isinstance(key, np.ndarray) and key.ndim == 2)
