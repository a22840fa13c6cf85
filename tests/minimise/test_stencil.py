"""Minuit's finite differences: exact on polynomials up to rounding, frugal, robust at the edge of a domain."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.precision import precision
from jaxminuit.core.status import MatrixStatus
from jaxminuit.problem.request import Kind, Request
from jaxminuit.problem.stencil import Stencil
from jaxminuit.problem.strategy import STRATEGIES

H3 = np.array([[3.0, 1.0, 0.0], [1.0, 4.0, -1.0], [0.0, -1.0, 6.0]])
U3 = np.array([0.7, -1.2, 0.4])

begin = jax.jit(lambda stencil, request: stencil.begin(request))
ask = jax.jit(lambda stencil, state: stencil.ask(state))
tell = jax.jit(lambda stencil, state, values: stencil.tell(state, values))


class Asked:
    """A reply of a stencil turned by a Python loop, and the points at which it wanted values."""

    def __init__(self, function, kind, u, free=None, limited=None, level=1, g2=None, gstep=0.01, calls_left=1000):
        n = len(u)
        u, every = np.asarray(u, float), np.ones(n, bool)
        self.free = every if free is None else np.asarray(free)
        limited = ~every if limited is None else np.asarray(limited)
        stencil = Stencil(jnp.array(1.0), jnp.asarray(limited), precision(jnp.float64), STRATEGIES[level])
        f = jnp.asarray(function(u) if kind == Kind.GRADIENT else np.nan)
        g2 = jnp.full(n, 2.0 if g2 is None else g2)
        gstep = jnp.full(n, gstep)
        request = Request(
            jnp.int32(kind), jnp.asarray(u), jnp.asarray(self.free), f, 0.1 * g2, g2, gstep, jnp.int32(calls_left)
        )
        state, self.points = begin(stencil, request), []
        while not stencil.finished(state):
            assert len(self.points) < 200, "the stencil goes on for ever"
            sweep = ask(stencil, state)
            wanted, points = np.asarray(sweep.wanted), np.asarray(sweep.points)
            # what was not wanted must not matter
            values = np.array([function(p) if w else np.nan for w, p in zip(wanted, points, strict=True)])
            self.points += list(points[wanted])
            state = tell(stencil, state, values)
        self.reply = stencil.reply(state)


def quadratic(hessian, centre=0.0):
    def function(u):
        return 0.5 * (u - centre) @ hessian @ (u - centre) + 2.0

    return function


def cubic(u):
    """With third derivatives 6, 2 and 0: a truncation error of the gradient."""
    return u[0] ** 3 + u[0] * u[1] ** 2 + 4 * u[2] ** 2 + u[1]


CUBIC_GRADIENT = np.array([3 * U3[0] ** 2 + U3[1] ** 2, 2 * U3[0] * U3[1] + 1, 8 * U3[2]])


def test_one_value():
    asked = Asked(quadratic(H3), Kind.VALUE, U3)
    assert float(asked.reply.f) == quadratic(H3)(U3)
    assert int(asked.reply.calls) == len(asked.points) == 1
    np.testing.assert_array_equal(asked.points[0], U3)


@pytest.mark.parametrize("level", [0, 1])
def test_gradient_of_a_quadratic(level):
    """Central differences of a quadratic are exact; steps near 1e-3 leave rounding of 1e-12."""
    asked = Asked(quadratic(H3), Kind.GRADIENT, U3, level=level)
    np.testing.assert_allclose(asked.reply.g, H3 @ U3, rtol=1e-9)
    np.testing.assert_allclose(asked.reply.g2, np.diag(H3), rtol=1e-4)
    assert int(asked.reply.calls) == len(asked.points)
    cycles = len(asked.points) / 6
    assert 1 <= cycles <= STRATEGIES[level].gradient_ncycles


@pytest.mark.parametrize("level", [0, 1])
def test_gradient_of_a_cubic(level):
    """Truncation f'''/6 d^2 with d below the first step, 0.01 (the limit 10 gstep is never reached)."""
    asked = Asked(cubic, Kind.GRADIENT, U3, level=level)
    d = np.max(np.abs(np.asarray(asked.reply.gstep)))
    assert d < 0.02
    np.testing.assert_allclose(asked.reply.g, CUBIC_GRADIENT, atol=1.01 * d**2)


def test_points_stay_on_the_axes_of_free_parameters():
    free = np.array([True, False, True])
    asked = Asked(cubic, Kind.GRADIENT, U3, free=free)
    for point in asked.points:
        moved = point != U3
        assert np.sum(moved) == 1
        assert not moved[1]
    np.testing.assert_allclose(np.asarray(asked.reply.g)[[0, 2]], CUBIC_GRADIENT[[0, 2]], atol=1e-4)
    assert asked.reply.g[1] == 0


def test_a_parameter_that_has_settled_is_left_alone():
    """The first step fits the first and the last parameter; for the second it is far too short: another cycle."""
    asked = Asked(lambda u: u[0] ** 2 + 1e-6 * u[1] ** 2 + u[2] ** 2, Kind.GRADIENT, U3, gstep=0.001)
    moves = [np.flatnonzero(point != U3)[0] for point in asked.points]
    counts = [moves.count(i) for i in range(3)]
    assert counts == [2, 4, 2]
    np.testing.assert_allclose(asked.reply.g, [2 * U3[0], 2e-6 * U3[1], 2 * U3[2]], atol=1e-9)


def test_steps_of_limited_parameters_are_at_most_a_half():
    asked = Asked(lambda u: 1e-9 * np.sum(u**2), Kind.GRADIENT, U3, limited=[True, False, True], gstep=0.4, g2=1e-9)
    longest = np.max(np.abs(np.array(asked.points) - U3), axis=0)
    assert longest[0] <= 0.5 + 1e-12
    assert longest[2] <= 0.5 + 1e-12
    assert longest[1] > 1


@pytest.mark.parametrize("side", [1, -1])
def test_gradient_at_the_edge_of_the_domain(side):
    """No value on one side: the other side alone, good to d g2 / 2."""

    def function(u):
        return np.nan if side * (u[0] - U3[0]) > 0 else quadratic(H3)(u)

    reply = Asked(function, Kind.GRADIENT, U3).reply
    slack = 0.51 * float(reply.gstep[0]) * H3[0, 0]
    np.testing.assert_allclose(reply.g, H3 @ U3, atol=slack)
    assert np.all(np.isfinite(reply.g2))


@pytest.mark.parametrize("level", [0, 1])
def test_hessian_of_a_quadratic(level):
    """Second and mixed differences of a quadratic are exact; with steps near 0.02 rounding is 1e-11 of the whole."""
    asked = Asked(quadratic(H3), Kind.HESSIAN, U3, level=level)
    np.testing.assert_allclose(asked.reply.hessian, H3, atol=1e-9)
    np.testing.assert_allclose(asked.reply.g2, np.diag(H3), atol=1e-9)
    np.testing.assert_allclose(asked.reply.g, H3 @ U3, rtol=1e-8)
    assert float(asked.reply.f) == quadratic(H3)(U3)
    assert int(asked.reply.outcome) == MatrixStatus.ACCURATE
    assert int(asked.reply.calls) == len(asked.points)


def test_hessian_of_many_pairs_and_of_none():
    """15 pairs of 6 parameters take two sweeps of 12 points; one parameter has no pair."""
    rng = np.random.default_rng(0)
    half = rng.normal(size=(6, 6))
    h, u = half @ half.T, rng.normal(size=6)
    np.testing.assert_allclose(Asked(quadratic(h), Kind.HESSIAN, u).reply.hessian, h, atol=1e-8)
    alone = Asked(lambda u: 3.5 * u[0] ** 2, Kind.HESSIAN, [0.3])
    np.testing.assert_allclose(alone.reply.hessian, [[7.0]], rtol=1e-9)


def test_hessian_leaves_fixed_parameters_where_they_are():
    free = np.array([True, False, True])
    asked = Asked(quadratic(H3), Kind.HESSIAN, U3, free=free)
    assert all(point[1] == U3[1] for point in asked.points)
    rows = np.ix_(free, free)
    np.testing.assert_allclose(np.asarray(asked.reply.hessian)[rows], H3[rows], atol=1e-9)
    everything = Asked(quadratic(H3), Kind.HESSIAN, U3)
    assert len(asked.points) < len(everything.points)


@pytest.mark.parametrize(
    ("function", "name"),
    [(lambda u: u[0] ** 2 + u[2] ** 2, "flat"), (lambda u: np.nan if u[1] != U3[1] else u[0] ** 2 + u[2] ** 2, "nan")],
)
def test_a_hessian_that_cannot_be_had_is_given_up(function, name):
    """Five tries with steps ten times longer each, then the reply says so."""
    asked = Asked(function, Kind.HESSIAN, U3)
    assert int(asked.reply.outcome) == MatrixStatus.HESSE_FAILED
    tries = {abs(point[1] - U3[1]) for point in asked.points} - {0.0}
    assert len({round(float(np.log10(t)), 6) for t in tries}) == 5
    assert int(asked.reply.calls) == len(asked.points)


def test_the_call_limit_ends_the_hessian():
    asked = Asked(quadratic(H3), Kind.HESSIAN, U3, calls_left=3)
    assert int(asked.reply.outcome) == MatrixStatus.CALL_LIMIT
    assert len(asked.points) < len(Asked(quadratic(H3), Kind.HESSIAN, U3).points)
