"""SIMPLEX, JUMP, MINOS and IMPROVE of decks: what they find, and that both forms of an FCN print alike."""

import re

import numpy as np
import pytest

from tests.command.decks import QUADRATIC, quadratic, quadratic_fortran, run

NUMBER = re.compile(r"[-+]?\d*\.\d+(E[-+]\d+)?|\d+")


@pytest.mark.parametrize("commands", ["simplex\n", "simplex 200 1e-6\n", "set print 3\nsimplex 100\n"])
def test_simplex_finds_the_minimum_with_both_forms_of_an_fcn(commands):
    """The walk and its print-out do not depend on how the FCN is given; the EDM is the spread at the corners."""
    lines, deck = run(QUADRATIC + commands, quadratic)
    other, same = run(QUADRATIC + commands, quadratic_fortran)
    shape = [[NUMBER.sub("#", line) for line in text if "FROM SIMPLEX" in line] for text in (lines, other)]
    assert shape[0] == shape[1]
    assert deck.state.fcn == pytest.approx(same.state.fcn, rel=1e-9)
    assert deck.state.edm < 0.1
    assert deck.state.fcn - 5.0 < 0.2  # it stops when the spread was below 0.1 UP twice


def test_simplex_says_when_nothing_depends_on_anything():
    """Corners of one height."""
    lines, _ = run(QUADRATIC + "simplex\n", lambda x: 0.0 * x[0] + 7.0)
    assert any("DOES NOT SEEM TO DEPEND" in line for line in lines)


def test_jump_moves_by_the_random_numbers_of_the_generator():
    """The first two numbers after seed 12345, by Schrage's method in whole numbers."""
    _, deck = run(QUADRATIC + "set random 12345\njump 1\n", quadratic)
    seed, expected = 12345, []
    for _ in range(2):
        seed = 40014 * seed % 2147483563
        expected.append(0.5 * (2.0 * seed * 4.656613e-10 - 1.0))
    np.testing.assert_allclose([p.value for p in deck.state.parameters], expected, rtol=1e-6)  # single precision
    assert deck.state.matrix_status == 0
    assert deck.state.minimised == 0


@pytest.mark.slow
def test_minos_at_print_level_2_shows_its_inner_fits_and_finds_the_same():
    """Errors agree to the 1 % of the search; a quadratic has symmetric ones."""
    _, plain = run(QUADRATIC + "migrad\nminos\n", quadratic)
    lines, shown = run(QUADRATIC + "migrad\nset print 2\nminos\n", quadratic)
    assert sum("DETERMINATION OF" in line for line in lines) == 4
    assert sum("FROM MIGRAD" in line and "CONVERGED" in line for line in lines) >= 5
    for p, q, sigma in zip(plain.state.parameters, shown.state.parameters, (1.336306, 1.889822), strict=True):
        assert p.plus == pytest.approx(sigma, rel=0.01)
        assert q.plus == pytest.approx(sigma, rel=0.01)
        assert q.minus == pytest.approx(-sigma, rel=0.01)
    assert shown.state.strategy == 1  # the inner fits had the next lower one


@pytest.mark.slow
def test_improve_leaves_the_higher_of_two_minima():
    """A double well in x: from the higher one near +1 to the lower one near -1."""

    def wells(x):
        return 4.0 * (x[0] ** 2 - 1.0) ** 2 + 0.3 * x[0] + (x[1] - 0.5 * x[0]) ** 2

    text = QUADRATIC.replace("1 'X' 0.0 0.5", "1 'X' 1.2 0.1")
    _, stuck = run(text + "migrad\n", wells)
    _, deck = run(text + "migrad\nimprove\n", wells)
    assert stuck.state.parameters[0].value > 0.9
    assert deck.state.parameters[0].value < -0.9
    assert deck.state.fcn < stuck.state.fcn - 0.5
    assert deck.state.minimised == 1
