"""How many fits in one program: by size of the data."""

from typing import Any

import jax
import numpy as np

from jaxminuit.drive.tuning import power_of_two

LONGEST = 4096  # fits that go through one program; more are done in several rounds of the same one
MEMORY = 1 << 25  # numbers in the data of one round


def numbers_per_fit(stacked: Any, shared: Any, size: int) -> int:
    """Numbers that the FCN of one fit goes through."""
    own = sum(leaf.size for leaf in jax.tree_util.tree_leaves(stacked)) // size
    return own + sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(shared))


def round_length(fits: int, numbers: int, lanes: int, devices: int) -> int:
    """Fits in one round: a power of two for each device, so that few programs serve all numbers of fits."""
    most = max(lanes, min(LONGEST, MEMORY // max(numbers, 1) // devices))
    return devices * min(power_of_two(-(-fits // devices)), 1 << (most.bit_length() - 1))
