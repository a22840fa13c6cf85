"""Derivatives of what a fit found, by the implicit function theorem at the solution, never through the loop.

At a minimum u of F(u; d) the gradient vanishes whatever the data d are, so that du = -H^-1 (d2F/du dd) dd. Everything
else in a result is a function of u and d. Each function here gives back what it is given, and differs only when
differentiated: a fit that is not costs nothing. What is held (fixed, or at a limit) moves as what holds it does. A fit
that failed has derivatives NaN.
"""

from dataclasses import replace
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax

from jaxminuit.core import symmetric
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector
from jaxminuit.drive.curvature import hessian_at, second_derivatives
from jaxminuit.drive.roots import System, root
from jaxminuit.drive.tangents import POLISHING, at_limit, constant, marked, nothing, refuse
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.error_matrix import start as error_matrix
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.problem.evaluate import exact_hessian
from jaxminuit.problem.problem import Problem

NEGLIGIBLE = 1e-13  # EDM in units of UP at which a place is known to 3e-7 errors, and after one step to far less


@eqx.filter_custom_jvp
def at_minimum(problem: Problem, minimum: FunctionMinimum) -> FunctionMinimum:
    """The minimum of a problem, found without derivatives, with those that it has."""
    return minimum


@at_minimum.def_jvp
def _at_minimum_jvp(primals, tangents):
    problem, minimum = primals
    refuse(tangents[1])
    minimum = at_minimum(problem, minimum)  # once more: derivatives have derivatives
    if not jax.tree_util.tree_leaves(tangents[0]):
        return minimum, nothing(minimum)
    ok, known = minimum.valid, constant(minimum)

    def found(problem):
        u = _minimum_near(constant(problem), known, ok)
        h = hessian_at(problem, u)
        place = root(MINIMUM, (problem, problem.free & (known.held == 0), h), u, ok)
        return _described(problem, place, h, known, ok)

    _, moved = eqx.filter_jvp(found, (problem,), (tangents[0],))
    return minimum, replace(marked(moved, ok), parameters=tangents[0].parameters)


@eqx.filter_custom_jvp
def at_point(problem: Problem, u: Vector, minimum: FunctionMinimum) -> FunctionMinimum:
    """What was calculated at a point u, as by Hesse, with its derivatives. At a minimum u brings its own along."""
    return minimum


@at_point.def_jvp
def _at_point_jvp(primals, tangents):
    problem, u, minimum = primals
    refuse(tangents[2])
    minimum = at_point(problem, u, minimum)
    if not jax.tree_util.tree_leaves(tangents[:2]):
        return minimum, nothing(minimum)
    ok, known = minimum.accurate, constant(minimum)

    def found(problem, u):
        there = jnp.where(known.valid, _minimum_near(constant(problem), known, ok), known.u)
        return _described(problem, u + lax.stop_gradient(there - u), hessian_at(problem, there), known, ok)

    _, moved = eqx.filter_jvp(found, (problem, u), tangents[:2])
    return minimum, replace(marked(moved, ok), parameters=tangents[0].parameters)


@eqx.filter_custom_jvp
def lowest(problem: Problem, v: Matrix, u: Vector, f: Scalar, ok: Flag) -> tuple[Vector, Scalar]:
    """The place u of a minimum and the value f there, with their derivatives; V sharpens them."""
    return u, f


@lowest.def_jvp
def _lowest_jvp(primals, tangents):
    problem, v, u, f, ok = primals
    refuse(tangents[1:])
    out = lowest(*primals)
    if not jax.tree_util.tree_leaves(tangents[0]):
        return out, (None, None)

    def found(problem):
        near = _sharpened(constant(problem), constant(u), constant(v), problem.free)
        place = root(MINIMUM, (problem, problem.free, hessian_at(problem, near)), near, ok)
        return place, problem.value(place)

    _, moved = eqx.filter_jvp(found, (problem,), (tangents[0],))
    return out, marked(moved, ok)


def _slopes(known, u: Vector) -> Vector:
    """The derivatives along the active parameters."""
    problem, active, _ = known
    return jnp.where(active, jax.grad(problem.value)(u), 0.0)


def _curvatures(known, u: Vector) -> Matrix:
    """The second derivatives, known at u."""
    problem, active, h = known
    return symmetric.unit_where_fixed(second_derivatives(problem, u, h), active)


MINIMUM = System(_slopes, _curvatures)


def _minimum_near(problem: Problem, minimum: FunctionMinimum, ok: Flag) -> Vector:
    """The place of a minimum more accurately than it had to be known; what is held at a limit exactly there."""
    u = jnp.where(ok, minimum.u, problem.start())  # where the FCN has derivatives, as far as one can know
    u = at_limit(problem, u, minimum.held)
    active = problem.free & (minimum.held == 0)
    v = minimum.inverse_hessian
    if minimum.algorithm == "Simplex":
        v = symmetric.inverse(exact_hessian(problem, u), active)[0]
    return _sharpened(problem, u, v, active)


def _sharpened(problem: Problem, u: Vector, v: Matrix, active: Mask) -> Vector:
    """A few steps -V g from u, as long as they lower the EDM; the one from where the EDM is negligible is the last."""
    v = symmetric.masked(v, active)

    def near(now):
        tries, _, edm, _ = now
        return (tries <= POLISHING) & (edm > NEGLIGIBLE * problem.errordef)

    def closer(now):
        tries, u, edm, there = now
        g = jnp.where(active, jax.grad(problem.value)(there), 0.0)
        step = v @ g
        new = jnp.abs(g @ step)
        better = new < edm
        there = jnp.where(better, there, u)
        return jnp.where(better, tries + 1, POLISHING + 1), there, jnp.minimum(new, edm), there - step

    _, u, edm, there = lax.while_loop(near, closer, (0, u, jnp.full((), jnp.inf, u.dtype), u))
    return jnp.where(edm <= NEGLIGIBLE * problem.errordef, there, u)


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


def _described(problem: Problem, u: Vector, h: Matrix, known: FunctionMinimum, ok: Flag) -> FunctionMinimum:
    """The minimum again, as a function of the problem and of u, with the exact Hessian, which is h."""
    h = symmetric.unit_where_fixed(second_derivatives(problem, u, h), problem.free)
    h = jnp.where(ok, h, jnp.eye(u.size, dtype=h.dtype))
    v = jnp.where(known.matrix_status > MatrixStatus.ABSENT, symmetric.inverse(h, problem.free)[0], 0.0)
    error = replace(error_matrix(v, 0.0), hessian=h)
    state = _State(
        problem.free, u, problem.value(u), known.gradient, jnp.diagonal(h), known.gstep, known.edm, error,
        known.nfcn, known.ngrad, known.nhessian,
    )  # fmt: skip
    goal = known.goal * problem.errordef / constant(problem.errordef)
    return minimum_of(problem, state, goal, known.status, known.algorithm)
