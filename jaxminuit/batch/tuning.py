"""How many lanes, and how many fits in one program: by backend and size of the data."""

from typing import Any

import jax
import numpy as np

from jaxminuit.core.small import WRITTEN_OUT
from jaxminuit.drive.lanes import Sizes

LONGEST = 4096  # fits that go through one program; more are done in several rounds of the same one
LONGEST_WIDE = 1 << 14  # the same for Gauss-Newton fits to a few numbers each
MEMORY = 1 << 25  # numbers in the data of one round
# Lanes on a CPU by numbers in the data of one fit: side by side they share what every step of the loop costs, as long
# as all their data stay in the cache. (Measured with 4500 numbers a fit on two cores: 2770 fits a second with 8 lanes,
# 4670 with 16, 5360 with 32, blocks of a quarter or more.)
CPU_LANES = ((1 << 9, 64), (1 << 13, 32), (1 << 15, 16), (1 << 17, 4))
# Gauss-Newton fits to few numbers are all written-out arithmetic, for which more lanes share what a step costs until
# their states leave the cache. (Measured with 25 numbers and 5 parameters: 128 lanes 19 us of a CPU a fit, 256 12 us,
# 512 no less.)
WIDE_NUMBERS, CPU_LANES_WIDE = 1 << 9, 256
ACCELERATOR_LANES = 1024
ACCELERATOR_NUMBERS = 1 << 24  # numbers in the data of all lanes


def numbers_per_fit(stacked: Any, shared: Any, size: int) -> int:
    """Numbers that the FCN of one fit goes through."""
    own = sum(leaf.size for leaf in jax.tree_util.tree_leaves(stacked)) // size
    return own + sum(np.size(leaf) for leaf in jax.tree_util.tree_leaves(shared))


def lanes_for(backend: str, numbers: int, fits: int, exact: bool) -> int:
    """The number of lanes on one device that "auto" stands for."""
    if backend == "cpu" and not exact:
        found = 1  # a stencil is many points side by side already
    elif backend == "cpu":
        found = next((lanes for limit, lanes in CPU_LANES if numbers <= limit), 1)
    else:
        found = max(1, min(ACCELERATOR_LANES, ACCELERATOR_NUMBERS // max(numbers, 1)))
    return min(found, power_of_two(fits))


def wide_lanes_for(backend: str, numbers: int, parameters: int, fits: int, lanes: int) -> int | None:
    """Lanes for Gauss-Newton fits to a few numbers each that need no LAPACK; None for other fits."""
    if numbers > WIDE_NUMBERS or parameters > WRITTEN_OUT or backend != "cpu":
        return None
    return max(lanes, min(CPU_LANES_WIDE, power_of_two(fits)))


def seldom_for(backend: str, lanes: int) -> int:
    """Lanes of stages that few fits come to. On a CPU one: it costs little there, and compiles several times faster."""
    return 1 if backend == "cpu" else lanes


def sizes_for(lanes: int) -> Sizes:
    """Blocks for a number of lanes: a quarter of them."""
    block = max(1, lanes // 4)
    return Sizes(lanes, block, block)


def round_length(fits: int, numbers: int, lanes: int, devices: int, wide: bool) -> int:
    """Fits in one round: a power of two, so that few programs serve all numbers of fits."""
    longest = LONGEST_WIDE if wide else LONGEST
    most = max(devices * lanes, min(longest * devices, MEMORY // max(numbers, 1)))
    return max(devices, min(power_of_two(fits), 1 << (most.bit_length() - 1)))


def power_of_two(number: int) -> int:
    """The power of two that is not below a number."""
    return 1 << max(0, number - 1).bit_length()
