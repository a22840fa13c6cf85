"""Derivatives of the results of many fits, attached once they are there."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.batch.axes import Batch
from jaxminuit.core.types import Scalar
from jaxminuit.drive.implicit import at_minimum, at_point
from jaxminuit.drive.implicit_ends import Level
from jaxminuit.drive.tangents import constant
from jaxminuit.errors.minos import Side
from jaxminuit.fit.errors import end_with_derivatives
from jaxminuit.fit.programs import program
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.problem import Problem

TOGETHER = 64  # fits whose Hessians are in memory at the same time


def with_derivatives(
    batch: Batch, found: FunctionMinimum, ends: Side | None, eps: Any, rise_factor: Scalar, hesse: bool
) -> tuple[FunctionMinimum, Side | None]:
    """Minima and ends (fit, side, parameter) as they are, with their derivatives by what is in the batch."""
    return _attached(batch.stacked, batch.shared, constant(found), ends, eps, rise_factor, hesse=hesse)


@program("hesse", safe=True)
def _attached(stacked, shared, found, ends, eps, rise_factor, hesse):
    def one(at):
        row, known, sides = at
        fcn, parameters, _ = eqx.combine(row, shared)
        problem = Problem(fcn, parameters, eps)
        minimum = at_minimum(problem, known)
        if hesse:
            minimum = at_point(problem, minimum.u, known)
        if sides is None:
            return minimum, None
        rise = rise_factor * problem.errordef

        def end(side, number, sign):
            return end_with_derivatives(problem, Level(minimum.values, minimum.fval, rise, number), side, sign)

        numbers = jnp.arange(minimum.values.size)
        over = jax.vmap(jax.vmap(end, in_axes=(0, 0, None)), in_axes=(0, None, 0))
        return minimum, over(sides, numbers, jnp.array([-1.0, 1.0]))

    # worked out again on the way back: what stays in memory does not grow with the Hessians of all fits
    return lax.map(jax.checkpoint(one), (stacked, found, ends), batch_size=min(TOGETHER, found.fval.shape[0]))
