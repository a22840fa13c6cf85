"""FCNs and sessions that several tests use."""

import io

import numpy as np

from jaxminuit.demo import k0
from jaxminuit.fortran import Session


def quadratic(npar, grad, xval, iflag, futil):
    """Minimum 5 at (1, 2); errors 1.336306 and 1.889822, covariance -15/7 * (1, ...), correlation -0.848528."""
    dx, dy = xval[0] - 1.0, xval[1] - 2.0
    if iflag == 2:
        grad[0], grad[1] = 4.0 * dx + 2.4 * dy, 2.4 * dx + 2.0 * dy
    return 5.0 + 2.0 * dx * dx + 2.4 * dx * dy + dy * dy


COVARIANCE = np.linalg.inv([[2.0, 1.2], [1.2, 1.0]])  # of the quadratic: twice the inverse Hessian
ERRORS = np.sqrt(np.diag(COVARIANCE))
CORRELATION = COVARIANCE[0, 1] / (ERRORS[0] * ERRORS[1])


class Kaons:
    """The FCN of the manual's chapter 6: it reads its data when it is called with IFLAG=1, and keeps them."""

    def __init__(self):
        self.bins, self.calls = None, []

    def __call__(self, npar, grad, xval, iflag, futil):
        """Chi-square of both time distributions."""
        if iflag == 1:
            self.bins = [(n, k0.merging(n)) for n in (k0.POSITIVE, k0.NEGATIVE)]
        if iflag != 4:
            self.calls.append((iflag, npar))
        re, im, dm, short, long = xval[0], xval[1], xval[4], 1.0 / xval[9], 1.0 / xval[10]
        t, mixed, size = k0.TIMES, np.exp(-0.5 * (short + long) * k0.TIMES), re * re + im * im
        sides = (1.0 - 2.0 * re + size) * np.exp(-long * t) + (1.0 + 2.0 * re + size) * np.exp(-short * t)
        common = sides - 4.0 * im * np.sin(dm * t) * mixed
        interference = 2.0 * (1.0 - size) * np.cos(dm * t) * mixed
        chi_square = 0.0
        for (seen, merge), rate in zip(self.bins, (common + interference, common - interference), strict=True):
            theory = rate * seen.sum() / rate.sum()
            chi_square += np.sum((merge @ (seen - theory)) ** 2 / (merge @ seen))
        return float(chi_square)


def session(definitions=(("X", 0.0, 0.5), ("Y", 0.0, 0.5))):
    """(Session, its print-out) with parameters 1, 2, ... defined."""
    minuit, output = Session(), io.StringIO()
    minuit.open_unit(6, output, "w")
    minuit.mninit(5, 6, 7)
    for number, (name, *values) in enumerate(definitions, 1):
        assert minuit.mnparm(number, name, *values) == 0
    return minuit, output
