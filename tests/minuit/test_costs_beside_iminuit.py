"""Fits of all cost functions and of their sums beside iminuit, by the same scripts.

iminuit runs with strategy 2 and a hundredth of the tolerance, as the truth. jaxminuit runs as it comes: its EDM is far
below the goal, so values must come within 0.01 sigma, errors and Minos errors within 1 % (finite differences of
iminuit's Hesse), the cost at the minimum within 1e-4.
"""

import numpy as np
import pytest

from tests.minuit.cost_fits import FITS, OURS, THEIRS

QUICK = ("numpy only", "simultaneous")  # the others compile for a long time
PARAMS = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in FITS]


@pytest.fixture(params=PARAMS, scope="module")
def pair(request):
    """The same fit by jaxminuit and by iminuit."""
    fit = FITS[request.param]
    mine, theirs = fit.minuit(OURS), fit.minuit(THEIRS)
    assert mine.gradient_path == fit.path
    theirs.tol, theirs.strategy = 1e-3, 2
    return mine.migrad().minos(), theirs.migrad().minos()


def test_table(pair):
    mine, theirs = pair
    assert mine.parameters == theirs.parameters
    assert mine.limits.to_dict() == theirs.limits.to_dict()
    assert (mine.errordef, mine.ndof, mine.nfit) == (theirs.errordef, theirs.ndof, theirs.nfit)
    np.testing.assert_allclose(mine.fcn(theirs.values), theirs.fval, rtol=1e-9)


def test_minimum(pair):
    mine, theirs = pair
    assert mine.valid
    assert mine.accurate
    assert theirs.valid
    pulls = (np.array(mine.values) - np.array(theirs.values)) / np.array(theirs.errors)
    np.testing.assert_allclose(pulls, 0.0, atol=0.01)
    assert mine.fval == pytest.approx(theirs.fval, abs=1e-4, rel=0)
    np.testing.assert_allclose(mine.fmin.reduced_chi2, theirs.fmin.reduced_chi2, rtol=1e-4)


def test_errors(pair):
    mine, theirs = pair
    np.testing.assert_allclose(np.array(mine.errors), np.array(theirs.errors), rtol=0.01)
    np.testing.assert_allclose(mine.covariance.correlation(), theirs.covariance.correlation(), atol=0.01)


def test_minos(pair):
    mine, theirs = pair
    assert list(mine.merrors) == list(theirs.merrors)
    for name, error in mine.merrors.items():
        other = theirs.merrors[name]
        assert error.is_valid
        assert other.is_valid
        np.testing.assert_allclose([error.lower, error.upper], [other.lower, other.upper], rtol=0.01, err_msg=name)
