"""The error matrix, the correlation coefficients, eigenvalues."""

import numpy as np

from jaxminuit.command.report.fortran import fixed, general, integer, scientific
from jaxminuit.command.report.table import matrix_word

DIMENSION = 50  # of the internal arrays of the original program
TOO_SMALL = " USER-DIMENSIONED  ARRAY EMAT NOT BIG ENOUGH. REDUCED MATRIX CALCULATED."
NO_PARAMETERS = " MNMATU: NPAR=0"
NO_MATRIX = " " + matrix_word(0)


def matrix_and_correlations(matrix, width=120, *, covariance=True):
    """What SHOW COVARIANCE prints (SHOW CORRELATIONS: ``covariance=False``).

    Parameters
    ----------
    matrix : Matrix or None
        The error matrix; None (or one of quality 0) where there is none.
    width : int, default 120
        Page width in columns.
    covariance : bool, default True
        Whether the matrix comes before the correlations.
    """
    if matrix is None or matrix.quality == 0:
        return [NO_MATRIX]
    if not matrix.numbers:
        return [NO_PARAMETERS]
    remark = [" " + matrix_word(matrix.quality)] if matrix.quality < 3 else []
    lines = [*error_matrix(matrix, width), *remark] if covariance else []
    if len(matrix.numbers) > 1:
        lines += [*correlations(matrix, width), *remark]
    return lines


def error_matrix(matrix, width=120, dimension=DIMENSION, level=2):
    """The external error matrix; only its lower triangle when a row fills the line.

    ``dimension`` is printed as NDIM and cuts the matrix when it is smaller than the number of parameters. Below print
    level 2 (MNEMAT, which fills an array of the caller) there are only remarks.
    """
    parameters = len(matrix.numbers)
    printed = min(parameters, dimension)
    per_line = min(max((width - 5) // 10, 1), 13)
    lines = []
    if level >= 2:
        first = f" EXTERNAL ERROR MATRIX.    NDIM={integer(dimension, 4)}    NPAR={integer(parameters, 3)}"
        lines += ["", f"{first}    ERR DEF={general(matrix.up, 10, 3)}"]
    if level >= 0 and printed < parameters:
        lines.append(TOO_SMALL)
    if level >= 1 and printed > per_line:
        lines.append(" ELEMENTS ABOVE DIAGONAL ARE NOT PRINTED.")
    if level >= 2:
        for row, elements in enumerate(np.asarray(matrix.covariance)[:printed]):
            length = printed if printed < per_line else row + 1
            lines += _wrapped([scientific(v, 10, 3) for v in elements[:length]], per_line, " ", " ")
    return lines


def correlations(matrix, width=120):
    """Global and pairwise correlation coefficients; a row ends with the line that holds its diagonal element."""
    parameters = len(matrix.numbers)
    per_line = min(max((width - 19) // 6, 1), 20)
    covariance = np.asarray(matrix.covariance)
    sigma = np.sqrt(np.abs(np.diag(covariance)))
    sigma = np.where(sigma > 0, sigma, 1.0)
    numbers = "".join(integer(number, 6) for number in matrix.numbers[:per_line])
    lines = ["", " PARAMETER  CORRELATION COEFFICIENTS", "       NO.  GLOBAL" + numbers]
    for row, number in enumerate(matrix.numbers):
        coefficients = covariance[row] / (sigma[row] * sigma)
        length = min(parameters, per_line * (row // per_line + 1))
        start = f"      {integer(number, 3)}  {fixed(matrix.global_correlations[row], 7, 5)} "
        lines += _wrapped([fixed(c, 6, 3) for c in coefficients[:length]], per_line, start, " " * 19)
    return lines


def eigenvalues(values):
    """Eigenvalues of the second-derivative matrix, six a line."""
    fields = [scientific(v, 12, 4) for v in values]
    return [" EIGENVALUES OF SECOND-DERIVATIVE MATRIX:", *_wrapped(fields, 6, " " * 7, " " * 7)]


def _wrapped(fields, per_line, start, indent):
    """Fields joined, ``per_line`` on each line; ``start`` begins the first line and ``indent`` the others."""
    return [
        (indent if begin else start) + "".join(fields[begin : begin + per_line])
        for begin in range(0, max(len(fields), 1), per_line)
    ]
