"""Toys done chunk by chunk and kept, with data for a few thousand of them in memory at a time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jaxminuit.batch import tuning
from jaxminuit.batch.columns import unflattened
from jaxminuit.batch.progress import Inside, progress_of
from jaxminuit.batch.store import Memory

# of a first toy and a number of toys: their columns; stages are told to the third argument
Work = Callable[[int, int, Inside], dict[str, np.ndarray]]


def fill(kept: Memory, share: tuple[int, int], progress: Any, numbers: int, work: Work, unit: str = "toys") -> None:
    """Do and keep the chunks of this process that are not there yet.

    Chunks are always whole, the last one too, so that n does not enter into any number. Toys are done in blocks of
    bounded memory; `numbers` are those of the data of one toy.
    """
    m = kept.manifest
    mine = range(share[0], m.chunks, share[1])
    kept.load(mine)
    sizes = {c: min(m.chunk, m.n - c * m.chunk) for c in mine}
    done = sum(size for c, size in sizes.items() if c in kept.columns)
    with progress_of(progress, sum(sizes.values()), unit, done) as shown:
        for c, size in sizes.items():
            if c not in kept.columns:
                kept.write(c, _chunk(c * m.chunk, m.chunk, longest(numbers), work, shown.inside()))
                shown.add(size)


def all_rows(kept: Memory, progress: Any, numbers: int, work: Work, unit: str = "toys") -> dict[str, Any]:
    """The arrays by field of all rows of a store of one process, after what was missing has been done."""
    fill(kept, (0, 1), progress, numbers, work, unit)
    m = kept.manifest
    return unflattened(m.kind, [kept.columns[chunk] for chunk in range(m.chunks)], m.names, m.n)


def longest(numbers: int) -> int:
    """Toys whose data are held at once: as many as one round of fits takes."""
    return max(1, min(tuning.LONGEST, tuning.MEMORY // max(numbers, 1)))


def even(n: int, most: int) -> int:
    """The length of the fewest equal parts of n, none longer than `most`; the last one may reach beyond n."""
    return -(-n // -(-n // most))


def _chunk(first: int, size: int, most: int, work: Work, told: Inside) -> dict[str, np.ndarray]:
    parts = []
    for begin, length, known in _blocks(size, most):
        columns = work(first + begin, length, told)
        parts.append({name: column[known:] for name, column in columns.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _blocks(size: int, most: int) -> Iterator[tuple[int, int, int]]:
    """Begin and length of blocks, and how many toys at its beginning the one before has already.

    All have the same length, and so the same programs; the last one reaches back where that does not go evenly.
    """
    length = even(size, most)
    for begin in range(0, size, length):
        inside = min(begin, size - length)
        yield inside, length, begin - inside
