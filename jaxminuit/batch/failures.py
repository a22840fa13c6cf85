"""The ledger of toys that failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jaxminuit.batch.tables import Table, number
from jaxminuit.core.status import Status


class Failure(NamedTuple):
    """One toy that failed: its number, the words of its key, why, and where the fit ended."""

    index: int  # type: ignore[assignment]  # hides the method of tuples
    key: np.ndarray
    status: Status
    values: np.ndarray


@dataclass(frozen=True, repr=False)
class Failures(Table):
    """The ledger of the toys that failed in spite of all retries, in their order; iterates over `Failure`.

    Attributes
    ----------
    names
        Names of the n parameters.
    index, key, status, values
        (m,) Numbers of the toys, (m, words) of their keys, (m,) codes of `Status`, (m, n) where the fits ended.
    """

    names: tuple[str, ...]
    index: np.ndarray
    key: np.ndarray
    status: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return self.index.size

    def __iter__(self) -> Iterator[Failure]:
        for i, key, status, values in zip(self.index, self.key, self.status, self.values, strict=True):
            yield Failure(int(i), key, Status(int(status)), values)

    def _title(self) -> str:
        return f"{len(self)} toys failed" if len(self) else "no toy failed"

    def _table(self) -> list[Sequence[str]]:
        rows = [(str(f.index), *(number(x, 6) for x in f.values), str(f.status)) for f in self]
        return [("toy", *self.names, "status"), *rows] if rows else [("",)]
