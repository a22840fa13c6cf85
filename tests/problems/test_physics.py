"""The realistic fits are well posed: iminuit, with exact gradients, ends near the parameters the data came from."""

import iminuit
import jax
import numpy as np
import pytest

from tests.problems.physics import PHYSICS, TRUTH


@pytest.mark.parametrize("problem", PHYSICS, ids=str)
def test_truth_is_recovered(problem):
    """Valid fit, the truth within 4 standard deviations of every parameter, and an FCN rise that such pulls allow."""
    value_and_gradient = jax.jit(jax.value_and_grad(problem.__call__))
    m = iminuit.Minuit(
        lambda x: float(value_and_gradient(x)[0]),
        problem.start,
        grad=lambda x: np.asarray(value_and_gradient(x)[1]),
        name=problem.names,
    )
    m.errordef, m.errors = problem.errordef, problem.step
    m.limits = list(zip(problem.lower, problem.upper, strict=True))
    m.migrad()
    assert m.valid, problem.name
    assert m.accurate
    truth = np.asarray(TRUTH[problem.name])
    assert np.all(np.abs(truth - np.asarray(m.values)) < 4.0 * np.asarray(m.errors))
    rise = float(problem(truth)) - m.fval
    assert 0.0 < rise < problem.errordef * (problem.size + 4.0 * np.sqrt(2.0 * problem.size))
