"""The collections of benchmark W7: problems whose answers are known, and how an answer is judged.

Every collection is one FCN with many data, so that one compiled program serves it (CUTEst is not: one each).
"""

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.tree_util import tree_leaves

from jaxminuit import FCN, Parameters, ResidualFCN
from jaxminuit.problem.fcn import AbstractFCN
from tests.problems import bundle, classic, mgh, nist

GOAL = 2e-3  # ten times the goal for the EDM at UP = 1
SHARE = 1e-4  # of the value at the minimum
LARGEST = 10  # parameters of the problems of CUTEst

# what leaves a model of NIST as it is: parameters of equal terms exchanged (orders of places), signs turned (places)
EXCHANGES = {
    "Lanczos": [sum(([2 * i, 2 * i + 1] for i in order), []) for order in permutations(range(3))],
    "MGH17": [[0, 1, 2, 3, 4], [0, 2, 1, 4, 3]],
    "Gauss": [[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 5, 6, 7, 2, 3, 4]],
    "ENSO": [[0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 2, 6, 7, 8, 3, 4, 5]],
}
TURNS = {"Gauss": [[], [4], [7], [4, 7]], "Eckerle4": [[], [0, 1]]}
# the problems of CUTEst that the other collections have
TWICE = {
    "BARD", "BEALE", "BENNETT5LS", "BIGGS6", "BOX3", "BOXBODLS", "BROWNBS", "BROWNDEN", "CHWIRUT1LS",
    "CHWIRUT2LS", "DANIWOODLS", "FREUROTH", "GAUSS1LS", "GAUSS2LS", "GAUSS3LS", "GAUSSIAN", "HAHN1LS",
    "HELIX", "JENSMP", "KIRBY2LS", "KOWOSB", "LANCZOS1LS", "LANCZOS2LS", "MGH09LS", "MGH10LS", "MGH17LS",
    "MISRA1ALS", "MISRA1BLS", "MISRA1CLS", "MISRA1DLS", "NELSONLS", "OSBORNEA", "RAT42LS", "RAT43LS",
    "ROSENBR", "ROSZMAN1LS", "WOODS",
}  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What is known of a minimum.

    `minima`: values at the known minima, the one looked for first; empty if the best that any solver finds counts.
    `values`: (n,) parameters, with `errors` those of Gauss and Newton. `orders` in which they may come, and places of
    those that may have the other sign together.
    """

    minima: tuple[float, ...] = ()
    values: np.ndarray | None = None
    errors: np.ndarray | None = None
    orders: list[list[int]] = field(default_factory=list)
    turns: list[list[int]] = field(default_factory=list)
    unique: bool = True  # a fit of a problem without a single minimum must not be called valid


@dataclass(frozen=True, eq=False)
class Task:
    """One fit."""

    name: str
    fcn: AbstractFCN
    start: Parameters
    truth: Truth

    @property
    def free(self) -> np.ndarray:
        """Places of the free parameters."""
        return np.flatnonzero(~np.asarray(self.start.fixed))

    @property
    def limited(self) -> bool:
        """Whether a parameter has limits."""
        return bool(np.any(np.isfinite(self.start.lower) | np.isfinite(self.start.upper)))


@dataclass(frozen=True)
class Collection:
    """A name, its fits, and for those judged by the FCN how far above the minimum is right, and strictly right."""

    name: str
    tasks: list[Task]
    right: float = GOAL
    strict: Callable[[float], float] = field(default=lambda best: min(GOAL, SHARE * best) if best > 0 else GOAL)


def nist_fits(weighting: str, sets: int | None = None) -> Collection:
    """NIST's 27 sets from both starts; their certified parameters decide."""

    def truth(s):
        family = s.name.rstrip("123") if s.name.startswith(("Gauss", "Lanczos")) else s.name
        errors = s.standard_deviations if weighting == nist.SCALED else None
        orders = EXCHANGES.get(family, [list(range(s.certified.size))])
        return Truth((), s.certified, errors, orders, TURNS.get(family, [[]]))

    tasks = [
        Task(
            f"{s.name}/{start}",
            ResidualFCN(nist.residuals, data=nist.data_of(s, weighting)),
            nist.parameters(s, start),
            truth(s),
        )
        for s in list(nist.SETS.values())[:sets]
        for start in (1, 2)
    ]
    weights = "chi2 scaled by dof / RSS" if weighting == nist.SCALED else "unit weights"
    return Collection(f"NIST, {weights}", tasks)


def mgh_fits(problems: int | None = None) -> Collection:
    """The problems of More, Garbow and Hillstrom."""
    tasks = [Task(p.name, mgh.fcn(p), mgh.parameters(p), Truth(p.minima)) for p in mgh.PROBLEMS[:problems]]
    return Collection("More-Garbow-Hillstrom", tasks)


def hard_cases() -> Collection:
    """The problems on which Minuit is tested: curved valleys, a saddle, limits, a parameter without effect."""
    known = {"chebyquad8": 3.51687372568e-3}
    tasks = []
    for p in classic.CLASSIC:
        fmin = known.get(p.name, p.fmin)
        truth = Truth(() if fmin is None else (fmin,), unique=p.name != "flat")
        fcn, start = bundle.bundled(p.name)
        same = Parameters(np.zeros(start.size))  # the same names for all: one program
        vectors = {name: getattr(start, name) for name in ("values", "step", "lower", "upper", "fixed")}
        tasks.append(Task(p.name, fcn, same.replace(**vectors), truth))
    return Collection("hard cases", tasks)


def cutest_fits() -> Collection | str:
    """Unconstrained problems of CUTEst with up to 10 parameters, through sif2jax; a sentence if that is missing."""
    if importlib.util.find_spec("sif2jax") is None:
        return "sif2jax is not installed"
    import sif2jax

    tasks = []
    for p in sorted(sif2jax.unconstrained_minimisation_problems, key=lambda p: p.name):
        size = sum(np.size(leaf) for leaf in tree_leaves(p.y0))
        if size <= LARGEST and p.name not in TWICE:
            tasks.append(_cutest_task(p))
    return Collection("CUTEst", tasks, right=1e-3, strict=lambda best: 1e-6)


def _cutest_task(p) -> Task:
    first, unravel = ravel_pytree(p.y0)

    def objective(x):
        return jnp.asarray(p.objective(unravel(x), p.args), float).reshape(())

    return Task(p.name, FCN(objective), Parameters(np.asarray(first, float)), Truth())


def digits(truth: Truth, values, errors=None) -> tuple[float, float]:
    """Correct digits of the worst parameter, and of the worst standard error in the same order (NaN without)."""
    best, order = -1.0, truth.orders[0]
    for candidate in truth.orders:
        for turned in truth.turns:
            signs = np.ones(truth.values.size)
            signs[turned] = -1.0
            found = nist.digits(np.asarray(values)[candidate] * signs, truth.values)
            best, order = max((best, order), (found, candidate))
    if errors is None or truth.errors is None:
        return best, math.nan
    return best, nist.digits(np.asarray(errors)[order], truth.errors)
