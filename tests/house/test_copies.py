"""The budget of FCN copies in the compiled programs, and of traces.

One evaluation of value and gradient holds (1 value, 1 derivative), an exact Hessian adds (1, 2, 1 second), and finite
differences hold one copy for a single value and one for the stencil. Compile time follows these numbers.
"""

from dataclasses import replace

import jax.numpy as jnp
import pytest

import jaxminuit as jm
from tests.helpers.copies import Copies, copies, marked
from tests.helpers.traces import Traced
from tests.problems.classic import rosenbrock

START = jm.Parameters(jnp.array([-1.2, 1.0]))
BUDGET = {
    ("migrad", "exact", 0): Copies(1, 1, 0),
    ("migrad", "exact", 1): Copies(2, 3, 1),
    ("migrad", "finite", 1): Copies(2, 0, 0),
    ("hesse", "exact", 1): Copies(2, 3, 1),
    ("hesse", "finite", 1): Copies(2, 0, 0),
}


@pytest.mark.parametrize(("name", "gradient", "strategy"), BUDGET)
def test_copies_of_the_fcn(name, gradient, strategy):
    fcn, algorithm = jm.FCN(marked(rosenbrock)), getattr(jm, name)

    def program(x):
        return algorithm(fcn, START.replace(values=x), strategy=strategy, gradient=gradient).fval

    found, budget = copies(program, START.values), BUDGET[name, gradient, strategy]
    assert 1 <= found.value <= budget.value
    assert found.derivative <= budget.derivative
    assert found.second <= budget.second


@pytest.mark.parametrize(
    ("gradient", "budget"),
    [("exact", Copies(2, 3, 1)), pytest.param("finite", Copies(2, 0, 0), marks=pytest.mark.slow)],
)
def test_minos_adds_no_copy_for_a_parameter(gradient, budget):
    """All parameters and sides, both searches and the inner fits of the classic one share one call site."""
    found = []
    for n in (2, 5):
        fcn, start = jm.FCN(marked(lambda x: jnp.sum((x - 1.0) ** 2))), jm.Parameters(jnp.zeros(n))
        minimum = jm.migrad(fcn, start, gradient=gradient)

        def program(x, fcn=fcn, minimum=minimum):
            return jm.minos(fcn, replace(minimum, values=x), gradient=gradient).lower

        found.append(copies(program, minimum.values))
    assert found[0] == found[1]
    assert 1 <= found[0].value <= budget.value
    assert found[0].derivative <= budget.derivative
    assert found[0].second <= budget.second


def test_new_data_limits_and_fixed_flags_do_not_trace_again():
    function = Traced(lambda p, data: jnp.sum((p - data) ** 2))

    def fit(data, **changes):
        start = jm.Parameters(jnp.zeros(2), **changes)
        return jm.migrad(jm.FCN(function, data=data), start)

    first = fit(jnp.array([1.0, 2.0]))
    assert function.count > 0
    assert function.since(lambda: fit(jnp.array([3.0, 5.0]))) == 0
    assert function.since(lambda: fit(jnp.array([3.0, 5.0]), limits={"x0": (-1.0, 2.0)})) == 0
    assert function.since(lambda: fit(jnp.array([3.0, 5.0]), fixed=["x1"])) == 0
    assert bool(first.valid)
