"""Derivatives of contours: closed forms for ellipses, the area of a curved one, and points on limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm

RNG = np.random.default_rng(3)
A = jnp.asarray(RNG.normal(size=(9, 3)))
Y = jnp.asarray(RNG.normal(size=9))
SIZE = 24


def line(d, lower=-jnp.inf):
    """The contour of a and b of linear least squares, and the fit."""
    fcn = jm.FCN(lambda p, y: jnp.sum((A @ p - y) ** 2), data=d["y"], errordef=d["up"])
    start = jm.Parameters(jnp.zeros(3), names=("a", "b", "c"))
    minimum = jm.migrad(fcn, start.replace(lower=jnp.array([-jnp.inf] * 3).at[0].set(lower)))
    return jm.mncontour(fcn, minimum, "a", "b", size=SIZE), minimum


@pytest.mark.slow
def test_an_ellipse_moves_with_the_data_and_grows_with_up():
    """Along its normal by what the minimum moves, and by half its radius for relative changes of UP.

    The closed forms are taken at the points as they were found, within 1e-4 of the rise: 1e-4 of the result.
    """
    d = {"y": Y, "up": jnp.asarray(1.0)}

    def points(d):
        return line(d)[0].points

    contour, minimum = line(d)
    moved = jax.jit(jax.jacfwd(points))(d)
    v = np.linalg.inv(A.T @ A)
    from_minimum = np.asarray(contour.points) - np.asarray(minimum.values[:2])
    normal = from_minimum @ np.linalg.inv(v[:2, :2])
    by_data = np.einsum("pk,pkj->pj", normal, moved["y"])
    np.testing.assert_allclose(by_data, normal @ (v @ np.asarray(A.T))[:2], atol=1e-4 * np.abs(by_data).max())
    by_up = np.einsum("pk,pk->p", normal, moved["up"])
    np.testing.assert_allclose(by_up, 0.5 * np.einsum("pk,pk->p", normal, from_minimum), rtol=1e-4)
    backward = jax.jit(jax.grad(lambda d: jnp.sum(points(d) ** 2)))(d)
    np.testing.assert_allclose(backward["y"], np.einsum("pk,pkj->j", 2.0 * contour.points, moved["y"]), rtol=1e-8)


def area(points):
    x, y = points[:, 0], points[:, 1]
    return 0.5 * jnp.sum(x * jnp.roll(y, -1) - y * jnp.roll(x, -1))


@pytest.mark.slow
def test_the_area_of_a_curved_contour():
    """It does not depend on where on the contour the points are, up to the corners cut: 1 % with 120 points."""

    def fcn(p, t):
        x, y, z = p
        return (x - t[0]) ** 2 + (y - 0.3 * t[1] * x * x) ** 2 + (z - x * y) ** 2 * t[2] + 0.2 * (x * y) ** 2 + z * z

    def of(t):
        f = jm.FCN(fcn, data=t)
        return area(jm.mncontour(f, jm.migrad(f, jm.Parameters(jnp.full(3, 0.1))), 0, 1, size=120).points)

    at = jnp.array([0.5, 1.2, 0.8])
    ours, step, compiled = jax.jit(jax.grad(of))(at), 0.02, jax.jit(of)
    expected = [(compiled(at + e) - compiled(at - e)) / (2 * step) for e in step * np.eye(3)]
    np.testing.assert_allclose(ours, expected, atol=0.01 * np.max(np.abs(expected)))


def test_points_on_a_limit_move_with_it_and_corners_stay_on_the_contour():
    minimum = line({"y": Y, "up": 1.0})[1]
    lower = float(minimum.values[0] - 0.7 * minimum.errors[0])

    def at(lower):
        contour = line({"y": Y, "up": 1.0}, lower)[0]
        return contour.points, contour.status

    (points, status), (moved, _) = jax.jit(lambda x: jax.jvp(at, (x,), (jnp.ones_like(x),)))(lower)
    inside = status == jm.SideStatus.VALID
    assert 4 <= np.sum(status == jm.SideStatus.AT_LIMIT) < SIZE
    np.testing.assert_allclose(moved[inside], 0.0, atol=1e-9)
    np.testing.assert_allclose(moved[~inside, 0], 1.0, rtol=1e-9)
    # a corner keeps F = Fmin + UP: the slope of the ellipse there
    y = points[~inside, 1]
    corner = np.asarray(y == y.max()) | np.asarray(y == y.min())
    v = np.linalg.inv(A.T @ A)[:2, :2]
    normal = (np.asarray(points[~inside]) - np.asarray(minimum.values[:2])) @ np.linalg.inv(v)
    slope = -normal[:, 0] / normal[:, 1]
    np.testing.assert_allclose(moved[~inside, 1][corner], slope[corner], rtol=1e-3)
    np.testing.assert_allclose(moved[~inside, 1][~corner], 0.0, atol=1e-9)
