"""Internal and external values: closed forms, round trips, Minuit's clamp, derivatives, folding, errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.precision import precision
from jaxminuit.problem import transform
from tests.helpers import finite

INF = np.inf
# one parameter of every kind: no limit, lower, upper, both
LOWER = np.array([-INF, 0.1, -INF, -2.0])
UPPER = np.array([INF, INF, 0.3, 3.0])
EPS2 = float(precision(jnp.float64).eps2)
CLAMP = 8 * np.sqrt(EPS2)

int2ext = jax.jit(lambda u: transform.int2ext(u, LOWER, UPPER))
ext2int = jax.jit(lambda x: transform.ext2int(x, LOWER, UPPER, EPS2))
dint2ext = jax.jit(lambda u: transform.dint2ext(u, LOWER, UPPER))
fold = jax.jit(lambda u: transform.fold(u, LOWER, UPPER))
external_errors = jax.jit(lambda u, dx: transform.external_errors(u, dx, LOWER, UPPER))
internal_steps = jax.jit(lambda x, step: transform.internal_steps(x, step, LOWER, UPPER, EPS2))

POINTS = np.array([[0.0] * 4, [0.7] * 4, [-0.7] * 4, [2.5, 9.0, 4.0, 2.2], [1e4, 1e4, -1e4, 1e4]])


@pytest.mark.parametrize("u", POINTS)
def test_closed_forms(u):
    """Minuit manual 1.2.1, written again with numpy; rounding only."""
    root = np.sqrt(u**2 + 1)
    expected = [u[0], 0.1 - 1 + root[1], 0.3 + 1 - root[2], -2 + 2.5 * (np.sin(u[3]) + 1)]
    np.testing.assert_allclose(int2ext(u), expected, rtol=1e-14, atol=1e-15)
    slope = [1, u[1] / root[1], -u[2] / root[2], 2.5 * np.cos(u[3])]
    np.testing.assert_allclose(dint2ext(u), slope, rtol=1e-13)


@pytest.mark.parametrize("u", POINTS[:-1])
def test_derivative_is_that_of_the_value(u):
    """Five-point differences are good to 1e-10; autodiff and the closed form agree to rounding."""
    np.testing.assert_allclose(np.diag(dint2ext(u)), finite.jacobian(int2ext, u), atol=1e-9)
    np.testing.assert_allclose(np.diag(dint2ext(u)), jax.jacobian(int2ext)(u), atol=1e-14)


def test_values_never_leave_the_limits():
    """Not even by rounding: 0.1 - 1 + 1 is below 0.1 in floating point, and a logarithm would notice."""
    rng = np.random.default_rng(3)
    u = np.concatenate(
        [np.zeros((1, 4)), np.full((1, 4), np.pi / 2), rng.normal(0, 5, (500, 4)), rng.normal(0, 1e-8, (50, 4))]
    )
    x = np.asarray(jax.vmap(int2ext)(u))
    assert np.all((x >= LOWER) & (x <= UPPER))
    np.testing.assert_array_equal(int2ext(np.array([0.0, 0, 0, -np.pi / 2])), [0, 0.1, 0.3, -2])


@pytest.mark.parametrize("distance", [1e-3, 0.1, 1.0])
def test_round_trip_of_external_values(distance):
    """sqrt((x - lo + 1)^2 - 1) loses 1/distance digits near its limit: 1e-12 for 1e-3."""
    x = np.array([-7.0, 0.1 + distance, 0.3 - distance, 3.0 - distance])
    np.testing.assert_allclose(int2ext(ext2int(x)), x, rtol=0, atol=1e-12)


def test_round_trip_of_internal_values():
    u = np.array([-3.0, 2.0, 0.5, -1.2])
    np.testing.assert_allclose(ext2int(int2ext(u)), u, rtol=1e-13)


def test_clamp_near_two_limits():
    """Where y^2 > 1 - eps2 the internal value is 8 sqrt(eps2) away from the end of the sine, whatever x is."""
    end = np.pi / 2 - CLAMP
    for x in (3.0, 3.0 - 1e-9, 3.5, 1e9):
        np.testing.assert_allclose(ext2int(np.array([0, 1, 0, x]))[3], end, rtol=1e-15)
        np.testing.assert_allclose(ext2int(np.array([0, 1, 0, 1 - x]))[3], -end, rtol=1e-15)
    just_inside = -2 + 2.5 * (1 + np.sqrt(1 - 1.01 * EPS2))
    np.testing.assert_allclose(ext2int(np.array([0, 1, 0, just_inside]))[3], np.arcsin(np.sqrt(1 - 1.01 * EPS2)))
    # so a start value on the limit comes back a little inside: (1 - cos(clamp)) of the half width
    back = int2ext(ext2int(np.array([0, 1, 0, 3.0])))[3]
    assert float(back) == pytest.approx(3 - 2.5 * (1 - np.cos(CLAMP)), rel=1e-15)


@pytest.mark.parametrize("beyond", [0.0, 1e-9, 0.5, 1.5, 6.0, 1e6])
def test_values_at_and_beyond_one_limit_are_at_the_limit(beyond):
    u = ext2int(np.array([0.0, 0.1 - beyond, 0.3 + beyond, 0.0]))
    np.testing.assert_array_equal(u[1:3], [0, 0])


def test_derivatives_stay_finite_everywhere():
    """At, near and outside limits, in the branches that are not taken too; second derivatives included."""
    x = np.array([[0.0, 0.1, 0.3, 3.0], [0.0, -9.0, 9.0, -9.0], [1e30, 1e8, -1e8, 3 - 1e-12]])

    def back(x):
        return transform.ext2int(x, LOWER, UPPER, EPS2)

    def there(u):
        return transform.int2ext(u, LOWER, UPPER)

    for function in (back, there):
        for derivative in (jax.jacobian(function), jax.hessian(function)):
            assert np.all(np.isfinite(jax.jit(jax.vmap(derivative))(x)))


def test_derivatives_with_respect_to_the_limits_are_finite():
    def total(limits):
        low = jnp.where(jnp.isfinite(LOWER), limits[0], -INF)
        high = jnp.where(jnp.isfinite(UPPER), limits[1], INF)
        return jnp.sum(transform.int2ext(transform.ext2int(jnp.zeros(4) + 0.2, low, high, EPS2), low, high))

    assert np.all(np.isfinite(jax.jit(jax.grad(total))(jnp.array([-2.0, 3.0]))))


def test_batches_and_single_precision():
    u = np.broadcast_to(POINTS[1], (3, 2, 4))
    np.testing.assert_allclose(transform.int2ext(u, LOWER, UPPER)[2, 1], int2ext(POINTS[1]), rtol=1e-15)
    single = [jnp.asarray(a, jnp.float32) for a in (POINTS[1], LOWER, UPPER)]
    eps2 = precision(jnp.float32).eps2
    x = transform.int2ext(*single)
    assert x.dtype == transform.ext2int(x, *single[1:], eps2).dtype == jnp.float32
    np.testing.assert_allclose(x, int2ext(POINTS[1]), rtol=1e-6)


def test_fold_keeps_the_external_values_and_turns_the_derivatives():
    for u in np.random.default_rng(5).normal(0, 6, (50, 4)):
        folded, sign = fold(u)
        np.testing.assert_allclose(int2ext(folded), int2ext(u), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(dint2ext(folded), sign * dint2ext(u), rtol=1e-9, atol=1e-12)
        assert folded[0] == u[0]
        assert folded[1] >= 0
        assert folded[2] >= 0
        assert abs(folded[3]) <= np.pi / 2


def test_fold_leaves_the_principal_branch_alone():
    u = np.array([-5.0, 0.0, 3.0, np.pi / 2])
    folded, sign = fold(u)
    np.testing.assert_array_equal(folded, u)
    np.testing.assert_array_equal(sign, [1, 1, 1, 1])


def test_external_errors():
    """Half the sum of both ways for a limited parameter, dx itself for a free one (manual 1.3.3)."""
    u, dx = np.array([1.0, 2.0, 2.0, 0.3]), np.array([0.5, 0.5, 0.7, 0.2])
    x, up, down = int2ext(u), int2ext(u + dx), int2ext(u - dx)
    mean = 0.5 * (np.abs(up - x) + np.abs(down - x))
    np.testing.assert_allclose(external_errors(u, dx), [0.5, *mean[1:]], rtol=1e-14)


def test_external_error_longer_than_the_range():
    """For dx > 1 and two limits the way up counts as the whole range."""
    u, dx = np.array([0.0, 1.0, 1.0, 0.2]), np.array([4.0, 1.5, 1.5, 1.5])
    x, down = int2ext(u), int2ext(u - dx)
    errors = external_errors(u, dx)
    assert float(errors[3]) == pytest.approx(float(0.5 * (5.0 + abs(down[3] - x[3]))), rel=1e-14)
    assert float(errors[1]) == pytest.approx(float(0.5 * (int2ext(u + dx)[1] - x[1] + abs(down[1] - x[1]))), rel=1e-13)
    assert float(errors[0]) == 4.0


def test_external_covariance_is_propagation_of_errors():
    """C = 2 UP J V J^T with the Jacobian by differences."""
    u = np.array([1.0, 2.0, -0.4, 0.3])
    half = np.random.default_rng(1).normal(size=(4, 4))
    v = half @ half.T
    c = transform.external_covariance(u, v, 0.5, LOWER, UPPER)
    jacobian = finite.jacobian(int2ext, u)
    np.testing.assert_allclose(c, 2 * 0.5 * jacobian @ v @ jacobian.T, rtol=1e-8)
    np.testing.assert_array_equal(c, c.T)


def test_internal_steps():
    """Mean of the way up and the way down, each cut at its limit."""
    x, step = np.array([2.0, 0.15, 0.2, 2.9]), np.array([0.3, 0.1, 0.05, 0.5])
    u, up, down = ext2int(x), ext2int(np.minimum(x + step, UPPER)), ext2int(np.maximum(x - step, LOWER))
    expected = 0.5 * (np.abs(up - u) + np.abs(down - u))
    np.testing.assert_allclose(internal_steps(x, step), expected, rtol=1e-12)
    assert float(internal_steps(x, step)[0]) == pytest.approx(0.3, rel=1e-14)


def test_internal_steps_have_a_smallest_size():
    x = np.array([1e3, 5.1, -4.7, 1.0])
    u = np.abs(ext2int(x))
    np.testing.assert_allclose(internal_steps(x, np.full(4, 1e-30)), 8 * EPS2 * (u + EPS2), rtol=1e-12)


def test_which_are_limited():
    np.testing.assert_array_equal(transform.limited(LOWER, UPPER), [False, True, True, True])


def test_derivatives_at_a_limit_are_those_of_the_formula():
    """x = 2 (sin u + 1) at u = -pi/2: dx/du = 0, d2x/du2 = 2; rounding must not halve them."""
    u = jnp.asarray(-jnp.pi / 2)

    def x(u):
        return transform.int2ext(u, jnp.asarray(0.0), jnp.asarray(4.0))

    assert float(x(u)) == 0.0
    assert float(jax.grad(x)(u)) == pytest.approx(0.0, abs=1e-15)
    assert float(jax.grad(jax.grad(x))(u)) == pytest.approx(2.0)
    assert float(transform.bend(u, jnp.asarray(0.0), jnp.asarray(4.0))) == pytest.approx(2.0)
