"""A small study for the tests of toys."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxminuit as jm

EVENTS, TOYS, CHUNK = 100, 96, 24
TRUTH = {"mu": 1.0, "sigma": 2.0}
KEY = 7


def generate(key):
    """A sample of a Gaussian."""
    return TRUTH["mu"] + TRUTH["sigma"] * jax.random.normal(key, (EVENTS,))


def nll(p, x):
    """Its negative log-likelihood, smallest at the sample's mean and standard deviation."""
    z = (x - p["mu"]) / p["sigma"]
    return jnp.sum(0.5 * z * z + jnp.log(p["sigma"]))


FCN = jm.FCN(nll, data=np.zeros(EVENTS), errordef=0.5)
START = jm.Parameters({"mu": 1.5, "sigma": 2.5}, limits={"sigma": (0.01, None)})


def study(store=None, **changes):
    """The study of the tests, with some arguments changed."""
    return jm.toys(
        **{
            "generate": generate,
            "fcn": FCN,
            "start": START,
            "n": TOYS,
            "key": KEY,
            "truth": TRUTH,
            "minos": ["mu"],
            "chunk": CHUNK,
            "store": store,
            **changes,
        }
    )


def same(a, b):
    """Whether two studies have the same numbers, bit for bit."""
    fields = ("index", "key", "values", "errors", "fval", "edm", "status", "rung", "nfcn", "matrix_status")
    fields += ("minos_lower", "minos_upper", "minos_lower_status", "minos_upper_status")
    return all(np.array_equal(getattr(a, f), getattr(b, f), equal_nan=True) for f in fields)
