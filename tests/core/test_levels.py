"""How far the FCN rises at the edge of a confidence region, against scipy's chi-square distribution."""

import numpy as np
import pytest
from scipy import stats

from jaxminuit.core.levels import probability, probability_of, rise_factor

LINE = {0.68: 0.98895, 0.90: 2.70554, 0.95: 3.84146, 0.99: 6.63490}
PLANE = {0.68: 2.27887, 0.90: 4.60517, 0.95: 5.99146, 0.99: 9.21034, 1: 2.29575, 2: 6.18007, 3: 11.82916, 4: 19.33391}


@pytest.mark.parametrize("parameters", [1, 2, 3, 7])
@pytest.mark.parametrize("cl", [1e-3, 0.3935, 0.68, 0.95, 0.999999])
def test_probability(cl, parameters):
    """Two libraries' quantiles of the same distribution: 1e-9 covers the tail."""
    assert rise_factor(cl, parameters) == pytest.approx(stats.chi2.ppf(cl, parameters), rel=1e-9)


@pytest.mark.parametrize(("parameters", "table"), [(1, LINE), (2, PLANE)])
def test_published_figures(parameters, table):
    """Rounded to five decimals where they were published."""
    for cl, rise in table.items():
        assert rise_factor(cl, parameters) == pytest.approx(rise, abs=6e-6)


@pytest.mark.parametrize("sigmas", [1, 1.5, 2, 5])
@pytest.mark.parametrize("parameters", [2, 5])
def test_standard_deviations_of_joint_parameters(sigmas, parameters):
    """The region holds the probability of that many standard deviations of one parameter."""
    expected = stats.chi2.isf(stats.chi2.sf(sigmas**2, 1), parameters)
    assert rise_factor(sigmas, parameters) == pytest.approx(expected, rel=1e-9)
    assert rise_factor(sigmas) == sigmas**2


def test_many_standard_deviations_stay_finite():
    """The probability of 9 rounds to 1; for two parameters P(outside) = exp(-rise/2), a closed form."""
    for sigmas in (9, 20, 37):
        assert rise_factor(sigmas, 2) == pytest.approx(-2 * stats.chi2.logsf(sigmas**2, 1), rel=1e-9)


def test_defaults():
    assert rise_factor(None) == 1.0
    assert rise_factor(None, 2) == rise_factor(0.68, 2)


@pytest.mark.parametrize("cl", [0, -0.5, -1, np.nan, np.inf])
def test_nonsense_is_refused(cl):
    with pytest.raises(ValueError, match=f"positive number, not {cl}"):
        rise_factor(cl)


@pytest.mark.parametrize("cl", [None, 0.5, 0.68, 0.95, 1, 2.0, 3])
def test_probability_of_a_level(cl):
    """Below 1 to the last bit: n times it decides which of n toys is the threshold."""
    found = probability_of(cl)
    assert found == (cl if cl is not None and cl < 1 else probability(1.0 if cl is None else cl))
    assert found == pytest.approx(stats.chi2.cdf(rise_factor(cl), 1), rel=1e-14)


def test_probability_of_no_level():
    with pytest.raises(ValueError, match="cl must be a positive number, not 0"):
        probability_of(0)
