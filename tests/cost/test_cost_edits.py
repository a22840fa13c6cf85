"""Data edited in place and assigned, side by side with iminuit."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from iminuit import Minuit as TheirMinuit
from iminuit import cost as theirs

import jaxminuit as jm
from jaxminuit import cost
from jaxminuit.fit.job import Job
from tests.cost import cost_models as m
from tests.helpers.traces import Traced

AT = (0.1, 1.2)
NAMES = ("mu", "sigma")
X = np.linspace(0.0, 1.0, 8)


def line(x, a, b):
    return a + b * x


def seen(c):
    """iminuit's cost after an edit in place of data that it keeps a copy of; ours as it is."""
    if isinstance(c, theirs.Cost):
        c._update_cache()
    return c


def sample_story(kind, pdf):
    c = kind.UnbinnedNLL(m.SAMPLE, pdf, name=NAMES)
    yield c(*AT)
    c.data[3] = 1.0
    yield seen(c)(*AT)
    c.data = 2.0 * m.SAMPLE
    yield c(*AT)
    c.mask = np.arange(60) > 20
    yield c(*AT)
    c.mask = [1, 2, 50]
    yield c(*AT)
    c.mask = None
    c.data = 0.5
    yield c(*AT)


def histogram_story(kind, cdf):
    c = kind.BinnedNLL(m.WEIGHTED, m.EDGES, cdf, name=NAMES)
    yield c(*AT)
    c.n[2] = (3.0, 4.0)
    yield seen(c)(*AT)
    c.mask = np.arange(7) != 4
    yield c(*AT), c.ndata
    c.n = 2.0 * m.WEIGHTED
    yield c(*AT), *c.prediction(AT), *c.pulls(AT)
    c.data = m.WEIGHTED[::-1]
    yield c(*AT)


def points_story(kind, model):
    c = kind.LeastSquares(X, 2.0 * X + 1.0, 0.1, model)
    at = (1.0, 2.1)
    c.y[3] = 9.0
    yield seen(c)(*at)
    c.data[2, 1] = 5.0
    yield seen(c)(*at)
    view = c.data
    c.y = 2.0 * X + 1.0
    c.yerror = 0.3
    c.x = X + 1.0
    yield c(*at)
    c.loss = "soft_l1"
    yield c(*at)
    c.loss = lambda z: z**2
    yield c(*at)
    c.loss = "linear"
    c.mask = [0, 3]
    yield c(*at), c.ndata
    view[0, 1] = 7.0  # a view taken before the assignments
    c.mask = None
    yield c(*at), *c.pulls(at), *c.prediction(at)
    c.data = c.data + 1.0
    yield c(*at), *c.data.ravel()


def constraint_story(kind, _):
    c = kind.NormalConstraint(("a", "b"), [1.0, 2.0], [0.1, 0.2])
    c.value[0] = 3.0
    yield c(1.0, 2.1)
    c.value = [3.0, 4.0]
    c.covariance = [0.5, 0.6]
    yield c(1.0, 2.1), *c.covariance
    c = kind.NormalConstraint(("a", "b"), [1.0, 2.0], [[0.1, 0.02], [0.02, 0.2]])
    c.covariance = [[0.2, 0.02], [0.02, 0.2]]
    yield c(1.1, 2.2), *np.ravel(c.covariance)
    total = c + kind.Constant(3.0) + 1.5
    yield total(1.1, 2.2), total.ndata, total.npar
    c.value = 0.0  # the sum has the cost itself, not a copy
    yield total(1.1, 2.2)
    total[0].value = [1.0, 0.0]
    total[1].value = 5.0
    yield total(1.1, 2.2), c(1.1, 2.2)


STORIES = {
    "sample": (sample_story, m.pdf, m.np_pdf),
    "histogram": (histogram_story, m.cdf, m.np_cdf),
    "points": (points_story, line, line),
    "constraint": (constraint_story, None, None),
}


@pytest.mark.parametrize("name", STORIES)
def test_edits_are_seen_as_in_iminuit(name):
    story, model, np_model = STORIES[name]
    ours, other = story(cost, model), story(theirs, np_model)
    for mine, yours in zip(ours, other, strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-11)


def test_edits_compile_nothing_again():
    pdf = Traced(m.pdf)
    c = cost.UnbinnedNLL(m.SAMPLE, pdf, name=NAMES, mask=m.SAMPLE > 0)
    total = c + cost.NormalConstraint("mu", 0.0, 1.0)
    before, count = total(*AT), pdf.count
    c.data[:] = m.SAMPLE + 1.0
    c.mask = [1, 2, 3]
    c.mask[4] = True
    total[1].value[0] = 2.0
    total[1].covariance[0] = 4.0
    expected = -2 * np.sum(m.np_logpdf(m.SAMPLE[1:5] + 1.0, *AT)) + (1.9 / 2.0) ** 2
    assert total(*AT) == pytest.approx(expected, rel=1e-12)
    assert before != expected
    assert pdf.count == count


def test_what_can_be_assigned_is_checked_and_all_else_refused():
    c = cost.UnbinnedNLL(m.SAMPLE, m.pdf, mask=m.SAMPLE > 0)
    before = c(*AT)
    for name in ("pdf", "log", "errordef", "signature", "anything", "ndata"):
        with pytest.raises(AttributeError, match=f"cannot assign to field '{name}'"):
            setattr(c, name, 1.0)
    with pytest.raises(TypeError, match="data must be an array of real numbers"):
        c.data = "text"
    with pytest.raises(ValueError, match="mask has shape"):
        c.data = np.arange(3.0)
    with pytest.raises(ValueError, match="weights have shape"):
        c.weights = np.ones(3)
    assert c(*AT) == before
    c.weights = np.full(60, 2.0)
    assert c(*AT) == pytest.approx(2 * before, rel=1e-13)
    c.mask = c.weights = None
    c.data = m.SAMPLE[:5]  # another length, where nothing else has one
    assert c(*AT) == pytest.approx(theirs.UnbinnedNLL(m.SAMPLE[:5], m.np_pdf)(*AT), rel=1e-13)
    constraint = cost.NormalConstraint(("a", "b"), [1.0, 2.0], np.diag([0.1, 0.2]))
    with pytest.raises(ValueError, match="read-only"):
        constraint.covariance[0, 0] = 1.0
    with pytest.raises(ValueError, match="variance of a must be positive, not -1"):
        cost.NormalConstraint("a", 1.0, 1.0).covariance = -1.0


def test_what_is_given_is_copied():
    x, y, error, n = X.copy(), X.copy(), np.full(8, 0.5), m.COUNTS.copy()
    lsq, hist = cost.LeastSquares(x, y, error, line), cost.ExtendedBinnedNLL(n, m.EDGES, m.scaled_cdf)
    changed = lsq.replace(verbose=1)
    for array in (x, y, error, n):
        array[:] = 99.0
    lsq.y[:] = 7.0
    np.testing.assert_array_equal(changed.y, X)
    np.testing.assert_array_equal(lsq.x, X)
    np.testing.assert_array_equal(hist.n, m.COUNTS)


def test_jax_arrays_stay_and_float32_stays():
    c = cost.UnbinnedNLL(jnp.asarray(m.SAMPLE), m.pdf)
    assert isinstance(c.data, jax.Array)
    c.data = m.SAMPLE + 1.0
    assert c(*AT) == pytest.approx(theirs.UnbinnedNLL(m.SAMPLE + 1.0, m.np_pdf)(*AT), rel=1e-13)
    single = cost.LeastSquares(X.astype(np.float32), X.astype(np.float32), 0.5, line)
    single.y = X
    assert {a.dtype for a in (single.x, single.y, single.yerror, single.data)} == {np.dtype(np.float32)}
    mixed = cost.LeastSquares(jnp.asarray(X), X, 0.5, line)
    assert isinstance(mixed.data, jax.Array)
    assert mixed.data.shape == (8, 3)


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
def test_copies_are_independent_and_can_be_edited(twin_of):
    c = cost.LeastSquares(X, X, 0.5, line)
    twin = twin_of(c + cost.Constant(1.0))
    twin[0].data[:, 1] += 1.0
    twin[0].mask = [0, 1]
    twin[1].value = 0.0
    assert c(0.0, 1.0) == 0.0
    assert twin(0.0, 1.0) == pytest.approx(2 * 4.0)


def test_leaves_in_transformations():
    c = cost.LeastSquares(X, X, 0.5, line)
    value = jax.jit(lambda c: c.evaluate((0.1, 1.0)))
    assert value(c) == pytest.approx(8 * 0.04, rel=1e-13)
    c.y[:] = X + 0.1
    assert value(c) == pytest.approx(0.0, abs=1e-20)
    ys = np.stack([X, X + 1.1])
    many = jax.vmap(lambda y: c.replace(y=y).evaluate((0.1, 1.0)))(ys)
    np.testing.assert_allclose(many, [8 * 0.04, 8 * 4.0], rtol=1e-12)
    slope = jax.grad(lambda y: c.replace(y=y).evaluate((0.1, 1.0)))(jnp.asarray(X))
    np.testing.assert_allclose(slope, np.full(8, -2 * 0.1 / 0.25), rtol=1e-12)


def test_minuit_sees_edits():
    found = []
    for minuit, kind, pdf in ((jm.Minuit, cost, m.pdf), (TheirMinuit, theirs, m.np_pdf)):
        c = kind.UnbinnedNLL(m.SAMPLE, pdf)
        c.mask = np.full(60, True)
        total = c + kind.NormalConstraint("sigma", 1.0, 0.2)
        fit = minuit(total, mu=0.0, sigma=1.0)
        values = [fit.migrad().fval]
        c.data[:] = m.SAMPLE + 1.0
        values.append(seen(c) and fit.migrad().fval)
        values.append(fit.values["mu"])
        total[1].value = 2.0
        values.append(fit.migrad().fval)
        c.mask = np.arange(60) < 30
        values.append(fit.migrad().fval)
        values += list(fit.errors)
        found.append(values)
    # an EDM below 2e-4 moves values by 1 % of an error (0.2) at most, and the cost by twice the EDM
    np.testing.assert_allclose(*found, rtol=2e-3)


def test_edits_do_not_reach_a_fit_that_is_still_running():
    c = cost.UnbinnedNLL(m.SAMPLE, m.pdf, weights=np.ones(60)) + cost.Constant(1.0)
    job = Job(c, jm.Parameters({"mu": 0.3, "sigma": 1.2}), 1, 0.1, "auto", None, "auto", None)
    leaves = zip(jax.tree_util.tree_leaves(job.problem.fcn), jax.tree_util.tree_leaves(c), strict=True)
    pairs = [(a, b) for a, b in leaves if isinstance(b, np.ndarray)]
    assert len(pairs) == 2
    assert not any(np.shares_memory(a, b) for a, b in pairs)
