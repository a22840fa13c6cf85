"""Pictures of costs: what is drawn, compared with the data and with iminuit's."""

import collections.abc
import sys

import matplotlib
import numpy as np
import pytest
from iminuit import cost as theirs

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from jaxminuit import cost
from tests.cost import cost_models as m

AT = (0.2, 1.1)
X = np.geomspace(1.0, 100.0, 12)


def power(x, a, b):
    return a * x**b


@pytest.fixture(autouse=True)
def figure():
    """A new figure for each test."""
    yield plt.figure()
    plt.close("all")


def drawn_points(ax, container=0):
    """(x, y, yerr) of an errorbar, without the points left out."""
    line, _, bars = ax.containers[container]
    segments = np.array([segment for segment in bars[-1].get_segments() if len(segment)])
    return line.get_xdata(), line.get_ydata(), (segments[:, 1, 1] - segments[:, 0, 1]) / 2


@pytest.mark.parametrize("model_points", [0, 30, [-2.0, 0.0, 2.5]])
def test_unbinned(model_points):
    counts, width = [], []
    for kind, pdf in ((cost, m.np_pdf), (theirs, m.np_pdf)):
        ax = plt.figure().gca()
        assert kind.UnbinnedNLL(m.SAMPLE, pdf).visualize(AT, model_points=model_points, bins=9) is None
        x, y, error = drawn_points(ax)
        counts.append([x, y, error])
        width.append(x[1] - x[0])
        if kind is cost:
            curve = ax.lines[-1].get_xydata()
    np.testing.assert_allclose(*counts, rtol=1e-12)
    np.testing.assert_allclose(curve[:, 1], 60 * m.np_pdf(curve[:, 0], *AT) * width[0], rtol=1e-12)


def test_unbinned_with_weights_mask_and_extension():
    use = m.SAMPLE > 0
    c = cost.ExtendedUnbinnedNLL(m.SAMPLE, m.density, weights=m.WEIGHTS, mask=use)
    ax = plt.gca()
    c.visualize((55.0, *AT), bins=8)
    _, y, error = drawn_points(ax)
    assert y.sum() == pytest.approx(m.WEIGHTS[use].sum())
    assert (error**2).sum() == pytest.approx((m.WEIGHTS[use] ** 2).sum())
    curve = ax.lines[-1].get_xydata()
    step = (m.SAMPLE[use].max() - m.SAMPLE[use].min()) / 8
    np.testing.assert_allclose(curve[:, 1], 55.0 * m.np_pdf(curve[:, 0], *AT) * step, rtol=1e-12)


def test_least_squares():
    ours, other = (k.LeastSquares(X, X**0.5, 0.1, power) for k in (cost, theirs))
    for c in (ours, other):
        c.mask = np.arange(12) != 3
    mine, yours = ours.visualize((1.0, 0.5), model_points=20), other.visualize((1.0, 0.5), model_points=20)
    for a, b in zip((*mine[0], *mine[1]), (*yours[0], *yours[1]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)  # both see that the x are spaced in log x
    xm, ym = ours.visualize({"a": 2.0, "b": 0.5})[1]
    assert np.all(np.diff(xm) > 0)
    np.testing.assert_allclose(ym, 2.0 * xm**0.5)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_binned(dimensions):
    n, xe, model, args = (m.COUNTS, m.EDGES, m.np_cdf, AT)
    if dimensions == 2:
        n, xe, model, args = m.COUNTS_2D, (m.EDGES, m.EDGES_Y), m.np_plane_cdf, (*AT, 0.7)
    drawn = []
    for kind in (cost, theirs):
        c = kind.BinnedNLL(n, xe, model)
        c.mask = np.arange(7) != 2
        ax = plt.figure().gca()
        c.visualize(args)
        drawn.append([*drawn_points(ax), *(stairs.get_data().values for stairs in ax.patches)])
    for a, b in zip(*drawn, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_template_has_a_band():
    c = cost.Template(m.COUNTS, m.EDGES, [m.COUNTS + 1])
    ax = plt.gca()
    c.visualize((40.0,))
    mu, error = c.prediction((40.0,))
    band, steps = (stairs.get_data() for stairs in ax.patches)
    np.testing.assert_allclose(steps.values, mu)
    np.testing.assert_allclose([band.baseline, band.values], [mu - error, mu + error])


def test_constraint_and_sum():
    constraint = cost.NormalConstraint(("mu", "beta"), [0.0, 2.0], [0.1, 0.4])
    ax = plt.gca()
    constraint.visualize((0.2, 1.0))
    x, y, _ = ax.containers[0][0].get_xdata(), ax.containers[0][0].get_ydata(), None
    np.testing.assert_allclose([x, y], [[2.0, -2.5], [0.0, -1.0]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mu", "beta"]
    total = cost.UnbinnedNLL(m.SAMPLE, m.np_pdf) + 3.0 + constraint
    total.visualize((*AT, 1.0), component_kwargs={0: {"bins": 7}})
    first, second = plt.gcf().axes
    assert len(drawn_points(first)[0]) == 7
    assert second.get_xlabel() == "pull"


def test_what_cannot_be_drawn():
    for c in (
        cost.UnbinnedNLL(np.ones((2, 5)), m.plane_pdf),
        cost.LeastSquares(np.ones((2, 5)), np.ones(5), 1.0, lambda x, a, b, c: a * x[0]),
    ):
        with pytest.raises(ValueError, match="visualize is not implemented for multi-dimensional data"):
            c.visualize((0.0, 1.0, 1.0))


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"jaxminuit\[plot\]"):
        cost.BinnedNLL(m.COUNTS, m.EDGES, m.np_cdf).visualize(AT)


@pytest.mark.parametrize("names", ["a", "ab"])
def test_the_values_of_a_fit_are_arguments(names):
    """A sequence of a kind of its own, for a model with one parameter too."""

    class Values(collections.abc.Sequence):
        def __len__(self):
            return len(names)

        def __getitem__(self, i):
            return range(1, len(names) + 1)[i]

    y = X ** len(names)
    model = (lambda x, a: a * x) if names == "a" else power
    (_, _, _), (xm, ym) = cost.LeastSquares(X, y, 1.0, model).visualize(Values())
    np.testing.assert_allclose(ym, xm ** len(names), rtol=1e-12)
