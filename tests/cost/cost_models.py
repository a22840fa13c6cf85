"""The same models for JAX and for NumPy, and samples to fit them to."""

import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import expon, norm
from scipy import stats

from tests.helpers.finite import gradient

rng = np.random.default_rng(4711)
SAMPLE = rng.normal(0.3, 1.1, size=60)
PLANE = np.array([rng.normal(0.3, 1.1, size=50), rng.exponential(0.8, size=50)])
EDGES = np.array([-2.5, -1.5, -0.8, 0.0, 0.4, 1.1, 2.0, 3.5])
COUNTS = np.histogram(SAMPLE, EDGES)[0].astype(float)
EDGES_Y = np.array([0.0, 0.5, 1.2, 4.0])
COUNTS_2D = np.histogram2d(*PLANE, bins=(EDGES, EDGES_Y))[0]
WEIGHTS = rng.uniform(0.5, 2.0, size=60)
WEIGHTED = np.stack(
    [np.histogram(SAMPLE, EDGES, weights=WEIGHTS)[0], np.histogram(SAMPLE, EDGES, weights=WEIGHTS**2)[0]], axis=-1
)
WEIGHTED[0] = 0  # a bin without entries


def pdf(x, mu, sigma):
    return norm.pdf(x, mu, sigma)


def np_pdf(x, mu, sigma):
    return stats.norm.pdf(x, mu, sigma)


def logpdf(x, mu, sigma):
    return norm.logpdf(x, mu, sigma)


def np_logpdf(x, mu, sigma):
    return stats.norm.logpdf(x, mu, sigma)


def cdf(x, mu, sigma):
    return norm.cdf(x, mu, sigma)


def np_cdf(x, mu, sigma):
    return stats.norm.cdf(x, mu, sigma)


def density(x, s, mu, sigma):
    return s, s * norm.pdf(x, mu, sigma)


def np_density(x, s, mu, sigma):
    return s, s * stats.norm.pdf(x, mu, sigma)


def scaled_cdf(x, s, mu, sigma):
    return s * norm.cdf(x, mu, sigma)


def np_scaled_cdf(x, s, mu, sigma):
    return s * stats.norm.cdf(x, mu, sigma)


def plane_pdf(xy, mu, sigma, tau):
    return norm.pdf(xy[0], mu, sigma) * expon.pdf(xy[1], scale=tau)


def np_plane_pdf(xy, mu, sigma, tau):
    return stats.norm.pdf(xy[0], mu, sigma) * stats.expon.pdf(xy[1], scale=tau)


def plane_cdf(xy, mu, sigma, tau):
    return norm.cdf(xy[0], mu, sigma) * (1 - jnp.exp(-xy[1] / tau))


def np_plane_cdf(xy, mu, sigma, tau):
    return stats.norm.cdf(xy[0], mu, sigma) * (1 - np.exp(-xy[1] / tau))


def np_cdf_grad(x, mu, sigma):
    p = stats.norm.pdf(x, mu, sigma)
    return np.array([-p, -p * (x - mu) / sigma])


def np_pdf_grad(x, mu, sigma):
    p, z = stats.norm.pdf(x, mu, sigma), (x - mu) / sigma
    return np.array([p * z / sigma, p * (z * z - 1) / sigma])


def np_density_grad(x, s, mu, sigma):
    g = np_pdf_grad(x, mu, sigma)
    return np.array([1.0, 0.0, 0.0]), np.array([stats.norm.pdf(x, mu, sigma), *(s * g)])


def central(f, args):
    """Gradient of f(*args) by five-point differences, good to about ten digits of the cost's scale."""
    return gradient(lambda p: f(*p), args)
