"""Gradients and Hessians with respect to the point and all parameters, against differences; finite everywhere."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import stats
from tests.helpers.finite import jacobian
from tests.stats.families import FAMILIES, functions


def derivatives(function):
    """Value, gradient and Hessian of a function of a row, for many rows, as one program."""

    def value_and_gradient(row):
        value, gradient = jax.value_and_grad(function)(row)
        return gradient, (value, gradient)

    def everything(row):
        hessian, (value, gradient) = jax.jacfwd(value_and_gradient, has_aux=True)(row)
        return value, gradient, hessian

    return jax.jit(jax.vmap(everything))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_derivatives_are_those_of_differences(family):
    """Of the log density plus three times the distribution function, so that nothing cancels.

    Five-point differences with a step h of 1e-4 have errors of h^4 / 30 of the fifth derivative, which is large near
    edges, and eps / h: 1e-6 of the largest derivative of a row covers both.
    """
    log_density, distribution = functions(family)
    program = derivatives(lambda row: log_density(row) + 3.0 * distribution(row))
    rows, first = family.rows, int(family.name == "poisson")  # counts have no derivative
    _, gradient, hessian = (np.asarray(found) for found in program(rows))
    shift, pad = np.zeros(rows.shape[1] - first), np.zeros(first)
    for order, exact in enumerate((gradient[:, first:], hessian[:, first:, first:])):
        found = jacobian(lambda shift, order=order: program(rows + np.concatenate([pad, shift]))[order], shift, 1e-4)
        found = found if order == 0 else found[:, first:]
        assert np.all(np.isfinite(exact))
        size = np.maximum(1.0, np.max(np.abs(found), axis=tuple(range(1, found.ndim)), keepdims=True))
        np.testing.assert_allclose(exact / size, found / size, rtol=0.0, atol=1e-6)


LIMITS = {  # rows where a formula turns over, and how far a neighbour may be for the same derivatives
    "qgaussian": ([[0.7, 1.0, 0.1, 1.2], [0.1, 1.0, 0.1, 1.2]], [0.0, 1e-7, 0.0, 0.0]),
    "voigt": ([[0.7, 0.0, 0.1, 1.2], [0.7, 0.4, 0.1, 0.0], [0.1, 1.0, 0.1, 0.0]], [0.0, 1e-7, 0.0, 1e-7]),
    "truncexpon": ([[0.7, -0.2, 1.0, -0.3, 1e7]], [0.0, 0.0, 0.0, 0.0, 10.0]),
    "t": ([[0.7, 1e9, 0.0, 1.0], [0.0, 3.0, 0.0, 1.0]], [1e-7, 1.0, 0.0, 0.0]),
    "argus": ([[0.7, 0.0, 1.1, 0.5]], [0.0, 1e-7, 0.0, 0.0]),
    "crystalball": ([[-3.0, 60.0, 3.0, 0.0, 1.0], [-1e8, 1.0, 3.0, 0.0, 1.0]], [0.0, 1e-7, 0.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("name", LIMITS)
def test_derivatives_are_finite_and_continuous_in_the_limits(name):
    """Value, gradient and Hessian at q = 1, gamma = 0, sigma = 0 ... equal those 1e-7 beside to 1e-5."""
    family = next(f for f in FAMILIES if f.name == name)
    log_density, distribution = functions(family)
    program = derivatives(lambda row: log_density(row) + 3.0 * distribution(row))
    rows, step = (np.array(numbers) for numbers in LIMITS[name])
    for found, beside in zip(program(rows), program(rows + step), strict=True):
        assert np.all(np.isfinite(found))
        np.testing.assert_allclose(found, beside, rtol=1e-5, atol=1e-5)


OUTSIDE = {
    "expon": [[-0.1, 0.0, 1.0]],
    "uniform": [[-0.1, 0.0, 1.0], [1.1, 0.0, 1.0]],
    "truncnorm": [[-0.1, 0.0, 1.0, 0.3, 0.2], [1.1, 0.0, 1.0, 30.0, 0.2]],
    "truncexpon": [[-0.1, 0.0, 1.0, 0.0, 0.2], [1.1, 0.0, 1.0, 0.0, -0.2]],
    "argus": [[-0.1, 1.0, 1.0, 0.5], [0.0, 1.0, 1.0, -0.3], [1.0, 1.0, 1.0, 0.5], [1.1, 1.0, 1.0, 0.5]],
    "lognorm": [[-0.1, 0.5, 0.0, 1.0], [0.0, 0.5, 0.0, 1.0]],
    "beta": [[-0.1, 0.5, 1.5, 0.0, 1.0], [1.1, 0.5, 0.5, 0.0, 1.0], [0.0, 1.5, 1.5, 0.0, 1.0]],
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_support_everything_is_zero_and_nothing_nan(name):
    module, rows = getattr(stats, name), jnp.array(OUTSIDE[name])

    @jax.jit
    @jax.vmap
    def found(row):
        first = [jax.grad(lambda row, f=f: f(*row))(row) for f in (module.pdf, module.logpdf, module.cdf)]
        second = jax.jacfwd(jax.grad(lambda row: module.pdf(*row)))(row)
        return module.pdf(*row), module.logpdf(*row), module.cdf(*row), first, second

    pdf, logpdf, cdf, first, second = found(rows)
    np.testing.assert_array_equal(pdf, 0.0)
    np.testing.assert_array_equal(logpdf, -np.inf)
    np.testing.assert_array_equal(cdf, (rows[:, 0] > 0.5) * 1.0)
    for derivative in (*first, second):
        np.testing.assert_array_equal(derivative, 0.0)
