"""Rounding by the rules of the Particle Data Group, and the same texts as iminuit's."""

import math
import random

import iminuit.pdg_format
import pytest
from iminuit._repr_text import pdg_format as iminuit_cells

from jaxminuit.minuit.pdg_format import cells, latex, pdg_format, rounded_error, term


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (0.100, "0.10"),
        (0.354, "0.35"),
        (0.3544, "0.35"),
        (0.355, "0.4"),
        (0.949, "0.9"),
        (0.950, "1.0"),
        (0.999, "1.0"),
        (0.9996, "1.0"),
        (9.51, "10"),
        (35.4, "35"),
    ],
)
def test_the_three_ranges(error, kept):
    """Digits kept at the edges of 100-354, 355-949, 950-999."""
    value = 1.2345678
    assert float(cells(value, error)[1]) == pytest.approx(float(kept), abs=0.005)
    decimals = len(kept.partition(".")[2])
    assert cells(value, error)[0] == f"{value:.{decimals}f}"[: len(cells(value, error)[0])]


def test_rounded_error():
    assert [rounded_error(x) for x in (0.1, 0.354, 0.355, 0.949, 0.95, 0.9999)] == [
        (0.1, 2), (0.35, 2), (0.4, 1), (0.9, 1), (1.0, 1), (1.0, 1),
    ]  # fmt: skip


def same(numbers, **kwds):
    """Equal texts in both formats and in both kinds of table cells."""
    for ours, theirs in ((term, iminuit.pdg_format.term), (latex, iminuit.pdg_format.latex)):
        assert pdg_format(*numbers, format=ours, **kwds) == iminuit.pdg_format.pdg_format(
            *numbers, format=theirs, **kwds
        )
    if not any(isinstance(x, tuple) for x in numbers):
        assert cells(*numbers) == iminuit_cells(*numbers)
        assert cells(None, *numbers[1:]) == iminuit_cells(None, *numbers[1:])


@pytest.mark.parametrize(
    "numbers",
    [
        (1.23456, 0.0354), (1.23456, 0.0355), (1.23456, 0.095), (1.23456, 0.0949), (123456, 354), (123456, 3550),
        (1.2e-5, 1e-7), (1234567, 1e5), (12.345, 9.51), (1, 0), (0, 0), (float("nan"), 1), (1.234, 0.1, 0.02),
        (1.234, -0.1, 0.2), (1e10, 1), (999.6, 0.5), (0.0015, 0.001), (0.05, 0.012), (99.99, 9.51), (1.204, 0.301),
        (1.0, float("nan")), (1.0, float("inf")), (1.23456, -0.3123, 0.3012, 0.05), (1.2, (0.1, 0.2), 0.3),
        (-0.001, 0.3), (-0.4, 8), (1.0, 1.0), (10, 10), (0.0, 1e-9), (5, (0.1, 0.2), (0.3, 0.35), 7),
        (0.0, 0.0, 0.1), (1e-300, 1e-301), (2.0, -0.0, 0.5),
    ],
)  # fmt: skip
def test_as_iminuit_writes_it(numbers):
    same(numbers)


def test_as_iminuit_writes_random_numbers():
    """4000 values with one to four errors of very different sizes, some infinite, NaN or 0; exponents and leaders."""
    rng = random.Random(20240614)
    for k in range(4000):
        value = rng.choice([0.0, -1.0, 1.0, 1.0, 1.0]) * 10 ** rng.uniform(-9, 9)
        errors = [abs(value or 1.0) * 10 ** rng.uniform(-6, 3) for _ in range(rng.randint(1, 4))]
        if len(errors) > 1 and k % 3 == 0:
            errors[0] *= -1
        if k % 40 == 0:
            errors[-1] = rng.choice([0.0, math.inf, math.nan])
        leader = rng.randrange(len(errors) - (errors[0] < 0)) if k % 5 == 0 and k % 40 else None
        same((value, *errors), **({} if leader is None else {"leader": leader}), **({"exp": 3} if k % 7 == 0 else {}))


def test_labels_leader_exponent():
    for kwds in ({"labels": ("stat", "sys")}, {"labels": ("_{stat}", "<b>sys</b>")}, {"leader": 0}, {"exp": 3}):
        same((1.23456, 0.3123, 0.0012), **kwds)
    same((1.2, -0.1, 0.2, 0.3), labels=("a", "b"))
    assert pdg_format(1.2, -0.1, 0.2, 0.3, labels=("a", "b")) == "1.2 -0.1 +0.2 (a) ± 0.3 (b)"
    assert pdg_format(1.2, 0.3, format="latex") == r"1.2 \pm 0.3"
    assert pdg_format(1.0, -math.inf, 1.0, format=latex) == r"1 {}_{-\infty}^{+1}"


def test_a_format_of_ones_own():
    mine = (" low %s", " high %s", "+-%s", "[%s]", "%s*10^%i", False, None)
    for numbers in ((1.2, 0.3), (1.2, -0.3, 0.4), (123456, 354)):
        assert pdg_format(*numbers, format=mine) == iminuit.pdg_format.pdg_format(*numbers, format=mine)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="1 labels were given for 2"):
        pdg_format(1, 0.2, 0.3, labels=("stat",))
    with pytest.raises(ValueError, match="leader"):
        pdg_format(1, 0.2, leader=1)
    with pytest.raises(ValueError, match="'rst'"):
        pdg_format(1, 0.2, format="rst")
    with pytest.raises(ValueError, match="two elements, not 3"):
        pdg_format(1, (0.2, 0.1, 0.3))


def test_cells_share_decimals_and_power():
    assert cells(1.23456, 0.0354, None, 0.04) == ["1.235", "0.035", "", "0.040"]
    assert cells(1.2e-7, 3e-8, -2.0e-8) == ["0.12e-6", "0.03e-6", "-0.02e-6"]
    assert cells(0.0, 0.1) == ["0.0", "0.1"]
    assert cells(None, -0.21, 0.19) == ["-0.21", "0.19"]
    assert cells(1.0, float("nan")) == ["1", "nan"]
