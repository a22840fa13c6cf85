"""Derivatives of the ends of Minos intervals: at an end F = Fmin + UP, and all derivatives of F but one vanish.

As in `implicit`, what is found is given back as it is, and differs only when differentiated.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxminuit.core import symmetric
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector
from jaxminuit.drive.roots import System, root, root_near
from jaxminuit.drive.tangents import at_limit, constant, marked, nothing, refuse
from jaxminuit.problem.evaluate import exact_hessian
from jaxminuit.problem.problem import Problem


class Level(NamedTuple):
    """Where an end is looked for: from the values and the FCN at the minimum, up by `rise`, of which parameter."""

    values: Vector
    fval: Scalar
    rise: Scalar
    number: Count


class End(NamedTuple):
    """An end: error, all parameters there; whether it was looked for, lies at the crossing, at a limit (its side)."""

    error: Scalar
    params: Vector
    run: Flag
    crossing: Flag
    at_limit: Count


@eqx.filter_custom_jvp
def at_crossing(problem: Problem, level: Level, end: End) -> End:
    """The end of a Minos interval, found without derivatives, with those that it has."""
    return end


@at_crossing.def_jvp
def _at_crossing_jvp(primals, tangents):
    problem, level, end = primals
    refuse(tangents[2])
    end = at_crossing(problem, level, end)
    if not jax.tree_util.tree_leaves(tangents[:2]):
        return end, nothing(end)
    known, ok = constant(end), end.crossing | (end.at_limit != 0)
    axis = jnp.arange(known.params.size) == level.number

    def found(problem, level):
        u = problem.internal(jnp.where(ok, known.params, level.values))
        u = at_limit(problem, u, jnp.where(axis, known.at_limit, 0))
        held = axis & (known.at_limit != 0)
        aim = level.fval + level.rise
        u = root_near(CROSSING, constant((problem, aim, axis, held)), constant(u))
        params = problem.external(root(CROSSING, (problem, aim, axis, held), constant(u), ok))
        return params[level.number] - level.values[level.number], params

    _, moved = eqx.filter_jvp(found, (problem, level), tangents[:2])
    error, params = (jnp.where(end.run, tangent, 0.0) for tangent in marked(moved, ok))
    still: Any = None  # flags and counts have no tangents
    return end, End(error, params, still, still, still)


def _equations(known, u: Vector) -> Vector:
    """What vanishes at the end: F - aim in the place of the parameter, the derivatives in those of the others."""
    problem, aim, axis, held = known
    f, g = jax.value_and_grad(problem.value)(u)
    return jnp.where(problem.free & ~held, jnp.where(axis, f - aim, g), 0.0)


def _matrix(known, u: Vector) -> Matrix:
    """Derivatives of the equations: the Hessian with the gradient as the row of the parameter."""
    problem, _, axis, held = known
    active = problem.free & ~held
    h = symmetric.unit_where_fixed(exact_hessian(problem, u), active)
    g = jnp.where(active, jax.grad(problem.value)(u), 0.0)
    return jnp.where((axis & active)[:, None], g[None, :], h)


CROSSING = System(_equations, _matrix)
