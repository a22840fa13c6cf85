"""Primitives whose values and derivatives stay finite where the plain ones give NaN in the branch not taken."""

import jax.numpy as jnp


def safe_sqrt(x):
    """sqrt(x) for x > 0, else 0 with derivative 0."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1.0)), 0.0)


def safe_log(x, floor=None):
    """log(x), continued below the smallest normal number by that number's logarithm (derivative 0 there)."""
    x = jnp.asarray(x)
    floor = jnp.finfo(x.dtype).tiny if floor is None else floor
    above = x > floor
    return jnp.where(above, jnp.log(jnp.where(above, x, 1.0)), jnp.log(floor))


def safe_divide(numerator, denominator, otherwise=0.0):
    """numerator / denominator, or `otherwise` where the denominator is 0."""
    zero = denominator == 0
    return jnp.where(zero, otherwise, numerator / jnp.where(zero, 1.0, denominator))


def xlogy(x, y):
    """x log(y), 0 where x is 0 whatever y is."""
    empty = x == 0
    return jnp.where(empty, 0.0, x * safe_log(jnp.where(empty, 1.0, y)))
