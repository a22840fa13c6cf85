"""Round bins for the axes of line-printer plots."""

import math
from typing import NamedTuple

import numpy as np

MANTISSAS = (2.0, 2.5, 5.0)
LARGEST_EXPONENT = 37  # of single precision
TINY, HUGE = 1e-290, 1e290  # ranges and numbers outside are no matter for a plot


class Axis(NamedTuple):
    """``bins`` bins of one ``width`` between ``low`` and ``high``."""

    low: float
    high: float
    bins: int
    width: float


def round_axis(first, second, bins):
    """At most ``bins`` bins of a round width (1, 2, 2.5 or 5 times a power of ten) that cover [first, second].

    The power of ten is a number of single precision, as in the original: a width of 0.02 is 0.019999999552965164.
    """
    low, high = min(first, second), max(first, second)
    if high - low < TINY:
        high = above(low)
    wanted = max(bins - 1, 1)
    while True:
        width = _round_width((high - low) / wanted)
        begin, end = _floor(low / width), _floor(high / width + 1.0)
        axis = Axis(width * begin, width * end, end - begin, width)
        if bins <= 5:
            return axis if bins > 1 or axis.bins == 1 else axis._replace(bins=1, width=2 * width)
        if 2 * axis.bins != bins:
            return axis
        wanted += 1


def above(number):
    """``number`` + 1, or a number that can be told from ``number`` where that cannot."""
    return number + max(1.0, 1e-6 * abs(number))


def _floor(ratio):
    """Truncated, and one less below zero (so -2.0 gives -3, as the original does)."""
    return int(ratio) - (ratio < 0.0)


def _round_width(width):
    """``width`` with its mantissa rounded up to 2, 2.5, 5, or to 1 of the next power of ten."""
    exponent = int(math.log10(width))
    if width <= 1.0:
        exponent -= 1
    mantissa = width * _power_of_ten(-exponent)
    rounded = next((m for m in MANTISSAS if mantissa <= m), None)
    return _power_of_ten(exponent + 1) if rounded is None else rounded * _power_of_ten(exponent)


def _power_of_ten(exponent):
    """10**exponent, rounded to single precision where that can hold it."""
    if abs(exponent) > LARGEST_EXPONENT:
        return 10.0**exponent
    power = np.float32(1.0)
    for _ in range(abs(exponent)):
        power = power * np.float32(10.0)
    return float(power if exponent >= 0 else np.float32(1.0) / power)
