"""Small results of every kind."""

import functools

import jax.numpy as jnp
import numpy as np

import jaxminuit as jm
from tests.batch.cases import START, TOYS, many

DATA = jnp.array([1.0, 0.5, 2.0])
TABLE = jm.Parameters(
    {"mu": 0.0, "shape": {"width": np.array([1.0, 2.0])}},
    limits={"shape.width[1]": (None, 9.0)},
    fixed=["shape.width[0]"],
)
PROFILE = jm.Profile(
    x=jnp.linspace(-1.0, 1.0, 7),
    fval=jnp.linspace(-1.0, 1.0, 7) ** 2,
    status=jnp.array([0, 1, 2, 3, 4, 9, 0], jnp.int32),
    params=jnp.ones((7, 2)),
    nfcn=jnp.full(7, 5, jnp.int32),
    name="mu",
)


def chi2(p, x):
    """A paraboloid that is no sphere."""
    a, (b, c) = p["mu"], p["shape"]["width"]
    return (a - x[0]) ** 2 + (b - x[1] * a) ** 2 + 4.0 * (c - x[2]) ** 2 + jnp.exp(0.1 * a * c)


FUNCTION = jm.FCN(chi2, data=DATA)


@functools.cache
def minimum() -> jm.FunctionMinimum:
    """Of three parameters, one of them fixed, one with a limit."""
    return jm.migrad(FUNCTION, TABLE)


@functools.cache
def minos_errors() -> jm.MinosErrors:
    """Of the free ones."""
    return jm.minos(FUNCTION, minimum())


@functools.cache
def fits() -> jm.Fits:
    """Of four toys, with Minos errors of one parameter."""
    return jm.fit_many(many(TOYS[:4]), START, minos=["mu"], lanes=2)


def contour() -> jm.Contour:
    """Two levels of four points, closed."""
    circle = np.stack([np.cos(np.arange(5) * np.pi / 2), np.sin(np.arange(5) * np.pi / 2)], axis=-1)
    return jm.Contour(
        points=jnp.stack([circle, 2.0 * circle]),
        status=jnp.array([[0, 0, 1, 4], [0, 0, 0, 0]], jnp.int32),
        params=jnp.ones((2, 4, 3)),
        fval=jnp.asarray(0.5),
        rise=jnp.array([1.0, 4.0]),
        nfcn=jnp.int32(20),
        nhessian=jnp.int32(2),
        names=("a", "b"),
    )
