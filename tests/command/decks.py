"""Decks and functions that several tests run."""

import jax.numpy as jnp

from jaxminuit.command.deck import Deck
from jaxminuit.command.functions import UserFunction
from jaxminuit.command.streams import Source
from jaxminuit.demo import k0

QUADRATIC = """\
SET TITLE
Two correlated parameters
PARAMETERS
1 'X' 0.0 0.5
2 'Y' 0.0 0.5

"""


def quadratic(x):
    """Minimum 5 at (1, 2); errors 1.336306 and 1.889822, correlation -0.848528 (for JAX)."""
    dx, dy = x[0] - 1.0, x[1] - 2.0
    return 5.0 + 2.0 * dx * dx + 2.4 * dx * dy + dy * dy


def quadratic_fortran(npar, grad, xval, iflag, futil):
    """The same with five arguments, and with its gradient."""
    dx, dy = xval[0] - 1.0, xval[1] - 2.0
    if iflag == 2:
        grad[0], grad[1] = 4.0 * dx + 2.4 * dy, 2.4 * dx + 2.0 * dy
    if iflag == 3:
        print(" LAST CALL")
    return 5.0 + 2.0 * dx * dx + 2.4 * dx * dy + dy * dy


def kaons(x):
    """The chi-square of the manual's chapter 6: parameters 1, 2, 5, 10, 11."""
    return k0.chi_square(k0.Kaon(x[0], x[1], x[4], x[9], x[10]), DECAYS)


DECAYS = k0.decays()


def bounded(x):
    """The minimum lies at the lower limit of the second parameter if that is above -1."""
    a, b, c = (x[0] - 3.0) / 0.5, (x[1] + 1.0) / 0.2, (x[2] - 0.5) / 0.1
    return jnp.sum(jnp.stack([a * a, b * b, c * c, 0.8 * a * c]))


def run(text: str, fcn, **options):
    """(lines, Deck) of a deck that is given as text."""
    written: list[str] = []
    deck = Deck(UserFunction(fcn), Source(5, "test.dat", text.splitlines()), written.append, **options)
    deck.run()
    return "".join(written).splitlines(), deck
