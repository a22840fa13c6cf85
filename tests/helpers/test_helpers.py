"""The helpers count and differentiate right; known numbers only."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.helpers import finite
from tests.helpers.copies import Copies, copies, equations, marked
from tests.helpers.traces import Traced

X = jnp.array([1.0, 2.0])


def square(x):
    return jnp.sum(x * x)


def test_copies_of_value_gradient_and_hessian():
    fcn = marked(square)
    assert copies(fcn, X) == Copies(1, 0, 0)
    assert copies(jax.value_and_grad(fcn), X) == Copies(1, 1, 0)
    assert copies(jax.hessian(fcn), X).second >= 1
    assert copies(square, X) == Copies(0, 0, 0)


def test_copies_inside_loops_branches_and_nested_jit():
    fcn = jax.jit(marked(square))

    def loop(x):
        return lax.while_loop(lambda s: s[1] < 3.0, lambda s: (s[0] + fcn(s[0]), s[1] + 1.0), (x, 0.0))

    def branches(x):
        return lax.cond(x[0] > 0, lambda y: fcn(y) + fcn(2.0 * y), lambda y: fcn(-y), x)

    assert copies(loop, X).value == 1
    assert copies(branches, X).value == 3
    assert copies(jax.vmap(loop), jnp.stack([X, X])).value == 1
    assert equations(branches, X) > 3 * equations(fcn, X)


def test_traces_are_counted():
    function = Traced(square)
    compiled = jax.jit(function)
    compiled(X)
    assert function.count == 1
    assert function.since(lambda: compiled(X + 1.0)) == 0
    assert function.since(lambda: compiled(jnp.ones(3))) == 1


def test_differences_of_a_known_function():
    """exp(a) sin(b): five-point differences are good to 1e-10, their second differences to 1e-6."""

    def f(x):
        return np.exp(x[0]) * np.sin(x[1])

    x = np.array([0.3, 1.1])
    e, s, c = np.exp(0.3), np.sin(1.1), np.cos(1.1)
    np.testing.assert_allclose(finite.gradient(f, x), [e * s, e * c], rtol=1e-10)
    np.testing.assert_allclose(finite.hessian(f, x), [[e * s, e * c], [e * c, -e * s]], rtol=1e-6)
    np.testing.assert_allclose(finite.jacobian(lambda y: np.outer(y, y), x).shape, (2, 2, 2))
