"""Eleven fits as physicists do them, with seeded data. `TRUTH` holds the parameters that the data were drawn from."""

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import xlogy
from jax.scipy.stats import expon, norm

from tests.problems.problem import problem


def poisson_nll(mu, n):
    """Negative log-likelihood of Poisson counts, 0 where mu = n."""
    return jnp.sum(mu - n + xlogy(n, n) - xlogy(n, mu))


def chi2_line(p, data):
    """Straight line through points with errors."""
    x, y, error = data
    return jnp.sum(((y - p[0] - p[1] * x) / error) ** 2)


def peak(x, p):
    """Gaussian peak (events, mean, width) on a quadratic background, per unit of x in [0, 10]."""
    t = 0.2 * x - 1.0
    return p[0] * norm.pdf(x, p[1], p[2]) + p[3] + p[4] * t + p[5] * t * t


def chi2_peak(p, data):
    """Histogram with a peak, least squares with sqrt(n) errors."""
    x, n = data
    return jnp.sum((n - 0.2 * peak(x, p)) ** 2 / jnp.maximum(n, 1.0))


def binned_peak(p, data):
    """The same model, binned Poisson likelihood at the bin centres."""
    x, n = data
    return poisson_nll(jnp.maximum(0.2 * peak(x, p), 1e-9), n)


def unbinned_gauss(p, x):
    """Mean and width of a sample."""
    return -jnp.sum(norm.logpdf(x, p[0], p[1]))


def extended_gauss_exp(p, x):
    """Extended likelihood of a Gaussian signal on an exponential background, both normalised on [0, 10]."""
    mu, sigma, slope, signal, background = p
    inside = norm.cdf(10.0, mu, sigma) - norm.cdf(0.0, mu, sigma)
    density = signal * norm.pdf(x, mu, sigma) / inside
    density = density + background * jnp.exp(-x / slope) / (slope * -jnp.expm1(-10.0 / slope))
    return signal + background - jnp.sum(jnp.log(density))


def efficiency(p, data):
    """Turn-on curve: plateau / (1 + exp(-(x - middle)/width)), binomial likelihood of passed out of all."""
    x, passed, total = data
    eps = p[0] / (1.0 + jnp.exp(-(x - p[1]) / p[2]))
    return -jnp.sum(xlogy(passed, eps) + xlogy(total - passed, 1.0 - eps))


def lifetime(p, t):
    """Lifetime from few decays seen in the window [0, 5]; asymmetric errors."""
    return -jnp.sum(expon.logpdf(t, scale=p[0]) - jnp.log(-jnp.expm1(-5.0 / p[0])))


def templates(p, data):
    """Signal strength with a background shape and two constrained nuisances: normalisation and tilt."""
    n, signal, background, tilt = data
    mu, norm_shift, shape_shift = p
    expected = mu * signal + background * (1.0 + 0.1 * norm_shift + shape_shift * tilt)
    return poisson_nll(expected, n) + 0.5 * (norm_shift**2 + shape_shift**2)


def average(p, data):
    """Mean and common offset of measurements with correlated errors, and a constraint on the offset."""
    y, shared, precision = data
    r = y - p[0] - p[1] * shared
    return r @ precision @ r + p[1] ** 2


def oscillation(p, data):
    """Two-flavour disappearance: sin^2(2 theta) <= 1 and the mass splitting, Poisson counts over L/E."""
    l_over_e, n, unoscillated = data
    survival = 1.0 - p[0] * jnp.sin(1.267 * p[1] * l_over_e) ** 2
    return poisson_nll(unoscillated * survival, n)


def breit_wigner(p, data):
    """Resonance line shape (mass, width, peak) on a flat background, least squares."""
    e, y, error = data
    half = 0.25 * p[1] ** 2
    return jnp.sum(((y - p[2] * half / ((e - p[0]) ** 2 + half) - p[3]) / error) ** 2)


def _line_data(rng):
    x = np.linspace(0.0, 10.0, 20)
    error = rng.uniform(0.3, 0.8, x.size)
    return x, rng.normal(1.0 + 0.5 * x, error), error


def _peak_data(rng, truth):
    x = np.arange(0.1, 10.0, 0.2)
    return x, rng.poisson(0.2 * np.asarray(peak(x, truth))).astype(float)


def _extended_data(rng):
    signal = rng.normal(5.0, 1.0, rng.poisson(200))
    background = rng.exponential(4.0, 3 * 300)
    sample = np.concatenate([signal, background[background < 10.0][: rng.poisson(300)]])
    return sample[(sample > 0.0) & (sample < 10.0)]


def _efficiency_data(rng):
    x = np.linspace(5.0, 60.0, 23)
    total = np.full(x.size, 150.0)
    return x, rng.binomial(150, 0.95 / (1.0 + np.exp(-(x - 25.0) / 3.0))).astype(float), total


def _lifetime_data(rng):
    decays = rng.exponential(1.5, 60)
    return decays[decays < 5.0][:8]


def _template_data(rng):
    bins = np.arange(12.0)
    signal = 40.0 * np.exp(-0.5 * ((bins - 6.0) / 1.2) ** 2)
    background, tilt = 120.0 * np.exp(-bins / 8.0), 0.1 * (bins - 5.5) / 5.5
    return rng.poisson(signal + background).astype(float), signal, background, tilt


def _average_data(rng):
    shared = np.array([0.5, 0.8, 0.2, 0.4, 0.6])
    covariance = np.diag([0.3, 0.4, 0.25, 0.5, 0.35]) ** 2 + 0.02
    return rng.multivariate_normal(np.full(5, 10.0), covariance), shared, np.linalg.inv(covariance)


def _oscillation_data(rng):
    l_over_e = np.linspace(50.0, 1000.0, 30)
    survival = 1.0 - 0.9 * np.sin(1.267 * 2.5e-3 * l_over_e) ** 2
    return l_over_e, rng.poisson(100.0 * survival).astype(float), np.full(30, 100.0)


def _breit_wigner_data(rng):
    e = np.linspace(88.0, 94.0, 25)
    y = 30.0 * 1.56 / ((e - 91.19) ** 2 + 1.56) + 2.0
    error = 0.03 * y + 0.2
    return e, rng.normal(y, error), error


def _generator(number):
    return np.random.default_rng([1975, number])


_PEAK = (300.0, 4.0, 0.5, 100.0, -40.0, 20.0)
_PEAK_NAMES = ("events", "mean", "width", "b0", "b1", "b2")
_PEAK_START = {
    "start": (200.0, 4.5, 0.8, 80.0, 0.0, 0.0),
    "step": (20.0, 0.1, 0.1, 10.0, 5.0, 5.0),
    "limits": {2: (0.05, 5.0)},
    "names": _PEAK_NAMES,
}
_EXTENDED_LIMITS = {0: (0, 10), 1: (0.05, 10), 2: (0.1, 50), 3: (0, 2000), 4: (0, 2000)}

PHYSICS = (
    problem("line_chi2", chi2_line, [0, 0], names=("a", "b"), data=_line_data(_generator(0))),
    problem("peak_chi2", chi2_peak, data=_peak_data(_generator(1), _PEAK), **_PEAK_START),
    problem("peak_poisson", binned_peak, data=_peak_data(_generator(2), _PEAK), errordef=0.5, **_PEAK_START),
    problem(
        "gauss_unbinned", unbinned_gauss, [1.0, 2.0], limits={1: (0.0, None)}, names=("mu", "sigma"),
        data=_generator(3).normal(0.3, 1.2, 400), errordef=0.5,
    ),
    problem(
        "extended_unbinned", extended_gauss_exp, [4.5, 1.5, 3.0, 150.0, 350.0], [0.1, 0.1, 0.3, 10.0, 10.0],
        limits=_EXTENDED_LIMITS, names=("mu", "sigma", "slope", "signal", "background"),
        data=_extended_data(_generator(4)), errordef=0.5,
    ),
    problem(
        "efficiency", efficiency, [0.8, 20.0, 5.0], [0.05, 1.0, 0.5], limits={0: (0.0, 1.0), 2: (0.1, None)},
        names=("plateau", "middle", "width"), data=_efficiency_data(_generator(5)), errordef=0.5,
    ),
    problem(
        "lifetime", lifetime, [1.0], limits={0: (0.01, None)}, names=("tau",), data=_lifetime_data(_generator(6)),
        errordef=0.5,
    ),
    problem(
        "templates", templates, [0.5, 0.0, 0.0], names=("mu", "normalisation", "tilt"),
        data=_template_data(_generator(7)), errordef=0.5,
    ),
    problem("average", average, [9.0, 0.0], names=("mean", "offset"), data=_average_data(_generator(8))),
    problem(
        "oscillation", oscillation, [0.7, 2e-3], [0.05, 1e-4], limits={0: (0.0, 1.0), 1: (1e-3, 5e-3)},
        names=("sin2_2theta", "dm2"), data=_oscillation_data(_generator(9)), errordef=0.5,
    ),
    problem(
        "breit_wigner", breit_wigner, [91.0, 2.0, 25.0, 1.0], names=("mass", "width", "peak", "flat"),
        limits={1: (0.1, 10.0)}, data=_breit_wigner_data(_generator(10)),
    ),
)  # fmt: skip
BY_NAME = {p.name: p for p in PHYSICS}
TRUTH = {
    "line_chi2": (1.0, 0.5),
    "peak_chi2": _PEAK,
    "peak_poisson": _PEAK,
    "gauss_unbinned": (0.3, 1.2),
    "extended_unbinned": (5.0, 1.0, 4.0, 200.0, 300.0),
    "efficiency": (0.95, 25.0, 3.0),
    "lifetime": (1.5,),
    "templates": (1.0, 0.0, 0.0),
    "average": (10.0, 0.0),
    "oscillation": (0.9, 2.5e-3),
    "breit_wigner": (91.19, 2.0 * np.sqrt(1.56), 30.0, 2.0),
}
