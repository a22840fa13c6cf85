import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import cost as theirs
from scipy.stats import norm

from jaxminuit import cost
from tests.cost import cost_models as m

FIRST = np.array([True, True, False, True, True, True, False])
NORMAL, SCALED = (0.2, 1.3), (55.0, 0.2, 1.3)
BOTH = (m.EDGES, m.EDGES_Y)


def scaled_grad(x, s, mu, sigma):
    return np.array([norm.cdf(x, mu, sigma), *(s * m.np_cdf_grad(x, mu, sigma))])


CASES = {
    "counts": (cost.BinnedNLL, m.COUNTS, m.EDGES, m.cdf, m.np_cdf, m.np_cdf_grad, NORMAL),
    "weighted": (cost.BinnedNLL, m.WEIGHTED, m.EDGES, m.cdf, m.np_cdf, m.np_cdf_grad, NORMAL),
    "plane": (cost.BinnedNLL, m.COUNTS_2D, BOTH, m.plane_cdf, m.np_plane_cdf, None, (0.2, 1.3, 0.7)),
    "extended": (cost.ExtendedBinnedNLL, m.COUNTS, m.EDGES, m.scaled_cdf, m.np_scaled_cdf, scaled_grad, SCALED),
    "weighted extended": (
        cost.ExtendedBinnedNLL, m.WEIGHTED, m.EDGES, m.scaled_cdf, m.np_scaled_cdf, scaled_grad, SCALED
    ),
    "weighted plane": (
        cost.ExtendedBinnedNLL, np.stack([m.COUNTS_2D, 1.3 * m.COUNTS_2D], axis=-1), BOTH, m.plane_cdf, m.np_plane_cdf,
        None, (0.2, 1.3, 0.7),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("masked", [False, True])
def test_value_gradient_prediction_and_pulls(case, masked):
    kind, n, xe, model, np_model, np_grad, args = CASES[case]
    ours = kind(n, xe, model, mask=FIRST if masked else None)
    host = kind(n, xe, np_model, grad=np_grad, mask=FIRST if masked else None)
    other = getattr(theirs, kind.__name__)(n, xe, np_model, grad=np_grad)
    if masked:
        other.mask = FIRST
    # 60 events in up to 21 bins; cdf differences lose up to three digits of 16
    assert ours(*args) == pytest.approx(other(*args), rel=1e-12)
    assert host(*args) == pytest.approx(other(*args), rel=1e-12)
    assert (ours.traceable, host.traceable) == (True, False)
    assert ours.ndata == other.ndata
    np.testing.assert_allclose(ours.prediction(args), other.prediction(args), rtol=1e-11)
    np.testing.assert_allclose(host.pulls(args), other.pulls(args), rtol=1e-10)
    np.testing.assert_allclose(ours.grad(*args), m.central(other, args), rtol=1e-6, atol=1e-6)
    if np_grad is not None:
        np.testing.assert_allclose(host.grad(*args), other.grad(*args), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(ours.grad(*args), other.grad(*args), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("use_pdf", ["approximate", "numerical"])
def test_densities_in_bins(use_pdf):
    ours = cost.BinnedNLL(m.COUNTS, m.EDGES, m.pdf, use_pdf=use_pdf)
    other = theirs.BinnedNLL(m.COUNTS, m.EDGES, m.np_pdf, use_pdf=use_pdf)
    # 16 Gauss-Legendre points in bins of at most 1.2 sigma: exact to rounding; the other side asks for 1.5e-8
    assert ours(*NORMAL) == pytest.approx(other(*NORMAL), rel=1e-12)
    np.testing.assert_allclose(ours.prediction(NORMAL), other.prediction(NORMAL), rtol=1e-12)
    scaled = cost.ExtendedBinnedNLL(
        m.COUNTS, m.EDGES, lambda x, s, mu, sigma: s * m.pdf(x, mu, sigma), use_pdf="numerical"
    )
    exact = cost.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.scaled_cdf)
    assert scaled(*SCALED) == pytest.approx(exact(*SCALED), rel=1e-11)


def test_approximate_density_in_the_plane():
    ours = cost.BinnedNLL(m.COUNTS_2D, BOTH, m.plane_pdf, use_pdf="approximate")
    other = theirs.BinnedNLL(m.COUNTS_2D, BOTH, m.np_plane_pdf, use_pdf="approximate")
    assert ours(0.2, 1.3, 0.7) == pytest.approx(other(0.2, 1.3, 0.7), rel=1e-12)
    with pytest.raises(ValueError, match="one dimension only"):
        cost.BinnedNLL(m.COUNTS_2D, BOTH, m.plane_pdf, use_pdf="numerical")


def step_cdf(x, a):
    """Linear between 0 and a, no probability elsewhere: bins beyond are predicted empty."""
    return jnp.clip(x / a, 0.0, 1.0)


@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_is_finite_where_counts_or_predictions_vanish(weighted):
    n, xe = np.array([3.0, 0.0, 2.0, 0.0]), np.arange(5.0)
    data = np.stack([n, n * 1.5], axis=-1) if weighted else n
    ours = cost.BinnedNLL(data, xe, step_cdf)
    other = theirs.BinnedNLL(data, xe, lambda x, a: np.clip(x / a, 0.0, 1.0))
    assert ours(1.7) == pytest.approx(other(1.7), rel=1e-13)
    # the third bin has counts where the model has nothing; between the edges the cost is smooth in a
    np.testing.assert_allclose(ours.grad(1.7), m.central(other, [1.7]), rtol=1e-7)
    assert np.all(np.isfinite(jax.jit(jax.hessian(lambda a: ours(a)))(1.7)))


def test_rounding_below_zero_counts_as_zero():
    ours = cost.ExtendedBinnedNLL([1.0, 2.0], [0.0, 1.0, 2.0], lambda x, a: a * x * (1.5 - x))
    other = theirs.ExtendedBinnedNLL([1.0, 2.0], [0.0, 1.0, 2.0], lambda x, a: a * x * (1.5 - x))
    assert ours(1.0) == pytest.approx(other(1.0), rel=1e-14)
    np.testing.assert_array_equal(ours.prediction([1.0]), [0.5, 0.0])


def test_empty_weighted_histogram_is_finite():
    assert np.isfinite(cost.ExtendedBinnedNLL(np.zeros((7, 2)), m.EDGES, m.scaled_cdf)(*SCALED))


def test_derivatives_with_respect_to_counts():
    def value(n):
        return cost.ExtendedBinnedNLL(n, m.EDGES, m.scaled_cdf)(*SCALED)

    for n in (m.COUNTS, m.WEIGHTED):
        assert np.all(np.isfinite(jax.jit(jax.grad(value))(jnp.asarray(n))))
    mu = cost.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.scaled_cdf).prediction(SCALED)
    full = m.COUNTS > 0
    np.testing.assert_allclose(
        jax.jit(jax.grad(value))(jnp.asarray(m.COUNTS))[full], 2 * np.log(m.COUNTS / mu)[full], atol=1e-12
    )


@pytest.mark.parametrize(
    ("n", "xe", "message"),
    [
        ([1, 2], 3.0, "xe must be a sequence"),
        ([1, 2], [1.0, 2.0], "incompatible shapes along dimension 0"),
        (m.COUNTS_2D, (m.EDGES, m.EDGES), "incompatible shapes along dimension 1"),
        ([[1, 2, 3]], [1.0, 2.0], "n must have 1 dimensions like xe, or one more of length 2"),
        ([1, 2], [0.0, 2.0, 1.0], "bin edges along dimension 0 must increase"),
    ],
)
def test_wrong_histograms(n, xe, message):
    with pytest.raises(ValueError, match=message):
        cost.BinnedNLL(n, xe, m.cdf)


def test_wrong_options_and_models():
    with pytest.raises(ValueError, match="use_pdf must be"):
        cost.BinnedNLL(m.COUNTS, m.EDGES, m.cdf, use_pdf="exact")
    with pytest.raises(ValueError, match="cannot be used together"):
        cost.BinnedNLL(m.COUNTS, m.EDGES, m.pdf, use_pdf="approximate", grad=m.np_pdf_grad)
    with pytest.raises(ValueError, match=r"output of model has shape \(7,\), but \(8,\) is required"):
        cost.BinnedNLL(m.COUNTS, m.EDGES, lambda x, a: x[1:])(1.0)
    c = cost.BinnedNLL(m.COUNTS, m.EDGES, m.cdf)
    assert c.data is c.n
    assert c.cdf is m.cdf
    assert cost.ExtendedBinnedNLL(m.COUNTS, m.EDGES, m.scaled_cdf).scaled_cdf is m.scaled_cdf
