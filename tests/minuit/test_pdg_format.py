"""Rounding by the rules of the Particle Data Group."""

import iminuit.pdg_format
import pytest

from jaxminuit.minuit.pdg_format import cells, last_digit, latex, pdg_format


@pytest.mark.parametrize(
    ("error", "position", "kept"),
    [
        (0.100, -2, "0.10"),
        (0.354, -2, "0.35"),
        (0.3544, -2, "0.35"),
        (0.355, -1, "0.4"),
        (0.949, -1, "0.9"),
        (0.950, -1, "1.0"),
        (0.999, -1, "1.0"),
        (0.9996, -1, "1.0"),
        (1.0, -1, "1.0"),
        (9.51, 0, "10"),
        (35.4, 0, "35"),
    ],
)
def test_the_three_ranges(error, position, kept):
    """Digits kept at the edges of 100-354, 355-949, 950-999."""
    assert last_digit(error) == position
    assert cells(1.2345678, error)[1] == kept


@pytest.mark.parametrize(
    "numbers",
    [
        (1.23456, 0.0354), (1.23456, 0.0355), (1.23456, 0.095), (1.23456, 0.0949), (123456, 354), (123456, 3550),
        (1.2e-5, 1e-7), (1234567, 1e5), (12.345, 9.51), (1, 0), (0, 0), (float("nan"), 1), (1.234, 0.1, 0.02),
        (1.234, -0.1, 0.2), (1e10, 1), (999.6, 0.5), (0.0015, 0.001), (0.05, 0.012), (99.99, 9.51), (1.204, 0.301),
        (1.0, float("nan")), (1.0, float("inf")), (1.23456, -0.3123, 0.3012, 0.05),
    ],
)  # fmt: skip
def test_as_iminuit_writes_it(numbers):
    assert pdg_format(*numbers) == iminuit.pdg_format.pdg_format(*numbers)


def test_labels_leader_exponent():
    assert pdg_format(1.2, 0.3, 0.5, labels=("stat", "sys")) == "1.2 ± 0.3 (stat) ± 0.5 (sys)"
    assert pdg_format(1.23456, 0.3123, 0.0012, leader=0) == "1.23 ± 0.31 ± 0.00"
    assert pdg_format(1.23456, 0.3123, 0.0012, leader=1) == "1.2346 ± 0.3123 ± 0.0012"
    assert pdg_format(1.2, 0.3, exp=3) == "(0.0012 ± 0.0003)E+03"
    assert pdg_format(1.2, -0.1, 0.2, 0.3, labels=("a", "b")) == "1.2 -0.1 +0.2 (a) ± 0.3 (b)"


def test_latex():
    assert pdg_format(1.2, 0.3, format="latex") == r"1.2 \pm 0.3"
    assert pdg_format(1.2, -0.3, 0.4, format=latex) == r"1.2 {}_{-0.3}^{+0.4}"
    assert pdg_format(123456, 354, format="latex") == r"\left(123.46 \pm 0.35\right) \times 10^{3}"
    assert pdg_format(1.0, float("inf"), format="latex") == r"1 \pm \infty"


def test_no_digit_that_a_double_does_not_have():
    assert pdg_format(1.0, 1e-30) == "1.00000000000000 ± 0.00000000000000"


def test_wrong_arguments():
    with pytest.raises(ValueError, match="1 labels were given for 2"):
        pdg_format(1, 0.2, 0.3, labels=("stat",))
    with pytest.raises(ValueError, match="leader"):
        pdg_format(1, 0.2, leader=1)
    with pytest.raises(ValueError, match="'rst'"):
        pdg_format(1, 0.2, format="rst")


def test_cells_share_decimals_and_power():
    assert cells(1.23456, 0.0354, None, 0.04) == ["1.235", "0.035", "", "0.040"]
    assert cells(1.2e-7, 3e-8, -2.0e-8) == ["120e-9", "30e-9", "-20e-9"]
    assert cells(-1.0e-7, 2.1e-7) == ["-100e-9", "210e-9"]
    assert cells(0.0, 0.1) == ["0.0", "0.1"]
    assert cells(1.0, float("nan")) == ["1", "nan"]
