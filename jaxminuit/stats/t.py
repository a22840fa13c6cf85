"""Student's t distribution."""

import jax.numpy as jnp

from jaxminuit.stats import student
from jaxminuit.stats.arguments import Values, compiled, floats, positive


@compiled
def pdf(x: Values, df: Values, loc: Values, scale: Values) -> Values:
    """Student's density c (1 + z^2 / df)^(-(df + 1) / 2) / scale, z = (x - loc) / scale.

    Parameters
    ----------
    x
        Where to evaluate. All arguments broadcast and may be float32 or float64.
    df
        Degrees of freedom, > 0, not necessarily whole; inf is the normal density.
    loc
        Mode.
    scale
        Width, > 0.

    Returns
    -------
    Array
        The density.
    """
    return jnp.exp(logpdf(x, df, loc, scale))


@compiled
def logpdf(x: Values, df: Values, loc: Values, scale: Values) -> Values:
    """Logarithm of the density, computed directly; see `pdf`."""
    x, df, loc, scale = floats(x, df, loc, scale)
    df, scale = positive(df), positive(scale)
    return student.log_density((x - loc) / scale, 1.0 / df) - jnp.log(scale)


@compiled
def cdf(x: Values, df: Values, loc: Values, scale: Values) -> Values:
    """Integral of the density from -infinity to x; differentiable in all arguments, `df` included. See `pdf`."""
    x, df, loc, scale = floats(x, df, loc, scale)
    df, scale = positive(df), positive(scale)
    return student.distribution(*jnp.broadcast_arrays((x - loc) / scale, 1.0 / df))
