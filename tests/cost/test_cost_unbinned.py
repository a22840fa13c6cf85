import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import cost as theirs

from jaxminuit import cost
from tests.cost import cost_models as m

MASK = np.arange(m.SAMPLE.size) % 3 != 0
CASES = {
    "density": (cost.UnbinnedNLL, m.SAMPLE, m.pdf, m.np_pdf, m.np_pdf_grad, (0.2, 1.3), {}),
    "log density": (cost.UnbinnedNLL, m.SAMPLE, m.logpdf, m.np_logpdf, None, (0.2, 1.3), {"log": True}),
    "plane": (cost.UnbinnedNLL, m.PLANE, m.plane_pdf, m.np_plane_pdf, None, (0.2, 1.3, 0.7), {}),
    "extended": (cost.ExtendedUnbinnedNLL, m.SAMPLE, m.density, m.np_density, m.np_density_grad, (55.0, 0.2, 1.3), {}),
}


# with two observables iminuit's mask acts on these: that case has a test of its own
@pytest.mark.parametrize(
    ("case", "masked"), [(c, k) for c in CASES for k in (False, True) if (c, k) != ("plane", True)]
)
def test_value_and_gradient(case, masked):
    kind, data, model, np_model, np_grad, args, options = CASES[case]
    ours = kind(data, model, mask=MASK if masked else None, **options)
    host = kind(data, np_model, mask=MASK if masked else None, grad=np_grad, **options)
    other = getattr(theirs, kind.__name__)(data, np_model, grad=np_grad, **options)
    if masked:
        other.mask = MASK
    # sums of 60 terms in another order
    assert ours(*args) == pytest.approx(other(*args), rel=1e-13)
    assert host(*args) == pytest.approx(other(*args), rel=1e-13)
    assert (ours.traceable, host.traceable) == (True, False)
    assert ours.ndata == other.ndata == np.inf
    assert isinstance(ours(*args), float)
    np.testing.assert_allclose(ours.grad(*args), m.central(other, args), rtol=1e-6, atol=1e-6)
    assert host.has_grad == other.has_grad == (np_grad is not None)
    if np_grad is not None:
        np.testing.assert_allclose(host.grad(*args), other.grad(*args), rtol=1e-11)
        np.testing.assert_allclose(ours.grad(*args), other.grad(*args), rtol=1e-9, atol=1e-9)


def test_mask_of_points_in_the_plane():
    mask = np.arange(50) < 30
    masked, cut = cost.UnbinnedNLL(m.PLANE, m.plane_pdf, mask=mask), cost.UnbinnedNLL(m.PLANE[:, mask], m.plane_pdf)
    assert masked(0.2, 1.3, 0.7) == pytest.approx(cut(0.2, 1.3, 0.7), rel=1e-13)
    assert masked.replace(mask=np.arange(30))(0.2, 1.3, 0.7) == masked(0.2, 1.3, 0.7)


def uniform_or_zero(x, a, b):
    return jnp.where(x < a, b * jnp.exp(-x), 0.0)


def test_zero_density_counts_as_the_smallest_number_with_finite_gradient():
    x = np.array([0.5, 1.0, 3.0])
    ours = cost.UnbinnedNLL(x, uniform_or_zero)
    other = theirs.UnbinnedNLL(x, lambda x, a, b: np.where(x < a, b * np.exp(-x), 0.0))
    assert ours(2.0, 1.5) == pytest.approx(other(2.0, 1.5), rel=1e-14)
    assert ours(2.0, 1.5) > 1400
    np.testing.assert_allclose(ours.grad(2.0, 1.5), [0.0, -2 * 2 / 1.5])


def test_negative_and_nan_densities_are_reported():
    x = np.array([0.5, 1.0])
    assert np.isnan(cost.UnbinnedNLL(x, lambda x, a: a - x)(0.7))
    assert np.isnan(cost.UnbinnedNLL(x, lambda x, a: jnp.sqrt(a - x))(0.7))


def test_masked_points_never_reach_the_model():
    x = np.array([0.0, 0.5, 1.0, -1.0])  # log x is -inf or NaN, its derivative too, at the first and the last
    c = cost.UnbinnedNLL(x, lambda x, a: a * jnp.exp(a * jnp.log(x)), mask=[1, 2])
    cut = cost.UnbinnedNLL(x[1:3], lambda x, a: a * x**a)
    assert c(1.5) == pytest.approx(cut(1.5), rel=1e-14)
    np.testing.assert_allclose(c.grad(1.5), cut.grad(1.5), rtol=1e-13)


def test_densities_and_information():
    c, other = cost.UnbinnedNLL(m.SAMPLE, m.pdf), theirs.UnbinnedNLL(m.SAMPLE, m.np_pdf, grad=m.np_pdf_grad)
    np.testing.assert_allclose(c.scaled_pdf(EDGE, 0.1, 1.0), other.scaled_pdf(EDGE, 0.1, 1.0))
    np.testing.assert_allclose(c.fisher_information(0.1, 1.2), other.fisher_information(0.1, 1.2), rtol=1e-10)
    np.testing.assert_allclose(c.covariance(0.1, 1.2), other.covariance(0.1, 1.2), rtol=1e-9)
    logged = cost.UnbinnedNLL(m.SAMPLE, m.logpdf, log=True)
    np.testing.assert_allclose(logged.pdf(EDGE, 0.1, 1.0), m.np_pdf(EDGE, 0.1, 1.0))
    extended = cost.ExtendedUnbinnedNLL(m.SAMPLE, m.density)
    ext_other = theirs.ExtendedUnbinnedNLL(m.SAMPLE, m.np_density, grad=m.np_density_grad)
    np.testing.assert_allclose(extended.pdf(EDGE, 50.0, 0.1, 1.0), m.np_pdf(EDGE, 0.1, 1.0))
    np.testing.assert_allclose(extended.scaled_pdf(EDGE, 50.0, 0.1, 1.0), 50 * m.np_pdf(EDGE, 0.1, 1.0))
    args = (50.0, 0.1, 1.2)
    np.testing.assert_allclose(extended.fisher_information(*args), ext_other.fisher_information(*args), rtol=1e-9)


EDGE = np.linspace(-1, 1, 5)


def test_no_array_of_the_size_of_the_data_is_made():
    # the density and its logarithm are fused into the sum over 80 MB of data
    big = cost.UnbinnedNLL(np.zeros(10_000_000), m.pdf)
    compiled = jax.jit(lambda c, p: c.evaluate(p)).lower(big, {"mu": 0.0, "sigma": 1.0}).compile()
    assert compiled.memory_analysis().temp_size_in_bytes < 1_000_000


def test_derivatives_are_finite_far_out():
    # 35 sigma away the density is 1e-266 and 1 / density^2 overflows
    c = cost.UnbinnedNLL(np.array([0.1, 35.0]), m.pdf)
    logged = cost.UnbinnedNLL(np.array([0.1, 35.0]), m.logpdf, log=True)
    args = jnp.array([0.0, 1.0])
    np.testing.assert_allclose(c.grad(args), logged.grad(args), rtol=1e-12)
    np.testing.assert_allclose(
        jax.jit(jax.hessian(lambda p: c(p)))(args), jax.jit(jax.hessian(lambda p: logged(p)))(args), rtol=1e-10
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda x, a: x[:3], r"output of model has shape \(3,\), but \(60,\) is required"),
        (lambda x, a: np.ones((1, 60)), r"output of model has shape \(1, 60\), but \(60,\) is required"),
        (lambda x, a: 1.0, r"output of model has shape \(\), but \(60,\) is required"),
    ],
)
def test_wrong_shapes(model, message):
    with pytest.raises(ValueError, match=message):
        cost.UnbinnedNLL(m.SAMPLE, model)(1.0)
    with pytest.raises(ValueError, match=message):
        jax.eval_shape(lambda p: cost.UnbinnedNLL(m.SAMPLE, model).evaluate(p), [1.0])


def test_other_wrong_input():
    with pytest.raises(ValueError, match=r"must be a pair \(integral, density\)"):
        cost.ExtendedUnbinnedNLL(m.SAMPLE, lambda x, a: x)(1.0)
    with pytest.raises(ValueError, match="output of model gradient has shape"):
        cost.UnbinnedNLL(m.SAMPLE, m.pdf, grad=lambda x, a, b: x).grad(1.0, 2.0)
    with pytest.raises(TypeError, match="model must be callable, not 3"):
        cost.UnbinnedNLL(m.SAMPLE, 3, name=["a"])
    with pytest.raises(TypeError, match="data must be an array of real numbers"):
        cost.UnbinnedNLL(["a"], m.pdf)
    with pytest.raises(ValueError, match=r"data must have shape \(N,\) or \(D, N\)"):
        cost.UnbinnedNLL(np.zeros((2, 2, 2)), m.pdf)
    with pytest.raises(ValueError, match=r"mask has shape \(2,\), but \(60,\) is required"):
        cost.UnbinnedNLL(m.SAMPLE, m.pdf, mask=[True, False])
    with pytest.raises(ValueError, match="out of range"):
        cost.UnbinnedNLL(m.SAMPLE, m.pdf, mask=[60])
    with pytest.raises(ValueError, match="twice"):
        cost.UnbinnedNLL(m.SAMPLE, m.pdf, mask=[1, 1])


def test_weights():
    """Closed forms; whole weights are repeated points; a mask acts on both."""
    w = np.arange(m.SAMPLE.size) % 3
    plain = cost.UnbinnedNLL(m.SAMPLE, m.pdf, weights=w)
    logs = cost.UnbinnedNLL(m.SAMPLE, m.logpdf, log=True, weights=w)
    host = cost.UnbinnedNLL(m.SAMPLE, m.np_pdf, grad=m.np_pdf_grad, weights=w)
    extended = cost.ExtendedUnbinnedNLL(m.SAMPLE, m.density, weights=w)
    total = float(w @ m.np_logpdf(m.SAMPLE, 0.2, 1.3))
    for ours in (plain, logs, host):
        assert ours(0.2, 1.3) == pytest.approx(-2 * total, rel=1e-13)
    assert extended(55.0, 0.2, 1.3) == pytest.approx(2 * (55.0 - total - w.sum() * np.log(55.0)), rel=1e-13)
    repeated = cost.UnbinnedNLL(np.repeat(m.SAMPLE, w), m.pdf)
    assert plain(0.2, 1.3) == pytest.approx(repeated(0.2, 1.3), rel=1e-13)
    np.testing.assert_allclose(host.grad(0.2, 1.3), repeated.grad(0.2, 1.3), rtol=1e-10)
    np.testing.assert_allclose(plain.fisher_information(0.2, 1.3), repeated.fisher_information(0.2, 1.3), rtol=1e-11)
    masked = plain.replace(mask=MASK)
    assert masked(0.2, 1.3) == pytest.approx(-2 * float(w[MASK] @ m.np_logpdf(m.SAMPLE[MASK], 0.2, 1.3)), rel=1e-13)
    assert plain.replace(weights=None)(0.2, 1.3) == cost.UnbinnedNLL(m.SAMPLE, m.pdf)(0.2, 1.3)
    with pytest.raises(ValueError, match=r"weights have shape \(3,\), but \(60,\) is required"):
        plain.replace(weights=[1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="weights must be an array of real numbers"):
        plain.replace(weights=["a"] * 60)
