"""Functions that the command line loads in tests."""

import os
import time
from pathlib import Path


def quadratic(npar, grad, xval, iflag, futil):
    """Minimum 5 at (1, 2)."""
    dx, dy = xval[0] - 1.0, xval[1] - 2.0
    return 5.0 + 2.0 * dx * dx + 2.4 * dx * dy + dy * dy


def slow(npar, grad, xval, iflag, futil):
    """The same, and once it has left its start it takes its time, and says so in a file."""
    if abs(xval[0]) > 0.01:
        Path(os.environ["SLOW_FILE"]).touch()
        time.sleep(1.0)
    return quadratic(npar, grad, xval, iflag, futil)


def stand():
    """What STANDARD calls."""
    print(" STANDING")


def wrong(a, b):
    """Neither one argument nor five."""


number = 3.0
