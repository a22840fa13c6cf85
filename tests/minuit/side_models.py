"""Functions, models and data for scripts that run with iminuit and with jaxminuit.

What is written with operators alone is traced by JAX and runs in NumPy as well; what calls NumPy stays on the host.
"""

import numpy as np

RNG = np.random.default_rng(5)
X = np.linspace(-1.0, 1.0, 30)
Y = 1.5 + 0.7 * X + 0.4 * X**2 + RNG.normal(0.0, 0.2, X.size)
YERR = np.full(X.size, 0.2)
SLOPED = 2.0 * np.sqrt(RNG.uniform(0.0, 1.0, 400)) - 1.0  # density (1 + x) / 2 on (-1, 1)
SAMPLE = np.where(RNG.uniform(size=400) < 0.5, SLOPED, RNG.uniform(-1.0, 1.0, 400))
GAUSS = RNG.normal(0.3, 0.8, 300)
N, XE = np.histogram(SAMPLE, bins=20, range=(-1, 1))
SIGNAL = np.histogram(RNG.normal(0.0, 0.3, 600), bins=20, range=(-1, 1))[0]
FLAT = np.histogram(RNG.uniform(-1, 1, 500), bins=20, range=(-1, 1))[0]
MIXED = RNG.poisson(0.5 * SIGNAL + 1.2 * FLAT)


def bowl(x, y, z):
    """Not quite a parabola, correlated."""
    return (x - 1) ** 2 + (y + 2) ** 2 / 4 + 3 * (z - 0.5 * x) ** 2 + 0.02 * (x - y) ** 4


def bowl_on_host(x, y, z):
    """The same, out of JAX's sight."""
    return float(np.asarray(bowl(x, y, z)))


def bowl_of_array(x):
    """The same of one array."""
    return bowl(x[0], x[1], x[2])


def bowl_of_array_on_host(x):
    """The same of one array, out of JAX's sight."""
    return float(np.sum(bowl(*np.asarray(x))))


def bowl_gradient(x, y, z):
    """Its gradient."""
    cubic = 0.08 * (x - y) ** 3
    side = 6 * (z - 0.5 * x)
    return np.array([2 * (x - 1) - 0.5 * side + cubic, 0.5 * (y + 2) - cubic, side])


def line(x, a, b):
    """A straight line."""
    return a + b * x


def parabola(x, a, b, c):
    """A parabola."""
    return a + b * x + c * x**2


def wave_on_host(x, a, b, c):
    """A bent curve, out of JAX's sight."""
    return np.add(a, 0.0) + b * np.sin(x) + float(c) * np.cosh(x)


def slope_pdf(x, s):
    """A linear density on (-1, 1)."""
    return 0.5 * (1 + s * x)


def slope_cdf(x, s):
    """Its integral."""
    return 0.5 * (x + 1) + 0.25 * s * (x**2 - 1)


def scaled_slope_pdf(x, n, s):
    """With a number of events."""
    return n, n * slope_pdf(x, s)


def scaled_slope_cdf(x, n, s):
    """Its integral with a number of events."""
    return n * slope_cdf(x, s)


def gauss_pdf_on_host(x, mu, sigma):
    """A normal density, out of JAX's sight."""
    return np.exp(-0.5 * ((np.asarray(x) - mu) / sigma) ** 2) / np.sqrt(2 * np.pi) / sigma
