"""Gradients and Hessians by the point and all parameters: against differences, in limits, outside supports.

One program a family serves all three, on the same number of rows.
"""

import jax
import numpy as np
import pytest

from tests.helpers.finite import jacobian
from tests.stats.families import FAMILIES, functions

LIMITS = {  # rows where a formula turns over, and steps to neighbours that must have nearly the same derivatives
    "qgaussian": ([[0.7, 1.0, 0.1, 1.2], [0.1, 1.0, 0.1, 1.2]], [0.0, 1e-7, 0.0, 0.0]),
    "voigt": ([[0.7, 0.0, 0.1, 1.2], [0.7, 0.4, 0.1, 0.0], [0.1, 1.0, 0.1, 0.0]], [0.0, 1e-7, 0.0, 1e-7]),
    "truncexpon": ([[0.7, -0.2, 1.0, -0.3, 1e7]], [0.0, 0.0, 0.0, 0.0, 10.0]),
    "truncnorm": ([[0.7, 0.0, 1.0, 0.4, 1e7], [0.3, 0.0, 0.6, 0.3, 0.1]], [0.0, 0.0, 0.0, 1e-9, 1e-9]),
    "t": ([[0.7, 1e9, 0.0, 1.0], [0.0, 3.0, 0.0, 1.0]], [1e-7, 1e-7, 0.0, 0.0]),
    "beta": ([[0.4, 2.0, 2.0, 0.0, 1.0]], [0.0, 1e-9, 0.0, 0.0, 0.0]),
    "argus": ([[0.7, 0.0, 1.1, 0.5]], [0.0, 1e-7, 0.0, 0.0]),
    "crystalball": ([[-3.0, 60.0, 3.0, 0.0, 1.0], [-1e8, 1.0, 3.0, 0.0, 1.0]], [0.0, 1e-7, 0.0, 0.0, 0.0]),
}
OUTSIDE = {
    "expon": [[-0.1, 0.0, 1.0]],
    "uniform": [[-0.1, 0.0, 1.0], [1.1, 0.0, 1.0]],
    "truncnorm": [[-0.1, 0.0, 1.0, 0.3, 0.2], [1.1, 0.0, 1.0, 30.0, 0.2]],
    "truncexpon": [[-0.1, 0.0, 1.0, 0.0, 0.2], [1.1, 0.0, 1.0, 0.0, -0.2]],
    "argus": [[-0.1, 1.0, 1.0, 0.5], [0.0, 1.0, 1.0, -0.3], [1.0, 1.0, 1.0, 0.5], [1.1, 1.0, 1.0, 0.5]],
    "poisson": [[-1.0, 3.0], [2.0, 0.0]],
    "lognorm": [[-0.1, 0.5, 0.0, 1.0], [0.0, 0.5, 0.0, 1.0]],
    "beta": [[-0.1, 0.5, 1.5, 0.0, 1.0], [1.1, 0.5, 0.5, 0.0, 1.0]],
}


def derivatives(family):
    """Value, gradient and Hessian for many rows of the log density plus three times the distribution function.

    In that sum the derivatives of the two do not cancel.
    """
    log_density, distribution = functions(family)

    def function(row):
        return log_density(row) + 3.0 * distribution(row)

    def value_and_gradient(row):
        value, gradient = jax.value_and_grad(function)(row)
        return gradient, (value, gradient)

    def everything(row):
        hessian, (value, gradient) = jax.jacfwd(value_and_gradient, has_aux=True)(row)
        return value, gradient, hessian

    return jax.jit(jax.vmap(everything))


def special_rows(family):
    """Limits, their neighbours, and rows outside the support."""
    width = family.rows.shape[1]
    limits, step = (np.array(part) for part in LIMITS.get(family.name, (np.empty((0, width)), np.zeros(width))))
    return limits, limits + step, np.array(OUTSIDE.get(family.name, np.empty((0, width))))


SLOW = ("beta", "qgaussian", "crystalball_ex")  # the last two are made of the same parts as t and crystalball
CASES = [pytest.param(f, marks=pytest.mark.slow if f.name in SLOW else (), id=f.name) for f in FAMILIES]


@pytest.mark.parametrize("family", CASES)
def test_derivatives(family):
    """Differences with five points and h = 1e-4 have errors of h^4 / 30 of the fifth derivative, which is large near
    edges, and of eps / h: 1e-6 of the largest derivative of a row. Neighbours of limits: 1e-5. Outside: exactly 0.
    """
    rows, (limits, beside, outside) = family.rows, special_rows(family)
    program, count = derivatives(family), (len(rows), len(limits), len(limits))
    batch = np.concatenate([rows, limits, beside, outside])
    parts = list(zip(*(np.split(np.asarray(found), np.cumsum(count)) for found in program(batch)), strict=True))
    assert all(np.all(np.isfinite(found)) for part in parts[:3] for found in part)
    for found, expected in zip(parts[1], parts[2], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    value, gradient, hessian = parts[3]
    np.testing.assert_array_equal(value, -np.inf)
    np.testing.assert_array_equal(hessian, 0.0)
    np.testing.assert_array_equal(gradient, 0.0)

    first = int(family.name == "poisson")  # counts have no derivative
    for order in (0, 1):
        exact = parts[0][order + 1][(slice(None),) + (slice(first, None),) * (order + 1)]

        def moved(shift, order=order):
            return np.asarray(program(batch + np.concatenate([np.zeros(first), shift]))[order])[: len(rows)]

        found = jacobian(moved, np.zeros(rows.shape[1] - first), 1e-4)
        found = found[:, first:] if order else found
        size = np.maximum(1.0, np.max(np.abs(found), axis=tuple(range(1, found.ndim)), keepdims=True))
        np.testing.assert_allclose(exact / size, found / size, rtol=0.0, atol=1e-6)
