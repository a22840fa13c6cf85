"""Derivatives of the ends of Minos intervals: at an end F = Fmin + UP, and all derivatives of F but one vanish.

As in `implicit`, what is found is given back as it is, and differs only when differentiated.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.drive.tangents import POLISHING, at_limit, constant, inverse, marked, nothing, refuse, solved
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
        u = constant(_crossing_near(*constant((problem, u, aim)), axis, held))
        params = problem.external(_crossing(problem, aim, u, axis, held, ok))
        return params[level.number] - level.values[level.number], params

    _, moved = eqx.filter_jvp(found, (problem, level), tangents[:2])
    error, params = (jnp.where(end.run, tangent, 0.0) for tangent in marked(moved, ok))
    return end, End(error, params, None, None, None)


@eqx.filter_custom_jvp
def _crossing(problem: Problem, aim: Scalar, u: Vector, axis: Mask, held: Mask, ok: Flag) -> Vector:
    """The place u where F is `aim` and all derivatives but that along the axis vanish."""
    return u


@_crossing.def_jvp
def _crossing_jvp(primals, tangents):
    problem, aim, u, axis, held, ok = primals
    u = _crossing(problem, aim, u, axis, held, ok)
    _, moved = eqx.filter_jvp(lambda *at: _equations(*at, u, axis, held), (problem, aim), tangents[:2])
    return u, -solved(_matrix(problem, u, axis, held), moved, ok)


def _equations(problem: Problem, aim: Scalar, u: Vector, axis: Mask, held: Mask) -> Vector:
    """What vanishes at the end: F - aim in the place of the parameter, the derivatives in those of the others."""
    f, g = jax.value_and_grad(problem.value)(u)
    return jnp.where(problem.free & ~held, jnp.where(axis, f - aim, g), 0.0)


def _matrix(problem: Problem, u: Vector, axis: Mask, held: Mask) -> Matrix:
    """Derivatives of the equations: the Hessian with the gradient as the row of the parameter."""
    active = problem.free & ~held
    h = symmetric.unit_where_fixed(exact_hessian(problem, u), active)
    g = jnp.where(active, jax.grad(problem.value)(u), 0.0)
    return jnp.where((axis & active)[:, None], g[None, :], h)


def _crossing_near(problem: Problem, u: Vector, aim: Scalar, axis: Mask, held: Mask) -> Vector:
    """Newton steps towards the end, as long as they get shorter."""

    def closer(_, now):
        u, length, there = now
        matrix = _matrix(problem, there, axis, held)
        step = inverse(matrix) @ _equations(problem, aim, there, axis, held)
        new = jnp.max(jnp.abs(step) * jnp.sqrt(jnp.abs(jnp.diagonal(matrix))))
        better = new < length
        return jnp.where(better, there, u), jnp.where(better, new, length), there - step

    return lax.fori_loop(0, 1 + POLISHING, closer, (u, jnp.full((), jnp.inf, u.dtype), u))[0]
