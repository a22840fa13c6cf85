"""The likelihood ratio of toys, chunk by chunk in a store."""

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxminuit.batch.arguments import apart
from jaxminuit.batch.chunks import all_rows
from jaxminuit.batch.columns import RATIO, flattened
from jaxminuit.batch.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from jaxminuit.batch.order import order_of
from jaxminuit.batch.recipe import Prints, Recipe
from jaxminuit.batch.store import opened
from jaxminuit.fit.checks import whole
from jaxminuit.problem.parameters import Parameters


def ratios_of_toys(
    toys: tuple[Recipe, Prints],
    key: Any,
    truths: np.ndarray,
    n: int,
    start: Parameters,
    poi: str | int,
    mu: np.ndarray,
    kind: str,
    store: Any,
    options: dict,
) -> tuple[np.ndarray, list[LikelihoodRatio]]:
    """The statistic of n toys for each of m truths (m, parameters), tested at the same row of mu; and the truths.

    These are those of a store that exists already, if there is one.
    """
    m, (recipe, prints) = len(truths), toys
    numbers = recipe.numbers(key)
    name = start.names[start.index(poi)]
    about = {"statistic": kind, "poi": name, "mu": [float(x) for x in mu]}
    manifest = order_of(RATIO, start, whole("n", n * m), numbers, key, store, options, prints, **about)
    kept = opened(store, replace(manifest, truths=np.asarray(truths, float).tolist()))
    truths = np.asarray(kept.manifest.truths, truths.dtype)
    recipe = replace(recipe, truths=jnp.asarray(truths))
    options, progress = apart(options)

    def work(first, size, told):
        fcn, _ = recipe.toys(key, first, size)
        tested = mu[np.arange(first, first + size) % m]
        found = likelihood_ratio(fcn, start, poi, tested, kind=kind, in_axes=0, progress=told, **options)
        return flattened(RATIO, vars(found), start.names, first)

    found = LikelihoodRatio(**all_rows(kept, progress, numbers, work), names=start.names, poi=name, kind=kind)
    return truths, [found.rows(slice(i, None, m)) for i in range(m)]
