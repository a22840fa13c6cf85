"""PDL::Minuit: its own test, its options, its convention for FCNs."""

import io
import os

import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import pdl

X = np.arange(10.0)
Y = 3.0 + 4.0 * X
COVARIANCE = np.array(
    [[19.0 / 55.0, -3.0 / 55.0], [-3.0 / 55.0, 2.0 / 165.0]]
)  # of the straight line through ten points


def line(npar, grad, fval, xval, iflag):
    """Chi-square of a straight line, calculated for IFLAG=4 only."""
    if iflag == 4:
        fval = np.sum((Y - xval[0] - xval[1] * X) ** 2)
    return fval, grad


def with_gradient(npar, grad, fval, xval, iflag):
    """The same, with the gradient, in an array of its own."""
    residual = Y - xval[0] - xval[1] * X
    if iflag == 2:
        grad = np.array([-2.0 * residual.sum(), -2.0 * (residual * X).sum()])
    return np.sum(residual**2), grad


@pytest.fixture
def quiet(tmp_path):
    """A session whose print-out goes to a file."""
    session = pdl.Session()
    session.mn_init(line, Log=tmp_path / "out.log")
    return session


def test_the_test_of_pdl(tmp_path):
    """A straight line through points without scatter: codes, error matrix to 1e-6, value; Minos errors too."""
    log = tmp_path / "out.log"
    log.write_text("what was there before\n")
    pdl.mn_init(line, Log=str(log), Title="test title")
    assert pdl.mn_def_pars(np.array([2.5, 3.0]), np.array([0.3, 0.5]), Names=["intercept", "slope"]) == 0
    assert pdl.mn_excm("set pri", np.array(3.0)) == 0
    assert pdl.mn_excm("migrad") == 0
    assert pdl.mn_excm("minos") == 0
    np.testing.assert_allclose(pdl.mn_emat(), COVARIANCE, atol=1e-6)
    val, err, bnd1, bnd2, ivarbl, par_name = pdl.mn_pout(1)
    assert val == pytest.approx(3.0, abs=1e-6)
    assert err == pytest.approx(np.sqrt(COVARIANCE[0, 0]), rel=1e-6)
    assert (bnd1, bnd2, ivarbl, par_name) == (0.0, 0.0, 1, "intercept")
    eplus, eminus, eparab, globcc = pdl.mn_err(2)
    error = np.sqrt(COVARIANCE[1, 1])
    assert (eplus, eminus, eparab) == pytest.approx((error, -error, error), rel=1e-3)
    assert globcc == pytest.approx(0.8429272304235246, abs=1e-6)
    fmin, fedm, errdef, npari, nparx, istat = pdl.mn_stat()
    assert fmin == pytest.approx(0.0, abs=1e-6)
    assert (errdef, npari, nparx, istat) == (1.0, 2, 2, 3)
    xpt, ypt, nfound = pdl.mn_contour(1, 2, 8)
    assert nfound == len(xpt) == len(ypt) == 8
    values = [line(2, None, 0.0, point, 4)[0] for point in zip(xpt, ypt, strict=True)]
    np.testing.assert_allclose(values, 1.0, atol=0.02)
    text = log.read_text()
    assert "what was there before" not in text
    assert all(word in text for word in ("INITIALIZED", "test title", "'intercept '", "POINTS ON CONTOUR"))
    assert pdl.mn_excm("xyzzy") == 3
    assert pdl.mn_contour(1, 1, 8)[2] < 0
    assert pdl.mn_contour(1, 2, 3)[2] < 0


def test_errors_before_minos_are_equal_in_size(quiet):
    """PDL's document: the first three are equal until MINOS; nothing is known of a constant."""
    quiet.mn_def_pars([2.5, 3.0, 1.0], [0.3, 0.5, 0.0])
    assert quiet.mn_excm("migrad") == 0
    error = np.sqrt(COVARIANCE[0, 0])
    assert quiet.mn_err(1)[:3] == pytest.approx((error, -error, error), rel=1e-6)
    assert quiet.mn_err(3) == (0.0, 0.0, 0.0, 0.0)
    assert quiet.mn_pout(3) == (1.0, 0.0, 0.0, 0.0, 0, "Par_2")
    assert quiet.mn_pout(4)[4] < 0


def test_names_and_bounds(quiet):
    """Par_0, Par_1 by default; bounds of 0 and 0 are none; a lower bound is 0 unless given."""
    assert quiet.mn_def_pars([2.5, 3.0], [0.3, 0.5], Upper_bounds=[0.0, 100.0]) == 0
    assert quiet.mn_pout(1) == (2.5, 0.3, 0.0, 0.0, 1, "Par_0")
    assert quiet.mn_pout(2) == (3.0, 0.5, 0.0, 100.0, 2, "Par_1")
    assert quiet.mn_def_pars([1.0, 1.0], [0.3, 0.5], Lower_bounds=[0.0, 2.0], Upper_bounds=[0.0, 2.0]) == 1
    with pytest.raises(ValueError, match=r"steps has the shape \(1,\), but pars has the length 2"):
        quiet.mn_def_pars([1.0, 1.0], [0.3])
    with pytest.raises(ValueError, match="Names has 1 entries, but pars has 2"):
        quiet.mn_def_pars([1.0, 1.0], [0.3, 0.3], Names=["a"])
    with pytest.raises(ValueError, match=r"pars\[1\] must be finite, not nan"):
        quiet.mn_def_pars([1.0, np.nan], [0.3, 0.3])


@pytest.mark.parametrize("function", [with_gradient, lambda x: jnp.sum((Y - x[0] - x[1] * X) ** 2)])
def test_gradients(function, quiet):
    """Returned for IFLAG=2 and found right; by autodiff for a function of one JAX array; NONE if untouched."""
    session = pdl.Session()
    session.mn_init(function, Log=os.devnull)
    session.mn_def_pars([2.5, 3.0], [0.3, 0.5])
    assert session.mn_excm("set gradient") == 0
    assert session.minuit.state.user_gradient
    quiet.mn_def_pars([2.5, 3.0], [0.3, 0.5])
    quiet.mn_excm("set gradient")
    assert not quiet.minuit.state.user_gradient


def test_log_title_and_unit(tmp_path, capsys):
    """Standard output and 'Minuit Fit' by default; unit 88 for the log, or another."""
    session = pdl.Session()
    session.mn_init(line)
    assert session.minuit.state.output_unit == 6
    session.mn_excm("show title")
    assert "Minuit Fit" in capsys.readouterr().out
    session.mn_init(line, Log=tmp_path / "log")
    assert session.minuit.state.output_unit == 88
    session.mn_init(line, Log=tmp_path / "other", Unit=31, Title="Another")
    assert (session.minuit.state.output_unit, session.minuit.state.title) == (31, "Another")
    session.mn_def_pars([1.0], [0.1])
    before = (tmp_path / "other").read_text()
    assert session.mn_excm("save") == 0
    assert (tmp_path / "other").read_text().startswith(before)  # SAVE writes below the print-out, on the same unit
    assert "PARAMETERS" in (tmp_path / "other").read_text()
    assert capsys.readouterr().out == ""


def test_objects_do_not_disturb_each_other(tmp_path):
    """The module's Minuit and one of our own."""
    own = pdl.Session()
    own.mn_init(line, Log=tmp_path / "own")
    pdl.mn_init(line, Log=tmp_path / "module")
    own.mn_def_pars([1.0, 2.0], [0.1, 0.1])
    pdl.mn_def_pars([7.0], [0.0])
    own.mn_excm("set err", 4)
    assert (own.mn_stat().errdef, own.mn_stat().npari) == (4.0, 2)
    assert (pdl.mn_stat().errdef, pdl.mn_stat().npari) == (1.0, 0)
    assert pdl.mn_pout(1)[0] == 7.0


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda npar, grad, fval, xval, iflag: 1.0, "must return (fval, grad), not 1.0"),
        (lambda npar, grad, fval, xval, iflag: ("a", grad), "could not convert string to float"),
        (lambda npar, grad, fval, xval, iflag: (1.0, [1.0, 2.0, 3.0]), "could not broadcast"),
        (lambda npar, grad, fval, xval, iflag: 1 / 0, "division by zero"),
    ],
)
def test_a_function_that_fails_is_told(function, problem):
    """Code 9; the state is as before, and another function can go on."""
    output = io.StringIO()
    session = pdl.Session()
    session.mn_init(function)
    session.minuit.open_unit(6, output, "w")
    session.mn_def_pars([1.0, 2.0], [0.1, 0.1])
    assert session.mn_excm("call fcn", [4]) == 9
    assert problem in output.getvalue()
    assert session.mn_stat().fmin == 0.0


def test_what_comes_too_early_or_is_no_function():
    """mn_init comes first; the FCN takes one or five arguments."""
    with pytest.raises(RuntimeError, match="call mn_init first"):
        pdl.Session().mn_excm("migrad")
    with pytest.raises(RuntimeError, match="call mninit"):
        pdl.Session().mn_stat()
    with pytest.raises(TypeError, match="fcn must take one array"):
        pdl.Session().mn_init(lambda a, b: 0.0)
