"""Template fits, side by side with iminuit."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import Minuit as TheirMinuit
from iminuit import cost as theirs
from scipy.stats import poisson

from jaxminuit import Minuit, cost
from tests.cost import cost_models as m

rng = np.random.default_rng(3)
FIRST = rng.poisson(20, 7).astype(float)
SECOND = rng.poisson(9, 7).astype(float)
SECOND[2] = 0
WEIGHTED_FIRST = np.stack([FIRST, 1.4 * FIRST], axis=-1)
BOTH = (m.EDGES, m.EDGES_Y)
MASK = [0, 1, 2, 4]
CASES = {
    "templates": (m.COUNTS, (FIRST, SECOND), (FIRST, SECOND), (30.0, 20.0)),
    "weighted": (m.WEIGHTED, (WEIGHTED_FIRST, SECOND), (WEIGHTED_FIRST, SECOND), (20.0, 10.0)),
    "mixed": (m.COUNTS, (FIRST, m.scaled_cdf), (FIRST, m.np_scaled_cdf), (30.0, 25.0, 0.1, 1.2)),
}
FREE = {"jsc": cost.template_chi2_jsc, "asy": cost.template_nll_asy, "da": cost.template_chi2_da}


@pytest.mark.parametrize("method", FREE)
@pytest.mark.parametrize("case", CASES)
def test_value_gradient_prediction_and_pulls(case, method):
    n, parts, np_parts, args = CASES[case]
    ours = cost.Template(n, m.EDGES, parts, method=method)
    other = theirs.Template(n, m.EDGES, np_parts, method=method)
    assert ours.parameters == other._parameters
    assert (ours.errordef, ours.ndata, ours.npar) == (other.errordef, other.ndata, other.npar)
    # both sum seven bins of order ten; iminuit subtracts large logarithms of Gamma functions
    assert ours(*args) == pytest.approx(other(*args), rel=1e-12)
    if case != "weighted" or method == "da":  # weights are handled alike in all methods
        np.testing.assert_allclose(ours.grad(*args), m.central(other, args), rtol=1e-6, atol=1e-7)
    # where there is no template iminuit has a standard deviation of 1e-150
    np.testing.assert_allclose(ours.prediction(args), other.prediction(args), rtol=1e-12, atol=1e-100)
    for c in (ours, other):
        c.mask = MASK
    assert ours(*args) == pytest.approx(other(*args), rel=1e-12)
    np.testing.assert_allclose(ours.pulls(args), other.pulls(args), rtol=1e-11)
    assert all(type(found) is np.ndarray for found in (*ours.prediction(args), ours.pulls(args)))


def test_host_models_and_the_plane():
    parts, np_parts = (m.COUNTS_2D[::-1] + 1, m.plane_cdf), (m.COUNTS_2D[::-1] + 1, m.np_plane_cdf)
    args = (3.0, 0.1, 1.2, 0.7)
    other = theirs.Template(m.COUNTS_2D, BOTH, np_parts)
    ours, host = (cost.Template(m.COUNTS_2D, BOTH, p) for p in (parts, np_parts))
    assert (ours.traceable, host.traceable, host.has_grad) == (True, False, False)
    for c in (ours, host):
        assert c(*args) == pytest.approx(other(*args), rel=1e-12)
        np.testing.assert_allclose(c.prediction(args), other.prediction(args), rtol=1e-12, atol=1e-100)
    with pytest.raises(ValueError, match="no gradient available"):
        host.grad(*args)


@pytest.mark.parametrize("method", FREE)
def test_free_functions(method):
    f, g = FREE[method], getattr(theirs, FREE[method].__name__)
    mu = rng.exponential(20.0, 50)
    n = rng.poisson(1.2 * mu).astype(float)
    n[:6] = 0
    for scale in (1e-3, 0.1, 1.0, 10.0, 1000.0):
        var = scale * mu * rng.uniform(0.5, 2.0, 50)
        # at a small variance iminuit loses up to four digits, at a large one the value itself is small
        assert f(n, mu, var) == pytest.approx(g(n, mu, var), rel=1e-11, abs=1e-11)
    exact = -poisson.logpmf(n, mu).sum() if method == "asy" else theirs.poisson_chi2(n, mu)
    assert f(n, mu, 0.0 * mu) == pytest.approx(exact, rel=1e-13)
    assert f(n, mu, 1e-9 * mu) == pytest.approx(exact, rel=1e-8)
    assert f(n.tolist(), jnp.asarray(mu), mu) == f(n, mu, mu)


@pytest.mark.parametrize("method", FREE)
def test_derivatives_are_exact_and_finite_at_empty_bins(method):
    n = jnp.array([3.0, 0.0, 0.0, 2.0, 5.0])
    shape = jnp.array([2.0, 1.0, 0.0, 0.0, 4.0])  # neither counts nor template; counts but no template

    def value(p):
        return FREE[method](n, p[0] * shape + p[1], p[0] ** 2 * shape)

    both = jax.jit(lambda p: (value(p), jax.grad(value)(p), jax.hessian(value)(p)))
    for p in ([1.3, 0.4], [1.3, 0.0], [0.0, 0.7], [1.0, 1.0]):  # variance 0, and where n = 0 and q = 1 in the second
        value_at, gradient, hessian = both(jnp.array(p))
        assert all(np.all(np.isfinite(found)) for found in (value_at, gradient, hessian))
        if p[1] > 0 and p[0] > 0 and p != [1.0, 1.0]:
            np.testing.assert_allclose(gradient, m.central(lambda a, b: both(jnp.array([a, b]))[0], p), rtol=1e-7)
    single = jax.jit(value)(jnp.array([1.3, 0.4], jnp.float32))
    assert single == pytest.approx(float(value(jnp.array([1.3, 0.4]))), rel=1e-5)


def test_fit_and_edits():
    pulled = []
    for kind, minuit in ((cost, Minuit), (theirs, TheirMinuit)):
        c = kind.Template(m.COUNTS, m.EDGES, (FIRST, SECOND), name=("signal", "background"))
        fit = minuit(c, 20, 20).migrad()
        assert fit.limits["signal"] == (0.0, np.inf)
        first = [*fit.values]
        c.n = m.COUNTS * 2.0
        pulled.append(first + [*fit.migrad().values])
    np.testing.assert_allclose(*pulled, rtol=5e-3, atol=1e-3)  # both stop within 1 % of an error of 30 %; second at 0
    ours = cost.Template(m.COUNTS, m.EDGES, (FIRST, SECOND))
    twin = copy.deepcopy(ours).replace(method="jsc")
    assert (twin.method, ours.method) == ("jsc", "da")
    assert twin(3.0, 4.0) == pytest.approx(theirs.Template(m.COUNTS, m.EDGES, (FIRST, SECOND), method="jsc")(3.0, 4.0))


def test_wrong_templates():
    def make(parts, **options):
        return cost.Template(m.COUNTS, m.EDGES, parts, **options)

    for parts, options, message in (
        ((), {}, "at least one template or model"),
        ((FIRST[:3],), {}, r"template 0 has \(3,\), but n \(7,\)"),
        ((FIRST, np.ones((7, 3))), {}, r"template 1 has \(7, 3\)"),
        ((FIRST,), {"method": "best"}, "method 'best' is not understood"),
        ((FIRST,), {"name": ("a", "b")}, "name has 2 entries, but there are 1"),
        ((FIRST, SECOND), {"name": ("a", "a")}, "must differ"),
    ):
        with pytest.raises(ValueError, match=message):
            make(parts, **options)
    with pytest.raises(TypeError, match="template 0 must be an array of real numbers"):
        make(("text",))
    with pytest.raises(ValueError, match=r"output of model has shape \(7,\), but \(8,\) is required"):
        make((lambda x, a: x[1:],))(1.0)
    with pytest.warns(FutureWarning, match="method 'hpd' is deprecated"):
        assert make((FIRST,), method="hpd").method == "da"
