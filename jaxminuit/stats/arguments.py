"""Arguments and supports: floating-point arrays of one dtype, and values that are fixed outside an interval."""

from collections.abc import Callable
from functools import wraps

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

Values = Float[Array, "*shape"]
Flags = Bool[Array, "*shape"]


def compiled(function: Callable) -> Callable:
    """The function as one program when it is called by itself, and as its bare operations inside another program."""
    program = jax.jit(function, inline=True)

    @wraps(function)
    def call(*arguments, **named):
        return program(*arguments, **named)

    return call  # a plain function can be pickled, unlike a jitted one


def floats(*arguments) -> tuple[Values, ...]:
    """The arguments as arrays of their common floating-point dtype; shapes are kept."""
    dtype = jnp.result_type(float, *arguments)
    return tuple(jnp.asarray(argument, dtype) for argument in arguments)


def same_rank(*arguments: Values) -> tuple[Values, ...]:
    """The arguments with axes of length 1 in front, so that all have as many axes."""
    rank = max(argument.ndim for argument in arguments)
    return tuple(argument.reshape((1,) * (rank - argument.ndim) + argument.shape) for argument in arguments)


def leading(numbers: np.ndarray, like: Values) -> Values:
    """Numbers along a new first axis before those of `like`, of its dtype: sums over it run along the data."""
    return jnp.asarray(numbers, like.dtype).reshape((-1,) + (1,) * like.ndim)


def positive(argument: Values) -> Values:
    """The argument, NaN where it is not > 0."""
    return jnp.where(argument > 0.0, argument, jnp.nan)


def outside(x: Values, lower, upper=jnp.inf) -> Flags:
    """Where x is not in [lower, upper]; NaN counts as inside, so that it spreads."""
    return (x < lower) | (x > upper)


def guarded(excluded: Flags, otherwise, function: Callable, x: Values, stand_in) -> Values:
    """`otherwise` with derivative 0 where excluded, else function(x); there it sees `stand_in`, never x."""
    return jnp.where(excluded, otherwise, function(jnp.where(excluded, stand_in, x)))
