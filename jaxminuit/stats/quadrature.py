"""Fixed quadrature rules: integrals that are differentiable in their limits and in everything in the integrand."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from jaxminuit.stats.arguments import Values, leading

# The double-exponential rule of H. Takahasi and M. Mori (Publ. RIMS 9 (1974) 721) for decay as exp(-s).
_V, _STEP = np.linspace(-3.6, 5.0, 87, retstep=True)
TAIL_NODES = np.exp(_V - np.exp(-_V))
TAIL_LOG_WEIGHTS = np.log(TAIL_NODES * (1.0 + np.exp(-_V)) * _STEP)


def legendre(function: Callable, lower: Values, upper: Values, count: int) -> Values:
    """Integral of function over [lower, upper] with `count` Gauss-Legendre nodes, on a new first axis."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    half = 0.5 * (upper - lower)
    x = lower + half * leading(1.0 + nodes, half)
    return half * jnp.sum(leading(weights, half) * function(x), 0)


def log_tail(log_density: Callable, start: Values, scale: Values) -> Values:
    """log of the integral of exp(log_density) from start to infinity, or to -infinity where scale is negative.

    Nodes are on a new first axis. The density falls at least as fast as exp(-|y - start| / |scale|), up to a factor.
    |scale| only places the nodes: it is held constant in derivatives.
    """
    scale = jax.lax.stop_gradient(scale)
    y = start + scale * leading(TAIL_NODES, start)
    return logsumexp(log_density(y) + leading(TAIL_LOG_WEIGHTS, start), 0) + jnp.log(jnp.abs(scale))
