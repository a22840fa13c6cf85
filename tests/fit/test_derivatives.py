"""Derivatives of fits: against closed forms, and against differences of whole fits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import jaxminuit as jm
from tests.helpers.finite import jacobian

RNG = np.random.default_rng(5)
A = jnp.asarray(RNG.normal(size=(8, 3)))
X = jnp.asarray(RNG.normal(1.0, 2.0, 12))
TIGHT = 1e-9  # tol: the last step of a fit then ends where rounding begins


def numbers(m):
    """What is differentiated."""
    return {"values": m.values, "fval": m.fval, "covariance": m.covariance, "errors": m.errors}


def flat(tree):
    """One vector."""
    return jnp.concatenate([leaf.ravel() for leaf in jax.tree_util.tree_leaves(tree)])


def line(d):
    """Weighted linear least squares."""
    fcn = jm.FCN(lambda p, d: jnp.sum(d["w"] * (A @ p - d["y"]) ** 2), data=d)
    return numbers(jm.migrad(fcn, jm.Parameters(jnp.zeros(3))))


def line_solved(d):
    """The same in closed form."""
    covariance = jnp.linalg.inv(A.T @ (d["w"][:, None] * A))
    values = covariance @ A.T @ (d["w"] * d["y"])
    fval = jnp.sum(d["w"] * (A @ values - d["y"]) ** 2)
    return {"values": values, "fval": fval, "covariance": covariance, "errors": jnp.sqrt(jnp.diagonal(covariance))}


@pytest.mark.parametrize("mode", [jax.jacfwd, jax.jacrev])
def test_linear_least_squares(mode):
    """Exact but for rounding: Newton's step ends at the minimum."""
    d = {"y": jnp.asarray(RNG.normal(size=8)), "w": jnp.asarray(RNG.uniform(1.0, 2.0, 8))}
    ours, exact = jax.jit(mode(line))(d), mode(line_solved)(d)
    jax.tree_util.tree_map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12), ours, exact)


def bent(p, x):
    """A likelihood with third derivatives and a nuisance parameter."""
    z = (x - p["mu"]) / p["sigma"]
    return jnp.sum(jnp.log(p["sigma"]) + 0.5 * z * z * (1.0 + 0.05 * jnp.tanh(z)) + 0.1 * p["a"] * z) + p["a"] ** 2


def bent_fit(t, **options):
    """By the data, a fixed parameter's value, a limit not reached, and UP (the last three numbers)."""
    start = jm.Parameters(
        {"a": t[-3], "mu": 0.0, "sigma": 1.0}, limits={"mu": (-1.0, None), "sigma": (0.0, t[-2])}, fixed=["a"]
    )
    return jm.migrad(jm.FCN(bent, data=t[:-3], errordef=t[-1]), start, **options)


THETA = jnp.concatenate([X, jnp.array([0.3, 10.0, 0.5])])


@pytest.mark.parametrize("options", [{}, {"strategy": 0}, {"gradient": "finite"}], ids=["exact", "level0", "finite"])
def test_differences_of_whole_fits(options):
    """Relative 1e-6 of the largest derivative, by fits at the default tolerance against differences of tight ones."""
    tight = jax.jit(lambda t: flat(numbers(bent_fit(t, tol=TIGHT))))
    ours = jax.jit(jax.jacfwd(lambda t: flat(numbers(bent_fit(t, **options)))))(THETA)
    expected = jacobian(tight, THETA, 1e-3)
    scale = np.max(np.abs(expected), axis=1, keepdims=True) + 1e-6
    np.testing.assert_allclose(ours / scale, expected / scale, atol=1e-6 if options == {} else 1e-4)


def test_fixed_values_and_limits():
    """A fixed parameter moves with its value, one that is held with its limit, and the others follow."""

    def fit(t):
        start = jm.Parameters(
            {"x": 0.5, "y": 0.5, "z": t[1]}, limits={"x": (None, t[0]), "y": (-3.0, 3.0)}, fixed=["z"]
        )
        fcn = jm.FCN(lambda p: (p["x"] - 2.0) ** 2 + (p["y"] - p["x"] * p["z"]) ** 2 + p["z"] ** 4)
        m = jm.migrad(fcn, start)
        return m.values, m.fval, m.held

    t = jnp.array([1.0, 0.7])
    values, fval, _ = jax.jit(jax.jacrev(lambda t: fit(t)[:2] + (0.0 * t,)))(t)
    assert int(fit(t)[2][0]) == 1
    np.testing.assert_allclose(values, [[1.0, 0.0], [0.7, 1.0], [0.0, 1.0]], atol=1e-9)
    # d/dx (x - 2)^2 = -2 at the limit; d/dz z^4; y takes the rest up
    np.testing.assert_allclose(fval, [-2.0, 4.0 * 0.7**3], atol=1e-9)


def test_failed_fits_have_nan_and_spoil_nothing():
    """NaN for who asks for them, 0 for who leaves them out."""
    data = jnp.array([[1.0, 2.0], [jnp.inf, 1.0], [3.0, 5.0]])

    def fits(scale, data):
        def one(d):
            fcn = jm.FCN(lambda p, d: jnp.where(jnp.isfinite(d[0]), jnp.sum((p * d[1] - d[2]) ** 2), jnp.nan), data=d)
            return jm.migrad(fcn, jm.Parameters(jnp.zeros(1)))

        return jax.vmap(one)(jnp.concatenate([data, jnp.full((3, 1), scale)], axis=1))

    def total(scale, data, everyone):
        m = fits(scale, data)
        return jnp.sum(jnp.where(m.valid | everyone, m.values[:, 0], 0.0))

    slope = jax.jit(jax.grad(total, argnums=(0, 1)))
    by_scale, by_data = slope(2.0, data, True)
    assert np.isnan(by_scale)
    assert np.isnan(by_data[1, 1])
    assert not np.any(np.isnan(by_data[jnp.array([0, 2])]))
    by_scale, by_data = slope(2.0, data, False)
    np.testing.assert_allclose(by_scale, 1 / 2 + 1 / 5, rtol=1e-9)
    np.testing.assert_allclose(by_data[:, 1], [-2.0 / 4, 0.0, -2.0 / 25], rtol=1e-9)


def test_grad_of_vmap_is_vmap_of_grad_and_closures_are_seen():
    """An FCN may close over what is differentiated."""

    def spread(y):
        return jm.migrad(jm.FCN(lambda p: jnp.sum(jnp.cosh(p - y))), jm.Parameters(jnp.zeros(1))).errors[0]

    ys = jnp.asarray(RNG.normal(size=(3, 4)))
    one_way = jax.jit(jax.vmap(jax.grad(spread)))(ys)
    other_way = jax.jit(jax.grad(lambda ys: jnp.sum(jax.vmap(spread)(ys))))(ys)
    np.testing.assert_allclose(one_way, other_way, rtol=1e-12)
    # tanh mean shift: the minimum is where sum sinh(p - y) = 0, the error sqrt(2 / sum cosh(p - y))
    p = [optimize.brentq(lambda p, y=y: np.sum(np.sinh(p - y)), -5, 5, xtol=1e-14) for y in np.asarray(ys)]
    e, s = np.cosh(np.array(p)[:, None] - ys), np.sinh(np.array(p)[:, None] - ys)
    whole = e.sum(axis=1, keepdims=True)
    expected = -0.5 * np.sqrt(2.0) * whole**-1.5 * (-s + (s.sum(axis=1, keepdims=True)) * e / whole)
    np.testing.assert_allclose(one_way, expected, rtol=1e-8)


def test_second_derivatives():
    """Differences of the first ones."""

    def found(t):
        return bent_fit(jnp.concatenate([t, THETA[2:]]), tol=TIGHT).values[1]

    slope = jax.jit(jax.grad(found))
    curvature = jax.jit(jax.hessian(found))(THETA[:2])
    np.testing.assert_allclose(curvature, curvature.T, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(curvature, jacobian(slope, THETA[:2], 1e-3), rtol=1e-6, atol=1e-8)


def test_hesse_moves_with_the_minimum():
    """As Migrad's own matrix, and at a point that is no minimum as the matrix there."""
    fcn, start = jm.FCN(bent, data=X, errordef=0.5), jm.Parameters({"a": 0.3, "mu": 0.5, "sigma": 1.5}, fixed=["a"])

    def errors(x, mu):
        own = jm.FCN(bent, data=x, errordef=0.5)
        m = jm.migrad(own, start)
        there = jm.hesse(fcn, start.replace(values=jnp.array([0.3, 1.0, 1.5]).at[1].set(mu)))
        return m.errors, jm.hesse(own, m).errors, there.hessian[1, 1]

    by_data, again, by_point = (
        pair[k] for pair, k in zip(jax.jit(jax.jacfwd(errors, argnums=(0, 1)))(X, 0.8), (0, 0, 1), strict=True)
    )
    np.testing.assert_allclose(again, by_data, rtol=1e-8, atol=1e-11)
    third = jax.grad(jax.grad(jax.grad(lambda mu: bent({"a": 0.3, "mu": mu, "sigma": 1.5}, X))))(0.8)
    np.testing.assert_allclose(by_point, third, rtol=1e-9)


@pytest.mark.slow
def test_minos():
    """The ends against roots of the profile found by scipy."""

    def intervals(t):
        start = jm.Parameters({"mu": 0.5, "tau": 1.0}, limits={"tau": (t[-1], None), "mu": (None, 3.0)})
        fcn = jm.FCN(skew, data=t[:-1], errordef=0.5)
        m = jm.migrad(fcn, start)
        e = jm.minos(fcn, m)
        return {"lower": e.lower, "upper": e.upper, "params": e.upper_params, "values": m.values}

    t = jnp.append(jnp.array([0.4, 1.3, 2.2, 0.9]), 0.05)
    ours = jax.jit(jax.jacfwd(intervals))(t)
    found = intervals(t)
    for side, row in (("lower", -1), ("upper", 1)):
        expected = jacobian(lambda t, row=row: scipy_end(t, row), t, 1e-3)
        np.testing.assert_allclose(found[side][1], scipy_end(t, row), rtol=1e-3)
        np.testing.assert_allclose(ours[side][1], expected, atol=2e-6 * np.max(np.abs(expected)))
    np.testing.assert_allclose(ours["params"][1, 1] - ours["values"][1], ours["upper"][1], rtol=1e-10, atol=1e-12)


def skew(p, x):
    """Asymmetric in tau."""
    return jnp.sum(jnp.log(p["tau"]) + 0.5 * ((x - p["mu"]) / p["tau"]) ** 2) + 0.1 * jnp.sum(x) * p["mu"] ** 2


def scipy_end(t, side):
    """The end of the interval of tau: log-likelihood minimised over mu in closed form, root by brentq."""
    x = np.asarray(t)[:-1]
    k = 0.2 * np.sum(x)

    def best(tau):
        mu = np.sum(x) / tau**2 / (x.size / tau**2 + k)
        return x.size * np.log(tau) + 0.5 * np.sum((x - mu) ** 2) / tau**2 + 0.5 * k * mu**2

    tau = optimize.minimize_scalar(best, bracket=(0.3, 0.7, 2.0), tol=1e-12).x
    # the minimum of a parabola is known to sqrt(eps) only: its derivative's root is known better
    tau = optimize.brentq(lambda v: best(v * 1.0001) - best(v / 1.0001), 0.9 * tau, 1.1 * tau, xtol=1e-15)
    ends = (0.2, tau) if side < 0 else (tau, 20.0)
    return optimize.brentq(lambda v: best(v) - best(tau) - 0.5, *ends, xtol=1e-14) - tau


@pytest.mark.slow
def test_profile_points():
    """Along one parameter of a line fit: the other follows, and the FCN with the data."""

    def points(y):
        fcn = jm.FCN(lambda p, y: jnp.sum((p["a"] + p["b"] * A[:, 0] - y) ** 2), data=y)
        m = jm.migrad(fcn, jm.Parameters({"a": 0.0, "b": 0.0}))
        found = jm.mnprofile(fcn, m, "b", grid=jnp.array([0.5, 1.0]))
        return found.fval, found.params[:, 0]

    def solved(y):
        b = jnp.array([0.5, 1.0])
        rest = y[None, :] - b[:, None] * A[:, 0]
        return jnp.sum((rest - jnp.mean(rest, axis=1, keepdims=True)) ** 2, axis=1), jnp.mean(rest, axis=1)

    y = jnp.asarray(RNG.normal(size=8))
    for ours, expected in zip(jax.jit(jax.jacrev(points))(y), jax.jacrev(solved)(y), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-10)
