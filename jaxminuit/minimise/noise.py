"""How accurate the FCN's values are, seen from the values themselves.

Values at equal distances on a short line are differenced again and again: what is smooth disappears, what is noise
stays. (R. W. Hamming, Introduction to Applied Numerical Analysis, 1971; J. More, S. Wild, SIAM J. Sci. Comput. 33
(2011) 1292.)
"""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxminuit.core.types import Scalar

SPACINGS = (1e-3, 3e-2)  # of the points on the line, in standard deviations: rounding of values hides in short ones
POINTS = 8  # on each line
OFFSETS = np.concatenate([spacing * np.arange(1, POINTS + 1) for spacing in SPACINGS])
LEVELS = range(3, 7)  # differences that are looked at
AGREEMENT = 4.0  # factor within which successive levels agree if they show noise


def noise_level(values: Float[Array, " 16"]) -> Scalar:
    """Standard deviation of the noise in values at `OFFSETS` along a line; 0 where they are smooth.

    sigma_k^2 = (k!)^2 / (2k)! <(Delta^k f)^2> for k = 3 ... 6, believed where three successive ones agree.
    """
    short, long = values.reshape(len(SPACINGS), POINTS)
    # on the short line rounded values may all be the same
    rounded = jnp.any(jnp.diff(short) == 0.0)
    return jnp.where(rounded, _on_line(long), _on_line(short))


def _on_line(values) -> Scalar:
    """The same for one spacing."""
    found: list[Scalar] = []
    difference = values - values[0]
    for k in range(1, LEVELS[-1] + 1):
        difference = jnp.diff(difference)
        if k in LEVELS:
            factor = math.factorial(k) ** 2 / math.factorial(2 * k)
            found.append(jnp.sqrt(factor * jnp.mean(difference**2)))
    sigmas = jnp.stack(found)
    triples = jnp.stack([sigmas[i : i + 3] for i in range(len(LEVELS) - 2)])
    agree = jnp.max(triples, axis=1) <= AGREEMENT * jnp.min(triples, axis=1)
    level = jnp.max(jnp.where(agree, jnp.max(triples, axis=1), 0.0))
    return jnp.where(jnp.isfinite(level), level, 0.0)
