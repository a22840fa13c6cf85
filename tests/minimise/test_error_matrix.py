"""Updates of the inverse Hessian, and what becomes of a fresh Hessian."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.precision import precision
from jaxminuit.core.status import MatrixStatus
from jaxminuit.minimise import error_matrix
from jaxminuit.problem.request import Reply

N = 4
FREE = np.array([True, True, False, True])
PRECISION = precision(jnp.float64)

updated = jax.jit(error_matrix.updated, static_argnums=3)
from_differences = jax.jit(lambda reply, free: error_matrix.from_differences(reply, free, PRECISION))
from_exact = jax.jit(error_matrix.from_exact)


def positive(rng, n=N):
    half = rng.normal(size=(n, n))
    return half @ half.T + 0.1 * np.eye(n)


def matrix(v, dcovar=1.0):
    return error_matrix.start(jnp.asarray(v), jnp.asarray(dcovar))


def reply(hessian, outcome=MatrixStatus.ACCURATE):
    hessian = jnp.asarray(hessian, float)
    vector = jnp.diagonal(hessian)
    return Reply(jnp.array(0.0), vector, vector, vector, hessian, jnp.int32(outcome), jnp.int32(1))


@pytest.mark.parametrize("careful", [True, False])
def test_update_satisfies_the_secant_equation(careful):
    """V' dg = dx, symmetric and positive definite, whichever of the two formulas applies (1e-9: cancellation)."""
    rng = np.random.default_rng(2)
    formulas = set()
    for _ in range(40):
        v, hessian, dx = positive(rng) * 10 ** rng.uniform(-2, 1), positive(rng), rng.normal(size=N)
        dg = hessian @ dx
        formulas.add(bool(dx @ dg > dg @ v @ dg))
        e = updated(matrix(v), dx, dg, careful)
        np.testing.assert_allclose(e.v @ dg, dx, atol=1e-9 * np.abs(e.v).max() * np.abs(dg).max())
        np.testing.assert_allclose(e.v, e.v.T, rtol=1e-12, atol=1e-13)
        assert np.linalg.eigvalsh(e.v)[0] > 0
    assert formulas == {True, False}


def test_update_is_davidons_or_fletchers():
    """Against both formulas written out, and dcovar against its definition with each off-diagonal element once."""
    rng = np.random.default_rng(4)
    for size in (0.01, 0.03, 1.0, 3.0):
        v, dx = positive(rng) * size, rng.normal(size=N)
        dg = positive(rng) @ dx
        w, d, c = v @ dg, dx @ dg, dg @ v @ dg
        if d > c:  # the formula of Broyden, Fletcher, Goldfarb and Shanno
            left = np.eye(N) - np.outer(dx, dg) / d
            expected = left @ v @ left.T + np.outer(dx, dx) / d
        else:
            expected = v + np.outer(dx, dx) / d - np.outer(w, w) / c
        e = updated(matrix(v, 0.4), dx, dg, True)
        np.testing.assert_allclose(e.v, expected, rtol=1e-9, atol=1e-9)
        change = np.sum(np.abs(np.tril(expected - v))) / np.sum(np.abs(np.tril(expected)))
        assert float(e.dcovar) == pytest.approx(0.5 * (0.4 + change), rel=1e-9)
        assert int(e.status) == MatrixStatus.APPROXIMATE


def test_updates_on_a_quadratic_end_at_its_inverse_hessian():
    """N exact line searches along conjugate directions: the classic property of the formula."""
    rng = np.random.default_rng(7)
    hessian = positive(rng)
    e, x = matrix(np.eye(N)), rng.normal(size=N)
    for _ in range(N):
        g = hessian @ x
        step = -np.asarray(e.v) @ g
        dx = step * (-(g @ step) / (step @ hessian @ step))
        e = updated(e, dx, hessian @ dx, True)
        x = x + dx
    np.testing.assert_allclose(e.v, np.linalg.inv(hessian), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(x, 0, atol=1e-9)


def test_fixed_parameters_stay_out():
    """Zero rows of V, dx and dg stay zero rows, and the rest is the update without them."""
    rng = np.random.default_rng(9)
    small, dx = positive(rng, 3), rng.normal(size=3)
    dg = positive(rng, 3) @ dx
    rows = np.ix_(FREE, FREE)
    v, whole_dx, whole_dg = np.zeros((N, N)), np.zeros(N), np.zeros(N)
    v[rows], whole_dx[FREE], whole_dg[FREE] = small, dx, dg
    whole = updated(matrix(v), whole_dx, whole_dg, True)
    alone = updated(matrix(small), dx, dg, True)
    np.testing.assert_allclose(np.asarray(whole.v)[rows], alone.v, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(whole.v[2], 0)
    assert float(whole.dcovar) == pytest.approx(float(alone.dcovar), rel=1e-12)


@pytest.mark.parametrize("dg", [[0.0, 0, 0, 0], [-1.0, 0, 0, 0], [np.nan, 0, 0, 0], [np.inf, 0, 0, 0]])
def test_a_useless_step_changes_nothing(dg):
    before = matrix(np.eye(N), 0.3)
    after = updated(before, np.array([1.0, 0, 0, 0]), np.array(dg), True)
    np.testing.assert_array_equal(after.v, before.v)
    assert float(after.dcovar) == 0.3
    assert int(after.status) == int(before.status)


def test_minuit_updates_along_negative_curvature_too():
    """Not `careful`: only d = 0 is left out, as in Minuit; V then loses its definiteness, which it repairs."""
    dx, dg = np.array([1.0, 0, 0, 0]), np.array([-1.0, 0, 0, 0])
    e = updated(matrix(np.eye(N)), dx, dg, False)
    np.testing.assert_allclose(e.v @ dg, dx)
    fixed = error_matrix.repaired(e, jnp.array(True), jnp.ones(N, bool), PRECISION)
    assert np.linalg.eigvalsh(fixed.v)[0] > 0


def test_repair_says_so():
    bad = matrix(np.array([[1.0, 2.0], [2.0, 1.0]]), 0.1)
    e = error_matrix.repaired(bad, jnp.array(True), jnp.ones(2, bool), PRECISION)
    assert int(e.status) == MatrixStatus.MADE_POSITIVE_DEFINITE
    assert float(e.dcovar) == 1.0
    same = error_matrix.repaired(bad, jnp.array(False), jnp.ones(2, bool), PRECISION)
    np.testing.assert_array_equal(same.v, bad.v)
    assert float(same.dcovar) == 0.1


@pytest.mark.parametrize("build", ["differences", "exact"])
def test_a_good_hessian_gives_its_inverse(build):
    hessian = positive(np.random.default_rng(11))
    hessian[2] = hessian[:, 2] = np.nan  # the fixed parameter's row is not looked at
    make = {"differences": from_differences, "exact": lambda r, free: from_exact(r, free, jnp.eye(N))}[build]
    e = make(reply(hessian), FREE)
    rows = np.ix_(FREE, FREE)
    np.testing.assert_allclose(np.asarray(e.v)[rows], np.linalg.inv(hessian[rows]), rtol=1e-9)
    np.testing.assert_array_equal(e.v[2], 0)
    assert int(e.status) == MatrixStatus.ACCURATE
    assert float(e.dcovar) == 0
    assert e.lowest > 0
    assert not e.flat


def test_an_indefinite_hessian():
    """Differences: forced positive definite, as in Minuit. Exact: a metric that goes downhill, the raw spectrum."""
    hessian, every = np.diag([4.0, -2.0]), np.ones(2, bool)
    tilted = np.array([[1.0, 3.0], [3.0, 4.0]])
    e = from_differences(reply(tilted), every)
    assert int(e.status) == MatrixStatus.MADE_POSITIVE_DEFINITE
    np.testing.assert_allclose(e.v, np.linalg.inv([[1.5025, 3.0], [3.0, 6.01]]), rtol=1e-10)
    e = from_exact(reply(hessian), every, jnp.eye(2))
    assert int(e.status) == MatrixStatus.NOT_POSITIVE_DEFINITE
    np.testing.assert_allclose(e.v, np.diag([0.25, 0.5]), rtol=1e-14)
    np.testing.assert_allclose(e.hessian, hessian)
    assert e.lowest < 0
    np.testing.assert_allclose(np.abs(e.direction) > 0.1, [False, True])


def test_a_flat_direction_is_noticed():
    e = from_exact(reply(np.ones((2, 2))), np.ones(2, bool), jnp.eye(2))
    assert bool(e.flat)
    assert int(e.status) == MatrixStatus.NOT_POSITIVE_DEFINITE


def test_without_a_hessian():
    """Differences: 1 / g2 on the diagonal; exact: the matrix that was there; the status is that of the reply."""
    every = np.ones(3, bool)
    failed = replace(reply(np.full((3, 3), np.nan), MatrixStatus.HESSE_FAILED), g2=jnp.array([4.0, 0.0, -1.0]))
    e = from_differences(failed, every)
    np.testing.assert_allclose(e.v, np.diag([0.25, 1.0, 1.0]))
    assert int(e.status) == MatrixStatus.HESSE_FAILED
    e = from_exact(failed, every, 3.0 * jnp.eye(3))
    np.testing.assert_array_equal(e.v, 3 * np.eye(3))
    assert int(e.status) == MatrixStatus.HESSE_FAILED
    assert np.all(np.isnan(e.hessian))


def test_estimated_distance():
    g, v = np.array([1.0, 2.0]), np.array([[2.0, 0.5], [0.5, 1.0]])
    assert float(error_matrix.edm(g, v)) == pytest.approx(0.5 * g @ v @ g)
