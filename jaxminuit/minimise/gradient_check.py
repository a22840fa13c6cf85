"""Autodiff against finite differences at one point, component by component (Minuit manual, SET GRAdient)."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.types import Mask, Vector
from jaxminuit.problem import transform
from jaxminuit.problem.problem import Problem

CYCLES = 6  # halvings (to a fifth) of the step, the number that strategy 2 refines a gradient with
SHRINK = 0.2


class GradientCheck(eqx.Module):
    """What the comparison found.

    Attributes
    ----------
    exact, finite, uncertainty
        (n,) Derivatives of the FCN in external parameters by autodiff and by differences, and how far the
        latter can be off.
    agrees
        (n,) Whether they differ by no more than the uncertainty; true for fixed parameters.
    """

    exact: Vector
    finite: Vector
    uncertainty: Vector
    agrees: Mask
    names: tuple[str, ...] = eqx.field(static=True)

    @property
    def disagreeing(self) -> list[str]:
        """Names of the parameters whose derivatives disagree."""
        return [name for name, agrees in zip(self.names, np.asarray(self.agrees), strict=True) if not agrees]

    def __str__(self) -> str:
        width = max(len(name) for name in self.names)
        lines = [f"{'parameter':<{max(width, 9)}}  {'autodiff':>15}  {'differences':>15}  {'+-':>9}"]
        for i, name in enumerate(self.names):
            numbers = f"{float(self.exact[i]):15.8g}  {float(self.finite[i]):15.8g}  {float(self.uncertainty[i]):9.2g}"
            lines.append(f"{name:<{max(width, 9)}}  {numbers}{'' if self.agrees[i] else '  DISAGREE'}")
        return "\n".join(lines)


def compare_gradients(problem: Problem, steps: Vector) -> GradientCheck:
    """Central differences with shrinking steps at the start values, until they settle, against the exact gradient.

    The uncertainty of a component is the larger of its last change and the rounding error eps (|f+| + |f-|) / d, with
    the factor 8 that the truncation error of a five times longer step needs at most.
    """
    u, free = problem.start(), problem.free
    f0, exact = jax.value_and_grad(problem.value)(u)
    eps, eps2 = problem.precision.eps, problem.precision.eps2
    g2 = 2.0 * problem.errordef / steps**2
    # the step at which truncation and rounding are about equal for a curvature of UP within one error
    longest = jnp.sqrt(8.0 * eps2 * (jnp.abs(f0) + problem.errordef) / (g2 + eps2))
    start = jnp.maximum(0.2 * jnp.minimum(steps, jnp.maximum(longest, 0.1 * steps)), 8.0 * eps2 * (jnp.abs(u) + eps2))

    def differences(d):
        step = jnp.diag(d)
        return lax.map(problem.value, jnp.concatenate([u + step, u - step])).reshape(2, -1)

    def refine(_, carry):
        g, spread, d, settled = carry
        plus, minus = differences(d)
        new = 0.5 * (plus - minus) / d
        rounding = eps * (jnp.abs(plus) + jnp.abs(minus)) / d
        change = jnp.abs(new - g)
        better = jnp.maximum(rounding, change)
        take = ~settled & ~(better >= spread)
        g, spread = jnp.where(take, new, g), jnp.where(take, better, spread)
        settled = settled | (change < rounding) | ~take & jnp.isfinite(spread)
        return g, spread, jnp.where(settled, d, SHRINK * d), settled

    plus, minus = differences(start)
    first = 0.5 * (plus - minus) / start
    carry = (first, jnp.full_like(first, jnp.inf), SHRINK * start, jnp.zeros_like(free))
    g, spread, _, _ = lax.fori_loop(0, CYCLES, refine, carry)
    agrees = jnp.abs(g - exact) <= 8.0 * spread
    slope = transform.dint2ext(u, problem.parameters.lower, problem.parameters.upper)
    agrees = (agrees & jnp.isfinite(exact)) | ~free
    spread = jnp.abs(safe_divide(8.0 * spread, slope))
    return GradientCheck(safe_divide(exact, slope), safe_divide(g, slope), spread, agrees, problem.parameters.names)
