"""Small toys, and the same fits one by one."""

import jax
import jax.numpy as jnp
import numpy as np

import jaxminuit as jm

RNG = np.random.default_rng(7)
TOYS = RNG.normal(1.0, 2.0, (24, 100))
START = jm.Parameters({"mu": 0.0, "sigma": 1.0}, limits={"sigma": (0.0, None)})


def nll(p, x):
    """A Gaussian sample."""
    return -jnp.sum(jax.scipy.stats.norm.logpdf(x, p["mu"], p["sigma"]))


def many(data=TOYS) -> jm.FCN:
    """All toys."""
    return jm.FCN(nll, data=data, errordef=0.5)


def one(i: int, data=TOYS) -> jm.FCN:
    """One of them."""
    return jm.FCN(nll, data=data[i], errordef=0.5)


def assert_same(fits, singles):
    """Status and calls equal; values within the EDM goal, which is 2e-4 UP: 0.02 standard deviations."""
    for i, single in enumerate(singles):
        assert int(fits.status[i]) == int(single.status)
        assert int(fits.matrix_status[i]) == int(single.matrix_status)
        assert int(fits.nfcn[i]) == int(single.nfcn)
        np.testing.assert_allclose(fits.values[i], single.values, atol=0.01 * float(np.max(single.errors)))
        np.testing.assert_allclose(fits.fval[i], single.fval, atol=float(single.goal), equal_nan=True)
        np.testing.assert_allclose(fits.errors[i], single.errors, rtol=1e-2)
