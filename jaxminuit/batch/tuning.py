"""How many fits in one program: by size of the data."""

from typing import Any

import jax
import numpy as np

from jaxminuit.core.small import WRITTEN_OUT
from jaxminuit.drive.tuning import power_of_two

LONGEST = 4096  # fits that go through one program; more are done in several rounds of the same one
LONGEST_WIDE = 1 << 14  # the same for Gauss-Newton fits to a few numbers each
MEMORY = 1 << 25  # numbers in the data of one round
# Gauss-Newton fits to few numbers are all written-out arithmetic, for which more lanes share what a step costs until
# their states leave the cache. (Measured with 25 numbers and 5 parameters: 128 lanes 19 us of a CPU a fit, 256 12 us,
# 512 no less.)
WIDE_NUMBERS, CPU_LANES_WIDE = 1 << 9, 256
# Pairs of fits by Newton's method: so many that step together, and problems for which exact Hessians are cheap.
CPU_BLOCK, SMALL_NUMBERS, SMALL_PARAMETERS = 1024, 64, 6


def numbers_per_fit(stacked: Any, shared: Any, size: int) -> int:
    """Numbers that the FCN of one fit goes through."""
    own = sum(leaf.size for leaf in jax.tree_util.tree_leaves(stacked)) // size
    return own + sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(shared))


def wide_lanes_for(backend: str, numbers: int, parameters: int, fits: int, lanes: int) -> int | None:
    """Lanes for Gauss-Newton fits to a few numbers each that need no LAPACK; None for other fits."""
    if numbers > WIDE_NUMBERS or parameters > WRITTEN_OUT or backend != "cpu":
        return None
    return max(lanes, min(CPU_LANES_WIDE, power_of_two(fits)))


def is_small(numbers: int, parameters: int) -> bool:
    """Whether exact Hessians and Newton's steps are the quickest way to fit so many numbers and parameters."""
    return numbers <= SMALL_NUMBERS and parameters <= SMALL_PARAMETERS


def pair_block(backend: str, fits: int, lanes: int | str) -> int:
    """Pairs that step together, a power of two; as many as `lanes` says if that is a number."""
    if not isinstance(lanes, str):
        return min(power_of_two(int(lanes)), power_of_two(fits))
    return min(CPU_BLOCK if backend == "cpu" else LONGEST_WIDE, power_of_two(fits))


def round_length(fits: int, numbers: int, lanes: int, devices: int, wide: bool) -> int:
    """Fits in one round: a power of two for each device, so that few programs serve all numbers of fits."""
    most = max(lanes, min(LONGEST_WIDE if wide else LONGEST, MEMORY // max(numbers, 1) // devices))
    return devices * min(power_of_two(-(-fits // devices)), 1 << (most.bit_length() - 1))
