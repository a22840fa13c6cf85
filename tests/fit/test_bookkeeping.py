"""Parameters fixed and released after a fit, and the table of UP."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import jaxminuit as jm

CURVATURE = np.array([[4.0, 1.5, -1.0, 0.3], [1.5, 3.0, 0.5, 0.2], [-1.0, 0.5, 2.0, -0.4], [0.3, 0.2, -0.4, 1.0]])
FCN = jm.FCN(lambda p: 0.5 * (p - 1.0) @ CURVATURE @ (p - 1.0))
START = jm.Parameters(jnp.zeros(4), step=0.3, limits={"x3": (-50.0, 60.0)})


@pytest.fixture(scope="module")
def minimum():
    return jm.hesse(FCN, jm.migrad(FCN, START))


@pytest.mark.parametrize("names", ["x1", ["x0", "x3"], [2], ["x0", "x1", "x2", "x3"]])
def test_the_squeezed_matrix_is_that_of_a_fit_without_the_parameter(minimum, names):
    fixed = jm.fix(minimum, names)
    listed = [names] if isinstance(names, str) else names
    other = jm.hesse(FCN, jm.migrad(FCN, START.replace(values=minimum.values, fixed=fixed.parameters.fixed)))
    assert [bool(flag) for flag in fixed.parameters.fixed] == [
        n in listed or k in listed for k, n in enumerate(fixed.names)
    ]
    np.testing.assert_allclose(fixed.covariance, other.covariance, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fixed.errors, other.errors, rtol=1e-6)
    np.testing.assert_allclose(fixed.eigenvalues, other.eigenvalues, rtol=1e-6)
    np.testing.assert_allclose(fixed.global_correlation, other.global_correlation, rtol=1e-5, atol=1e-9)
    assert fixed.valid
    assert fixed.accurate
    assert fixed.fval == minimum.fval
    again = jm.migrad(FCN, fixed)
    np.testing.assert_allclose(again.values, minimum.values, atol=1e-4)
    np.testing.assert_array_equal(again.values[fixed.parameters.fixed], minimum.values[fixed.parameters.fixed])


def test_fixed_somewhere_else(minimum):
    moved = jm.fix(minimum, {"x1": 0, "x3": 0}, {"x1": 2.0, "x3": -1.0})
    assert not moved.valid
    assert np.isnan(moved.fval)
    assert np.isnan(moved.edm)
    np.testing.assert_array_equal(moved.values[jnp.array([1, 3])], [2.0, -1.0])
    fit = jm.migrad(FCN, moved)
    assert fit.valid
    assert fit.values[1] == 2.0
    assert fit.values[3] == -1.0
    free, pinned = [0, 2], [1, 3]
    expected = 1.0 - np.linalg.solve(CURVATURE[np.ix_(free, free)], CURVATURE[np.ix_(free, pinned)] @ [1.0, -2.0])
    np.testing.assert_allclose(fit.values[jnp.array(free)], expected, atol=1e-3)


def test_release(minimum):
    fixed = jm.migrad(FCN, jm.fix(minimum, ["x0", "x2"], 0.0))
    free = jm.release(fixed, "x0")
    assert not free.valid
    assert free.matrix_status == jm.MatrixStatus.ABSENT
    assert free.fval == fixed.fval
    assert [bool(flag) for flag in free.parameters.fixed] == [False, False, True, False]
    np.testing.assert_allclose(free.errors[jnp.array([1, 3])], fixed.errors[jnp.array([1, 3])], rtol=1e-6)
    assert free.errors[0] == pytest.approx(0.3)
    assert free.errors[2] == 0.0
    assert np.count_nonzero(free.covariance) == 3
    back = jm.migrad(FCN, jm.release(free, ["x2"]))
    np.testing.assert_allclose(back.values, 1.0, atol=1e-3)
    assert back.valid
    same = jm.release(minimum, "x0")
    assert same.valid
    assert np.array_equal(same.covariance, minimum.covariance)


def test_jit_and_vmap(minimum):
    def error(x):
        return jm.fix(jm.migrad(FCN, START.replace(values=x)), "x0").errors[1]

    errors = jax.jit(jax.vmap(error))(jnp.zeros((2, 4)).at[1].set(2.0))
    np.testing.assert_allclose(errors, np.sqrt(np.linalg.inv(CURVATURE[1:, 1:])[0, 0] * 2), rtol=1e-3)


def test_nonsense_is_refused(minimum):
    for function in (jm.fix, jm.release):
        with pytest.raises(ValueError, match="unknown parameter 'y'"):
            function(minimum, "y")
        with pytest.raises(TypeError, match="must be a FunctionMinimum, not 3"):
            function(3, "x0")
    with pytest.raises(ValueError, match=r"cannot fix x3 at 70: outside \(-50, 60\)"):
        jm.fix(minimum, "x3", 70.0)
    with pytest.raises(ValueError, match="cannot fix x0 at nan"):
        jm.fix(minimum, "x0", np.nan)
    with pytest.raises(ValueError, match="one for each of 2 parameters"):
        jm.fix(minimum, ["x0", "x1"], [1.0, 2.0, 3.0])


@pytest.mark.parametrize("cl", [0.5, 0.7, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("parameters", range(1, 12))
def test_joint_up(cl, parameters):
    """Two libraries' quantiles of the chi-square distribution."""
    assert jm.joint_up(cl, parameters) == pytest.approx(stats.chi2.ppf(cl, parameters), rel=1e-9)
    assert jm.joint_up(cl, parameters, 0.5) == 0.5 * jm.joint_up(cl, parameters)


def test_joint_up_of_the_manual():
    """Figures printed in table 7.1, two decimals."""
    assert [round(jm.joint_up(cl, 5), 2) for cl in (0.5, 0.7, 0.9, 0.95, 0.99)] == [4.35, 6.06, 9.24, 11.07, 15.09]
    with pytest.raises(ValueError, match="whole number from 1 to .*, but it is 0"):
        jm.joint_up(0.9, 0)
    with pytest.raises(ValueError, match="errordef must be positive, not -1"):
        jm.joint_up(0.9, 1, -1)
    with pytest.raises(ValueError, match="cl must be a positive number"):
        jm.joint_up(None, 1)
