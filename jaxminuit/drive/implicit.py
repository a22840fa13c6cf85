"""Derivatives of what a fit found, by the implicit function theorem at the solution, never through the loop.

At a minimum u of F(u; d) the gradient vanishes whatever the data d are, so that du = -H^-1 (d2F/du dd) dd. At the end
of a Minos interval F = Fmin + UP, and all derivatives but one vanish: as many equations again. Everything else in a
result is a function of u and d. Each function here gives back what it is given, and differs only when differentiated:
a fit that is not costs nothing. What is held (fixed, or at a limit) moves as what holds it does. A fit that failed has
derivatives NaN.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.error_matrix import start as error_matrix
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.problem.evaluate import exact_hessian
from jaxminuit.problem.problem import Problem

POLISHING = 3  # steps closer to the minimum than the fit went, for the derivatives there


def constant(tree: Any) -> Any:
    """The same, without derivatives: what goes into a loop."""
    return jax.tree_util.tree_map(lambda leaf: lax.stop_gradient(leaf) if eqx.is_inexact_array(leaf) else leaf, tree)


# ---- minima -------------------------------------------------------------------------------------------------------


@eqx.filter_custom_jvp
def at_minimum(problem: Problem, minimum: FunctionMinimum) -> FunctionMinimum:
    """The minimum of a problem, found without derivatives, with those that it has."""
    return minimum


@at_minimum.def_jvp
def _at_minimum_jvp(primals, tangents):
    problem, minimum = primals
    _hidden(tangents[1])
    minimum = at_minimum(problem, minimum)  # once more: derivatives have derivatives
    if not jax.tree_util.tree_leaves(tangents[0]):
        return minimum, _nothing(minimum)
    ok, known = minimum.valid, constant(minimum)

    def found(problem):
        u = _minimum_near(constant(problem), known, ok)
        return _described(problem, _place(problem, u, problem.free & (known.held == 0), ok), known, ok)

    _, moved = eqx.filter_jvp(found, (problem,), (tangents[0],))
    return minimum, replace(_marked(moved, ok), parameters=tangents[0].parameters)


@eqx.filter_custom_jvp
def at_point(problem: Problem, u: Vector, minimum: FunctionMinimum) -> FunctionMinimum:
    """What was calculated at a point u, as by Hesse, with its derivatives. At a minimum u brings its own along."""
    return minimum


@at_point.def_jvp
def _at_point_jvp(primals, tangents):
    problem, u, minimum = primals
    _hidden(tangents[2])
    minimum = at_point(problem, u, minimum)
    if not jax.tree_util.tree_leaves(tangents[:2]):
        return minimum, _nothing(minimum)
    ok, known = minimum.accurate, constant(minimum)

    def found(problem, u):
        there = jnp.where(known.valid, _minimum_near(constant(problem), known, ok), known.u)
        return _described(problem, u + lax.stop_gradient(there - u), known, ok)

    _, moved = eqx.filter_jvp(found, (problem, u), tangents[:2])
    return minimum, replace(_marked(moved, ok), parameters=tangents[0].parameters)


@eqx.filter_custom_jvp
def lowest(problem: Problem, v: Matrix, u: Vector, f: Scalar, ok: Flag) -> tuple[Vector, Scalar]:
    """The place u of a minimum and the value f there, with their derivatives; V sharpens them."""
    return u, f


@lowest.def_jvp
def _lowest_jvp(primals, tangents):
    problem, v, u, f, ok = primals
    _hidden(tangents[1:])
    out = lowest(*primals)
    if not jax.tree_util.tree_leaves(tangents[0]):
        return out, (None, None)

    def found(problem):
        near = _sharpened(constant(problem), constant(u), constant(v), problem.free)
        place = _place(problem, near, problem.free, ok)
        return place, problem.value(place)

    _, moved = eqx.filter_jvp(found, (problem,), (tangents[0],))
    return out, _marked(moved, ok)


@eqx.filter_custom_jvp
def _place(problem: Problem, u: Vector, active: Mask, ok: Flag) -> Vector:
    """The place u where the derivatives along the active parameters vanish."""
    return u


@_place.def_jvp
def _place_jvp(primals, tangents):
    problem, u, active, ok = primals
    u = _place(problem, u, active, ok)
    _, moved = eqx.filter_jvp(lambda problem: jax.grad(problem.value)(u), (problem,), (tangents[0],))
    h = symmetric.unit_where_fixed(exact_hessian(problem, u), active)
    return u, -_solved(h, jnp.where(active, moved, 0.0), ok)


def _minimum_near(problem: Problem, minimum: FunctionMinimum, ok: Flag) -> Vector:
    """The place of a minimum more accurately than it had to be known; what is held at a limit exactly there."""
    u = jnp.where(ok, minimum.u, problem.start())  # where the FCN has derivatives, as far as one can know
    u = _at_limit(problem, u, minimum.held)
    active = problem.free & (minimum.held == 0)
    v = minimum.inverse_hessian
    if minimum.algorithm == "Simplex":
        v = symmetric.inverse(exact_hessian(problem, u), active)[0]
    return _sharpened(problem, u, v, active)


def _sharpened(problem: Problem, u: Vector, v: Matrix, active: Mask) -> Vector:
    """A few steps -V g from u, as long as they lower the EDM."""
    v = symmetric.masked(v, active)

    def closer(_, now):
        u, edm, there = now
        g = jnp.where(active, jax.grad(problem.value)(there), 0.0)
        step = v @ g
        better = jnp.abs(g @ step) < edm
        return jnp.where(better, there, u), jnp.where(better, jnp.abs(g @ step), edm), there - step

    return lax.fori_loop(0, 1 + POLISHING, closer, (u, jnp.full((), jnp.inf, u.dtype), u))[0]


def _at_limit(problem: Problem, u: Vector, side: Vector) -> Vector:
    """u with the parameters whose side is -1 or +1 exactly at their lower or upper limit."""
    p = problem.parameters
    both = jnp.isfinite(p.lower) & jnp.isfinite(p.upper)
    return jnp.where(side == 0, u, jnp.where(both, 0.5 * jnp.pi * side, 0.0))


class _State(NamedTuple):
    """What `minimum_of` wants to know."""

    free: Mask
    x: Vector
    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    edm: Scalar
    error: ErrorMatrix
    nfcn: Count
    ngrad: Count
    nhessian: Count


def _described(problem: Problem, u: Vector, known: FunctionMinimum, ok: Flag) -> FunctionMinimum:
    """The minimum again, as a function of the problem and of u, with the exact Hessian."""
    h = symmetric.unit_where_fixed(exact_hessian(problem, u), problem.free)
    h = jnp.where(ok, h, jnp.eye(u.size, dtype=h.dtype))
    v = jnp.where(known.matrix_status > MatrixStatus.ABSENT, symmetric.inverse(h, problem.free)[0], 0.0)
    error = replace(error_matrix(v, 0.0), hessian=h)
    state = _State(
        problem.free, u, problem.value(u), known.gradient, jnp.diagonal(h), known.gstep, known.edm, error,
        known.nfcn, known.ngrad, known.nhessian,
    )  # fmt: skip
    goal = known.goal * problem.errordef / constant(problem.errordef)
    return minimum_of(problem, state, goal, known.status, known.algorithm)


# ---- ends of Minos intervals --------------------------------------------------------------------------------------


class Level(NamedTuple):
    """Where an end is looked for: from the values and the FCN at the minimum, up by `rise`, of which parameter."""

    values: Vector
    fval: Scalar
    rise: Scalar
    number: Count


class End(NamedTuple):
    """An end: error, all parameters there; whether it was looked for, lies at the crossing, or at a limit (its side)."""

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
    _hidden(tangents[2])
    end = at_crossing(problem, level, end)
    if not jax.tree_util.tree_leaves(tangents[:2]):
        return end, _nothing(end)
    known, ok = constant(end), end.crossing | (end.at_limit != 0)
    axis = jnp.arange(known.params.size) == level.number

    def found(problem, level):
        u = problem.internal(jnp.where(ok, known.params, level.values))
        u = _at_limit(problem, u, jnp.where(axis, known.at_limit, 0))
        held = axis & (known.at_limit != 0)
        aim = level.fval + level.rise
        u = constant(_crossing_near(*constant((problem, u, aim)), axis, held))
        params = problem.external(_crossing(problem, aim, u, axis, held, ok))
        return params[level.number] - level.values[level.number], params

    _, moved = eqx.filter_jvp(found, (problem, level), tangents[:2])
    error, params = (jnp.where(end.run, tangent, 0.0) for tangent in _marked(moved, ok))
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
    return u, -_solved(_matrix(problem, u, axis, held), moved, ok)


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
        step = _inverse(matrix) @ _equations(problem, aim, there, axis, held)
        new = jnp.max(jnp.abs(step) * jnp.sqrt(jnp.abs(jnp.diagonal(matrix))))
        better = new < length
        return jnp.where(better, there, u), jnp.where(better, new, length), there - step

    return lax.fori_loop(0, 1 + POLISHING, closer, (u, jnp.full((), jnp.inf, u.dtype), u))[0]


# ---- linear algebra -----------------------------------------------------------------------------------------------


def _inverse(matrix: Matrix) -> Matrix:
    scale = symmetric.unit_scale(matrix)
    return jnp.linalg.inv(matrix * scale[:, None] * scale[None, :]) * scale[:, None] * scale[None, :]


def _solved(matrix: Matrix, b: Vector, ok: Flag) -> Vector:
    """matrix^-1 b; where not ok NaN, but 0 where b is 0: what nobody asks for spoils nothing else."""
    inverse = lax.stop_gradient(_inverse(jnp.where(ok, matrix, jnp.eye(b.size, dtype=b.dtype))))

    def by(inverse):
        return lambda _, b: jnp.where(jnp.all(b == 0), 0.0, jnp.where(ok, inverse @ b, jnp.nan))

    return lax.custom_linear_solve(lambda x: matrix @ x, b, by(inverse), by(inverse.T))


def _marked(tangents: Any, ok: Flag) -> Any:
    """Tangents that are NaN where not ok, forward and backward, but 0 where they are 0."""

    def marked(t):
        if not eqx.is_inexact_array(t):
            return None
        return lax.custom_linear_solve(
            lambda x: x, t, lambda _, b: jnp.where(ok | (b == 0), b, jnp.nan), symmetric=True
        )

    return jax.tree_util.tree_map(marked, tangents)


def _nothing(tree: Any) -> Any:
    return jax.tree_util.tree_map(lambda _: None, tree)


def _hidden(tangents: Any) -> None:
    """Raise TypeError for derivatives that came through the loop."""
    if jax.tree_util.tree_leaves(tangents):
        raise TypeError(
            "the FCN depends on an array that is differentiated, but that it does not show: give it as FCN(fun, data=array)"
        )
