"""Error matrices and correlations against the transcripts, for wide and narrow pages."""

import numpy as np
import pytest

from jaxminuit.command.report.matrix import NO_PARAMETERS, TOO_SMALL, error_matrix, matrix_and_correlations
from jaxminuit.command.report.rows import Matrix
from tests.command.report.excerpts import excerpts


def matrix_of(stored):
    """Only the lower triangle is stored."""
    triangle = stored["covariance"]
    full = np.zeros((len(triangle), len(triangle)))
    for i, row in enumerate(triangle):
        full[i, : i + 1] = full[: i + 1, i] = row
    return Matrix(**stored | {"covariance": full})


@pytest.mark.parametrize("excerpt", excerpts("matrices"))
def test_matrix(excerpt):
    matrix = matrix_of(excerpt["matrix"])
    assert matrix_and_correlations(matrix, excerpt["width"], covariance=excerpt["covariance"]) == excerpt["lines"]


def test_without_matrix():
    assert matrix_and_correlations(None) == [" NO ERROR MATRIX       "]
    assert matrix_and_correlations(Matrix(np.zeros((0, 0)), [], (), 1)) == [NO_PARAMETERS]


def test_reduced_matrix():
    matrix = Matrix([[1.0, 0.5, 0.1], [0.5, 2.0, 0.2], [0.1, 0.2, 3.0]], [0.1, 0.2, 0.3], (1, 2, 4), 3, 0.5)
    assert error_matrix(matrix, dimension=2) == [
        "",
        " EXTERNAL ERROR MATRIX.    NDIM=   2    NPAR=  3    ERR DEF= 0.500    ",
        TOO_SMALL,
        "  0.100E+01 0.500E+00",
        "  0.500E+00 0.200E+01",
    ]
    assert error_matrix(matrix, dimension=2, level=1) == [TOO_SMALL]
    assert error_matrix(matrix, dimension=2, level=-1) == []


def test_zero_variance_does_not_divide():
    lines = matrix_and_correlations(Matrix([[0.0, 0.0], [0.0, 1.0]], [0.0, 0.0], (1, 2)))
    assert lines[-2].endswith(" 0.000 0.000")
