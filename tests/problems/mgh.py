"""The 35 problems of More, Garbow and Hillstrom, ACM Trans. Math. Software 7 (1981) 17, with what is known of them.

All are one FCN: the problem is chosen by a number in the data, short ones are padded with fixed parameters and
residuals of 0. Dimensions are the standard ones, 8 to 12 where they are free.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit import Parameters, ResidualFCN
from tests.problems import mgh_residuals as r


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem.

    `minima` are the sums of squares at the known minima to nine digits, the lowest first; some lie at infinity.
    `solution` is a point of the lowest where one is known in closed form or from the paper, to its printed digits.
    """

    name: str
    function: Callable
    start: np.ndarray
    minima: tuple[float, ...]
    solution: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.start.size

    def __str__(self) -> str:
        return self.name


def _problem(name, function, start, *minima, solution=None) -> Problem:
    solution = None if solution is None else np.asarray(solution, float)
    return Problem(name, function, np.asarray(start, float), minima, solution)


N = 10
PROBLEMS = (
    _problem("Rosenbrock", r.rosenbrock, [-1.2, 1], 0.0, solution=[1, 1]),
    _problem("Freudenstein-Roth", r.freudenstein_roth, [0.5, -2], 0.0, 48.9842537, solution=[5, 4]),
    _problem("Powell badly scaled", r.powell_badly_scaled, [0, 1], 0.0, solution=[1.098159e-5, 9.106147]),
    _problem("Brown badly scaled", r.brown_badly_scaled, [1, 1], 0.0, solution=[1e6, 2e-6]),
    _problem("Beale", r.beale, [1, 1], 0.0, solution=[3, 0.5]),
    _problem("Jennrich-Sampson", r.jennrich_sampson, [0.3, 0.4], 124.362182, 259.58019, solution=[0.2578, 0.2578]),
    _problem("helical valley", r.helical_valley, [-1, 0, 0], 0.0, solution=[1, 0, 0]),
    _problem("Bard", r.bard, [1, 1, 1], 8.21487731e-3, 17.4286933),
    _problem("Gaussian", r.gaussian, [0.4, 1, 0], 1.12793277e-8),
    _problem("Meyer", r.meyer, [0.02, 4000, 250], 87.9458552),
    _problem("Gulf", r.gulf, [5, 2.5, 0.15], 0.0, solution=[50, 25, 1.5]),
    _problem("Box", r.box, [0, 10, 20], 0.0, solution=[1, 10, 1]),
    _problem("Powell singular", r.powell_singular, [3, -1, 0, 1], 0.0, solution=[0] * 4),
    _problem("Wood", r.wood, [-3, -1, -3, -1], 0.0, solution=[1] * 4),
    _problem("Kowalik-Osborne", r.kowalik_osborne, [0.25, 0.39, 0.415, 0.39], 3.07505604e-4, 1.02734305e-3),
    _problem("Brown-Dennis", r.brown_dennis, [25, 5, -5, -1], 85822.2016),
    _problem("Osborne 1", r.osborne1, [0.5, 1.5, -1, 0.01, 0.02], 5.46489470e-5),
    _problem("Biggs", r.biggs, [1, 2, 1, 1, 1, 1], 0.0, 0.306366773, solution=[1, 10, 1, 5, 4, 3]),
    _problem("Osborne 2", r.osborne2, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], 4.01377363e-2),
    _problem("Watson", r.watson, [0] * 6, 2.28767005e-3),
    _problem("extended Rosenbrock", r.rosenbrock, [-1.2, 1] * 5, 0.0, solution=[1] * N),
    _problem("extended Powell singular", r.powell_singular, [3, -1, 0, 1] * 3, 0.0, solution=[0] * 12),
    _problem("penalty I", r.penalty1, r.count(1, N), 7.08765147e-5),
    _problem("penalty II", r.penalty2, [0.5] * N, 2.93660537e-4),
    _problem("variably dimensioned", r.variably_dimensioned, 1 - r.count(1, N) / N, 0.0, solution=[1] * N),
    _problem(
        "trigonometric", r.trigonometric, [1 / N] * N, 0.0, 2.79505612e-5, 4.21863388e-5, 8.78822522e-4,
        solution=[0] * N,
    ),
    _problem("Brown almost linear", r.brown_almost_linear, [0.5] * N, 0.0, 1.0, solution=[1] * N),
    _problem("boundary value", r.boundary_value, r.grid_start(N), 0.0),
    _problem("integral equation", r.integral_equation, r.grid_start(N), 0.0),
    _problem("Broyden tridiagonal", r.broyden_tridiagonal, [-1] * N, 0.0, 0.974928561),
    _problem("Broyden banded", r.broyden_banded, [-1] * N, 0.0),
    _problem("linear, full rank", r.linear_full_rank, [1] * N, r.ROWS - N, solution=[-1] * N),
    _problem("linear, rank 1", r.linear_rank_one, [1] * N, r.ROWS * (r.ROWS - 1) / (2 * (2 * r.ROWS + 1))),
    _problem(
        "linear, rank 1 with zeros", r.linear_rank_one_with_zeros, [1] * N,
        (r.ROWS**2 + 3 * r.ROWS - 6) / (2 * (2 * r.ROWS - 3)),
    ),
    _problem("Chebyquad", r.chebyquad, r.count(1, 8) / 9, 3.51687373e-3),
)  # fmt: skip
BY_NAME = {p.name: p for p in PROBLEMS}
SIZE = max(p.size for p in PROBLEMS)
POINTS = 99


def _branch(p: Problem) -> Callable:
    def branch(x):
        found = p.function(x[: p.size])
        return jnp.concatenate([found, jnp.zeros(POINTS - found.size)])

    return branch


BRANCHES = [_branch(p) for p in PROBLEMS]


def residuals(x, number):
    """(99,) Residuals of the problem of that number, from 0, padded with 0."""
    return lax.switch(number, BRANCHES, x)


def padded(vector) -> np.ndarray:
    """(12,) The vector with 0 for the parameters that the problem does not have."""
    return np.concatenate([vector, np.zeros(SIZE - len(vector))])


def fcn(p: Problem) -> ResidualFCN:
    """The sum of squares of a problem."""
    return ResidualFCN(residuals, data=jnp.int32(PROBLEMS.index(p)))


def parameters(p: Problem) -> Parameters:
    """The standard start, padded with fixed parameters; steps as by default, 1 % of the values."""
    names = tuple(f"x{i + 1}" for i in range(SIZE))
    return Parameters(padded(p.start), fixed=names[p.size :], names=names)
