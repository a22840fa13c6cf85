"""The K0 chi-square against the numbers of the original program, a plain loop over bins, and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit import FCN
from jaxminuit.demo import k0
from tests.helpers import finite


def value(x, data=None):
    return k0.fcn(data).evaluate(k0.Kaon(*x))


def chi_square_by_loop(x, positive, negative):
    """The chi-square as one writes it down: run through the bins, add up, settle when four events are there."""
    re, im, dm, short, long = x
    total = 0.0
    for events, sign in ((positive, 1.0), (negative, -1.0)):
        theory = []
        for t in k0.TIMES:
            mixed = np.exp(-0.5 * t * (1 / short + 1 / long))
            rate = ((1 - re) ** 2 + im**2) * np.exp(-t / long) + ((1 + re) ** 2 + im**2) * np.exp(-t / short)
            rate += (-4 * im * np.sin(dm * t) + sign * 2 * (1 - re**2 - im**2) * np.cos(dm * t)) * mixed
            theory.append(rate)
        theory = np.array(theory) * sum(events) / sum(theory)
        seen = foreseen = 0.0
        for n, mu in zip(events, theory, strict=True):
            seen, foreseen = seen + n, foreseen + mu
            if seen > 3:
                total += (seen - foreseen) ** 2 / seen
                seen = foreseen = 0.0
    return total


def test_value_at_the_start_is_that_of_the_first_call():
    """35.66115166; the original computes the times in single precision, which moves the last digits."""
    assert float(value(k0.start().values)) == pytest.approx(35.66115166317551, abs=1e-6)


@pytest.mark.parametrize("x", [(0.0, 0.0, 0.535, 0.892, 518.3), (0.3, -0.2, 0.9, 0.7, 400.0)])
def test_chi_square_equals_the_loop_over_bins(x):
    """Same arithmetic in another order: 1e-12."""
    rng = np.random.default_rng(6)
    positive, negative = rng.poisson(5.0, 30).astype(float), rng.poisson(1.2, 30).astype(float)
    np.testing.assert_allclose(value(x), chi_square_by_loop(x, k0.POSITIVE, k0.NEGATIVE), rtol=1e-12)
    expected = chi_square_by_loop(x, positive, negative)
    np.testing.assert_allclose(value(x, k0.decays(positive, negative)), expected, rtol=1e-12)


def test_gradient_and_hessian_against_finite_differences():
    x = np.array([0.05, 0.03, 0.4, 0.892, 5.183])
    gradient = jax.grad(value)(jnp.asarray(x))
    np.testing.assert_allclose(gradient, finite.gradient(lambda y: float(value(y)), x), rtol=1e-8, atol=1e-8)


def test_bins_are_merged_to_four_events_and_the_rest_dropped():
    merge = k0.merging(np.array([1.0, 3.0, 5.0, 0.0, 4.0, 2.0]))
    np.testing.assert_array_equal(merge, [[1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0]])
    for events in (k0.POSITIVE, k0.NEGATIVE):
        assert np.min(k0.merging(events) @ events) >= 4
        assert np.max(k0.merging(events).sum(axis=0)) == 1
    assert k0.merging(np.zeros(4)).shape == (0, 4)


def test_both_distributions_keep_their_number_of_events():
    plus, minus = k0.expected(k0.Kaon(0.1, 0.2, 0.4, 0.9, 500.0), k0.decays())
    np.testing.assert_allclose([plus.sum(), minus.sum()], [191.0, 58.0], rtol=1e-12)


def test_start_has_the_names_and_flags_of_the_manual():
    assert k0.start().names == k0.NAMES
    assert list(k0.start().fixed) == [False, False, True, True, True]
    assert list(k0.start(delta_m_fixed=False).fixed) == [False, False, False, True, True]
    assert isinstance(k0.fcn(), FCN)
    assert float(k0.fcn().errordef) == 1.0
