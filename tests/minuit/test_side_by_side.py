"""The same script with iminuit and with jaxminuit: every public result of m, and what the script computed."""

import warnings

import numpy as np
import pytest

from tests.minuit.side_scripts import scripts

iminuit = pytest.importorskip("iminuit")

SCRIPTS = {name: (text, traced) for name, text, traced in scripts()}
QUICK = ("scalars", "host", "gradient", "least squares", "unbinned on host", "extended binned")  # the rest is slow


def _marks(name):
    return () if name.split(": ")[0] in QUICK else pytest.mark.slow


# Both end within the EDM goal, 1e-4 UP, of the minimum: less than sqrt(1e-4 x 2) = 1.5 % of an error from it each.
NEAR = 0.03
# Errors by finite differences at slightly another point; a bowl with quartic terms changes by some per cent.
ERRORS = 0.03
# Parts that a plan's scripts do not compare, and why.
WAIVED = {
    "call limit": (
        {"numbers", "is_above_max_edm", "minos", "text"},
        "both stop in the middle, exact gradients elsewhere; iminuit calls any EDM below its limit then",
    ),
    "at a limit": (
        {"covariance"},
        "exactly at a limit dx/du is 0, and so is the first-order covariance; iminuit stops a little before",
    ),
}
# On finite differences all calls are the same, except where the algorithms are not: contours, profiles, errors after
# a scan; another level in Minos; the error matrix from before an edit, with which iminuit starts again.
OTHER_CALLS = {"mnprofile", "mncontour", "scan", "minos of one", "minos in sigmas", "moved", "two fixed"}
FLAGS = (
    "is_valid", "has_valid_parameters", "has_accurate_covar", "has_posdef_covar", "has_made_posdef_covar",
    "hesse_failed", "has_covariance", "is_above_max_edm", "has_reached_call_limit", "has_parameters_at_limit",
)  # fmt: skip
SIDES = (
    "is_valid", "lower_valid", "upper_valid", "at_lower_limit", "at_upper_limit", "at_lower_max_fcn",
    "at_upper_max_fcn", "lower_new_min", "upper_new_min",
)  # fmt: skip


def ran(package, text):
    """The names that a script leaves behind."""
    names = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(text.replace("PACKAGE", package), names)
    return names


@pytest.mark.parametrize("name", [pytest.param(name, marks=_marks(name), id=name) for name in SCRIPTS])
def test_side_by_side(name):
    text, traced = SCRIPTS[name]
    theirs, ours = ran("iminuit", text), ran("jaxminuit", text)
    waived, _ = WAIVED.get(name.split(": ")[1], (set(), ""))
    compare(theirs["m"], ours["m"], waived)
    compare_outcome(theirs.get("out"), ours.get("out"), ours["m"])
    assert ours.get("before") == theirs.get("before")
    m = ours["m"]
    assert m.gradient_path == ("exact" if traced else "host")
    if not traced and m.ngrad == 0 and name.split(": ")[1] not in OTHER_CALLS:
        assert m.nfcn == theirs["m"].nfcn


def compare(theirs, ours, waived):
    """Every public result."""
    for what in ("parameters", "pos2var", "var2pos", "npar", "nfit", "errordef", "tol", "precision", "limits", "fixed"):
        assert getattr(ours, what) == getattr(theirs, what), what
    assert ours.strategy.strategy == theirs.strategy.strategy
    np.testing.assert_equal(ours.ndof, theirs.ndof)
    assert ours.valid == theirs.valid
    assert (ours.nfcn > 0) == (theirs.nfcn > 0)
    compare_minimum(theirs.fmin, ours.fmin, waived)
    compare_tables(theirs, ours)
    if "numbers" in waived:
        return
    assert ours.accurate == theirs.accurate
    sigma = np.array(theirs.errors)
    np.testing.assert_allclose(np.subtract(ours.values, theirs.values) / sigma, 0, atol=NEAR)
    np.testing.assert_allclose(ours.errors, theirs.errors, rtol=ERRORS)
    if "covariance" not in waived:
        compare_matrix(theirs.covariance, ours.covariance, sigma)
    compare_minos(theirs.merrors, ours.merrors)


def compare_minimum(theirs, ours, waived):
    if theirs is None or ours is None:
        assert theirs is ours
        return
    assert ours.algorithm == theirs.algorithm
    flags = set(FLAGS) - waived
    if "numbers" in waived:
        flags -= {"has_accurate_covar", "has_posdef_covar", "has_made_posdef_covar"}
    assert {f: getattr(ours, f) for f in flags} == {f: getattr(theirs, f) for f in flags}
    goal = theirs.edm_goal
    np.testing.assert_allclose(ours.edm_goal, goal, rtol=1e-9)
    np.testing.assert_allclose(ours.errordef, theirs.errordef)
    if "numbers" not in waived:
        np.testing.assert_allclose(
            ours.fval, theirs.fval, rtol=1e-9, atol=max(2 * goal, theirs.edm if not theirs.is_valid else 0)
        )
        np.testing.assert_allclose(ours.reduced_chi2, theirs.reduced_chi2, rtol=1e-3)


def compare_matrix(theirs, ours, sigma):
    if theirs is None or ours is None:
        assert theirs is ours
        return
    scale = np.outer(sigma, sigma)
    np.testing.assert_allclose(np.asarray(ours) / scale, np.asarray(theirs) / scale, atol=2 * ERRORS)
    np.testing.assert_allclose(ours.correlation(), theirs.correlation(), atol=ERRORS)
    assert ours.to_dict().keys() == theirs.to_dict().keys()


def compare_minos(theirs, ours):
    assert list(ours) == list(theirs)
    for name, a in theirs.items():
        b = ours[name]
        assert {f: getattr(b, f) for f in SIDES} == {f: getattr(a, f) for f in SIDES}
        assert (b.number, b.name) == (a.number, a.name)
        width = a.upper - a.lower
        np.testing.assert_allclose([(b.lower - a.lower) / width, (b.upper - a.upper) / width], 0, atol=NEAR)


def compare_tables(theirs, ours):
    for a, b in zip(theirs.params, ours.params, strict=True):
        for what in ("number", "name", "is_const", "is_fixed", "lower_limit", "upper_limit", "has_limits"):
            assert getattr(b, what) == getattr(a, what), what
        assert (b.merror is None) == (a.merror is None)
    assert [p.value for p in ours.init_params] == [p.value for p in theirs.init_params]
    if ours.valid or ours.fmin is None:  # else ours says why
        assert len(str(ours).splitlines()) == len(str(theirs).splitlines())
    assert ours._repr_html_().count("<table>") == theirs._repr_html_().count("<table>")


def compare_outcome(theirs, ours, m):
    """Numbers, arrays, or tuples of them; a scan is stretched over errors that differ by a few per cent."""
    if isinstance(theirs, tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(theirs, ours, strict=True):
            compare_outcome(a, b, m)
    elif theirs is not None:
        a, b = np.asarray(theirs, dtype=float), np.asarray(ours, dtype=float)
        assert b.shape == a.shape
        np.testing.assert_allclose(b, a, rtol=0.05, atol=0.05 * np.ptp(a) + NEAR * min(1.0, max(m.errors)))
