"""FMin, Params, MErrors, Matrix from results made by hand."""

import copy
import math
import pickle

import iminuit
import numpy as np
import pytest

from jaxminuit.core.status import MatrixStatus, SideStatus, Status
from jaxminuit.minuit.clock import Clock
from jaxminuit.minuit.matrix import Matrix
from jaxminuit.minuit.results import FMin, MErrors, Params
from jaxminuit.minuit.session import Session
from tests.minuit.handmade import NAMES, fmin, minimum, minos


def test_fmin_has_the_properties_of_iminuit():
    theirs = {name for name in dir(iminuit.util.FMin) if name[0] != "_"}
    assert {name for name in dir(fmin()) if name[0] != "_"} == theirs


def test_fmin_of_a_valid_minimum():
    fm = fmin()
    assert (fm.fval, fm.edm, fm.edm_goal, fm.errordef) == (7.5, 1e-6, 2e-4, 1.0)
    assert (fm.nfcn, fm.ngrad, fm.nhessian) == (40, 12, 2)
    assert fm.is_valid
    assert fm.has_valid_parameters
    assert fm.has_accurate_covar
    assert fm.has_posdef_covar
    assert fm.has_covariance
    assert fm.reduced_chi2 == 1.5
    bad = ("has_made_posdef_covar", "hesse_failed", "is_above_max_edm", "has_reached_call_limit")
    assert not any(getattr(fm, name) for name in (*bad, "has_parameters_at_limit"))


@pytest.mark.parametrize("status", [s for s in Status if s > Status.AT_LIMIT])
def test_fmin_of_a_failed_fit(status):
    fm = fmin(status=status)
    assert not fm.is_valid
    assert fm.has_reached_call_limit == (status == Status.CALL_LIMIT)
    assert status.message.split()[0] in str(fm)


@pytest.mark.parametrize(
    ("matrix", "flags"),
    [
        (MatrixStatus.ACCURATE, (True, True, True, False, False)),
        (MatrixStatus.APPROXIMATE, (True, False, True, False, False)),
        (MatrixStatus.MADE_POSITIVE_DEFINITE, (True, False, False, True, False)),
        (MatrixStatus.NOT_POSITIVE_DEFINITE, (True, False, False, False, False)),
        (MatrixStatus.HESSE_FAILED, (False, False, False, False, True)),
        (MatrixStatus.INVERT_FAILED, (False, False, False, False, True)),
        (MatrixStatus.ABSENT, (False, False, False, False, False)),
    ],
)
def test_fmin_says_how_good_the_matrix_is(matrix, flags):
    fm = fmin(matrix_status=matrix)
    found = (fm.has_covariance, fm.has_accurate_covar, fm.has_posdef_covar, fm.has_made_posdef_covar, fm.hesse_failed)
    assert found == flags


def test_fmin_edm_limits_and_reduced_chi2():
    assert fmin(edm=2.1e-3).is_above_max_edm
    assert not fmin(edm=1.9e-3).is_above_max_edm
    assert fmin(edm=math.nan).is_above_max_edm
    assert not fmin(edm=-1.0).is_valid
    assert fmin(limits={"a": (0.95, None)}).has_parameters_at_limit  # 0.05 away, half an error is 0.1
    assert not fmin(limits={"a": (0.85, None)}).has_parameters_at_limit
    assert all(math.isnan(fmin(**kwds).reduced_chi2) for kwds in ({"ndof": 0}, {"ndof": math.inf}, {"errordef": 0.5}))


def test_fmin_equality_and_repr():
    assert fmin(ndof=math.nan) == fmin(ndof=math.nan)
    assert fmin() != fmin(status=Status.CALL_LIMIT)
    assert repr(fmin()).startswith("<FMin algorithm='Migrad' edm=1e-06 edm_goal=0.0002 errordef=1.0 fval=7.5")
    assert pickle.loads(pickle.dumps(fmin())) == fmin()


def session():
    s = Session.start(NAMES, np.array([1.0, -2.0, 3.0]), 1.0).with_minimum(minimum(), (0, 0, 0), Clock())
    return s.edited(lower={0: 0.0}, fixed={2: True})


def test_params():
    ps = Params.of(session(), MErrors.of(minos()))
    assert [p.name for p in ps] == list(NAMES)
    a, b, c = ps
    assert (a.value, a.error, a.merror, a.lower_limit, a.upper_limit) == (
        1.0,
        pytest.approx(0.2),
        (-0.21, 0.19),
        0.0,
        None,
    )
    assert a.has_limits
    assert a.has_lower_limit
    assert not a.has_upper_limit
    assert b.merror is None
    assert not b.has_limits
    assert c.is_fixed
    assert not c.is_const
    assert ps["b"] is ps[1] is ps[-2]
    assert isinstance(ps[:2], Params)
    assert ps.to_table()[1] == ["pos", "name", "value", "error", "error-", "error+", "limit-", "limit+", "fixed"]
    assert ps.to_table()[0][0] == [0, "a", "1.00", "0.20", "-0.21", "0.19", "0.0", "", ""]


@pytest.mark.parametrize("status", list(SideStatus)[:-1])
def test_merror(status):
    error = MErrors.of(minos(status=(SideStatus.VALID, status)))["a"]
    assert (error.number, error.name, error.lower, error.upper, error.nfcn, error.min) == (0, "a", -0.21, 0.19, 11, 1.0)
    assert error.lower_valid
    assert error.upper_valid == error.is_valid == (status <= SideStatus.AT_LIMIT)
    assert error.at_upper_limit == (status == SideStatus.AT_LIMIT)
    assert error.at_upper_max_fcn == (status == SideStatus.CALL_LIMIT)
    assert error.upper_new_min == (status == SideStatus.NEW_MINIMUM)
    assert not any((error.at_lower_limit, error.at_lower_max_fcn, error.lower_new_min))


def test_merrors_holds_what_was_done():
    errors = MErrors.of(minos(done=("b",)))
    assert list(errors) == ["b"]
    assert errors[0] is errors["b"] is errors[-1]
    with pytest.raises(KeyError):
        errors["a"]
    with pytest.raises(IndexError):
        errors[1]
    assert MErrors.of(None) == MErrors()
    assert {f for f in dir(errors["b"]) if f[0] != "_"} == {
        f for f in dir(iminuit.util.MError(*range(15))) if f[0] != "_"
    }


def test_minos_of_several_calls_are_kept_together():
    s = session().with_minos(minos(done=("a",)), Clock()).with_minos(minos(done=("b",), lower=-0.5), Clock())
    errors = MErrors.of(s.minos)
    assert (errors["a"].lower, errors["b"].lower) == (-0.21, -0.5)
    assert s.nfcn == 40 + 11 + 11
    assert s.with_minimum(minimum(), (0, 0, 0), Clock()).minos is None


def test_another_errordef_scales_errors_and_covariance():
    s = session().with_minos(minos(), Clock())
    four = s.with_errordef(4.0)
    np.testing.assert_allclose(four.errors, [0.4, 1.0, s.errors[2]], rtol=1e-12)  # the fixed one keeps its step
    np.testing.assert_allclose(four.minimum.covariance, 4.0 * s.minimum.covariance, rtol=1e-12)
    assert float(four.minimum.goal) == pytest.approx(2e-4)  # by which the fit was judged
    assert four.minos is None
    assert float(s.minimum.errordef) == 1.0


def matrix():
    return Matrix([[0.04, 0.01, 0.0], [0.01, 0.25, 0.0], [0.0, 0.0, 0.0]], NAMES)


def reference():
    """iminuit's class with the same numbers."""
    theirs = iminuit.util.Matrix({"a": 0, "b": 1, "c": 2})
    theirs[:] = np.asarray(matrix())
    return theirs


@pytest.mark.parametrize(
    "expression",
    [
        "m['a', 'b']", "m[0, 1]", "m[-1, 0]", "m['a']", "m[1]", "m[:2]", "m[['a', 'c']]", "m[0:2, 0:2]", "m[:, 0]",
        "m['b', :2]", "m.to_dict()", "m.correlation()", "m.correlation()['a', 'b']", "m + m", "m.T", "m.sum()",
        "np.diag(m)", "np.sqrt(np.diag(m))", "np.linalg.eigvalsh(m)", "m @ [1, 2, 3]", "m[[True, False, True]]",
        "m[np.triu_indices(3)]", "m[m > 0]", "m[None, :]", "m[...]",
    ],
)  # fmt: skip
def test_matrix_as_iminuit_has_it(expression):
    mine, theirs = (eval(expression, {"m": m, "np": np}) for m in (matrix(), reference()))
    if isinstance(mine, dict):
        assert mine == theirs
    else:
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=1e-14)


def test_matrix_keeps_and_loses_its_names():
    m = matrix()
    assert m[["a", "c"]].names == ("a", "c")
    assert m[np.array([0, 2])].names == ("a", "c")
    assert (2 * m).names == NAMES
    assert m[:2].to_dict() == {("a", "a"): 0.04, ("a", "b"): 0.01, ("b", "b"): 0.25}
    assert m["a"].names == NAMES
    assert m["a"]["b"] == m["b"]["a"] == 0.01
    assert m["a"].shape == (3,)
    for copied in (pickle.loads(pickle.dumps(m)), copy.deepcopy(m)):
        assert copied.names == NAMES
        np.testing.assert_array_equal(copied, m)
    for key, error in (("q", KeyError), (("a", "q"), KeyError), (3, IndexError), ((0, 1, 2), IndexError)):
        with pytest.raises(error):
            m[key]
    with pytest.raises(ValueError, match="3 parameters cannot have the shape"):
        Matrix(np.ones((2, 3)), NAMES)


def test_fmin_type_is_immutable():
    fm = fmin()
    with pytest.raises(AttributeError):
        fm.fval = 1.0
    assert isinstance(fm, FMin)
