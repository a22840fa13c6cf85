"""The 17 problems for which tests/reference holds results of Minuit2. Names, starts and steps are those recorded."""

import jax.numpy as jnp
import numpy as np

from tests.problems.problem import problem

CAUCHY_DATA = np.array([-1.2, 0.3, 0.4, 1.1, 2.7, -0.2, 0.8])


def rosenbrock(p):
    """Sum over neighbours of (1 - x)^2 + 100 (y - x^2)^2."""
    x, y = p[:-1], p[1:]
    return jnp.sum((1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2)


def wood(p):
    """Wood's function of four parameters (Colville)."""
    w, x, y, z = p
    valleys = 100.0 * (x - w * w) ** 2 + (w - 1.0) ** 2 + 90.0 * (z - y * y) ** 2 + (y - 1.0) ** 2
    return valleys + 10.1 * ((x - 1.0) ** 2 + (z - 1.0) ** 2) + 19.8 * (x - 1.0) * (z - 1.0)


def powell(p):
    """Powell's quartic: its Hessian is singular at the minimum."""
    w, x, y, z = p
    return (w + 10.0 * x) ** 2 + 5.0 * (y - z) ** 2 + (x - 2.0 * y) ** 4 + 10.0 * (w - z) ** 4


def helical(p):
    """Fletcher and Powell's helical valley."""
    x, y, z = p
    theta = jnp.arctan2(y, x) / (2.0 * jnp.pi)
    return 100.0 * ((z - 10.0 * theta) ** 2 + (jnp.sqrt(x * x + y * y) - 1.0) ** 2) + z * z


def quad4(p):
    """A quadratic whose covariance is ((4, 1, 2, 0), (1, 5, 3, 0), (2, 3, 6, 0), (0, 0, 0, 1))."""
    x, y, z, w = p
    return (21.0 * x * x + 20.0 * y * y + 19.0 * z * z - 14.0 * x * z - 20.0 * y * z) / 70.0 + w * w


def beale(p):
    """Beale's function."""
    x, y = p
    return sum((c - x + x * y**k) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def goldstein_price(p):
    """Goldstein and Price's function; global minimum 3."""
    x, y = p
    a = 19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y
    b = 18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y
    return (1.0 + (x + y + 1.0) ** 2 * a) * (30.0 + (2.0 * x - 3.0 * y) ** 2 * b)


def chebyquad(p):
    """Fletcher's Chebyquad: averages of shifted Chebyshev polynomials against their integrals."""
    z = 2.0 * p - 1.0
    before, now, total = jnp.ones_like(z), z, 0.0
    for degree in range(1, p.size + 1):
        integral = 0.0 if degree % 2 else -1.0 / (degree * degree - 1.0)
        total = total + (jnp.mean(now) - integral) ** 2
        before, now = now, 2.0 * z * now - before
    return total


def flat(p):
    """(x - 1)^2: nothing depends on y."""
    return (p[0] - 1.0) ** 2


def saddle(p):
    """x^2 - y^2 + y^4, from beside the saddle."""
    x, y = p
    return x * x - y * y + y**4


def cauchy_nll(p, data):
    """Negative log-likelihood (without constant) of a Cauchy density with location m and scale s."""
    m, s = p
    return jnp.sum(jnp.log(s) + jnp.log1p(((data - m) / s) ** 2))


CLASSIC = (
    problem("rosenbrock2", rosenbrock, [-1.2, 1.0], fmin=0.0, minimum=[1, 1]),
    problem("rosenbrock2b", rosenbrock, [-1.0, 1.2], 0.01, fmin=0.0, minimum=[1, 1]),
    problem("rosenbrock10", rosenbrock, [-1.2, 1.0] * 5, fmin=0.0, minimum=[1] * 10),
    problem("wood", wood, [-3.0, -1.0, -3.0, -1.0], fmin=0.0, minimum=[1] * 4),
    problem("powell", powell, [3.0, -1.0, 0.0, 1.0], fmin=0.0, minimum=[0] * 4),
    problem("helical", helical, [-1.0, 0.0, 0.0], fmin=0.0, minimum=[1, 0, 0]),
    problem("quad4", quad4, [1.0] * 4, fmin=0.0, minimum=[0] * 4),
    problem("beale", beale, [1.0, 1.0], fmin=0.0, minimum=[3, 0.5]),
    problem("goldsteinprice", goldstein_price, [0.5, -0.5], fmin=3.0, minimum=[0, -1]),
    problem("chebyquad8", chebyquad, np.arange(1, 9) / 9.0, 0.01),
    problem("flat", flat, [0.0, 0.0], fmin=0.0),
    problem("saddle", saddle, [1.0, 0.1], fmin=-0.25, minimum=[0, np.sqrt(0.5)]),
    problem("cauchy_nll", cauchy_nll, [0.0, 1.0], limits={1: (0.01, None)}, data=CAUCHY_DATA, errordef=0.5),
    problem("rosen_lim", rosenbrock, [-1.2, 0.5], limits={0: (-2, 0.5), 1: (0, 2)}, fmin=0.25, minimum=[0.5, 0.25]),
    problem("rosen_up", rosenbrock, [0.0, 0.5], limits={0: (None, 0.7)}, fmin=0.09, minimum=[0.7, 0.49]),
    problem("quad4_lim", quad4, [1.0, 2.0, 0.5, 1.0], limits={0: (0, 1), 1: (0.5, 3), 3: (None, 2)}),
    problem("quad4_fix", quad4, [1.0] * 4, limits={2: (-5, 5)}, fixed=[1], fmin=0.2, minimum=[0.2, 1, 0.6, 0]),
)
BY_NAME = {p.name: p for p in CLASSIC}
