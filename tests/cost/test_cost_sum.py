import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import cost as theirs

from jaxminuit import cost
from tests.cost import cost_models as m

COVARIANCE = np.array([[0.2, 0.1], [0.1, 0.3]])


def test_constraint():
    for args, value, error, at in (
        ("mu", 0.1, 0.5, (0.3,)),
        (("mu", "sigma"), [0.1, 1.0], [0.5, 0.2], (0.3, 1.2)),
        (("mu", "sigma"), [0.1, 1.0], COVARIANCE, (0.3, 1.2)),
    ):
        ours, other = cost.NormalConstraint(args, value, error), theirs.NormalConstraint(args, value, error)
        assert ours(*at) == pytest.approx(other(*at), rel=1e-13)
        np.testing.assert_allclose(ours.grad(*at), other.grad(*at), rtol=1e-13)
        np.testing.assert_allclose(ours.covariance, other.covariance)
        assert (ours.ndata, ours.npar, ours.has_grad) == (other.ndata, other.npar, True)
        assert ours.parameters == other._parameters
    np.testing.assert_allclose(ours.pulls((0.3, 1.2)), [0.2 / 0.2**0.5, 0.2 / 0.3**0.5])
    changed = ours.replace(value=[0.3, 1.2])
    assert changed(0.3, 1.2) == 0


def test_constraint_on_an_array_parameter():
    ours = cost.NormalConstraint("par", [0.1, 1.0], COVARIANCE)
    # the inverse of [[0.2, 0.1], [0.1, 0.3]] is [[6, -2], [-2, 4]]
    assert ours(np.array([0.3, 1.2])) == pytest.approx(0.2**2 * 6 + 0.2**2 * 4 - 2 * 0.2**2 * 2, rel=1e-13)
    with pytest.raises(ValueError, match=r"par has shape \(3,\), but \(2,\) is required"):
        ours(np.zeros(3))


@pytest.mark.parametrize(
    ("args", "value", "error", "message"),
    [
        (("a", "b"), [1.0], [1.0], r"value has shape \(1,\), but there are 2 parameters"),
        (("a", "b"), [1.0, 2.0], [1.0], r"error has shape \(1,\), but value has shape \(2,\)"),
        (("a", "b"), [1.0, 2.0], [1.0, -1.0], "error of b must be positive, not -1"),
        (("a", "b"), [1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]], "not symmetric and positive definite"),
        (("a", "b"), [1.0, 2.0], [[1.0, 0.5], [0.0, 1.0]], "not symmetric and positive definite"),
        (("a", "a"), [1.0, 2.0], [1.0, 1.0], "must differ"),
    ],
)
def test_wrong_constraints(args, value, error, message):
    with pytest.raises(ValueError, match=message):
        cost.NormalConstraint(args, value, error)


class HalfSquare(cost.AbstractCost):
    """A user's own cost with the error definition of a log-likelihood."""

    errordef: jax.Array
    signature: tuple = eqx.field(static=True)
    verbose: int = eqx.field(static=True)

    def __init__(self):
        self.errordef, self.signature, self.verbose = jnp.array(0.5), (("sigma", (0.0, 9.0)), ("tau", None)), 0

    def traced_value(self, args):
        return 0.5 * (args[0] ** 2 + args[1] ** 2)

    host_value = traced_value
    ndata = 2

    def recipe(self):
        return {}


def parts(module, pdf, cdf):
    return (
        module.UnbinnedNLL(m.SAMPLE, pdf),
        module.BinnedNLL(m.COUNTS, m.EDGES, cdf, name=("nu", "sigma")),
        module.NormalConstraint("nu", 0.1, 0.5),
    )


def test_sum():
    ours, other = sum(parts(cost, m.pdf, m.cdf)) + 1.5, sum(parts(theirs, m.np_pdf, m.np_cdf)) + 1.5
    args = (0.1, 1.2, 0.3)
    assert isinstance(ours, cost.CostSum)
    assert list(ours.parameters) == list(other._parameters) == ["mu", "sigma", "nu"]
    assert ours(*args) == pytest.approx(other(*args), rel=1e-13)
    assert ours.evaluate({"nu": 0.3, "mu": 0.1, "sigma": 1.2}) == ours(*args) == ours.evaluate(jnp.array(args))
    assert (len(ours), ours.npar, ours.ndata) == (len(other), other.npar, np.inf)
    assert (ours[1:3][1].ndata, ours[3](), ours[3].ndata) == (1, 1.5, 0)
    np.testing.assert_allclose(ours.grad(*args), m.central(other, args), rtol=1e-6)
    nested = ours + (2 + parts(cost, m.pdf, m.cdf)[0])
    assert len(nested) == 6
    assert (np.float64(2) + ours)(*args) == pytest.approx(ours(*args) + 2, rel=1e-14)


def test_sum_of_different_error_definitions():
    half, lsq = HalfSquare(), cost.NormalConstraint("sigma", 1.0, 0.5)
    total = half + lsq
    assert total.errordef == 1
    assert total(1.5, 2.0) == pytest.approx(1.5**2 + 2.0**2 + (0.5 / 0.5) ** 2)
    np.testing.assert_allclose(total.grad(1.5, 2.0), [3.0 + 4.0, 4.0])
    assert total.parameters == {"sigma": (0.0, 9.0), "tau": None}


def test_sum_of_traced_and_host_terms():
    host = cost.BinnedNLL(m.COUNTS, m.EDGES, m.np_cdf, grad=m.np_cdf_grad)
    ours = cost.UnbinnedNLL(m.SAMPLE, m.pdf) + host + cost.NormalConstraint("sigma", 1.0, 0.2)
    other = theirs.UnbinnedNLL(m.SAMPLE, m.np_pdf) + theirs.BinnedNLL(m.COUNTS, m.EDGES, m.np_cdf)
    other = other + theirs.NormalConstraint("sigma", 1.0, 0.2)
    assert not ours.traceable
    assert ours.has_grad
    assert ours(0.1, 1.2) == pytest.approx(other(0.1, 1.2), rel=1e-13)
    np.testing.assert_allclose(ours.grad(0.1, 1.2), m.central(other, (0.1, 1.2)), rtol=1e-6)
    without = cost.UnbinnedNLL(m.SAMPLE, m.pdf) + cost.UnbinnedNLL(m.SAMPLE, m.np_pdf)
    assert not without.has_grad
    with pytest.raises(ValueError, match="no gradient available"):
        without.grad(0.1, 1.2)


def test_sum_shares_an_array_parameter():
    def polynomial(x, par):
        return jnp.polyval(par, x)

    x, y, par = np.arange(4.0), np.array([1.0, 3.2, 4.9, 7.1]), np.array([2.0, 1.0])
    lsq, constraint = cost.LeastSquares(x, y, 0.1, polynomial), cost.NormalConstraint("par", [2.1, 1.1], [0.2, 0.2])
    assert (lsq + constraint)(par) == pytest.approx(lsq(par) + constraint(par))
    np.testing.assert_allclose((lsq + constraint).grad(par), lsq.grad(par) + constraint.grad(par))


def test_what_cannot_be_added():
    c = cost.NormalConstraint("a", 1.0, 1.0)
    with pytest.raises(TypeError):
        c + "text"
    with pytest.raises(TypeError, match="only costs and numbers can be added"):
        cost.CostSum(c, "text")
    with pytest.raises(ValueError, match="at least one cost"):
        cost.CostSum(0)
    assert len(c + 0) == 1
    assert cost.Constant(2.5)() == 2.5
    assert cost.Constant(2.5).grad().shape == (0,)
