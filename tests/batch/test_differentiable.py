"""Derivatives of fit_many: those of single fits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from tests.helpers.finite import jacobian

RNG = np.random.default_rng(8)
TOYS = jnp.asarray(RNG.normal(1.0, 2.0, (3, 12)))
START = {"mu": 0.5, "sigma": 1.5}


def nll(p, x):
    """A likelihood with third derivatives."""
    z = (x - p["mu"]) / p["sigma"]
    return jnp.sum(jnp.log(p["sigma"]) + 0.5 * z * z * (1.0 + 0.05 * jnp.tanh(z)))


def start_of(upper):
    return jm.Parameters(START, limits={"sigma": (0.0, upper)})


def numbers(fits):
    """What is differentiated, (fits, numbers)."""
    parts = [fits.values, fits.fval[..., None], fits.errors, fits.covariance.reshape(*fits.values.shape[:-1], 4)]
    ends = fits.minos_errors
    if ends is not None:
        parts += [ends.lower, ends.upper]
    return jnp.concatenate(parts, axis=-1)


def many(x, upper=30.0, **options):
    return jm.fit_many(jm.FCN(nll, data=x, errordef=0.5), start_of(upper), lanes=2, **options)


@pytest.mark.slow
def test_derivatives_by_data_are_differences_of_whole_fits():
    """Relative 1e-6 of the largest derivative of a number; each fit depends on its own data alone."""
    options = {"hesse": True, "minos": True}
    ours = jax.jacfwd(lambda x: numbers(many(x, **options)))(TOYS)
    for i in range(len(TOYS)):
        for j in range(len(TOYS)):
            assert i == j or np.all(ours[i, :, j] == 0)

    def one(x):
        fcn = jm.FCN(nll, data=x, errordef=0.5)
        m = jm.hesse(fcn, jm.migrad(fcn, start_of(30.0), tol=1e-9))
        ends = jm.minos(fcn, m)
        return jnp.concatenate([m.values, m.fval[None], m.errors, m.covariance.ravel(), ends.lower, ends.upper])

    expected = jacobian(jax.jit(one), TOYS[1], 1e-3)
    scale = np.max(np.abs(expected), axis=1, keepdims=True)
    # ends are found within 1e-3 of UP: differences of them are coarser
    np.testing.assert_allclose(ours[1, :9, 1] / scale[:9], expected[:9] / scale[:9], atol=2e-6)
    np.testing.assert_allclose(ours[1, 9:, 1] / scale[9:], expected[9:] / scale[9:], atol=2e-3)


@pytest.mark.slow
def test_reverse_is_forward_and_closures_are_seen():
    """A sum over all fits, by an array that the FCN closes over and by the start of a parameter that is fixed."""

    def total(t):
        def fcn(p, x):
            return nll(p, x) + 0.5 * (p["mu"] - t[0]) ** 2

        start = jm.Parameters({"mu": 0.5, "sigma": t[1]}, fixed=["sigma"])
        fits = jm.fit_many(jm.FCN(fcn, data=TOYS, errordef=0.5), start, lanes=2)
        return jnp.sum(fits.values[:, 0] * fits.errors[:, 0])

    at = jnp.array([0.7, 2.0])
    backward, forward = jax.grad(total)(at), jax.jacfwd(total)(at)
    np.testing.assert_allclose(backward, forward, rtol=1e-12)
    step = 1e-3
    for i in range(2):
        unit = step * jnp.eye(2)[i]
        # the fits end within 1e-5 UP of their minima: differences over 1e-3 know 1e-3 of a derivative of order 0.1
        np.testing.assert_allclose(backward[i], (total(at + unit) - total(at - unit)) / (2 * step), atol=2e-3)


def test_results_without_derivatives_are_the_same():
    plain = many(TOYS)
    kept = {}

    def noted(x):
        kept["fits"] = jax.lax.stop_gradient(jax.tree_util.tree_leaves(many(x)))
        return 0.0

    jax.jvp(noted, (TOYS,), (TOYS,))
    for a, b in zip(kept["fits"], jax.tree_util.tree_leaves(plain), strict=True):
        np.testing.assert_array_equal(a, b)


def test_failed_fits_have_nan_and_leave_others_alone():
    spoilt = TOYS.at[1].set(jnp.nan)
    ours = np.asarray(jax.jacfwd(lambda x: many(x, iterate=0).values)(spoilt))
    assert np.all(np.isnan(ours[1, :, 1]))
    assert np.all(np.isfinite(ours[[0, 2]][:, :, [0, 2]]))


def test_inside_jit_there_is_an_error():
    with pytest.raises(TypeError, match="inside jit or vmap use jax.vmap of migrad"):
        jax.jit(lambda x: many(x).values)(TOYS)
