"""Functions with removable singularities at 0, as power series there: all derivatives are right near 0 and at 0.

Coefficients follow from the Bernoulli numbers B_n. Each series is cut where its next term is below 1e-16.
"""

import math
from fractions import Fraction
from math import comb, factorial

import jax.numpy as jnp
from jax.scipy.special import gammaln

from jaxminuit.stats.arguments import Values


def bernoulli(count: int) -> list[Fraction]:
    """B_0 ... B_count (B_1 = -1/2)."""
    numbers = [Fraction(1)]
    for n in range(1, count + 1):
        numbers.append(-sum((comb(n + 1, k) * numbers[k] for k in range(n)), Fraction(0)) / (n + 1))
    return numbers


B = bernoulli(32)
LOG1P = [(-1) ** n / (n + 1) for n in range(16)]
ASINH = [(-1) ** n * comb(2 * n, n) / (4**n * (2 * n + 1)) for n in range(14)]
LOG_COSH = [float(4**n * (4**n - 1) * B[2 * n] / (2 * n * factorial(2 * n))) for n in range(1, 14)]
LOG_SINHC = [0.0] + [float(4**n * B[2 * n] / (2 * n * factorial(2 * n))) for n in range(1, 12)]
STIRLING = [float(B[2 * j] / (2 * j * (2 * j - 1))) for j in range(1, 9)]
HALF_STEP = [float((Fraction(2) ** (1 - 2 * j) - 2) * B[2 * j] / (2 * j * (2 * j - 1))) for j in range(1, 9)]


def horner(coefficients, s: Values) -> Values:
    """Sum of c_n s^n."""
    total = jnp.zeros_like(s)
    for c in reversed(coefficients):
        total = total * s + c
    return total


def _near_zero(coefficients, direct, s: Values, radius: float) -> Values:
    """The series for |s| < radius, elsewhere the direct formula, which never sees a small s."""
    near = jnp.abs(s) < radius
    return jnp.where(near, horner(coefficients, jnp.where(near, s, 0.0)), direct(jnp.where(near, 1.0, s)))


def log1p_ratio(s: Values) -> Values:
    """log(1 + s) / s."""
    return _near_zero(LOG1P, lambda s: jnp.log1p(s) / s, s, 0.08)


def asinh_ratio(s: Values) -> Values:
    """asinh(sqrt s) / sqrt s for s >= 0."""
    return _near_zero(ASINH, lambda s: jnp.arcsinh(jnp.sqrt(s)) / jnp.sqrt(s), s, 0.06)


def log_cosh_ratio(s: Values) -> Values:
    """log cosh(sqrt s) / s for s >= 0."""
    return _near_zero(LOG_COSH, lambda s: _log_cosh(jnp.sqrt(s)) / s, s, 0.12)


def log_ramp(u: Values) -> Values:
    """log(u / (1 - exp(-u))) for u of either sign, 0 at u = 0."""
    s = 0.25 * u * u
    return 0.5 * u - _near_zero(LOG_SINHC, lambda s: _log_sinhc(jnp.sqrt(s)), s, 0.4)


def log_gamma_half_step(inverse: Values) -> Values:
    """log Gamma(x + 1/2) - log Gamma(x) - log(x) / 2 at x = 1 / inverse, for inverse >= 0; 0 at inverse = 0."""
    small = inverse < 0.1
    series = _odd(HALF_STEP, jnp.where(small, inverse, 0.0))
    x = 1.0 / jnp.where(small, 1.0, inverse)
    return jnp.where(small, series, gammaln(x + 0.5) - gammaln(x) - 0.5 * jnp.log(x))


def log_beta(a: Values, b: Values) -> Values:
    """log of the beta function, without the cancellation of three log-gammas when an argument is large.

    Gamma is expanded by Stirling's series where the argument is above 10, and powers of the arguments are combined.
    """
    turned = b < a  # not by minimum and maximum, whose second derivatives are wrong at a = b
    low, high = jnp.where(turned, b, a), jnp.where(turned, a, b)
    both, one = low > 10.0, high > 10.0
    x, y = jnp.where(both, low, 20.0), jnp.where(one, high, 20.0)
    stirling = _odd(STIRLING, 1.0 / y) - (y - 0.5) * jnp.log1p(low / y) - _odd(STIRLING, 1.0 / (low + y))
    small = jnp.where(both, 1.0, low)
    from_low = gammaln(small) + small - small * jnp.log(small + y)
    from_both = 0.5 * jnp.log(2.0 * math.pi / x) + _odd(STIRLING, 1.0 / x) - x * jnp.log1p(y / x)
    plain = jnp.where(one, 1.0, high)
    direct = gammaln(small) + gammaln(plain) - gammaln(small + plain)
    return jnp.where(one, stirling + jnp.where(both, from_both, from_low), direct)


def _odd(coefficients, s: Values) -> Values:
    """Sum of c_j s^(2j - 1)."""
    return s * horner(coefficients, s * s)


def _log_cosh(x):
    """log cosh x for x >= 0."""
    near = x < 1.0
    small = jnp.log1p(2.0 * jnp.sinh(0.5 * jnp.where(near, x, 0.0)) ** 2)
    return jnp.where(near, small, x + jnp.log1p(jnp.exp(-2.0 * x)) - math.log(2.0))


def _log_sinhc(x):
    """log(sinh(x) / x) for x > 0."""
    return x + jnp.log(-jnp.expm1(-2.0 * x)) - jnp.log(2.0 * x)
