"""Fumili: against closed forms, Migrad, MINPACK, and on starts that are bad."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import leastsq

import jaxminuit as jm
from jaxminuit import cost
from tests.cost import cost_models as m
from tests.helpers.copies import copies, marked

T = np.linspace(0.0, 4.0, 25)
DECAY = 5.0 * np.exp(-0.8 * T) + 1.0 + 0.05 * np.sin(20.0 * T)


def decay(p, d):
    return p[0] * jnp.exp(-p[1] * d[0]) + p[2] - d[1]


FIT = jm.ResidualFCN(decay, data=(T, DECAY))


def rosenbrock(p):
    return jnp.array([10.0 * (p[1] - p[0] ** 2), 1.0 - p[0]])


def powell(p):
    """Powell's function: the Jacobian is singular at the minimum."""
    a, b, c, d = p
    return jnp.array([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def test_a_linear_model_is_fitted_in_one_step():
    """The second call is at the minimum; one more step shows that it is."""
    fcn = jm.ResidualFCN(lambda p, d: (p[0] + p[1] * d[0] - d[1]) / 0.1, data=(T, DECAY))
    minimum = jm.fumili(fcn, jm.Parameters(jnp.array([100.0, -50.0])), strategy=0)
    design = np.stack([np.ones_like(T), T], axis=1)
    np.testing.assert_allclose(minimum.values, np.linalg.lstsq(design, DECAY, rcond=None)[0], rtol=1e-9)
    np.testing.assert_allclose(minimum.covariance, 0.01 * np.linalg.inv(design.T @ design), rtol=1e-9)
    assert minimum.valid
    assert minimum.matrix_status == jm.MatrixStatus.APPROXIMATE
    assert minimum.nfcn <= 10
    assert minimum.nhessian == 0


@pytest.mark.parametrize("start", [(1.0, 1.0, 0.0), (1e3, 0.01, -5.0), (20.0, 0.1, -3.0)])
def test_the_answer_of_minpack_with_unit_weights(start):
    """MINPACK goes to 1.5e-8 of the parameters; F is flat to 1e-16, which is 1e-8 of them too. Ours: 1e-5 at least."""
    best = leastsq(lambda p: np.asarray(p[0] * np.exp(-p[1] * T) + p[2] - DECAY), (5.0, 0.8, 1.0))[0]
    minimum = jm.fumili(FIT, jm.Parameters(jnp.array(start)))
    np.testing.assert_allclose(minimum.values, best, rtol=1e-6)
    assert minimum.valid
    assert minimum.accurate
    assert minimum.algorithm == "Fumili"
    assert minimum.nfcn < 60


@pytest.mark.parametrize(
    ("fun", "start", "best", "accuracy"),
    [(rosenbrock, [-1.2, 1.0], [1.0, 1.0], 1e-9), (powell, [3.0, -1.0, 0.0, 1.0], np.zeros(4), 1e-2)],
)
def test_curved_and_singular_valleys(fun, start, best, accuracy):
    minimum = jm.fumili(jm.ResidualFCN(fun), jm.Parameters(jnp.array(start)), strategy=0)
    np.testing.assert_allclose(minimum.values, best, atol=accuracy)
    assert minimum.nfcn < 60


CASES = {
    "counts": (cost.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.scaled_cdf), (20.0, 1.5, 3.0)),
    "probabilities": (cost.BinnedNLL(m.COUNTS, m.EDGES, m.cdf), (1.5, 3.0)),
    "sample": (cost.UnbinnedNLL(m.SAMPLE, m.logpdf, log=True), (2.0, 4.0)),
    "robust": (
        cost.LeastSquares(T, np.where(T[3] == T, 9.0, DECAY), 0.1, lambda x, a, b, c: a * jnp.exp(-b * x) + c,
                          loss="soft_l1"),
        (2.0, 0.3, 0.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow if case in ("probabilities", "sample") else ()) for case in CASES],
)
def test_costs_give_what_migrad_gives(case):
    """Migrad ends at an EDM below 2e-4 UP, which is 2 % of an error."""
    fcn, values = CASES[case]
    names = [name for name, _ in fcn.signature]
    limits = {"sigma": (0.0, None)} if "sigma" in names else None  # the density is even in sigma
    start = jm.Parameters(dict(zip(names, values, strict=True)), limits=limits)
    ours, other = jm.fumili(fcn, start), jm.migrad(fcn, start)
    assert ours.valid
    assert other.valid
    assert ours.accurate
    np.testing.assert_allclose((ours.values - other.values) / other.errors, 0.0, atol=0.025)
    np.testing.assert_allclose(ours.errors, other.errors, rtol=0.01)


def test_limits_fixed_parameters_and_going_on():
    start = jm.Parameters(jnp.array([2.0, 1.0, 0.5]), limits={"x0": (0.0, 4.0), "x1": (0.0, None)}, fixed=["x2"])
    minimum = jm.fumili(FIT, start, strategy=0)
    assert minimum.values[2] == 0.5
    assert minimum.errors[2] == 0.0
    assert minimum.values[0] == pytest.approx(4.0, abs=1e-3)
    other = jm.migrad(FIT, start)
    assert float(minimum.fval) == pytest.approx(float(other.fval), abs=2e-4)
    again = jm.fumili(FIT, minimum, strategy=0)
    assert again.nfcn <= minimum.nfcn
    assert again.status == minimum.status


def test_regions_where_the_fcn_is_not_finite_are_left():
    """The first step, to x = -0.5, is outside: there is no logarithm."""
    minimum = jm.fumili(jm.ResidualFCN(lambda p: jnp.log(p) + 3.0), jm.Parameters(jnp.array([0.3])))
    np.testing.assert_allclose(minimum.values, np.exp(-3.0), rtol=1e-6)
    assert minimum.valid


def test_what_can_go_wrong_is_a_status():
    lost = jm.fumili(jm.ResidualFCN(lambda p: jnp.log(p)), jm.Parameters(jnp.array([-1.0])))
    assert lost.status == jm.Status.NOT_FINITE
    assert not lost.valid
    short = jm.fumili(FIT, jm.Parameters(jnp.array([1e3, 0.01, -5.0])), max_calls=3)
    assert short.status == jm.Status.CALL_LIMIT
    flat = jm.fumili(jm.ResidualFCN(lambda p: (p[0] + p[1] - 2.0)[None]), jm.Parameters(jnp.array([3.0, 5.0])))
    assert flat.status == jm.Status.FLAT_DIRECTION
    none = jm.fumili(FIT, jm.Parameters(jnp.array([5.0, 0.8, 1.0]), fixed=["x0", "x1", "x2"]), strategy=0)
    assert none.valid
    assert none.nfcn == 1


def test_jit_and_vmap():
    start = jm.Parameters(jnp.array([1.0, 1.0, 0.0]))

    @jax.jit
    def fit(y):
        return jm.fumili(jm.ResidualFCN(decay, data=(T, y)), start, strategy=0)

    many = jax.jit(jax.vmap(fit))(jnp.stack([DECAY, 2.0 * DECAY]))
    assert np.all(many.valid)
    np.testing.assert_allclose(many.values[0], fit(DECAY).values, rtol=1e-7)
    np.testing.assert_allclose(many.values[1] / many.values[0], [2.0, 1.0, 2.0], rtol=1e-5)


def test_copies_of_the_fcn():
    """One value, and one value with its tangents."""
    fcn = jm.ResidualFCN(marked(lambda x: x - 1.0))
    start = jm.Parameters(jnp.zeros(3))
    found = copies(lambda x: jm.fumili(fcn, start.replace(values=x), strategy=0).fval, start.values)
    assert found.value <= 2
    assert found.derivative <= 1
    assert found.second == 0


def test_nonsense_is_refused():
    start = jm.Parameters(jnp.zeros(2))
    fit = partial(jm.fumili, start=start)
    with pytest.raises(TypeError, match="FCN does not show its terms.*ResidualFCN"):
        fit(jm.FCN(lambda p: jnp.sum(p**2)))
    with pytest.raises(TypeError, match="HostFCN does not show its terms"):
        fit(jm.HostFCN(lambda p: 0.0))
    with pytest.raises(ValueError, match="tol must be a number"):
        fit(jm.ResidualFCN(rosenbrock), tol=-1.0)
