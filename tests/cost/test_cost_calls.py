"""Costs in compiled programs: traces, batches, types; and the front end of iminuit as an independent user of them."""

import copy
import pickle

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import Minuit
from iminuit import cost as theirs

import jaxminuit as jm
from jaxminuit import FCN, cost
from jaxminuit.problem.fcn import AbstractFCN
from tests.cost import cost_models as m
from tests.helpers.traces import Traced

P = {"mu": 0.1, "sigma": 1.2}
NAMES = ("mu", "sigma")


def test_new_data_of_the_same_shape_do_not_trace_again():
    pdf, cdf = Traced(m.pdf), Traced(m.cdf)
    value = jax.jit(lambda c, p: c.evaluate(p))
    total = cost.UnbinnedNLL(m.SAMPLE, pdf, name=NAMES, mask=m.SAMPLE > 0)
    total = total + cost.BinnedNLL(m.COUNTS, m.EDGES, cdf, name=NAMES)
    before = value(total, P)
    other = total[0].replace(data=m.SAMPLE + 1, mask=m.SAMPLE < 1) + total[1].replace(n=m.COUNTS + 1, xe=m.EDGES * 2)
    after = value(other, P)
    assert (pdf.count, cdf.count) == (1, 1)
    assert before != after
    assert after == pytest.approx(other(0.1, 1.2), rel=1e-13)
    assert jax.tree_util.tree_structure(total) == jax.tree_util.tree_structure(other)
    assert hash(jax.tree_util.tree_structure(total)) == hash(jax.tree_util.tree_structure(other))


def test_calls_with_numbers_compile_once():
    pdf = Traced(m.pdf)
    c = cost.UnbinnedNLL(m.SAMPLE, pdf, name=NAMES)
    results = [c(0, 1), c(0.0, 1.0), c(np.float64(0), np.int64(1)), c.replace(data=m.SAMPLE.copy())(0.0, 1.0)]
    assert len(set(results)) == 1
    assert pdf.count == 2  # one abstract to see whether it can be traced, one compiled


def test_a_model_for_numpy_is_asked_once_whether_it_can_be_traced():
    pdf = Traced(m.np_pdf)
    c = cost.UnbinnedNLL(m.SAMPLE, pdf, name=NAMES)
    assert [c(0.1, 1.2) for _ in range(3)] == [c(0.1, 1.2)] * 3
    assert pdf.count == 5  # four calls, and one with tracers


def test_a_model_for_numpy_gets_floats_and_arrays_of_its_own():
    def model(x, a):
        assert type(x) is np.ndarray
        assert type(a) is float
        x += a  # the cost's data must not change
        return np.exp(-x)

    c = cost.UnbinnedNLL(m.SAMPLE, model)
    assert c(0.5) == c(0.5)
    np.testing.assert_array_equal(c.data, m.SAMPLE)


def test_data_as_tracers_and_batches():
    toys = np.stack([m.SAMPLE, m.SAMPLE + 0.5, m.SAMPLE * 2])
    expected = [theirs.UnbinnedNLL(x, m.np_pdf)(0.1, 1.2) for x in toys]
    built = jax.jit(jax.vmap(lambda x: cost.UnbinnedNLL(x, m.pdf).evaluate(P)))(toys)
    np.testing.assert_allclose(built, expected, rtol=1e-13)
    costs = jax.vmap(lambda x: cost.UnbinnedNLL(x, m.pdf))(toys)
    assert isinstance(costs, cost.UnbinnedNLL)
    assert costs.data.shape == toys.shape
    np.testing.assert_allclose(jax.vmap(lambda c: c.evaluate(P))(costs), expected, rtol=1e-13)
    leading = eqx.tree_at(lambda c: c.data, cost.UnbinnedNLL(m.SAMPLE, m.pdf), jnp.asarray(toys))
    axes = eqx.tree_at(
        lambda c: c.data, jax.tree_util.tree_map(lambda _: None, leading), 0, is_leaf=lambda x: x is None
    )
    np.testing.assert_allclose(jax.vmap(lambda c: c.evaluate(P), (axes,))(leading), expected, rtol=1e-13)


def test_weighted_histograms_and_masks_in_batches():
    masks = np.array([[1, 1, 0, 1, 1, 1, 0], [1, 1, 1, 1, 0, 1, 1]], bool)
    ns = np.stack([m.WEIGHTED, 1.1 * m.WEIGHTED])

    def value(n, mask):
        return cost.BinnedNLL(n, m.EDGES, m.cdf, mask=mask)(0.1, 1.2)

    expected = []
    for n, mask in zip(ns, masks, strict=True):
        other = theirs.BinnedNLL(n, m.EDGES, m.np_cdf)
        other.mask = mask
        expected.append(other(0.1, 1.2))
    np.testing.assert_allclose(jax.jit(jax.vmap(value))(ns, masks), expected, rtol=1e-12)


def test_transformations_of_a_call():
    c = cost.UnbinnedNLL(m.SAMPLE, m.pdf)
    np.testing.assert_allclose(jax.jit(jax.grad(lambda *p: c(*p), (0, 1)))(0.1, 1.2), c.grad(0.1, 1.2), rtol=1e-13)
    np.testing.assert_allclose(jax.jit(jax.grad(lambda p: c(p)))(jnp.array([0.1, 1.2])), c.grad(0.1, 1.2), rtol=1e-13)
    np.testing.assert_allclose(jax.jit(lambda *args: c.grad(*args))(0.1, 1.2), c.grad(0.1, 1.2), rtol=1e-13)
    scan = jax.jit(jax.vmap(lambda *p: c(*p), (0, None)))(jnp.array([0.1, 0.2]), 1.2)
    np.testing.assert_allclose(scan, [c(0.1, 1.2), c(0.2, 1.2)], rtol=1e-13)


def test_float32_data_stay_and_are_summed_in_double():
    x = m.SAMPLE.astype(np.float32)
    c = cost.UnbinnedNLL(x, m.pdf)
    assert c.data.dtype == jnp.float32
    single = c.evaluate((jnp.float32(0.1), jnp.float32(1.2)))
    assert single.dtype == jnp.float64
    assert single == pytest.approx(theirs.UnbinnedNLL(m.SAMPLE, m.np_pdf)(0.1, 1.2), rel=1e-6)


def test_a_module_as_model_keeps_its_leaves():
    class Shifted(eqx.Module):
        shift: jax.Array

        def __call__(self, x, mu, sigma):
            return m.pdf(x - self.shift, mu, sigma)

    c = cost.UnbinnedNLL(m.SAMPLE, Shifted(jnp.array(0.5)))
    assert c(0.0, 1.0) == pytest.approx(cost.UnbinnedNLL(m.SAMPLE, m.pdf)(0.5, 1.0), rel=1e-13)
    slope = jax.grad(lambda c: c.evaluate((0.0, 1.0)))(c).model_function.shift
    assert slope == pytest.approx(c.grad(0.0, 1.0)[0], rel=1e-12)


def test_replace():
    c = cost.UnbinnedNLL(m.SAMPLE, m.pdf, name=("m", "s"), grad=m.np_pdf_grad)
    longer = c.replace(data=np.arange(100.0), verbose=1)
    assert (longer.npoints, longer.verbose, list(longer.parameters)) == (100, 1, ["m", "s"])
    assert list(c.replace(pdf=m.logpdf, log=True, grad=None).parameters) == ["mu", "sigma"]
    assert c.replace(grad=None).pdf is m.pdf
    assert eqx.tree_at(lambda c: c.errordef, c, jnp.array(4.0)).replace(verbose=0).errordef == 4
    with pytest.raises(TypeError, match="UnbinnedNLL has no n to replace, only data, pdf"):
        c.replace(n=3)
    with pytest.raises(ValueError, match="mask has shape"):
        c.replace(mask=np.ones(60, bool)).replace(data=np.arange(3.0))
    with pytest.raises(ValueError, match="incompatible shapes"):
        cost.BinnedNLL(m.COUNTS, m.EDGES, m.cdf).replace(n=[1.0, 2.0])


def test_pickle_and_copy():
    c = cost.UnbinnedNLL(m.SAMPLE, m.pdf) + cost.BinnedNLL(m.COUNTS, m.EDGES, m.np_cdf)
    for twin in (pickle.loads(pickle.dumps(c)), copy.deepcopy(c)):
        assert twin(0.1, 1.2) == c(0.1, 1.2)


def test_verbose(capsys):
    c = cost.NormalConstraint("a", 1.0, 1.0) + cost.UnbinnedNLL(m.SAMPLE, lambda x, a: m.pdf(x, a, 1.0), verbose=1)
    value = c(2.0)
    assert capsys.readouterr().out == f"(2.0,) -> {value}\n"


def test_costs_are_fcns():
    c = cost.UnbinnedNLL(m.SAMPLE, m.pdf)
    assert isinstance(c, AbstractFCN)
    plain = FCN(lambda p, x: -2 * jnp.sum(m.logpdf(x, p["mu"], p["sigma"])), data=m.SAMPLE)
    assert c.evaluate(P) == pytest.approx(float(plain.evaluate(P)), rel=1e-13)


@pytest.mark.parametrize("pdf", [m.pdf, m.np_pdf])
def test_fit_with_iminuit(pdf):
    ours = Minuit(cost.UnbinnedNLL(m.SAMPLE, pdf), mu=0.0, sigma=1.0).migrad().hesse()
    other = Minuit(theirs.UnbinnedNLL(m.SAMPLE, m.np_pdf), mu=0.0, sigma=1.0).migrad().hesse()
    assert ours.valid
    # both stop below an EDM of 2e-4 of the error definition: values agree to 1 % of an error
    np.testing.assert_allclose(ours.values, other.values, atol=0.01 * other.errors[0])
    np.testing.assert_allclose(ours.errors, other.errors, rtol=1e-3)


def test_fit_with_migrad():
    pdf = Traced(m.pdf)
    start = jm.Parameters({"mu": 0.0, "sigma": 1.0})
    total = cost.UnbinnedNLL(m.SAMPLE, pdf, name=NAMES) + cost.NormalConstraint("sigma", 1.0, 0.2)
    ours = jm.migrad(total, start)
    other = Minuit(
        theirs.UnbinnedNLL(m.SAMPLE, m.np_pdf) + theirs.NormalConstraint("sigma", 1.0, 0.2), mu=0.0, sigma=1.0
    )
    other.migrad().hesse()
    assert ours.valid
    # an EDM of at most 2e-4 leaves up to sqrt(2e-4) = 1.4 % of an error
    np.testing.assert_allclose(ours.values, other.values, atol=0.02 * other.errors[0])
    np.testing.assert_allclose(ours.errors, other.errors, rtol=1e-2)
    calls = pdf.count
    again = jm.migrad(total[0].replace(data=m.SAMPLE + 1.0) + total[1], start)
    assert pdf.count == calls
    assert again.values[0] == pytest.approx(float(ours.values[0]) + 1.0, abs=0.01)


def test_fit_of_a_model_for_numpy_says_what_to_do():
    start = jm.Parameters({"mu": 0.0, "sigma": 1.0})
    c = cost.UnbinnedNLL(m.SAMPLE, m.np_pdf)
    with pytest.raises(TypeError, match="cannot be traced by JAX"):
        jm.migrad(c, start)


@pytest.mark.slow
def test_fit_on_the_host():
    start = jm.Parameters({"mu": 0.0, "sigma": 1.0})
    c = cost.UnbinnedNLL(m.SAMPLE, m.np_pdf)
    ours = jm.migrad(jm.HostFCN(c.evaluate, c.errordef), start)
    assert ours.valid
    np.testing.assert_allclose(ours.values, [m.SAMPLE.mean(), m.SAMPLE.std()], atol=0.02 * m.SAMPLE.std() / 60**0.5)
