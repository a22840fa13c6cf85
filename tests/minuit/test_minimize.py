"""minimize, side by side with iminuit's and scipy's."""

import iminuit
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

import jaxminuit
from jaxminuit import minimize
from tests.helpers.traces import Traced

START = [-1.2, 1.0]


def rosen(x):
    return (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2


def rosen_grad(x):
    return jnp.stack([-2 * (1 - x[0]) - 40 * x[0] * (x[1] - x[0] ** 2), 20 * (x[1] - x[0] ** 2)])


def parabola(x, centre, scale=1.0):
    return ((x - centre) ** 2).sum() / scale


def both(*args, **kwds):
    return minimize(*args, **kwds), iminuit.minimize(*args, **kwds)


def test_the_result_is_that_of_iminuit():
    """The same minimum within 1e-5 and the same Hessian within 2e-2 (theirs is differenced), all fields."""
    mine, theirs = both(rosen, START)
    assert isinstance(mine, scipy.optimize.OptimizeResult)
    assert set(mine) == set(theirs)
    assert mine.success is True
    assert mine.message == theirs.message == "Optimization terminated successfully."
    np.testing.assert_allclose(mine.x, [1, 1], atol=1e-5)
    np.testing.assert_allclose(mine.hess_inv, theirs.hess_inv, rtol=2e-2)
    np.testing.assert_allclose(mine.hess_inv, np.linalg.inv(jax.hessian(rosen)(jnp.ones(2))), rtol=1e-3)
    assert mine.fun < 1e-8
    assert mine.nfev == mine.minuit.nfcn > 0
    assert mine.njev == mine.minuit.ngrad > 0
    assert isinstance(mine.minuit, jaxminuit.Minuit)
    assert mine.minuit.errordef == 0.5
    assert type(mine.x) is np.ndarray


def test_gradient_and_arguments():
    """Arrays among the arguments may change without another trace."""
    np.testing.assert_allclose(minimize(rosen, START, jac=rosen_grad).x, [1, 1], atol=1e-5)
    counted = Traced(parabola)
    first = minimize(counted, np.zeros(3), args=(np.arange(3.0), 2.0))
    np.testing.assert_allclose(first.x, [0, 1, 2], atol=1e-6)
    np.testing.assert_allclose(np.diag(first.hess_inv), 1.0, rtol=1e-6)
    at_first = counted.count
    np.testing.assert_allclose(minimize(counted, np.zeros(3), args=(np.ones(3), 2.0)).x, 1.0, atol=1e-6)
    assert counted.count - at_first < at_first  # only to find out whether it can be traced
    np.testing.assert_allclose(minimize(parabola, np.zeros(3), args=np.ones(3)).x, 1.0)  # as scipy allows


@pytest.mark.parametrize(
    "bounds",
    [[(None, 0.5), (-1, None)], scipy.optimize.Bounds(-2, 0.5), scipy.optimize.Bounds([-2, 0], [0.5, np.inf])],
    ids=["pairs", "scalars", "arrays"],
)
def test_bounds(bounds):
    mine, theirs = both(rosen, [0.0, 0.1], bounds=bounds)
    np.testing.assert_allclose(mine.x, theirs.x, atol=2e-3)  # the minimum is at a limit, which hides it from both
    assert mine.minuit.limits == theirs.minuit.limits


def test_one_parameter():
    for bounds in ([(0, 1)], (0, 1)):
        one = minimize(parabola, 0.5, args=(2.0,), bounds=bounds)
        assert one.minuit.limits == [(0, 1)]
        assert one.x.shape == (1,)


def test_callback_sees_every_evaluation():
    """It gets plain arrays, and the function with it."""
    mine_seen, their_seen = [], []
    start = np.array(START)
    mine = minimize(rosen, start, callback=mine_seen.append)
    iminuit.minimize(rosen, start, callback=their_seen.append)
    assert mine.minuit.gradient_path == "host"
    assert {type(x) for x in mine_seen} == {np.ndarray}
    np.testing.assert_array_equal(mine_seen[0], their_seen[0])
    assert len(mine_seen) == mine.nfev > 10
    np.testing.assert_allclose(mine.x, [1, 1], atol=1e-2)


def test_options():
    mine = minimize(rosen, START, tol=1e-4, options={"stra": 2, "eps": [0.1, 0.2], "maxfun": 500})
    assert (mine.minuit.strategy, mine.minuit.tol) == (2, 1e-4)
    assert mine.minuit.init_params[1].error == 0.2
    with pytest.warns(UserWarning, match="maxiter not supported, acts like maxfun instead"):
        short = minimize(rosen, START, options={"maxiter": 1})
    assert not short.success
    assert short.message.startswith("Optimization failed. Call limit was reached.")
    with pytest.warns(DeprecationWarning, match="maxfev is deprecated, use maxfun instead"):
        minimize(rosen, START, options={"maxfev": 1})
    with pytest.warns(UserWarning, match="hess and hessp arguments cannot be handled and are ignored"):
        minimize(rosen, START, hess=lambda x: x)


def test_disp_prints_the_result(capsys):
    minimize(rosen, START)
    assert capsys.readouterr().out == ""
    minimize(rosen, START, options={"disp": True})
    assert "Valid Minimum" in capsys.readouterr().out


def test_a_function_that_only_numpy_can_run():
    result = minimize(lambda x: float(np.cosh(float(x[0]) - 1.0)), [0.0])
    np.testing.assert_allclose(result.x, [1], atol=1e-3)
    assert result.minuit.gradient_path == "host"


def test_an_own_errordef_is_replaced_without_a_warning():
    def fun(x):
        return (x**2).sum()

    fun.errordef = 4.0
    assert minimize(fun, [1.0]).minuit.errordef == 0.5


@pytest.mark.parametrize(
    ("kwds", "error", "match"),
    [
        ({"constraints": []}, ValueError, "Constraints are not supported by Minuit, only bounds"),
        ({"jac": True}, ValueError, "jac=True is not supported, only jac=callable"),
        ({"method": "foo"}, ValueError, "keyword method=foo not understood"),
        ({"bounds": [(0, 1)]}, ValueError, "length of argument does not match slice"),
        ({"options": {"stra": 7}}, ValueError, "strategy"),
    ],
)
def test_wrong_arguments(kwds, error, match):
    with pytest.raises(error, match=match):
        minimize(rosen, START, **kwds)
    with pytest.raises(error):
        iminuit.minimize(rosen, START, **kwds)
    with pytest.raises(TypeError, match="fun must be callable"):
        minimize(3, START)


def test_simplex():
    mine, theirs = both(rosen, START, method="simplex")
    np.testing.assert_allclose(mine.x, theirs.x, atol=0.1)
    np.testing.assert_array_equal(mine.hess_inv, np.ones((2, 2)))
    assert mine.message == theirs.message


def test_where_iminuit_has_it():
    """The module and the function have one name; the function is what the package shows."""
    names = {}
    exec("import jaxminuit.minimize\nfrom jaxminuit.minimize import minimize\nimport jaxminuit", names)
    assert names["minimize"] is names["jaxminuit"].minimize is minimize
