"""The program of section 6.2 of the manual, the interface as users type it, and transcripts of the original."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from jaxminuit import fortran as mn
from tests.callable import transcripts
from tests.callable.functions import Kaons
from tests.command.transcripts import CASES

STAGES = json.loads(Path(__file__).with_name("k0.json").read_text())["stages"]
there = pytest.mark.skipif(not CASES.is_dir(), reason="the transcripts are not beside this checkout")


def check(stage):
    """Values within 0.02 sigma, errors 1 %, FCN 1e-4, global correlations 0.005, covariance 2 %."""
    fmin, fedm, errdef, npari, nparx, istat = mn.mnstat()
    assert fmin == pytest.approx(stage["fmin"], rel=1e-4)
    assert fedm < 1e-4
    assert (errdef, npari, nparx, istat) == (1.0, len(stage["parameters"]), 11, stage["istat"])
    for number, expected in stage["parameters"].items():
        _, value, error, *_ = mn.mnpout(int(number))
        assert value == pytest.approx(expected["value"], abs=0.02 * expected["error"])
        assert error == pytest.approx(expected["error"], rel=0.01)
        *ends, parabolic, correlation = mn.mnerrs(int(number))
        assert ends == pytest.approx([expected["eplus"], expected["eminus"]], rel=0.01)
        assert parabolic == pytest.approx(expected["error"], rel=0.01)
        assert correlation == pytest.approx(expected["gcc"], abs=0.005)
    np.testing.assert_allclose(mn.mnemat(), stage["covariance"], rtol=0.02)


def test_the_program_of_section_6_2(capsys):
    """K0 decays, first with Delta M fixed and then free: the numbers of the original after every fit."""
    fcnk0 = Kaons()
    numbers, names = (1, 2, 5, 10, 11), ("Re(X)", "Im(X)", "Delta M", "T Kshort", "T Klong")
    starts, steps = (0.0, 0.0, 0.535, 0.892, 518.3), (0.1, 0.1, 0.1, 0.0, 0.0)
    mn.mninit(5, 6, 7)
    zero = 0.0
    for number, name, start, step in zip(numbers, names, starts, steps, strict=True):
        assert mn.mnparm(number, name, start, step, zero, zero) == 0
    mn.mnseti("Time Distribution of Leptonic K0 Decays")
    arglis = np.zeros(10)
    arglis[0] = 1.0
    assert mn.mnexcm(fcnk0, "CALL FCN", arglis, 1) == 0
    assert mn.mnstat().fmin == pytest.approx(35.661152, abs=1e-6)
    arglis[0] = 5.0
    assert mn.mnexcm(fcnk0, "FIX", arglis, 1) == 0
    arglis[0] = 0.0
    assert mn.mnexcm(fcnk0, "SET PRINT", arglis, 1) == 0
    stages = iter(STAGES)
    for word in ("MIGRAD", "MINOS", "RELEASE", "MIGRAD", "MINOS"):
        arglis[0] = 5.0
        assert mn.mnexcm(fcnk0, word, arglis, int(word == "RELEASE")) == 0
        if word != "RELEASE":
            check(next(stages))
    arglis[0] = 3.0
    assert mn.mnexcm(fcnk0, "CALL FCN", arglis, 1) == 0
    assert mn.mnexcm(fcnk0, "STOP ", 0, 0) == 11
    assert fcnk0.calls == [(1, 3), (3, 3)]  # STOP does not call with IFLAG=3 again
    assert " MINUIT TASK: Time Distribution of Leptonic K0 Decays" in capsys.readouterr().out


FORTRAN = """
from jaxminuit import fortran as mn                    # mninit mnseti mnparm mnpars mnexcm mncomd mnpout mnstat mnemat
mn.mninit(5, 6, 7)                                     # mnerrs mncont mnintr mninpu; outputs are returned
ierflg = mn.mnparm(1, "Re(X)", 0.0, 0.1, 0.0, 0.0)
ierflg = mn.mnexcm(fcnk0, "MIGRAD", [])
fmin, fedm, errdef, npari, nparx, istat = mn.mnstat()
"""
PDL = """
from jaxminuit import pdl                              # mn_init mn_def_pars mn_excm mn_pout mn_stat mn_emat mn_err
pdl.mn_init(my_function, Log="out.log", Title="My fit")     # mn_contour, as in ../manual/pdl-minuit.txt
pdl.mn_def_pars(pars, steps, Names=names, Lower_bounds=lo, Upper_bounds=up)
pdl.mn_excm("migrad")
"""


def test_the_interface_as_it_is_typed(tmp_path, monkeypatch):
    """Both blocks run as they stand in the description of the interface."""
    monkeypatch.chdir(tmp_path)
    here = {"fcnk0": lambda npar, grad, xval, iflag, futil: 1.0 + (xval[0] - 0.3) ** 2 / 0.01}
    exec(FORTRAN, here)
    assert (here["ierflg"], here["npari"], here["nparx"], here["istat"]) == (0, 1, 1, 3)
    assert here["fmin"] == pytest.approx(1.0, abs=1e-4)

    def my_function(npar, grad, fval, xval, iflag):
        return np.sum((xval - np.array([1.0, 5.0])) ** 2), grad

    here = {"my_function": my_function, "pars": np.array([0.5, 2.0]), "steps": np.array([0.1, 0.1])}
    here.update(names=["a", "b"], lo=np.array([0.0, 0.0]), up=np.array([0.0, 4.0]))
    exec(PDL, here)
    pdl = here["pdl"]
    assert pdl.mn_pout(1)[0] == pytest.approx(1.0, abs=0.02)
    assert pdl.mn_pout(2)[0] == pytest.approx(4.0, abs=0.02)  # at its limit
    assert "MIGRAD" in (tmp_path / "out.log").read_text()


@there
@pytest.mark.parametrize("name", ["api_mnintr", "api_two_functions"])
def test_the_print_out_is_that_of_the_original(name):
    """At least 95 % of the lines agree, and every output of every call."""
    assert transcripts.score(name) >= 0.95
    assert not transcripts.differences(name)


@there
@pytest.mark.slow
@pytest.mark.parametrize("name", ["api_basic", "k0_callable_double"])
def test_longer_programs_are_those_of_the_original(name):
    """The same, with contours."""
    assert transcripts.score(name) >= 0.95
    assert not transcripts.differences(name)


@there
@pytest.mark.slow
def test_stale_errors_are_zero_as_the_manual_says():
    """The original hands out parabolic errors that are no longer valid; all else agrees."""
    assert transcripts.score("api_stale_errors") >= 0.95
    for line in transcripts.differences("api_stale_errors"):
        assert "eparab=0.0, globcc=0.0), and not" in line


def test_the_manual_without_a_terminal(monkeypatch):
    """MNINTR after the program: commands come from standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO("show par\nfix 1\nreturn\n"))
    mn.mninit(5, 6, 7)
    mn.mnparm(1, "X", 1.0, 0.1, 0.0, 0.0)
    mn.mnintr(lambda npar, grad, xval, iflag, futil: xval[0] ** 2)
    assert mn.mnpout(1).ivarbl == 0
