"""All classic problems as one FCN: the problem is chosen by a number in the data, short ones are padded with fixed
parameters. One compiled program then serves them all, and fixing is shown to be the same as leaving out."""

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit import FCN, Parameters
from tests.problems.classic import BY_NAME, CLASSIC

SIZE = max(p.size for p in CLASSIC)


def _function(p):
    def function(x):
        return p(x[: p.size])

    return function


FUNCTIONS = [_function(p) for p in CLASSIC]


def bundle(x, index):
    """The classic problem of that number."""
    return lax.switch(index, FUNCTIONS, x)


def bundled(name: str) -> tuple[FCN, Parameters]:
    """FCN and Parameters of a classic problem, as part of the bundle."""
    p = BY_NAME[name]
    rest = SIZE - p.size

    def padded(vector, value):
        return np.concatenate([vector, np.full(rest, value)])

    names = (*p.names, *(f"pad{i}" for i in range(rest)))
    fixed = padded(p.fixed, True).astype(bool)
    start = Parameters(padded(p.start, 0.0), step=padded(p.step, 0.1), fixed=fixed, names=names)
    start = start.replace(lower=padded(p.lower, -np.inf), upper=padded(p.upper, np.inf))
    return FCN(bundle, data=jnp.int32(CLASSIC.index(p)), errordef=p.errordef), start
