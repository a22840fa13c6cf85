"""Functions of four parameters with contours of every kind, as one FCN: the problem is a number in the data.

Each has, where there is one, the FCN minimised over the last two parameters in closed form.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.stats import norm

import jaxminuit as jm

DECAYS = np.array([0.1, 0.5, 1.3, 2.9])
EVENTS = np.concatenate([np.random.default_rng(7).normal(4.0, 0.6, 30), np.random.default_rng(8).exponential(3.0, 60)])
EVENTS = EVENTS[EVENTS < 10.0]
COVARIANCE = np.array([[4.0, 1.7, 0.8, 0.1], [1.7, 1.0, 0.3, 0.2], [0.8, 0.3, 2.0, -0.4], [0.1, 0.2, -0.4, 0.5]])
PRECISION = np.linalg.inv(COVARIANCE)


def gauss(x):
    """Correlated; the contour is an ellipse."""
    return x @ PRECISION @ x


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def banana(x):
    """With nuisances that follow it on curved ways, and pull at it."""
    z, w = x[2] - jnp.sin(x[0]), x[3] - 0.3 * x[0] * x[1]
    return (1 - x[0]) ** 2 + 5 * (x[1] - x[0] ** 2) ** 2 + z**2 + 4 * w**2 + z * w + 0.2 * x[2] ** 2


def bent_valley(x):
    """A valley whose two ends are far apart though the contour's direction at both is the same."""
    return (1 - x[0]) ** 2 + 5 * (x[1] - x[0] ** 2) ** 2 + (x[2] - jnp.sin(x[0])) ** 2


def two_wells(x):
    """Minima near x = 1 and, higher, near x = -1; the barrier is 2 high."""
    wells = 2 * (x[0] ** 2 - 1) ** 2 - 0.1 * x[0]
    return wells + (x[1] - 0.4 * x[0]) ** 2 + (x[2] - x[0] * x[1]) ** 2


def ring(x):
    """A crescent that closes to a ring at a rise of 4 (1 - x is 2 at the far side)."""
    return 40 * (x[0] ** 2 + x[1] ** 2 - 1) ** 2 + 2 * (1 - x[0]) + (x[2] - x[1]) ** 2


def lifetime(x):
    """Mean life of four decays with an efficiency and a time offset, both known to some per cent."""
    t = jnp.asarray(DECAYS) + x[2]
    penalty = ((x[1] - 1) / 0.1) ** 2 + (x[2] / 0.05) ** 2
    return 2 * jnp.sum(jnp.log(x[0]) + x[1] * t / x[0]) + penalty


def peak(x):
    """Unbinned: mean, width and fraction of a Gaussian on an exponential whose slope is the last parameter."""
    t = jnp.asarray(EVENTS)
    background = jnp.exp(-t / x[3]) / (x[3] * -jnp.expm1(-10.0 / x[3]))
    return -2 * jnp.sum(jnp.log(x[2] * norm.pdf(t, x[0], x[1]) + (1 - x[2]) * background))


def walls(x):
    """Infinite at its limits, and lowest far from them: at a rise of 12 the contour comes within 1e-3 of one."""
    return x[0] - 3 * jnp.log(x[0]) + x[1] - 2 * jnp.log(x[1])


def dent(x):
    """No higher than 4 anywhere: beyond that there is no contour."""
    return -4 * jnp.exp(-(x[0] ** 2) - x[1] ** 2)


@dataclass(frozen=True)
class Case:
    function: Callable
    start: tuple
    limits: dict = field(default_factory=dict)
    fixed: tuple = ()
    plane: tuple = (0, 1)


CASES = {
    "gauss": Case(gauss, (1, 1, 1, 1)),
    "gauss of nuisances": Case(gauss, (1, 1, 1, 1), plane=(3, 1)),
    "rosenbrock": Case(rosenbrock, (-1.2, 1, 0, 0), fixed=("x2", "x3")),
    "banana": Case(banana, (0.5, 0.5, 0, 0)),
    "banana in a box": Case(banana, (0.5, 0.5, 0, 0), {"x0": (-0.5, 1.6), "x1": (-0.3, 1.2)}),
    "banana at a limit": Case(banana, (0.2, 0.5, 0, 0), {"x0": (None, 0.3)}),
    "valley cut off": Case(bent_valley, (1, 1, 0.8, 0), {"x1": (0.5, None)}, fixed=("x3",)),
    "two wells": Case(two_wells, (1.2, 0.4, 0, 0), fixed=("x3",)),
    "ring": Case(ring, (0.9, 0.2, 0, 0), fixed=("x3",)),
    "lifetime": Case(lifetime, (1, 1, 0, 0), {"x0": (0.01, None)}, fixed=("x3",)),
    "walls": Case(walls, (2, 1, 0, 0), {"x0": (0, None), "x1": (0, None)}, fixed=("x2", "x3")),
    "peak": Case(peak, (4, 0.5, 0.3, 3), {"x1": (0.1, 3), "x2": (0, 1), "x3": (0.3, 50)}),
    "peak and slope": Case(peak, (4, 0.5, 0.3, 3), {"x1": (0.1, 3), "x2": (0, 1), "x3": (0.3, 50)}, plane=(2, 3)),
}
OPEN = {"dent": Case(dent, (0.1, 0.1, 0, 0), fixed=("x2", "x3"))}
ALL = CASES | OPEN
FUNCTIONS = list(dict.fromkeys(case.function for case in ALL.values()))


def bundle(x, index):
    """The function of that number."""
    return lax.switch(index, FUNCTIONS, x)


def fcn_of(name: str) -> jm.FCN:
    return jm.FCN(bundle, data=jnp.int32(FUNCTIONS.index(ALL[name].function)))


def parameters_of(name: str) -> jm.Parameters:
    case = ALL[name]
    return jm.Parameters(np.array(case.start, float), step=0.1, limits=case.limits, fixed=case.fixed)
