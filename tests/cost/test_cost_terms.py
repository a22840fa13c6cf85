"""The terms of every cost: what they add up to, against derivatives of the value and closed forms."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.stats import norm

import jaxminuit as jm
from jaxminuit import cost
from jaxminuit.problem.gauss_newton import term_sums
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.terms import sums_of
from tests.cost import cost_models as m

X = np.linspace(0.0, 2.0, 12)
Y = 1.0 + 2.0 * X + np.sin(7.0 * X)
YERROR = 0.3 + 0.1 * X
MASK = np.arange(60) % 3 != 0
BINS = np.arange(7) % 4 != 1


def line(x, a, b):
    return a + b * x


def cauchy(z2):
    """Not convex beyond z = 1."""
    return jnp.log1p(z2)


def truncated(x, mu, sigma):
    """Normalised to the range of the histogram: the expectations add up to its total whatever the parameters."""
    low, high = norm.cdf(m.EDGES[0], mu, sigma), norm.cdf(m.EDGES[-1], mu, sigma)
    return (norm.cdf(x, mu, sigma) - low) / (high - low)


LINES = cost.LeastSquares(X, Y, YERROR, line)
CONSTRAINT = cost.NormalConstraint(["a", "b"], [0.9, 2.2], [[0.04, 0.01], [0.01, 0.09]])
COSTS = {
    "line": (LINES, (0.8, 2.3)),
    "soft_l1": (cost.LeastSquares(X, Y, YERROR, line, loss="soft_l1", mask=np.arange(12) != 3), (0.8, 2.3)),
    "cauchy": (cost.LeastSquares(X, Y, YERROR, line, loss=cauchy), (0.8, 2.3)),
    "density": (cost.UnbinnedNLL(m.SAMPLE, m.pdf, mask=MASK), (0.2, 1.3)),
    "log density": (cost.UnbinnedNLL(m.SAMPLE, m.logpdf, log=True, weights=m.WEIGHTS), (0.2, 1.3)),
    "plane": (cost.UnbinnedNLL(m.PLANE, m.plane_pdf), (0.2, 1.3, 0.7)),
    "extended": (cost.ExtendedUnbinnedNLL(m.SAMPLE, m.density, weights=m.WEIGHTS, mask=MASK), (55.0, 0.2, 1.3)),
    "binned": (cost.BinnedNLL(m.COUNTS, m.EDGES, m.cdf), (0.2, 1.3)),
    "binned, masked": (cost.BinnedNLL(m.COUNTS, m.EDGES, m.cdf, mask=BINS), (0.2, 1.3)),
    "binned, weighted": (cost.BinnedNLL(m.WEIGHTED, m.EDGES, m.cdf, mask=BINS), (0.2, 1.3)),
    "binned, plane": (cost.BinnedNLL(m.COUNTS_2D, (m.EDGES, m.EDGES_Y), m.plane_cdf), (0.2, 1.3, 0.7)),
    "counts": (cost.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.scaled_cdf, mask=BINS), (55.0, 0.2, 1.3)),
    "counts, weighted": (cost.ExtendedBinnedNLL(m.WEIGHTED, m.EDGES, m.scaled_cdf), (55.0, 0.2, 1.3)),
    "constraint": (CONSTRAINT, (0.8, 2.3)),
    "errors": (cost.NormalConstraint(["a", "b"], [0.9, 2.2], [0.2, 0.3]), (0.8, 2.3)),
    "sum": (LINES + CONSTRAINT + 3.0 + cost.UnbinnedNLL(m.SAMPLE, m.pdf, name=("b", "c")), (0.8, 0.3, 1.3)),
}


@eqx.filter_jit
def _sums(fcn, args):
    return sums_of(lambda p: fcn.terms(tuple(p)), args)


def sums(fcn, args):
    return _sums(fcn, jnp.array(args))


@pytest.mark.parametrize("name", COSTS)
def test_value_and_gradient(name):
    """Two orders of the same sums: rounding of at most 60 terms."""
    fcn, args = COSTS[name]
    found = sums(fcn, args)
    assert float(found.value) == pytest.approx(fcn(*args), rel=1e-13)
    np.testing.assert_allclose(found.gradient, fcn.grad(*args), rtol=1e-11, atol=1e-10)
    assert np.linalg.eigvalsh(found.gauss_newton)[0] >= -1e-9 * np.linalg.norm(found.gauss_newton)
    added = jax.jit(term_sums)(Problem(fcn, jm.Parameters(list(args))), jnp.array(args))
    for a, b in zip(jax.tree.leaves(added), jax.tree.leaves(found), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("name", ["line", "soft_l1", "constraint", "errors"])
def test_gauss_newton_is_the_hessian_of_linear_models(name):
    fcn, args = COSTS[name]
    exact = jax.hessian(lambda p: fcn.evaluate(tuple(p)))(jnp.array(args))
    np.testing.assert_allclose(sums(fcn, args).gauss_newton, exact, rtol=1e-12)


def test_a_loss_that_is_not_convex_has_curvature_0_there():
    fcn, args = COSTS["cauchy"]
    terms = fcn.terms(args)
    z = np.asarray((Y - line(X, *args)) / YERROR)
    np.testing.assert_allclose(terms.slope, 2 * z / (1 + z**2), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(terms.curvature, np.maximum(2 * (1 - z**2) / (1 + z**2) ** 2, 0), rtol=1e-10, atol=1e-14)
    assert np.any(np.abs(z) > 1)


def scores(fcn, args):
    """d log f / dp of every point used, by reverse mode one after another, and their weights."""

    def log_density(p, i):
        f = fcn.model_function(jnp.asarray(fcn.data)[i][None], *p)
        f = f[1] if isinstance(f, tuple) else f
        return (f if fcn.log else jnp.log(f))[0]

    size = fcn.data.size
    used = np.arange(size) if fcn.mask is None else np.flatnonzero(fcn.mask)
    weights = np.ones(size) if fcn.weights is None else np.asarray(fcn.weights)
    each = jax.jit(lambda i: jax.lax.map(lambda i: jax.grad(log_density)(jnp.array(args), i), i))
    return np.asarray(each(used)), weights[used]


@pytest.mark.parametrize("name", ["density", "log density", "extended"])
def test_outer_products_of_scores(name):
    """2 sum w s s' and 4 sum w^2 s s', the scores taken one by one; the integral adds nothing to either."""
    fcn, args = COSTS[name]
    s, w = scores(fcn, args)
    found = sums(fcn, args)
    np.testing.assert_allclose(found.gauss_newton, 2 * (s.T * w) @ s, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(found.spread, 4 * (s.T * w**2) @ s, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kind", [cost.ExtendedBinnedNLL, cost.BinnedNLL])
def test_gauss_newton_of_counts_is_the_expected_hessian(kind):
    """With the expectations in place of the counts the exact Hessian is the expected one."""
    if kind is cost.BinnedNLL:
        asked, args = cost.BinnedNLL(m.COUNTS, m.EDGES, truncated), (0.2, 1.3)
    else:
        asked, args = cost.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.scaled_cdf), (55.0, 0.2, 1.3)
    expected = asked.replace(n=asked.prediction(args))
    exact = jax.hessian(lambda p: expected.evaluate(tuple(p)))(jnp.array(args))
    np.testing.assert_allclose(sums(asked, args).gauss_newton, exact, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("model", "args"), [(m.scaled_cdf, (55.0, 0.2, 1.3)), (truncated, (0.2, 1.3))])
def test_spread_of_weighted_counts(model, args):
    """The gradient's derivative with respect to the contents, the scale of each bin held, and Var = sum w^2."""
    filled = m.WEIGHTED[1:]
    scale = jnp.array(filled[:, 0] / filled[:, 1])
    edges = m.EDGES[1:]

    def gradient(w):
        def value(p):
            mu = jnp.diff(model(edges, *p))
            mu = mu if model is m.scaled_cdf else mu / jnp.sum(mu) * jnp.sum(w)
            return 2 * jnp.sum(scale * (mu - w * jnp.log(mu)))

        return jax.grad(value)(jnp.array(args))

    slopes = jax.jacfwd(gradient)(jnp.array(filled[:, 0]))
    kind = cost.ExtendedBinnedNLL if model is m.scaled_cdf else cost.BinnedNLL
    fcn = kind(filled, edges, model, mask=None if model is m.scaled_cdf else np.ones(6, bool))
    np.testing.assert_allclose(sums(fcn, args).spread, (slopes * filled[:, 1]) @ slopes.T, rtol=1e-10)


@pytest.mark.parametrize("name", ["density", "plane", "extended"])
def test_blocks_of_a_sample_add_up(name):
    """5 terms at a time out of 50 or 60, the last block filled up: the same sums in another order."""
    fcn, args = COSTS[name]
    (part,) = fcn.parts(5)
    assert part.blocks is not None
    whole = sums(fcn, args)
    blocks = [part.fcn.at_block(jax.tree.map(lambda x, k=k: x[k], part.blocks)) for k in range(len(part.blocks[-1]))]
    added = jax.tree.map(lambda *x: sum(x), *[sums(block, args) for block in blocks])
    for a, b in zip(jax.tree.leaves(added), jax.tree.leaves(whole), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


def test_long_samples_are_taken_in_blocks():
    x = np.resize(m.SAMPLE, 700_000)
    fcn = cost.UnbinnedNLL(x, m.pdf) + cost.NormalConstraint("mu", 0.0, 1.0)
    problem = Problem(fcn, jm.Parameters({"mu": 0.2, "sigma": 1.3}))
    assert [part.blocks is None for part in fcn.parts(1 << 16)] == [False, True]
    found = jax.jit(partial(term_sums, problem))(jnp.array([0.2, 1.3]))
    assert float(found.value) == pytest.approx(fcn(0.2, 1.3), rel=1e-12)
    np.testing.assert_allclose(found.gradient, fcn.grad(0.2, 1.3), rtol=1e-9)
    np.testing.assert_allclose(found.gauss_newton[0, 0], 2 * np.sum(((x - 0.2) / 1.3**2) ** 2) + 2, rtol=1e-10)


def test_costs_without_terms_say_so():
    class Plain(cost.AbstractCost):
        errordef: jax.Array
        signature: tuple = ()
        verbose: int = 0

        def traced_value(self, args):
            return jnp.zeros(())

        host_value = traced_value
        ndata = 0

        def recipe(self):
            return {}

    with pytest.raises(TypeError, match="Plain does not show its terms"):
        (LINES + Plain(jnp.ones(()))).terms({"a": 1.0, "b": 2.0})
