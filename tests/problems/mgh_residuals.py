"""The functions of More, Garbow and Hillstrom, ACM Trans. Math. Software 7 (1981) 17: residuals of an array.

Their sum of squares is to be minimised. Corrected where the paper is known to be misprinted (Gulf). Indices in the
comments count from 1, as in the paper; the numbers are its numbers.
"""

import jax.numpy as jnp
import numpy as np

SQRT5, SQRT10, SQRT90 = np.sqrt(5.0), np.sqrt(10.0), np.sqrt(90.0)
WEIGHT = np.sqrt(1e-5)  # of the penalties


def count(first: int, last: int) -> np.ndarray:
    """first, ..., last as floating-point numbers."""
    return np.arange(first, last + 1, dtype=float)


def rosenbrock(x):
    """1 and 21: pairs of parameters."""
    odd, even = x[0::2], x[1::2]
    return jnp.concatenate([10.0 * (even - odd**2), 1.0 - odd])


def freudenstein_roth(x):
    """2"""
    a, b = x
    return jnp.stack([-13.0 + a + ((5.0 - b) * b - 2.0) * b, -29.0 + a + ((b + 1.0) * b - 14.0) * b])


def powell_badly_scaled(x):
    """3"""
    a, b = x
    return jnp.stack([1e4 * a * b - 1.0, jnp.exp(-a) + jnp.exp(-b) - 1.0001])


def brown_badly_scaled(x):
    """4"""
    a, b = x
    return jnp.stack([a - 1e6, b - 2e-6, a * b - 2.0])


def beale(x):
    """5"""
    a, b = x
    return jnp.stack([y - a * (1.0 - b**i) for i, y in ((1, 1.5), (2, 2.25), (3, 2.625))])


def jennrich_sampson(x):
    """6"""
    i = count(1, 10)
    return 2.0 + 2.0 * i - (jnp.exp(i * x[0]) + jnp.exp(i * x[1]))


def helical_valley(x):
    """7; the angle, in turns, from -1/4 to 3/4."""
    a, b, c = x
    turns = jnp.arctan2(-a, b) / (2.0 * np.pi) + 0.25
    return jnp.stack([10.0 * (c - 10.0 * turns), 10.0 * (jnp.hypot(a, b) - 1.0), c])


BARD = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])


def bard(x):
    """8"""
    u = count(1, 15)
    v = 16.0 - u
    return BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


GAUSSIAN = np.array([0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521])
GAUSSIAN = np.concatenate([GAUSSIAN, [0.3989], GAUSSIAN[::-1]])


def gaussian(x):
    """9"""
    t = (8.0 - count(1, 15)) / 2.0
    return x[0] * jnp.exp(-x[1] * (t - x[2]) ** 2 / 2.0) - GAUSSIAN


MEYER = np.array(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
)


def meyer(x):
    """10"""
    t = 45.0 + 5.0 * count(1, 16)
    return x[0] * jnp.exp(x[1] / (t + x[2])) - MEYER


def gulf(x):
    """11, with 99 residuals; y_i - x_2 where the paper prints a product."""
    t = count(1, 99) / 100.0
    y = 25.0 + (-50.0 * np.log(t)) ** (2.0 / 3.0)
    return jnp.exp(-(jnp.abs(y - x[1]) ** x[2]) / x[0]) - t


def box(x):
    """12"""
    t = 0.1 * count(1, 10)
    return jnp.exp(-t * x[0]) - jnp.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10.0 * t))


def powell_singular(x):
    """13 and 22: groups of four parameters."""
    a, b, c, d = x[0::4], x[1::4], x[2::4], x[3::4]
    return jnp.concatenate([a + 10.0 * b, SQRT5 * (c - d), (b - 2.0 * c) ** 2, SQRT10 * (a - d) ** 2])


def wood(x):
    """14"""
    a, b, c, d = x
    valleys = [10.0 * (b - a**2), 1.0 - a, SQRT90 * (d - c**2), 1.0 - c]
    return jnp.stack([*valleys, SQRT10 * (b + d - 2.0), (b - d) / SQRT10])


KOWALIK = np.array([0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
KOWALIK_U = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])


def kowalik_osborne(x):
    """15"""
    u = KOWALIK_U
    return KOWALIK - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x):
    """16"""
    t = count(1, 20) / 5.0
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE1 = np.array(
    [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
     0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411,
     0.406]
)  # fmt: skip


def osborne1(x):
    """17"""
    t = 10.0 * count(0, 32)
    return OSBORNE1 - (x[0] + x[1] * jnp.exp(-t * x[3]) + x[2] * jnp.exp(-t * x[4]))


def biggs(x):
    """18, with 13 residuals. The 5.65565e-3 of the paper is a saddle, with x_1 = x_5 and x_3 = x_6: not a minimum."""
    t = 0.1 * count(1, 13)
    y = np.exp(-t) - 5.0 * np.exp(-10.0 * t) + 3.0 * np.exp(-4.0 * t)
    return x[2] * jnp.exp(-t * x[0]) - x[3] * jnp.exp(-t * x[1]) + x[5] * jnp.exp(-t * x[4]) - y


OSBORNE2 = np.array(
    [1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
     0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423,
     0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
     0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098,
     0.054]
)  # fmt: skip


def osborne2(x):
    """19"""
    t = count(0, 64) / 10.0
    peaks = sum(x[k] * jnp.exp(-((t - x[k + 7]) ** 2) * x[k + 4]) for k in (1, 2, 3))
    return OSBORNE2 - (x[0] * jnp.exp(-t * x[4]) + peaks)


def watson(x):
    """20"""
    t = (count(1, 29) / 29.0)[:, None]
    powers = t ** count(0, x.size - 1)
    slopes = count(1, x.size - 1) * powers[:, :-1]
    first = slopes @ x[1:] - (powers @ x) ** 2 - 1.0
    return jnp.concatenate([first, jnp.stack([x[0], x[1] - x[0] ** 2 - 1.0])])


def penalty1(x):
    """23"""
    return jnp.concatenate([WEIGHT * (x - 1.0), jnp.sum(x**2, keepdims=True) - 0.25])


def penalty2(x):
    """24"""
    n = x.size
    i = count(2, n)
    y = np.exp(i / 10.0) + np.exp((i - 1.0) / 10.0)
    rises = WEIGHT * (jnp.exp(x[1:] / 10.0) + jnp.exp(x[:-1] / 10.0) - y)
    ends = WEIGHT * (jnp.exp(x[1:] / 10.0) - np.exp(-0.1))
    total = jnp.sum(count(1, n)[::-1] * x**2, keepdims=True) - 1.0
    return jnp.concatenate([x[:1] - 0.2, rises, ends, total])


def variably_dimensioned(x):
    """25"""
    total = jnp.sum(count(1, x.size) * (x - 1.0), keepdims=True)
    return jnp.concatenate([x - 1.0, total, total**2])


def trigonometric(x):
    """26"""
    return x.size - jnp.sum(jnp.cos(x)) + count(1, x.size) * (1.0 - jnp.cos(x)) - jnp.sin(x)


def brown_almost_linear(x):
    """27; the paper's minimum of 1, at (0, ..., 0, n + 1), is a point of inflection of order n - 1."""
    linear = x[:-1] + jnp.sum(x) - (x.size + 1.0)
    return jnp.concatenate([linear, jnp.prod(x, keepdims=True) - 1.0])


def _grid(n):
    """Spacing and inner points of the unit interval."""
    h = 1.0 / (n + 1.0)
    return h, h * count(1, n)


def grid_start(n):
    _, t = _grid(n)
    return t * (t - 1.0)


def boundary_value(x):
    """28"""
    h, t = _grid(x.size)
    wall = jnp.zeros(1)
    before, after = jnp.concatenate([wall, x[:-1]]), jnp.concatenate([x[1:], wall])
    return 2.0 * x - before - after + h**2 * (x + t + 1.0) ** 3 / 2.0


def integral_equation(x):
    """29"""
    h, t = _grid(x.size)
    kernel = np.where(t[None, :] <= t[:, None], (1.0 - t)[:, None] * t[None, :], t[:, None] * (1.0 - t)[None, :])
    return x + h * (kernel @ (x + t + 1.0) ** 3) / 2.0


def broyden_tridiagonal(x):
    """30"""
    wall = jnp.zeros(1)
    before, after = jnp.concatenate([wall, x[:-1]]), jnp.concatenate([x[1:], wall])
    return (3.0 - 2.0 * x) * x - before - 2.0 * after + 1.0


def broyden_banded(x):
    """31: five neighbours below, one above."""
    offset = np.arange(x.size)[:, None] - np.arange(x.size)[None, :]
    band = ((offset <= 5) & (offset >= -1) & (offset != 0)).astype(float)
    return x * (2.0 + 5.0 * x**2) + 1.0 - band @ (x * (1.0 + x))


ROWS = 20  # residuals of the linear problems


def linear_full_rank(x):
    """32"""
    rest = jnp.zeros(ROWS - x.size)
    return jnp.concatenate([x, rest]) - 2.0 / ROWS * jnp.sum(x) - 1.0


def linear_rank_one(x):
    """33"""
    return count(1, ROWS) * jnp.sum(count(1, x.size) * x) - 1.0


def linear_rank_one_with_zeros(x):
    """34: neither the first and last parameter nor the first and last row count."""
    row = count(0, ROWS - 1)
    row[-1] = 0.0
    return row * jnp.sum(count(2, x.size - 1) * x[1:-1]) - 1.0


def chebyquad(x):
    """35: means of the Chebyshev polynomials shifted to the unit interval, less their integrals."""
    z = 2.0 * x - 1.0
    before, now, found = jnp.ones_like(z), z, []
    for i in range(1, x.size + 1):
        integral = 0.0 if i % 2 else -1.0 / (i * i - 1.0)
        found.append(jnp.mean(now) - integral)
        before, now = now, 2.0 * z * now - before
    return jnp.stack(found)
