"""Polynomials in the Bernstein basis: densities that are not negative if no coefficient is."""

import jax.numpy as jnp

from jaxminuit.stats.arguments import Values, compiled, floats


@compiled
def density(x: Values, beta: Values, xmin: Values, xmax: Values) -> Values:
    """Sum of beta_k C(n, k) t^k (1 - t)^(n - k), t = (x - xmin) / (xmax - xmin). Not normalised.

    Use it in extended fits, where the coefficients contain the number of events; `integral` gives their sum.

    Parameters
    ----------
    x
        (...) where to evaluate. Outside [xmin, xmax] the polynomial continues.
    beta
        (n + 1,) coefficients; the polynomial has degree n and is beta[0] at xmin, beta[n] at xmax.
    xmin, xmax
        Ends of the range, xmin < xmax.

    Returns
    -------
    Array
        (...) the polynomial.

    Raises
    ------
    ValueError
        If `beta` is not a vector of at least one coefficient.
    """
    x, beta, xmin, xmax = _checked(x, beta, xmin, xmax)
    return _casteljau((x - xmin) / (xmax - xmin), beta)


@compiled
def integral(x: Values, beta: Values, xmin: Values, xmax: Values) -> Values:
    """Integral of `density` from `xmin` to x, a Bernstein polynomial of degree n + 1."""
    x, beta, xmin, xmax = _checked(x, beta, xmin, xmax)
    width = xmax - xmin
    sums = jnp.concatenate([jnp.zeros(1, beta.dtype), jnp.cumsum(beta)])
    return width / beta.size * _casteljau((x - xmin) / width, sums)


def _casteljau(t, beta):
    """The value at t by repeated interpolation between neighbouring coefficients."""
    rows = beta.reshape((-1,) + (1,) * t.ndim)
    while rows.shape[0] > 1:
        rows = rows[:-1] + t * (rows[1:] - rows[:-1])
    return jnp.broadcast_to(rows[0], t.shape)


def _checked(x, beta, xmin, xmax):
    beta = jnp.asarray(beta)
    if beta.ndim != 1 or beta.size == 0:
        raise ValueError(f"beta must be a vector of at least one coefficient, its shape is {beta.shape}")
    return floats(x, beta, xmin, xmax)
