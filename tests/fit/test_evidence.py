"""What is claimed of the fits, on problems whose answers others have certified: benchmark W7, its quick part.

A fit is right or says that it is not. Where a claim does not hold (yet), the fits are named, with the reason.
"""

import functools

import numpy as np
import pytest

import jaxminuit as jm
from benchmarks import evidence
from jaxminuit import Status
from tests.problems import mgh, nist

ALGORITHMS = {"minimize_all": jm.minimize_all, "fumili": jm.fumili}
# fits that are not right to 4 digits: (algorithm, weighting): {fit: reason}
NOT_RIGHT: dict[tuple[str, str], dict[str, str]] = {}
NOT_VALID: dict[tuple[str, str], dict[str, str]] = {}


@functools.cache
def nist_fits(algorithm, weighting):
    """{name: (task, minimum, digits)} of all 54 fits, at strategy 1."""
    found = {}
    for task in evidence.nist_fits(weighting).tasks:
        m = ALGORITHMS[algorithm](task.fcn, task.start)
        found[task.name] = task, m, evidence.digits(task.truth, m.values)[0]
    return found


each = pytest.mark.parametrize(
    ("algorithm", "weighting"),
    [
        pytest.param(a, w, marks=pytest.mark.slow if a == "minimize_all" else ())
        for a in ALGORITHMS
        for w in (nist.SCALED, nist.UNIT)
    ],
)


@each
def test_nist_to_four_digits(algorithm, weighting):
    """The starts are as far off as they are, and chi2 of unit weights is down to 1e-26: no fit is excused by that."""
    fits = nist_fits(algorithm, weighting)
    assert len(fits) == 54
    wrong = {name for name, (_, _, digits) in fits.items() if digits < 4}
    assert wrong == set(NOT_RIGHT.get((algorithm, weighting), {}))


@each
def test_no_fit_of_nist_is_valid_and_wrong(algorithm, weighting):
    fits = nist_fits(algorithm, weighting)
    assert not [name for name, (_, m, digits) in fits.items() if m.valid and digits < 2]


@each
def test_fits_of_nist_know_that_they_are_right(algorithm, weighting):
    fits = nist_fits(algorithm, weighting)
    doubted = {name for name, (_, m, digits) in fits.items() if not m.valid and digits >= 4}
    assert doubted == set(NOT_VALID.get((algorithm, weighting), {}))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_standard_errors_of_nist(algorithm):
    """NIST's are those of Gauss and Newton, and those of a fit that is right to 4 digits are right to 4 digits."""
    for name, (task, m, digits) in nist_fits(algorithm, nist.SCALED).items():
        errors = np.sqrt(np.diagonal(np.asarray(jm.covariance(task.fcn, m, "gauss_newton"))))
        right = evidence.digits(task.truth, m.values, errors)[1]
        assert digits < 4 or right >= 4, f"{name}: {right}"


FLAT = {"linear, rank 1", "linear, rank 1 with zeros"}


@pytest.mark.slow
@pytest.mark.parametrize("p", [p for p in mgh.PROBLEMS if p.name not in FLAT], ids=str)
def test_more_garbow_hillstrom(p):
    """Within 2e-3, ten times the goal of the EDM, and 1e-4 of a known minimum; and valid."""
    m = jm.minimize_all(mgh.fcn(p), mgh.parameters(p))
    assert m.valid
    above = {f: float(m.fval) - f for f in p.minima}
    assert any(abs(rise) <= (min(2e-3, 1e-4 * f) if f > 0 else 2e-3) for f, rise in above.items()), above


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FLAT))
def test_linear_problems_of_rank_one(name):
    """One combination of ten parameters is determined; the others are flat, whatever the FCN there."""
    p = mgh.BY_NAME[name]
    m = jm.migrad(mgh.fcn(p), mgh.parameters(p))
    assert Status(int(m.status)) == Status.FLAT_DIRECTION
    assert float(m.fval) == pytest.approx(p.minima[0], rel=1e-9)
    flat = np.asarray(m.flat_direction)[: p.size]
    weights = np.arange(1.0, p.size + 1.0) * (1.0 if name == "linear, rank 1" else [0, *[1] * 8, 0])
    assert abs(flat @ weights) <= 1e-6 * np.linalg.norm(flat) * np.linalg.norm(weights)


HARD = {task.name: task for task in evidence.hard_cases().tasks}
VALLEYS = ("rosenbrock2", "rosenbrock2b", "rosenbrock10", "helical", "beale", "powell", "wood")
# strategy 0 makes no Hessian, and believes the EDM of its updated matrix
BLIND = {
    "wood": "stops on a plateau near a saddle at 7.87, as Minuit2 does at strategy 0",
}
slow = pytest.mark.slow  # a program for each strategy
strategies = pytest.mark.parametrize("strategy", [pytest.param(0, marks=slow), 1, pytest.param(2, marks=slow)])


def hard(name, strategy):
    return jm.migrad(HARD[name].fcn, HARD[name].start, strategy=strategy)


@strategies
def test_curved_valleys(strategy):
    """All are valid, and at their minimum, 0; Powell's, of fourth order, too."""
    fits = {name: hard(name, strategy) for name in VALLEYS}
    assert all(m.valid for m in fits.values())
    short = {name for name, m in fits.items() if float(m.fval) > evidence.GOAL}
    assert short == (set() if strategy else set(BLIND))


@strategies
def test_flat(strategy):
    """Without a Hessian nobody can tell."""
    m = hard("flat", strategy)
    np.testing.assert_allclose(m.values[0], 1.0, atol=0.02)  # an EDM at its goal is 0.014 errors
    if strategy == 0:
        assert m.valid
    else:
        assert Status(int(m.status)) == Status.FLAT_DIRECTION
        np.testing.assert_allclose(m.flat_direction[:2], [0.0, 1.0], atol=1e-6)


@strategies
def test_saddle(strategy):
    m = hard("saddle", strategy)
    assert m.valid
    assert float(m.fval) == pytest.approx(-0.25, abs=evidence.GOAL)


@strategies
@pytest.mark.parametrize(
    ("name", "held", "least"),
    [
        ("rosen_lim", {0: 1}, 0.25),
        ("rosen_up", {0: 1}, 0.09),
        ("quad4_lim", {1: -1}, 0.05),
        ("quad4_fix", {}, 0.2),
        ("cauchy_nll", {}, 3.15216),
    ],
)
def test_limits(name, held, least, strategy):
    """Which parameters the FCN holds at a limit, and at which; the minimum with them there (quad4: 1/5, and 1/20)."""
    m = hard(name, strategy)
    assert {i: int(side) for i, side in enumerate(m.held) if side} == held
    assert Status(int(m.status)) == (Status.AT_LIMIT if held else Status.CONVERGED)
    assert float(m.fval) == pytest.approx(least, abs=evidence.GOAL)


def test_equal_terms_may_be_exchanged():
    """Of Lanczos's three exponentials each may come first, and an error goes with its parameter."""
    truth = {task.name: task.truth for task in evidence.nist_fits(nist.SCALED).tasks}
    lanczos, order = truth["Lanczos3/1"], [4, 5, 0, 1, 2, 3]
    assert evidence.digits(lanczos, lanczos.values[order], lanczos.errors[order]) == (11.0, 11.0)
    assert evidence.digits(lanczos, lanczos.values[order], lanczos.errors)[1] < 1
    assert evidence.digits(lanczos, lanczos.values[[1, 0, 2, 3, 4, 5]])[0] < 1
    peak = truth["Eckerle4/1"]
    assert evidence.digits(peak, peak.values * [-1, -1, 1])[0] == 11.0
    assert evidence.digits(peak, peak.values * [1, -1, 1])[0] == 0.0
    for fit in truth.values():
        assert all(sorted(places) == list(range(fit.values.size)) for places in fit.orders)
