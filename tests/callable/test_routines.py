"""Every Fortran-callable routine and every return code, on functions that cost little to fit."""

import io

import numpy as np
import pytest

from jaxminuit.fortran import Session
from tests.callable.functions import CORRELATION, COVARIANCE, ERRORS, quadratic, session


@pytest.fixture(scope="module")
def fitted():
    """A session after MIGRAD and MINOS, and what MNCONT gave."""
    minuit, output = session()
    assert minuit.mnexcm(quadratic, "MIGRAD") == 0
    before = minuit.mnerrs(1)
    assert minuit.mnexcm(quadratic, "MINOS") == 0
    return minuit, output, before, minuit.mncont(quadratic, 1, 2, 8)


def test_mnstat_tells_fcn_edm_and_matrix(fitted):
    """Unknown before the fit: 0, UP, 0; then the minimum."""
    minuit, _ = session()
    assert minuit.mnstat() == (0.0, 1.0, 1.0, 2, 2, 0)
    fmin, fedm, errdef, npari, nparx, istat = fitted[0].mnstat()
    assert fmin == pytest.approx(5.0, abs=1e-6)
    assert 0.0 <= fedm < 1e-4
    assert (errdef, npari, nparx, istat) == (1.0, 2, 2, 3)


def test_mnemat_is_the_covariance_cut_or_padded(fitted):
    """(ndim, ndim) as in Fortran: cut with a remark, NaN beyond and where there is no matrix."""
    minuit, output, *_ = fitted
    assert np.isnan(session()[0].mnemat(2)).all()
    np.testing.assert_allclose(minuit.mnemat(), COVARIANCE, rtol=1e-4)
    np.testing.assert_allclose(minuit.mnemat(3)[:2, :2], COVARIANCE, rtol=1e-4)
    assert np.isnan(minuit.mnemat(3)[2]).all()
    np.testing.assert_allclose(minuit.mnemat(1), COVARIANCE[:1, :1], rtol=1e-4)
    assert "NOT BIG ENOUGH. REDUCED MATRIX CALCULATED." in output.getvalue()


def test_mnerrs_gives_minos_parabolic_and_global_errors(fitted):
    """Zero for what was not calculated; negative numbers count the variable parameters."""
    minuit, _, before, _ = fitted
    assert before == pytest.approx((0.0, 0.0, ERRORS[0], abs(CORRELATION)), rel=1e-4)
    for number in (1, 2):
        expected = (ERRORS[number - 1], -ERRORS[number - 1], ERRORS[number - 1], abs(CORRELATION))
        assert minuit.mnerrs(number) == pytest.approx(expected, rel=1e-3)
        assert minuit.mnerrs(-number) == minuit.mnerrs(number)
    for number in (0, 3, -3):
        assert minuit.mnerrs(number) == (0.0, 0.0, 0.0, 0.0)


def test_mncont_finds_points_where_the_fcn_is_up_by_up(fitted):
    """Eight points on the ellipse, and the codes of arguments that are not valid."""
    minuit, output, _, (xs, ys, nfound) = fitted
    assert nfound == len(xs) == len(ys) == 8
    values = [quadratic(2, None, (x, y), 4, None) for x, y in zip(xs, ys, strict=True)]
    np.testing.assert_allclose(values, 6.0, atol=0.01)  # as near as Minuit takes its points
    assert "POINTS ON CONTOUR.   FMIN=" in output.getvalue()
    for arguments in ((1, 2, 3), (1, 1, 8), (1, 5, 8), (0, 2, 8)):
        xs, ys, nfound = minuit.mncont(quadratic, *arguments)
        assert nfound == -1
        assert len(xs) == len(ys) == 0


@pytest.mark.slow
def test_mncont_without_four_points_is_0():
    """The FCN never rises by UP."""

    def saturated(npar, grad, xval, iflag, futil):
        return 1.0 - np.exp(-(xval[0] ** 2) - xval[1] ** 2)

    minuit, output = session((("X", 0.3, 0.1), ("Y", 0.2, 0.1)))
    assert minuit.mnexcm(saturated, "SET ERR", 4.0) == 0
    assert minuit.mncont(saturated, 1, 2, 8)[2] == 0


def test_mncont_tells_how_many_points_it_found(monkeypatch):
    """Fewer than asked for."""
    minuit, _ = session()
    minuit.mnexcm(quadratic, "CALL FCN", 4)
    some = np.linspace(0.0, 1.0, 5)
    monkeypatch.setattr("jaxminuit.command.callable.session.contour_of", lambda *arguments: (some, 2.0 * some))
    xs, ys, nfound = minuit.mncont(quadratic, 1, 2, 8)
    assert nfound == 5
    np.testing.assert_array_equal(ys, 2.0 * xs)


def test_errors_that_a_redefinition_destroyed_are_0():
    """The manual: zero for what is no longer valid. FIX squeezes the matrix, RELEASE drops it."""
    minuit, _ = session()
    minuit.mnexcm(quadratic, "MIGRAD")
    minuit.mnexcm(quadratic, "FIX", [2])
    assert minuit.mnerrs(1) == pytest.approx((0.0, 0.0, np.sqrt(0.5), 0.0), rel=1e-4)
    assert minuit.mnstat()[3:] == (1, 2, 1)
    minuit.mnexcm(quadratic, "RELEASE", [2])
    assert minuit.mnerrs(1) == (0.0, 0.0, 0.0, 0.0)
    minuit.mnexcm(quadratic, "MIGRAD")
    assert minuit.mnexcm(quadratic, "SET PARAM", [1, 0.5]) == 0
    assert minuit.mnerrs(1) == (0.0, 0.0, 0.0, 0.0)
    assert minuit.mnstat() == (0.0, 1.0, 1.0, 2, 2, 0)


def test_mnpout_is_the_inverse_of_mnparm():
    """Name, value, error, limits, and the number among the variable parameters or beside it."""
    minuit, _ = session((("A", 1.0, 0.1), ("Constant", 2.0, 0.0), ("B", 3.0, 0.2, 0.0, 5.0)))
    assert minuit.mnpout(1) == ("A", 1.0, 0.1, 0.0, 0.0, 1)
    assert minuit.mnpout(2) == ("Constant", 2.0, 0.0, 0.0, 0.0, 0)
    assert minuit.mnpout(3) == ("B", 3.0, 0.2, 0.0, 5.0, 2)
    assert minuit.mnpout(-2) == ("B", 3.0, 0.2, 0.0, 5.0, 3)
    for number in (0, 4, -3):
        assert minuit.mnpout(number) == ("undefined", 0.0, 0.0, 0.0, 0.0, -1)
    minuit.mnexcm(quadratic, "FIX", 3)
    assert minuit.mnpout(3) == ("B", 3.0, 0.0, 0.0, 5.0, 0)
    with pytest.raises(TypeError, match="num must be a whole number, not 1.5"):
        minuit.mnpout(1.5)


def test_mnparm_codes():
    """0 done; 1 for a number out of range, equal limits, and more than 50 variable parameters."""
    minuit, output = session()
    assert minuit.mnparm(0, "A", 1.0, 0.1, 0.0, 0.0) == 1
    assert minuit.mnparm(101, "A", 1.0, 0.1, 0.0, 0.0) == 1
    assert minuit.mnparm(3, "A", 1.0, 0.1, 2.0, 2.0) == 1
    assert minuit.mnstat().npari == 2
    assert [minuit.mnparm(i, "P", 1.0, 0.1) for i in range(3, 52)] == [0] * 48 + [1]
    assert minuit.mnparm(51, "P", 1.0, 0.0) == 0
    assert minuit.mnparm(100, "A name that is too long", 1.0, 0.0) == 0
    assert minuit.mnpout(100)[0] == "A name tha"
    text = output.getvalue()
    for line in ("PARAMETER NUMBER IS", "UPPER AND LOWER LIMITS EQUAL", "TOO MANY VARIABLE PARAMETERS"):
        assert line in text
    assert text.count("PARAMETER DEFINITIONS:") == 1
    with pytest.raises(ValueError, match="bnd2 must be finite, not inf"):
        minuit.mnparm(1, "X", 1.0, 0.1, 0.0, np.inf)
    with pytest.raises(TypeError, match="stval must be a number, not 'one'"):
        minuit.mnparm(1, "X", "one", 0.1)


def test_mnpars_codes():
    """0 defined, 1 not, 2 the end of the definitions."""
    minuit, _ = session(())
    assert minuit.mnpars(" 15 'Lambda Mass' 1.2, 0.1") == 0
    assert minuit.mnpout(15) == ("Lambda Mas", 1.2, 0.1, 0.0, 0.0, 1)
    assert minuit.mnpars("16 'Bad' 1.x") == 1
    assert minuit.mnpars("101 'Far' 1. .1") == 1
    assert minuit.mnpars("") == 2
    assert minuit.mnpars("0 'End' 1. .1") == 2
    assert minuit.mnstat()[3:5] == (1, 15)


def test_mnseti_is_the_title():
    """Fifty characters of it."""
    minuit, output = session()
    minuit.mnseti("Time distribution " * 4)
    minuit.mnexcm(quadratic, "SHOW TITLE")
    assert minuit.state.title == ("Time distribution " * 4)[:50].rstrip()
    assert minuit.state.title in output.getvalue()


CODES = [
    ("SHOW FCN", [], 0),
    ("set pri", [0.0], 0),
    ("FIX", [9.0], 0),
    ("SET XYZ", [], 0),
    ("", [], 1),
    ("   ", [], 1),
    ("XYZZY", [1.0], 3),
    (" MIGRAD", [], 3),
    ("SCAN", [9.0], 3),
    ("CONTOUR", [1.0, 1.0], 3),
    ("RESTORE", [5.0], 3),
    ("MNCONTOUR", [1.0, 7.0], 3),
    ("MIGRAD", [1.0], 4),
    ("END", [], 10),
    ("EXIT", [], 11),
    ("STOP ", 0, 11),
    ("RETURN", None, 12),
]


def test_mnexcm_codes():
    """Codes in one session: control always comes back, and nothing ends it."""
    minuit, _ = session()
    found = [minuit.mnexcm(quadratic, word, arguments) for word, arguments, _ in CODES]
    assert found == [code for *_, code in CODES]


def test_mncomd_codes():
    """As MNEXCM, with the arguments in the record; records that need others are refused."""
    minuit, output = session()
    records = {
        "show fcn": 0,
        "  ": 1,
        "": 1,
        "migrad 500 abc": 2,
        "xyzzy 1": 3,
        "migrad 1": 4,
        "parameters": 5,
        "set input 21": 6,
        "SET TITLE": 7,
        "set covariance 2": 8,
        "end": 10,
        "stop": 11,
        "return": 12,
    }
    assert [minuit.mncomd(quadratic, record) for record in records] == list(records.values())
    assert minuit.mncomd(quadratic, "set param 1 0.25") == 0
    assert minuit.mnpout(1).val == 0.25
    text = output.getvalue()
    assert "\n BLANK COMMAND IGNORED.\n" in text
    assert "COMMAND CANNOT BE INTERPRETED" in text
    minuit.mnparm(3, "Z", 1.0, 0.0)
    assert output.getvalue().count("PARAMETER DEFINITIONS:") == 2  # PARAMETERS asks for another heading


def test_arguments_are_lists_arrays_or_one_number():
    """NARG cuts them; anything else is refused before the command."""
    minuit, _ = session()
    minuit.mnexcm(quadratic, "SET PARAM", np.array([1.0, 0.5, 9.0]), 2)
    minuit.mnexcm(quadratic, "SET ERR", 4)
    assert (minuit.mnpout(1).val, minuit.mnstat().errdef) == (0.5, 4.0)
    minuit.mnexcm(quadratic, "SET ERR", [9.0], 0)
    assert minuit.mnstat().errdef == 1.0
    with pytest.raises(TypeError, match="arglis must hold numbers, not 'abc'"):
        minuit.mnexcm(quadratic, "MIGRAD", "abc")
    with pytest.raises(ValueError, match="narg must be from 0 to 1"):
        minuit.mnexcm(quadratic, "MIGRAD", [1.0], 2)
    with pytest.raises(TypeError, match="fcn must take one array"):
        minuit.mnexcm(lambda a, b: 0.0, "MIGRAD")
    with pytest.raises(RuntimeError, match="call mninit"):
        Session().mnstat()


def test_futil_reaches_the_fcn():
    """As its last argument; 0 stands for none."""
    given = []

    def fcn(npar, grad, xval, iflag, futil):
        given.append((npar, iflag, futil))
        return xval[0] ** 2

    minuit, _ = session()
    minuit.mnexcm(fcn, "CALL FCN", [4], 1, abs)
    minuit.mncomd(fcn, "CALL FCN 5", 0)
    assert given == [(2, 4, abs), (2, 5, None)]


def test_standard_calls_the_users_routine():
    """Session(stand=...)."""
    called = []
    minuit = Session(stand=lambda: called.append(1))
    minuit.open_unit(6, io.StringIO(), "w")
    minuit.mninit()
    assert minuit.mnexcm(quadratic, "STANDARD") == 0
    assert called == [1]


def test_mninit_forgets_all_but_the_random_generator():
    """UP, strategy, print level, title and parameters are as at first."""
    minuit, _ = session()
    for word, value in (("SET ERR", 4), ("SET STR", 2), ("SET PRI", -1), ("SET RAN", 777)):
        minuit.mnexcm(quadratic, word, value)
    minuit.mnseti("Old")
    minuit.mninit(5, 6, 7)
    state = minuit.state
    assert (state.up, state.strategy, state.print_level, state.title, state.parameters) == (1.0, 1, 1, "", ())
    assert state.seed == 777
