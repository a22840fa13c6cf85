"""How many lanes: by backend and size of the data."""

from jaxminuit.drive.lanes import Sizes

# Lanes on a CPU by numbers in the data of one fit: side by side they share what every step of the loop costs, as long
# as all their data stay in the cache. (Measured with 4400 numbers a fit: 8000 fits a second with 16 lanes, 8900 with
# 32, 10 100 with 64, 9900 with 128; blocks of a quarter or fewer are best.)
CPU_LANES = ((1 << 13, 64), (1 << 15, 16), (1 << 17, 4))
ACCELERATOR_LANES = 1024
ACCELERATOR_NUMBERS = 1 << 24  # numbers in the data of all lanes


def lanes_for(backend: str, numbers: int, fits: int, exact: bool) -> int:
    """The number of lanes on one device that "auto" stands for."""
    if backend == "cpu" and not exact:
        found = 1  # a stencil is many points side by side already
    elif backend == "cpu":
        found = next((lanes for limit, lanes in CPU_LANES if numbers <= limit), 1)
    else:
        found = max(1, min(ACCELERATOR_LANES, ACCELERATOR_NUMBERS // max(numbers, 1)))
    return min(found, power_of_two(fits))


def seldom_for(backend: str, lanes: int) -> int:
    """Lanes of stages that few fits come to. On a CPU one: it costs little there, and compiles several times faster."""
    return 1 if backend == "cpu" else lanes


def sizes_for(lanes: int) -> Sizes:
    """Blocks for a number of lanes: a quarter of them."""
    block = max(1, lanes // 4)
    return Sizes(lanes, block, block)


def power_of_two(number: int) -> int:
    """The power of two that is not below a number."""
    return 1 << max(0, number - 1).bit_length()
