"""The Hessian's derivatives backward, and what a derivative of a fit keeps in memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.drive.curvature import hessian_at, second_derivatives
from jaxminuit.fit.job import Job
from jaxminuit.problem.evaluate import exact_hessian

RNG = np.random.default_rng(8)
N = 4
X = jnp.asarray(RNG.normal(size=30))
U = jnp.asarray([0.3, 1.2, -0.4, 0.1])
BASE = RNG.normal(size=(N, N)) * np.array([1.0, 1e3, 1e-3, 1.0])[:, None]  # parameters in very different units


def cumulant(p, x):
    """All third derivatives differ from 0."""
    return jnp.sum(jnp.logaddexp(p[0] * x + p[1], p[2] * x * x + jnp.sin(p[3] * x))) + jnp.sum(jnp.cosh(p))


def problem(x):
    return Job(jm.FCN(cumulant, data=x), jm.Parameters(U), 1, 0.1, "auto", None, "auto", None).problem


def asked(c):
    """sum_ij C_ij H_ij by the rule, and by plain differentiation of the Hessian."""

    def ours(x, u):
        return jnp.sum(c * second_derivatives(problem(x), u, hessian_at(problem(x), u)))

    def plain(x, u):
        return jnp.sum(c * exact_hessian(problem(x), u))

    return ours, plain


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_backward_is_that_of_the_whole_hessian(rank):
    """For matrices that ask for one direction, two, or all; not symmetric, in mixed units; 1e-12 is rounding."""
    ours, plain = asked(jnp.asarray(BASE[:, :rank] @ RNG.normal(size=(rank, N))))
    for a, b in zip(*(jax.jit(jax.grad(f, (0, 1)))(X, U) for f in (ours, plain)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12 * np.max(np.abs(b)))


@pytest.mark.slow
def test_forward_second_order_and_lanes():
    """Backward of forward, forward of backward, and a vmap of derivatives agree with the plain ones."""
    functions = asked(jnp.asarray(BASE @ BASE.T))
    v, many = jnp.asarray(RNG.normal(size=N)), jnp.stack([U, 2 * U, -U])

    def orders(f):
        def of_u(u):
            return f(X, u)

        forward, twice = jax.jvp(of_u, (U,), (v,))[1], jax.hessian(of_u)(U)
        return forward, twice, jax.jacrev(jax.grad(of_u))(U), jax.vmap(jax.grad(of_u))(many)

    for a, b in zip(*(jax.jit(orders, static_argnums=0)(f) for f in functions), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-6)  # of numbers about 1e6


def test_nan_stays_nan():
    """What is asked for with NaN is not answered by 0."""
    ours, _ = asked(jnp.full((N, N), jnp.nan))
    assert np.isnan(jax.jit(jax.grad(ours, 1))(X, U)).all()


def test_what_is_kept_does_not_grow_with_the_steps():
    """A fit from nearby and one from far away, of ten times the calls, keep as much for their derivatives."""

    def banana(p, d):
        return (d[0] - p[0]) ** 2 + d[1] * (p[1] - p[0] ** 2) ** 2

    def kept(start):
        def fit(d):
            m = jm.migrad(jm.FCN(banana, data=d), jm.Parameters(start))
            return m.errors, m.nfcn

        _, pullback, calls = jax.vjp(fit, jnp.array([1.0, 100.0]), has_aux=True)
        return sum(leaf.nbytes for leaf in jax.tree_util.tree_leaves(pullback)), int(calls)

    (near, few), (far, many) = kept(jnp.array([1.0, 1.0])), kept(jnp.array([-1.2, 1.0]))
    assert many > 10 * few
    assert near == far < 4096
