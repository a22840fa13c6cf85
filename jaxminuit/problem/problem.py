"""FCN and parameters joined: a function of the internal vector, with fixed parameters held at their values."""

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.precision import Precision, precision
from jaxminuit.core.types import Mask, Scalar, Vector
from jaxminuit.problem import transform
from jaxminuit.problem.fcn import AbstractFCN, check_scalar
from jaxminuit.problem.parameters import Parameters


class Problem(eqx.Module):
    """What a machine minimises. Vectors always hold all parameters; fixing one is an entry of a mask."""

    fcn: AbstractFCN
    parameters: Parameters
    precision: Precision

    def __init__(self, fcn: AbstractFCN, parameters: Parameters, eps=None):
        self.fcn = fcn
        self.parameters = parameters
        self.precision = precision(parameters.values.dtype, eps)

    @property
    def errordef(self) -> Scalar:
        """UP in the dtype of the parameters."""
        return jnp.asarray(self.fcn.errordef, self.parameters.values.dtype)

    @property
    def free(self) -> Mask:
        """Which parameters vary."""
        return ~self.parameters.fixed

    @property
    def limited(self) -> Mask:
        """Which parameters have a limit."""
        return transform.limited(self.parameters.lower, self.parameters.upper)

    def internal(self, x: Vector) -> Vector:
        """Internal coordinates of external values."""
        return transform.ext2int(x, self.parameters.lower, self.parameters.upper, self.precision.eps2)

    def external(self, u: Vector) -> Vector:
        """External values of internal coordinates; fixed parameters keep theirs exactly."""
        p = self.parameters
        return jnp.where(p.fixed, p.values, transform.int2ext(u, p.lower, p.upper))

    def start(self, x: Vector | None = None) -> Vector:
        """Internal coordinates of start values; off a single limit, where the FCN would not feel the parameter."""
        p = self.parameters
        u = self.internal(p.values if x is None else x)
        one = jnp.isfinite(p.lower) ^ jnp.isfinite(p.upper)
        inside = jnp.where(jnp.isfinite(p.lower), p.lower + 0.1 * p.step, p.upper - 0.1 * p.step)
        return jnp.where(one & (u < 1e-3), self.internal(inside), u)

    def moved_to(self, x: Vector) -> "Problem":
        """The same problem started at other external values."""
        return Problem(self.fcn, self.parameters.replace(values=x), self.precision.eps)

    def value(self, u: Vector) -> Scalar:
        """FCN at internal coordinates."""
        return self.value_at(self.external(u))

    def value_at(self, x: Vector) -> Scalar:
        """FCN at external values."""
        value = check_scalar(self.fcn.evaluate(self.parameters.unflatten(x)))
        return value.astype(x.dtype)
