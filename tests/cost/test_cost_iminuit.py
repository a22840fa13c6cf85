"""What programs written for iminuit.cost rely on: names, types, scores, free functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import cost as theirs

from jaxminuit import cost
from tests.cost import cost_models as m

AT, SCALED = (0.2, 1.3), (55.0, 0.2, 1.3)
X, Y = np.arange(5.0), np.array([1.0, 3.0, 4.0, 8.0, 9.0])


def parabola(x, par):
    return par[0] + par[1] * x


def all_costs(kind):
    sample, constraint = kind.UnbinnedNLL(m.SAMPLE, m.np_pdf), kind.NormalConstraint("mu", 0.0, 1.0)
    return (
        sample, kind.ExtendedUnbinnedNLL(m.SAMPLE, m.np_density), kind.BinnedNLL(m.COUNTS, m.EDGES, m.np_cdf),
        kind.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.np_scaled_cdf), kind.Template(m.COUNTS, m.EDGES, [m.COUNTS]),
        kind.LeastSquares(X, Y, 0.5, parabola), constraint, sample + constraint, kind.Constant(1.0),
    )  # fmt: skip


def test_classes_stand_in_the_same_relations():
    bases = ("Cost", "MaskedCost", "MaskedCostWithPulls", "UnbinnedCost", "BinnedCost", "BinnedCostWithModel")
    for mine, yours in zip(all_costs(cost), all_costs(theirs), strict=True):
        for name in bases:
            assert isinstance(mine, getattr(cost, name)) == isinstance(yours, getattr(theirs, name)), name
        assert (mine.npar, mine.ndata) == (yours.npar, yours.ndata)
        assert mine.errordef == yours.errordef
        assert mine._parameters == yours._parameters


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BarlowBeestonLite", "Template"),
        ("barlow_beeston_lite_chi2_jsc", "template_chi2_jsc"),
        ("barlow_beeston_lite_chi2_hpd", "template_chi2_da"),
        ("multinominal_chi2", "multinomial_chi2"),
    ],
)
def test_old_names(old, new):
    with pytest.warns(FutureWarning, match=f"{old} was renamed to {new}"):
        assert getattr(cost, old) is getattr(cost, new)
    with pytest.raises(AttributeError, match="no attribute 'no_cost'"):
        _ = cost.no_cost


def test_scores_of_a_given_gradient():
    for name, np_model, np_grad, model, args in (
        ("UnbinnedNLL", m.np_pdf, m.np_pdf_grad, m.pdf, AT),
        ("ExtendedUnbinnedNLL", m.np_density, m.np_density_grad, m.density, SCALED),
    ):
        ours, other = (getattr(kind, name)(m.SAMPLE, np_model, grad=np_grad) for kind in (cost, theirs))
        traced = getattr(cost, name)(m.SAMPLE, model)
        for method in ("fisher_information", "covariance"):
            expected = getattr(other, method)(*args)
            for c in (ours, traced):
                found = getattr(c, method)(*args)
                assert type(found) is np.ndarray
                np.testing.assert_allclose(found, expected, rtol=1e-9)
        for c in (ours, other):
            c.mask = np.arange(60)  # all points, as an index array
        np.testing.assert_allclose(ours.fisher_information(*args), other.fisher_information(*args), rtol=1e-9)
    with pytest.raises(ValueError, match="no gradient available"):
        cost.UnbinnedNLL(m.SAMPLE, m.np_pdf).covariance(*AT)


def test_scores_with_a_mask_and_weights():
    use = m.SAMPLE > 0
    ours = cost.UnbinnedNLL(m.SAMPLE, m.np_pdf, grad=m.np_pdf_grad, mask=use, weights=m.WEIGHTS)
    scores = (m.np_pdf_grad(m.SAMPLE, *AT) / m.np_pdf(m.SAMPLE, *AT))[:, use]
    expected = (m.WEIGHTS[use] * scores) @ scores.T
    np.testing.assert_allclose(ours.fisher_information(*AT), expected, rtol=1e-12)
    np.testing.assert_allclose(ours.replace(pdf=m.pdf, grad=None).fisher_information(*AT), expected, rtol=1e-10)


def test_free_functions_give_numpy_for_numpy():
    lists = ([1.0, 0.0, 3.0], [0.5, 0.1, 2.0], [1.0, 2.0, 0.5])
    for name, args in (("chi2", lists), ("poisson_chi2", lists[:2]), ("multinomial_chi2", lists[:2])):
        ours, other = getattr(cost, name), getattr(theirs, name)
        assert type(ours(*args)) is float
        assert ours(*args) == pytest.approx(other(*args), rel=1e-13)
        assert isinstance(ours(*map(jnp.array, args)), jax.Array)
        assert np.isfinite(jax.jit(jax.grad(lambda p, f=ours, a=args: f(*a[:-1], p)))(jnp.array(args[-1]))).all()
    logs = cost.log_or_zero(np.array([0.0, 1.0, 2.0, -1.0]))
    assert type(logs) is np.ndarray
    np.testing.assert_allclose(logs, theirs.log_or_zero(np.array([0.0, 1.0, 2.0, -1.0])), rtol=1e-15)


def test_models_of_one_array_and_models_with_logarithms():
    ours, other = (kind.LeastSquares(X, Y, 0.5, parabola) for kind in (cost, theirs))
    assert ours(np.array([1.0, 2.0])) == pytest.approx(other(np.array([1.0, 2.0])), rel=1e-14)
    for f in (lambda c: c.prediction((1.0, 2.0)), lambda c: c.pulls((1.0, 2.0)), lambda c: c.model(X, 1.0, 2.0)):
        assert type(f(ours)) is np.ndarray
        np.testing.assert_allclose(f(ours), f(other), rtol=1e-14)
    np.testing.assert_allclose(ours.model(X, (1.0, 2.0)), other.model(X, (1.0, 2.0)))
    logs = [kind.UnbinnedNLL(m.SAMPLE, m.np_logpdf, log=True) for kind in (cost, theirs)]
    for f in (lambda c: c.pdf(X, *AT), lambda c: c.scaled_pdf(X, *AT)):
        assert type(f(logs[0])) is np.ndarray
        np.testing.assert_allclose(f(logs[0]), f(logs[1]), rtol=1e-14)
