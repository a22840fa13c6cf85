"""The accuracy of floating-point numbers as Minuit counts it, and the switch to 64 bit."""

import os

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar


class Precision(eqx.Module):
    """Relative accuracy of FCN values: eps = 4 x machine epsilon, eps2 = 2 sqrt(eps) (Minuit manual, SET EPS)."""

    eps: Scalar
    eps2: Scalar


def precision(dtype, eps=None) -> Precision:
    """Precision of `dtype`, or of an FCN that is only accurate to `eps` (relative)."""
    eps = 4.0 * float(np.finfo(dtype).eps) if eps is None else eps
    if isinstance(eps, jax.core.Tracer):
        return Precision(eps.astype(dtype), 2.0 * jnp.sqrt(eps).astype(dtype))
    eps = np.asarray(eps, dtype)
    return Precision(eps, 2.0 * np.sqrt(eps))


def switch_on_64_bit() -> None:
    """Let JAX compute in 64 bit, unless JAXMINUIT_ENABLE_X64 is 0, false or off.

    In 32 bit Minuit's step sizes follow the dtype and every result is good to about three digits only.
    """
    if os.environ.get("JAXMINUIT_ENABLE_X64", "1").strip().lower() not in ("0", "false", "off", "no"):
        jax.config.update("jax_enable_x64", True)
