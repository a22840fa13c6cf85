"""Derivatives of the points of a contour: F = Fmin + rise there, and the derivatives along the other parameters vanish.

What the data say is how the contour moves, not where on it a point is: each point moves at right angles to the contour
in units of the errors, and a point on a limit moves with the limit. As in `implicit`, what is found is given back as it
is, and differs only when differentiated.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxminuit.core import symmetric
from jaxminuit.core.types import Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.drive.roots import System, root, root_near
from jaxminuit.drive.tangents import constant, marked, refuse
from jaxminuit.problem.evaluate import exact_hessian
from jaxminuit.problem.problem import Problem

ON_THE_CONTOUR = 0.01  # of the rise: what a point on a limit and on the contour may miss it by


class Line(NamedTuple):
    """Which contour: F there, x and y (one-hot rows), their limits (2, 2), and the unit of each, its error."""

    aim: Scalar
    plane: Matrix
    limits: Matrix
    unit: Vector


@eqx.filter_custom_jvp
def at_contour(problem: Problem, line: Line, params: Vector, run: Flag, ok: Flag, rise: Scalar) -> Vector:
    """All parameters at a point of a contour; in the problem x and y have no limits."""
    return params


@at_contour.def_jvp
def _at_contour_jvp(primals, tangents):
    problem, line, params, run, ok, rise = primals
    refuse(tangents[2])
    params = at_contour(*primals)
    if not jax.tree_util.tree_leaves(tangents[:2]):
        return params, None
    known = constant(params)

    def found(problem, line):
        w = problem.internal(jnp.where(ok, known, problem.parameters.values))
        system = _system(problem, line, w, constant(rise))
        near = root_near(POINT, constant(system), constant(w))
        return problem.external(root(POINT, system, near, ok))

    _, moved = eqx.filter_jvp(found, (problem, line), tangents[:2])
    return params, jnp.where(run, marked(moved, ok), 0.0)


class _Known(NamedTuple):
    """What the equations of a point are made of.

    In the plane: whether x and y are held at a limit (and which value that has), and where neither is the place, with
    the direction along the contour.
    """

    problem: Problem
    aim: Scalar
    rows: Matrix  # (2, n) one-hot
    held: Mask
    limit: Vector
    place: Vector
    along: Vector
    crossing: Flag  # F = aim there: not between the ends of a stretch along a limit


def _system(problem: Problem, line: Line, w: Vector, rise: Scalar) -> _Known:
    """The equations of the point at w."""
    there, plain = constant(line.plane @ w), constant(line)
    f, g = constant(jax.value_and_grad(constant(problem).value)(constant(w)))
    nearest = jnp.argmin(jnp.abs(plain.limits - there), axis=0)
    limit = jnp.take_along_axis(line.limits, nearest[None, :], axis=0)[0]
    held = jnp.abs(constant(limit) - there) <= 1e-9 * plain.unit
    slope = plain.plane @ g * plain.unit  # at right angles to the contour, in units of the errors
    along = jnp.array([-slope[1], slope[0]]) / jnp.linalg.norm(slope) / plain.unit
    crossing = ~jnp.any(held) | (jnp.abs(f - plain.aim) < ON_THE_CONTOUR * rise)
    limit = jnp.where(held, limit, there)
    return _Known(problem, line.aim, plain.plane, held, limit, there, along, crossing & ~jnp.all(held))


def _equations(known: _Known, w: Vector) -> Vector:
    """What vanishes at the point.

    In the plane: x minus its limit (or its place, along a limit) where it is held, else F - aim; and where nothing is
    held the way along the contour in the place of one of them. The derivatives in the places of the others.
    """
    f, g = jax.value_and_grad(known.problem.value)(w)
    there = known.rows @ w
    first, second = _parts(known)
    inside = jnp.where(
        first, f - known.aim, jnp.where(second, known.along @ (there - known.place), there - known.limit)
    )
    g = jnp.where(known.problem.free, g, 0.0)
    return jnp.where(jnp.any(known.rows > 0, axis=0), inside @ known.rows, g)


def _parts(known: _Known) -> tuple[Mask, Mask]:
    """Of x and y: whose equation is F - aim, and whose the way along the contour."""
    nobody = ~jnp.any(known.held)
    steeper = jnp.abs(known.along)[::-1] >= jnp.max(jnp.abs(known.along))
    steeper = jnp.array([steeper[0], ~steeper[0]])
    return known.crossing & jnp.where(nobody, steeper, ~known.held), nobody & ~steeper


def _matrix(known: _Known, w: Vector) -> Matrix:
    """Derivatives of the equations."""
    problem = known.problem
    g = jnp.where(problem.free, jax.grad(problem.value)(w), 0.0)
    h = symmetric.unit_where_fixed(exact_hessian(problem, w), problem.free)
    first, second = _parts(known)
    rows = jnp.where(first[:, None], g, jnp.where(second[:, None], known.along @ known.rows, known.rows))
    return jnp.where(jnp.any(known.rows > 0, axis=0)[:, None], known.rows.T @ rows, h)


POINT = System(_equations, _matrix)
