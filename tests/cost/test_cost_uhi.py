"""Histogram objects by their protocol."""

import boost_histogram as bh
import numpy as np
import pytest

from jaxminuit import cost
from tests.cost import cost_models as m

AXIS = bh.axis.Regular(10, -2, 2)
SCALED = (50.0, 0.1, 1.2)


def filled(storage, **options):
    histogram = bh.Histogram(AXIS, storage=storage)
    return histogram.fill(m.SAMPLE, **options)


PLAIN = filled(bh.storage.Double())
WEIGHTED = filled(bh.storage.Weight(), weight=m.WEIGHTS)


class PairsAxis:
    """An axis without edges: bins as pairs."""

    traits = None

    def __len__(self):
        return 10

    def __getitem__(self, i):
        if i >= 10:
            raise IndexError
        return tuple(AXIS.edges[i : i + 2])


class Foreign:
    """A histogram of some other package; its axes give edges when called."""

    kind = "COUNT"

    def __init__(self, axis, variances):
        self.axes, self._variances = (axis,), variances

    def values(self):
        return PLAIN.values()

    def variances(self):
        return self._variances


class CalledAxis:
    def edges(self):
        return AXIS.edges


@pytest.mark.parametrize("histogram", [PLAIN, WEIGHTED], ids=["plain", "weighted"])
def test_counts_and_edges(histogram):
    n = histogram.values()
    if histogram is WEIGHTED:
        n = np.stack([n, histogram.variances()], axis=-1)
    expected = cost.ExtendedBinnedNLL(n, AXIS.edges, m.scaled_cdf)
    for xe in (None, histogram.axes, histogram.axes[0], AXIS.edges):
        ours = cost.ExtendedBinnedNLL(histogram, xe, m.scaled_cdf)
        np.testing.assert_array_equal(ours.n, n)
        np.testing.assert_array_equal(ours.xe, AXIS.edges)
    assert ours(*SCALED) == expected(*SCALED)
    template = cost.Template(histogram, None, [histogram, m.scaled_cdf])
    assert template(10.0, *SCALED) == cost.Template(n, AXIS.edges, [n, m.scaled_cdf])(10.0, *SCALED)
    ours.n = 2.0 * n
    ours.n = histogram
    assert ours(*SCALED) == expected(*SCALED)


def test_plane():
    histogram = bh.Histogram(bh.axis.Variable(m.EDGES), bh.axis.Variable(m.EDGES_Y)).fill(*m.PLANE)
    ours = cost.BinnedNLL(histogram, None, m.plane_cdf)
    expected = cost.BinnedNLL(m.COUNTS_2D, (m.EDGES, m.EDGES_Y), m.plane_cdf)
    assert ours(0.2, 1.3, 0.7) == expected(0.2, 1.3, 0.7)


def test_other_packages():
    n = PLAIN.values()
    for axis in (PairsAxis(), CalledAxis()):
        for variances, shape in ((None, (10,)), (n, (10,)), (2.0 * n, (10, 2))):
            ours = cost.BinnedNLL(Foreign(axis, variances), None, m.cdf)
            assert ours.n.shape == shape
            np.testing.assert_array_equal(ours.xe, AXIS.edges)


def test_what_is_no_histogram_of_counts():
    with pytest.raises(ValueError, match="n must be a histogram of counts, not of kind MEAN"):
        cost.BinnedNLL(bh.Histogram(AXIS, storage=bh.storage.Mean()), None, m.cdf)
    with pytest.raises(ValueError, match="xe must be given, unless n is a histogram object"):
        cost.BinnedNLL([1, 2], None, m.cdf)
