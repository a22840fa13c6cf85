"""The More-Garbow-Hillstrom problems: least squares by MINPACK ends in the minima that are known."""

import jax
import numpy as np
import pytest
from scipy.optimize import least_squares

from tests.problems import mgh

PRINTED = 1e-8  # nine digits are given, the first six of them as in the paper
ROUNDING = 1e-20  # of a sum of squares that is 0, in units of that at the start (Powell's are singular: later)
# sums of squares at the standard starts, in closed form or as published
AT_START = {
    "Rosenbrock": 24.2, "Freudenstein-Roth": 400.5, "Brown badly scaled": 999998000003.0, "Beale": 14.203125,
    "helical valley": 2500.0, "Powell singular": 215.0, "Wood": 19192.0, "Watson": 30.0, "Brown-Dennis": 7926693.336997,
}  # fmt: skip
# starts from which the other minima are reached
ELSEWHERE = {
    "Freudenstein-Roth": [[10, -1]],
    "Jennrich-Sampson": [[-1e6, 0.33]],
    "Bard": [[0.8, -1e7, -1e7]],
    "Kowalik-Osborne": [[1e6, -14, -1e6, -1e5]],
    "Biggs": [[1.2276, 1.2276, 0.4886, -0.2603, 1.2276, 0.9165]],
    "trigonometric": [[0.1] * 10, [0.055] * 5 + [0.26] + [0.07] * 4, [0.06] * 4 + [0.27] + [0.08] * 5],
    "Brown almost linear": [[0] * 9 + [11]],
    "Broyden tridiagonal": [[-0.54, -0.59, -0.47, -0.1, 0.7, 1.5, -0.07, -0.5, -0.55, -0.4]],
}


@jax.jit
def _both(x, number):
    return mgh.residuals(x, number), jax.jacfwd(mgh.residuals)(x, number)


def squares(p, x):
    """The sum of squares."""
    return float(np.sum(np.asarray(_both(mgh.padded(x), np.int32(mgh.PROBLEMS.index(p)))[0]) ** 2))


def fitted(p, start):
    """Sum of squares found by MINPACK with exact Jacobians."""
    number = np.int32(mgh.PROBLEMS.index(p))

    def residuals(x):
        return np.asarray(_both(mgh.padded(x), number)[0])

    def jacobian(x):
        return np.asarray(_both(mgh.padded(x), number)[1])[:, : p.size]

    tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 2000}
    return 2.0 * least_squares(residuals, start, jacobian, method="lm", x_scale="jac", **tight).cost


def is_one_of(value, p, minima):
    tiny = ROUNDING * max(squares(p, p.start), 1.0)
    return any(abs(value - f) <= (PRINTED * f if f > 0 else tiny) for f in minima)


@pytest.mark.parametrize("p", mgh.PROBLEMS, ids=str)
def test_from_the_standard_start(p):
    assert is_one_of(fitted(p, p.start), p, p.minima)


@pytest.mark.parametrize("p", [p for p in mgh.PROBLEMS if p.solution is not None], ids=str)
def test_at_the_solution(p):
    """Solutions that the paper prints are good to four digits or more."""
    assert squares(p, p.solution) == pytest.approx(p.minima[0], rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_other_minima(name):
    p = mgh.BY_NAME[name]
    ends = [fitted(p, np.array(start, float)) for start in ELSEWHERE[name]]
    for end, known in zip(ends, p.minima[1:], strict=True):
        assert end == pytest.approx(known, rel=PRINTED)


def test_the_saddle_of_biggs():
    """The paper lists 5.65565e-3 among the minima."""
    p = mgh.BY_NAME["Biggs"]
    x = np.array([1.711416, 17.6831975, 1.16314365, 5.18656, 1.711416, 1.16314365])
    away = np.array([1.0, 0.0, 0.0, 0.0, -1.0, 0.0])
    assert squares(p, x) == pytest.approx(5.65565e-3, rel=1e-5)
    assert max(squares(p, x + h * away) for h in (-0.07, 0.07)) < 5.65565e-3 - 3e-5


def test_every_minimum_is_tested():
    assert {p.name for p in mgh.PROBLEMS if len(p.minima) > 1} == set(ELSEWHERE)
    assert all(list(p.minima) == sorted(p.minima) for p in mgh.PROBLEMS)


@pytest.mark.parametrize("name", AT_START)
def test_at_the_start(name):
    assert squares(mgh.BY_NAME[name], mgh.BY_NAME[name].start) == pytest.approx(AT_START[name], rel=1e-10)


def test_the_collection():
    assert len(mgh.BY_NAME) == len(mgh.PROBLEMS) == 35
    wood = mgh.BY_NAME["Wood"]
    fcn, start = mgh.fcn(wood), mgh.parameters(wood)
    assert float(fcn.evaluate(start.values)) == pytest.approx(19192.0)
    assert int((~start.fixed).sum()) == wood.size == 4
