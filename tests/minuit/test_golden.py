"""Tables as they are meant to look, kept in golden/: results made by hand, as text and as HTML.

Look at the files after a change on purpose, and write them anew with ``python -m tests.minuit.test_golden``.
"""

from pathlib import Path

import numpy as np
import pytest

from jaxminuit.core.status import MatrixStatus, SideStatus, Status
from jaxminuit.minuit.matrix import Matrix
from jaxminuit.minuit.results import FMin, MErrors, Param, Params
from tests.minuit.handmade import NAMES, fmin, minimum, minos

GOLDEN = Path(__file__).with_name("golden")


def param(number, name, value, error, merror=None, low=None, up=None, fixed=False):
    return Param(number, name, value, error, merror, False, fixed, low, up)


def good():
    """A chi-square fit of three parameters, one fixed, with Minos errors of one."""
    rows = [
        param(0, "a", 1.0, 0.2, (-0.21, 0.19), low=-5.0, up=5.0),
        param(1, "b", -2.0, 0.5),
        param(2, "c", 3.0, 0.1, fixed=True),
    ]
    matrix = Matrix([[0.04, 0.01, 0.0], [0.01, 0.25, 0.0], [0.0, 0.0, 0.0]], NAMES)
    return [fmin(time=1.31, compiling=1.2), Params(rows), MErrors.of(minos()), matrix]


def bad():
    """A fit that met its call limit with a matrix that had to be repaired; Minos met a limit and a new minimum."""
    rows = [
        param(0, "yield", 1234567.8, 1234.5, (-1250.0, 1211.0), low=0.0),
        param(1, "a_rather_long_name", 0.0123, 0.0345, (-0.0123, 0.031), low=0.0, up=0.02),
        param(2, "tiny", -3.21e-9, 4.5e-11),
    ]
    matrix = Matrix(
        [[1.524e6, -39.6, 0.0], [-39.6, 1.19e-3, 1.4e-12], [0.0, 1.4e-12, 2.025e-21]], [r.name for r in rows]
    )
    facts = {"status": Status.CALL_LIMIT, "matrix_status": MatrixStatus.MADE_POSITIVE_DEFINITE, "edm": 0.123}
    sides = MErrors.of(minos(status=(SideStatus.AT_LIMIT, SideStatus.NEW_MINIMUM)))
    return [
        FMin.of(minimum(**facts), ndof=np.nan, nfcn=1000, ngrad=0, nhessian=0, time=0.0),
        Params(rows),
        sides,
        matrix,
    ]


def unknown():
    """Before a fit, and after one that found nothing."""
    facts = {"status": Status.NOT_FINITE, "matrix_status": MatrixStatus.ABSENT, "edm": np.nan}
    return [fmin(**facts), Params([param(0, "x", 1.0, 0.01), param(1, "<y>", 0.0, 0.1, up=1e6)])]


CASES = {"good": good, "bad": bad, "unknown": unknown}


def as_text(results):
    return "\n".join(map(str, results)) + "\n"


def as_html(results):
    return "\n".join(result._repr_html_() for result in results) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_text(name):
    assert as_text(CASES[name]()) == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", CASES)
def test_html(name):
    assert as_html(CASES[name]()) == (GOLDEN / f"{name}.html").read_text()


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDEN / f"{name}.txt").write_text(as_text(case()))
        (GOLDEN / f"{name}.html").write_text(as_html(case()))
