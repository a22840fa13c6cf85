"""The lanes crank itself: copies of the FCN, and the answers that it has to rare requests."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.drive import lanes
from jaxminuit.drive.solve import lanes_work
from jaxminuit.fit.job import origin_of
from jaxminuit.fit.single import migrad_begin
from jaxminuit.problem.evaluate import exact_answer, hessian_answer
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind, Request
from jaxminuit.problem.strategy import as_strategy
from tests.helpers.copies import Copies, copies, marked

BUDGET = {("exact", 0): Copies(1, 1, 0), ("exact", 1): Copies(2, 3, 1), ("finite", 1): Copies(2, 0, 0)}


@pytest.mark.parametrize(("gradient", "level"), BUDGET)
def test_copies_of_the_fcn(gradient, level):
    """As in a single fit; nothing for the number of lanes."""
    start, strategy, exact = jm.Parameters(jnp.zeros(2)), as_strategy(level), gradient == "exact"
    fcn = marked(lambda x, d: jnp.sum((x - d) ** 2))

    def program(data):
        def problem(job):
            return Problem(jm.FCN(fcn, data=job), start)

        def begin(job):
            return migrad_begin(problem(job), origin_of(start), jnp.array(0.1), jnp.int32(0), strategy, exact)

        work = lanes_work(problem, begin, lambda s: s.x, strategy, exact, level > 0)
        return lanes.run(work, lambda i: data[i], 8, jnp.int32(7), lanes.Sizes(4, 2, 2))

    found = copies(program, jnp.zeros((8, 2)))
    budget = BUDGET[gradient, level]
    assert 1 <= found.value <= budget.value
    assert found.derivative <= budget.derivative
    assert found.second <= budget.second


@pytest.mark.parametrize("size", [10, 5000, 140_000])
def test_hessian_answer_is_the_exact_answer(size):
    """The three ways for short, longer and long data; rounding of sums of so many terms."""

    def fcn(p, x):
        return jnp.mean(jnp.log(jnp.cosh(x - p[0])) * jnp.exp(0.1 * p[1])) + p[2] ** 2 * p[0]

    problem = Problem(jm.FCN(fcn, data=np.linspace(-1.0, 2.0, size)), jm.Parameters(np.zeros(3), fixed=[2]))
    u = jnp.array([0.3, -0.2, 0.5])
    request = Request(jnp.int32(Kind.HESSIAN), u, problem.free, jnp.zeros(()), u, u, u, jnp.int32(0))
    ours, other = hessian_answer(problem, request), exact_answer(problem, request, True)
    for a, b in zip(jax.tree_util.tree_leaves(ours), jax.tree_util.tree_leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_lanes_drain_the_queue_in_its_order():
    """Jobs of different length in three lanes, some of which are not to be done."""

    class Counter(lanes.Machine):
        def ask(self, state):
            return state

        def tell(self, state, reply):
            return state - reply

        def finished(self, state):
            return state[0] <= 0

    lengths = jnp.array([3, 1, 9, 2, 2, 5, 1, 8])
    work = lanes.Work(
        lambda job: (Counter(), jnp.stack([job, job])), lambda job, state: jnp.array([1, 0]), None, None,
        lambda state: state[1], lambda job, state: jnp.array([1, 0]),
    )  # fmt: skip
    found, trips = jax.jit(lambda n: lanes.run(work, lambda i: lengths[i], 8, n, lanes.Sizes(3, 1, 1)))(6)
    np.testing.assert_array_equal(found, [3, 1, 9, 2, 2, 5, 0, 0])
    assert int(trips[0]) == 9  # the others share two lanes while the longest has the third to itself
