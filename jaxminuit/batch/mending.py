"""The retry by Fumili of fits that failed: one after the other, since there are few."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.batch.stages import Options
from jaxminuit.fit.job import external_steps
from jaxminuit.fit.ladder import with_fumili
from jaxminuit.fit.programs import program
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import Strategy


def by_fumili(
    stacked: Any, shared: Any, minimum: FunctionMinimum, rows: np.ndarray, options: Options, strategy: Strategy
) -> FunctionMinimum:
    """The better of both attempts at each of some fits that failed, as in `minimize_all`.

    `stacked` and `shared` are FCN, parameters and origin of all fits.
    """
    length = 1 << (rows.size - 1).bit_length()  # few programs for all numbers of fits
    filled = np.concatenate([rows, np.full(length - rows.size, rows[-1])])
    own, first = jax.tree_util.tree_map(lambda leaf: leaf[filled], (stacked, minimum))
    mended = _tried(own, shared, first, np.int32(rows.size), options, strategy=strategy)
    return jax.tree_util.tree_map(lambda leaf: np.asarray(leaf)[: rows.size], mended)


@program("strategy", safe=True)
def _tried(own: Any, shared: Any, first: FunctionMinimum, count, options: Options, strategy: Strategy):
    def one(i, stacked, first):
        fcn, parameters, origin = eqx.combine(stacked, shared)
        steps = external_steps(Problem(fcn, parameters, options.eps), origin)
        start = eqx.tree_at(lambda p: (p.values, p.step), parameters, (origin.values, steps))
        again = {"tol": options.tol, "max_calls": options.max_calls, "precision": options.eps}
        level = max(strategy.level, 1)
        return lax.cond(i < count, lambda: with_fumili(fcn, start, first, strategy=level, **again), lambda: first)

    return lax.map(lambda row: one(*row), (jnp.arange(first.fval.shape[0]), own, first))
