"""Whole fits beside iminuit: Migrad, Hesse, Minos on the path that is found by itself.

iminuit runs with strategy 2 and a hundredth of the tolerance, as the truth. jaxminuit runs as it comes. EDM < 2e-4 UP
allows a distance of sqrt(2e-4) = 0.014 sigma; values must come within 0.01, errors within 1 %, Minos errors within 1 %.
"""

import iminuit
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.minuit import Minuit
from tests.minuit.fits import CASES, Case, pinned, turn_on

QUICK = ("gauss", "numpy only")  # the others compile for a long time
PARAMS = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES]


def build(minuit, case, module):
    function = case.make(module)
    m = minuit(function, case.start) if isinstance(case.start, list) else minuit(function, **case.start)
    m.errordef = case.errordef
    for name, pair in case.limits.items():
        m.limits[name] = pair
    for name in case.fixed:
        m.fixed[name] = True
    return m


def truth(case):
    m = build(iminuit.Minuit, case, np)
    m.tol, m.strategy = 1e-3, 2
    return m.migrad().hesse().minos()


@pytest.fixture(params=PARAMS, scope="module")
def pair(request):
    """The same fit by jaxminuit and by iminuit."""
    case = CASES[request.param]
    m = build(Minuit, case, jnp)
    assert m.gradient_path == case.path
    return m.migrad().hesse().minos(), truth(case)


def test_minimum(pair):
    mine, theirs = pair
    assert mine.valid
    assert mine.accurate
    assert theirs.valid
    errors = np.where(np.array(theirs.fixed), 1.0, np.array(theirs.errors))
    pulls = (np.array(mine.values) - np.array(theirs.values)) / errors
    np.testing.assert_allclose(pulls, 0.0, atol=0.01)
    assert mine.fval == pytest.approx(theirs.fval, abs=mine.fmin.edm_goal)


def test_errors_and_covariance(pair):
    mine, theirs = pair
    np.testing.assert_allclose(np.array(mine.errors), np.array(theirs.errors), rtol=0.01)
    scale = np.sqrt(np.outer(*2 * [np.where(np.array(theirs.fixed), 1.0, np.diag(theirs.covariance))]))
    np.testing.assert_allclose(np.asarray(mine.covariance) / scale, np.asarray(theirs.covariance) / scale, atol=0.01)
    np.testing.assert_allclose(mine.covariance.correlation(), theirs.covariance.correlation(), atol=0.01)


def test_minos(pair):
    mine, theirs = pair
    assert list(mine.merrors) == list(theirs.merrors)
    for name, error in mine.merrors.items():
        other = theirs.merrors[name]
        assert error.is_valid == other.is_valid
        assert (error.at_lower_limit, error.at_upper_limit) == (other.at_lower_limit, other.at_upper_limit), name
        np.testing.assert_allclose([error.lower, error.upper], [other.lower, other.upper], rtol=0.01, err_msg=name)


def test_flags_and_table(pair):
    mine, theirs = pair
    for fact in ("is_valid", "has_parameters_at_limit", "has_reached_call_limit", "is_above_max_edm", "hesse_failed"):
        assert getattr(mine.fmin, fact) == getattr(theirs.fmin, fact), fact
    assert (mine.nfit, mine.npar, mine.parameters) == (theirs.nfit, theirs.npar, theirs.parameters)
    assert mine.limits.to_dict() == theirs.limits.to_dict()
    assert mine.nfcn == mine.fmin.nfcn > 0
    for p, q in zip(mine.params, theirs.params, strict=True):
        assert (p.name, p.is_fixed, p.lower_limit, p.upper_limit) == (q.name, q.is_fixed, q.lower_limit, q.upper_limit)
        assert (p.merror is None) == (q.merror is None)


@pytest.mark.slow
def test_a_parameter_held_by_its_limit():
    """Its own error means nothing there; what both report about the other one and the limit must agree."""
    case = Case(pinned, {"f": 0.5, "s": 1.0}, limits={"f": (0.0, None)})
    mine, theirs = build(Minuit, case, jnp).migrad().minos("s"), truth(case)
    assert mine.valid
    assert theirs.valid
    assert mine.fmin.has_parameters_at_limit
    assert mine.values["f"] == pytest.approx(0.0, abs=1e-4)
    assert mine.values["s"] == pytest.approx(theirs.values["s"], abs=0.01 * theirs.errors["s"])
    assert mine.errors["s"] == pytest.approx(theirs.errors["s"], rel=0.01)
    assert mine.merrors["s"].lower == pytest.approx(theirs.merrors["s"].lower, rel=0.01)


@pytest.mark.slow
def test_minos_while_another_parameter_leaves_its_limit():
    """The plateau is at its limit 1 at the minimum, but not at the lower end of the width: profile by a fine scan."""
    case = Case(lambda m: turn_on(m, 1.0), [3.0, 1.0, 0.9], 0.5, {"x2": (0.0, 1.0)})
    assert build(Minuit, case, jnp).migrad().minos("x1").merrors["x1"].lower == pytest.approx(-0.06654, rel=0.01)
