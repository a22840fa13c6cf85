"""Confidence levels and the rise of the FCN that belongs to them."""

import math
import numbers


def probability(sigmas: float) -> float:
    """Of a Gaussian variable to lie within so many standard deviations of its mean."""
    return math.erf(sigmas * math.sqrt(0.5))


def probability_of(cl: float | None) -> float:
    """The probability that a level of one parameter means: itself below 1, else that of so many standard deviations."""
    sigmas = math.sqrt(rise_factor(cl))
    return float(cl) if cl is not None and cl < 1 else probability(sigmas)


def rise_factor(cl: float | None, parameters: int = 1) -> float:
    """By how many UP the FCN rises at the edge of a region of confidence level cl for that many joint parameters.

    The quantile of the chi-square distribution (Minuit manual, table 7.1). cl None: 1 standard deviation for one
    parameter, 0.68 for more. 0 < cl < 1: a probability. cl >= 1: that many standard deviations of one parameter.
    ValueError for anything else.
    """
    if cl is None:
        if parameters == 1:
            return 1.0
        cl = 0.68
    if not isinstance(cl, numbers.Real) or not 0 < cl < math.inf:
        raise ValueError(f"cl must be a positive number, not {cl!r}")
    if cl >= 1 and parameters == 1:
        return float(cl) ** 2
    from scipy.special import gammaincc, gammainccinv, gammaincinv  # 0.15 s to import

    if cl >= 1:
        # from the probability outside, which does not round to 0 where cl rounds to 1
        return 2.0 * float(gammainccinv(0.5 * parameters, gammaincc(0.5, 0.5 * float(cl) ** 2)))
    return 2.0 * float(gammaincinv(0.5 * parameters, cl))
