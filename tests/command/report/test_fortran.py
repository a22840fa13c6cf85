"""Edit descriptors: widths, rounding, overflow; values as gfortran writes them."""

import math

import numpy as np
import pytest

from jaxminuit.command.report.fortran import fixed, general, integer, scientific, text

FIELDS = [(14, 5), (15, 7), (12, 4), (10, 3), (10, 2), (9, 2)]


@pytest.mark.parametrize(
    ("number", "width", "decimals", "field"),
    [
        (0.5, 6, 3, " 0.500"),
        (-0.9999, 6, 3, "-1.000"),
        (-0.0001, 6, 3, "-0.000"),  # keeps its sign
        (-0.5, 5, 3, "-.500"),  # the zero gives way
        (0.25, 4, 3, ".250"),
        (-10.5, 5, 3, "*****"),
        (7.0, 3, 0, " 7."),
        (math.inf, 6, 2, "   Inf"),
        (-math.inf, 9, 2, "-Infinity"),
        (math.nan, 6, 2, "   NaN"),
        (math.nan, 2, 1, "**"),
    ],
)
def test_fixed(number, width, decimals, field):
    assert fixed(number, width, decimals) == field


@pytest.mark.parametrize(
    ("number", "width", "digits", "field"),
    [
        (0.0, 10, 2, "  0.00E+00"),
        (1.0, 10, 3, " 0.100E+01"),
        (-0.214, 10, 3, "-0.214E+00"),
        (9.9996, 10, 3, " 0.100E+02"),
        (8.881784197001252e-16, 12, 3, "   0.888E-15"),
        (1.5e-120, 10, 3, " 0.150-119"),  # three digits of exponent replace the E
        (-1.0, 9, 3, "-.100E+01"),
        (-1.0, 8, 3, "********"),
    ],
)
def test_scientific(number, width, digits, field):
    assert scientific(number, width, digits) == field


@pytest.mark.parametrize(
    ("number", "width", "digits", "field"),
    [
        (0.0, 14, 5, "    0.0000    "),
        (0.1, 14, 5, "   0.10000    "),
        (0.0999999, 14, 5, "   0.10000    "),  # the range is tested after rounding
        (0.099999, 14, 5, "   0.99999E-01"),
        (99999.0, 14, 5, "    99999.    "),
        (99999.6, 14, 5, "   0.10000E+06"),
        (-0.35, 10, 4, "-.3500    "),
        (12345.0, 12, 4, "  0.1234E+05"),  # halves go to the even digit
        (4.0, 10, 3, "  4.00    "),
        (-0.0, 14, 5, "   -0.0000    "),
    ],
)
def test_general(number, width, digits, field):
    assert general(number, width, digits) == field


def test_integer_and_text():
    assert integer(7, 3) == "  7"
    assert integer(-123, 3) == "***"
    assert integer(math.inf, 3) == integer(math.nan, 3) == "***"
    assert text("Delta M", 10) == "Delta M   "
    assert text("a name that is too long", 10) == "a name tha"


@pytest.mark.parametrize(("width", "digits"), FIELDS)
def test_fields_have_their_width_and_read_back(width, digits):
    rng = np.random.default_rng(5)
    numbers = rng.choice([-1, 1], 500) * 10.0 ** rng.uniform(-30, 30, 500)
    for number in numbers:
        for write in (scientific, general):
            field = write(number, width, digits)
            assert len(field) == width
            assert float(field) == pytest.approx(number, rel=0.501 * 10.0 ** (1 - digits))  # half the last figure
