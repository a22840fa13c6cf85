"""Migrad as a minimiser of optimistix: pytrees, auxiliary output, batches, derivatives, result codes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxminuit as jm

optx = pytest.importorskip("optimistix")
SOLVER = jm.adapters.Migrad(1e-8, 1e-8)


def valley(y, args):
    """Rosenbrock's function of a dict, with its residuals beside it."""
    a, b = y["a"], y["b"]
    return jnp.sum((args[0] - a) ** 2 + args[1] * (b - a**2) ** 2), {"bend": b - a**2, "at": a}


def hill(y, args):
    """A smooth function with a minimum that moves with every argument."""
    return jnp.sum((y - args[:2]) ** 2) * (1.0 + y[0] ** 2) + jnp.exp(y[1] * args[2])


def solved(args, solver=SOLVER):
    return optx.minimise(hill, solver, jnp.ones(2), args).value


ARGS = jnp.array([0.3, -0.2, 0.4])


def test_minimum_of_a_pytree_with_auxiliary_output():
    start = {"a": jnp.array([-1.2, 0.5]), "b": jnp.array([1.0, 2.0])}
    solution = optx.minimise(valley, SOLVER, start, (1.5, 10.0), has_aux=True)
    assert solution.result == optx.RESULTS.successful
    np.testing.assert_allclose(solution.value["a"], 1.5, rtol=1e-7)
    np.testing.assert_allclose(solution.value["b"], 2.25, rtol=1e-7)
    # the auxiliary output belongs to the value that is returned, not to the last trial
    again = valley(solution.value, (1.5, 10.0))[1]
    np.testing.assert_array_equal(solution.aux["at"], solution.value["a"])
    np.testing.assert_allclose(solution.aux["bend"], again["bend"], atol=1e-14)
    stats = solution.stats
    assert int(stats["num_evaluations"]) == int(stats["num_steps"]) <= 60
    assert int(stats["num_hessians"]) >= 1
    assert jm.Status(int(stats["status"])) is jm.Status.CONVERGED


@pytest.mark.parametrize("solver", [SOLVER, jm.adapters.Migrad(1e-8, 1e-8, strategy=0)], ids=["1", "0"])
def test_the_minimum_is_that_of_bfgs(solver):
    """Both are within their tolerances of a point where the gradient vanishes."""
    found = solved(ARGS, solver)
    other = solved(ARGS, optx.BFGS(1e-9, 1e-9))
    np.testing.assert_allclose(found, other, atol=1e-7)
    assert np.max(np.abs(jax.grad(hill)(found, ARGS))) < 1e-7


def test_leaves_keep_their_dtypes():
    start = {"a": jnp.ones(2, jnp.float32), "b": jnp.float32(0.5)}

    def fn(y, _):
        return jnp.sum((y["a"] - 2.0) ** 2) + jnp.cosh(y["b"])

    value = optx.minimise(fn, jm.adapters.Migrad(1e-3, 1e-3), start).value
    assert value["a"].dtype == value["b"].dtype == jnp.float32
    np.testing.assert_allclose(value["a"], 2.0, atol=2e-3)
    np.testing.assert_allclose(value["b"], 0.0, atol=2e-3)


def test_derivatives_and_batches():
    """Against central differences of whole solutions, whose own error is 1e-9 / 1e-4."""
    batch = ARGS + 0.1 * jnp.arange(4.0)[:, None]
    jacobians = jax.jit(jax.vmap(jax.jacobian(solved)))(batch)
    moved = jnp.concatenate([batch[1] + 1e-4 * jnp.eye(3), batch[1] - 1e-4 * jnp.eye(3), batch])
    found = jax.jit(jax.vmap(solved))(moved)
    np.testing.assert_allclose(jacobians[1], (found[:3] - found[3:6]).T / 2e-4, atol=1e-5)
    np.testing.assert_allclose(found[6:], jnp.stack([solved(args) for args in batch]), atol=1e-8)


def test_failures_are_results():
    def result(fn, **options):
        return optx.minimise(fn, SOLVER, jnp.ones(2), throw=False, **options).result

    assert result(lambda y, _: y[1] ** 2 - y[0] ** 2) != optx.RESULTS.successful
    assert result(lambda y, _: jnp.log(y[0] - 3.0) + y[1] ** 2) == optx.RESULTS.nonfinite
    steep = lambda y, _: jnp.sum(jnp.cosh(3.0 * y))  # noqa: E731
    assert result(steep, max_steps=3) == optx.RESULTS.nonlinear_max_steps_reached


def test_it_is_one_of_theirs_and_checks_its_arguments():
    assert isinstance(SOLVER, optx.AbstractMinimiser)
    assert type(SOLVER) is type(jm.adapters.Migrad(1e-3, 1e-3))
    with pytest.raises(ValueError, match="rtol must be a positive number, but it is -1"):
        jm.adapters.Migrad(-1, 1e-8)
    with pytest.raises((TypeError, ValueError), match="strategy"):
        jm.adapters.Migrad(1e-8, 1e-8, strategy=7)
