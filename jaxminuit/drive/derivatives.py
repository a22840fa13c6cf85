"""Answers to requests for derivatives of a HostFCN that has a gradient: calls of the user's functions on the host."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.types import leaf, present
from jaxminuit.problem import transform
from jaxminuit.problem.fcn import HostFCN
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind, Reply, Request

LONGEST = 0.05  # step of a difference in standard deviations, however inaccurate the FCN is
WRONG_BY = (1e-3, 1e2)  # steps that are off by such factors, as the curvature found with them says, are taken again
ROUNDINGS = 1e3  # eps |u| that a step must at least be, so that the point is where it should be


@dataclass
class Point:
    """A point in internal coordinates u; the user's parameters; dx/du and d2x/du2; and what is known there."""

    u: np.ndarray
    params: Any
    slope: np.ndarray
    bend: np.ndarray
    f: float | None = None
    outer: np.ndarray | None = None  # dF/dx


class HostDerivatives:
    """The answers to one machine. Remembers the last point, where more may be asked later, and the last curvature.

    In internal coordinates g = x' dF/dx and H = x' (d2F/dx2) x' + x'' dF/dx. Without the user's Hessian,
    H_ij = (g_j(u + h e_i) - g_j(u - h e_i)) / 2h with h = sigma_i cbrt(eps (1 + |F| / UP)), which balances the error
    h^2 of the difference with the rounding eps / h of the gradient; made symmetric.
    """

    def __init__(self, fcn: HostFCN, problem: Problem):
        self.fcn, self.problem = fcn, problem
        self.varies = ~np.asarray(problem.parameters.fixed)
        self.free = self.varies
        self.up, self.eps = float(problem.errordef), float(problem.precision.eps)
        self.point: Point | None = None
        self.curvature: np.ndarray | None = None

    def __call__(self, request: Request) -> Reply:
        """What is asked for, from the functions of the user."""
        request = jax.device_get(request)
        calls = gradients = 0
        if self.point is None or not np.array_equal(self.point.u, request.u):
            self.point = self._points(np.asarray(request.u)[None])[0]
        here, n, self.free = self.point, request.u.size, self.varies & request.free
        if here.f is None:
            here.f, calls = self.fcn.evaluate(here.params), 1
        # where the FCN has no value its gradient may not even be callable
        if request.kind >= Kind.GRADIENT and here.outer is None and np.isfinite(here.f):
            here.outer, gradients = self.fcn.gradient_at(here.params, n), 1
        h = np.zeros((n, n))
        if request.kind == Kind.HESSIAN and here.outer is not None:
            h, more = self._hessian(here, request)
            gradients += more
        elif request.kind == Kind.HESSIAN:
            h = np.full((n, n), np.nan)
        outcome = MatrixStatus.ACCURATE if np.all(np.isfinite(h)) else MatrixStatus.HESSE_FAILED
        dtype = request.u.dtype
        f, g, g2 = np.asarray(here.f, dtype), self._inner(here).astype(dtype), np.diagonal(h).astype(dtype)
        codes = (np.int32(number) for number in (outcome, calls, gradients))
        return Reply(*map(leaf, (f, g, g2, request.gstep, h.astype(dtype), *codes)))

    def _points(self, u: np.ndarray) -> list[Point]:
        """Points from rows of internal coordinates."""
        structured = plain_numbers(self.problem.parameters)
        x, slope, bend = jax.device_get(_frames(self.problem, u))
        return [Point(u[k], structured(x[k]), slope[k], bend[k]) for k in range(len(u))]

    def _inner(self, point: Point) -> np.ndarray:
        """dF/du, 0 for fixed parameters."""
        outer = np.full(point.u.size, np.nan) if point.outer is None else point.outer
        return np.where(self.free, point.slope * outer, 0.0)

    def _hessian(self, here: Point, request: Request) -> tuple[np.ndarray, int]:
        """The Hessian in internal coordinates, and how many more gradients it took; 0 in rows of fixed parameters."""
        n, more = here.u.size, 0
        if self.fcn.hessian is not None:
            h = here.slope[:, None] * self.fcn.hessian_at(here.params, n) * here.slope
            h += np.diag(here.bend * here.outer)
        else:
            diagonal = None
            if self.fcn.g2 is not None:
                diagonal = here.slope**2 * self.fcn.g2_at(here.params, n) + here.bend * here.outer
            h, more = self._by_differences(here, request, diagonal)
        self.curvature = np.diagonal(h).copy()
        return np.where(np.outer(self.free, self.free), h, 0.0), more

    def _by_differences(self, here: Point, request: Request, diagonal: np.ndarray | None):
        steps = self._steps(here, request, self.curvature if diagonal is None else diagonal)
        columns = np.zeros((here.u.size, here.u.size))
        more = self._fill(columns, here, steps, self.free)
        better = self._steps(here, request, np.diagonal(columns) if diagonal is None else diagonal)
        ratio = steps / better
        again = self.free & ~((ratio >= WRONG_BY[0]) & (ratio <= WRONG_BY[1]))
        more += self._fill(columns, here, better, again)
        h = 0.5 * (columns + columns.T)
        if diagonal is not None:
            np.fill_diagonal(h, diagonal)
        return h, more

    def _steps(self, here: Point, request: Request, curvature: np.ndarray | None) -> np.ndarray:
        """Steps from the curvature, from what the machine knows of it, or from its own steps."""
        sigma = np.where(request.gstep > 0, 10.0 * request.gstep, 0.1 * np.maximum(np.abs(here.u), 1.0))
        for g2 in (request.g2, curvature):
            if g2 is not None:
                usable = np.isfinite(g2) & (np.abs(g2) > 0)
                sigma = np.where(usable, np.sqrt(2.0 * self.up / np.where(usable, np.abs(g2), 1.0)), sigma)
        part = min(np.cbrt(self.eps * (1.0 + abs(present(here.f)) / self.up)), LONGEST)
        return np.maximum(part * sigma, ROUNDINGS * self.eps * np.abs(here.u))

    def _fill(self, columns: np.ndarray, here: Point, steps: np.ndarray, which: np.ndarray) -> int:
        """Columns of the Hessian by central differences, by one-sided ones where a side has no gradient."""
        numbers = np.flatnonzero(which)
        if numbers.size == 0:
            return 0
        shifts = np.diag(steps)
        points = self._points(np.concatenate([here.u + shifts, here.u - shifts]))
        centre = self._inner(here)
        for i in numbers:
            above, below = (self._gradient_near(points[k]) for k in (i, i + here.u.size))
            up, down = (p.u[i] - here.u[i] for p in (points[i], points[i + here.u.size]))
            if not np.all(np.isfinite(above)):
                above, up = centre, 0.0
            elif not np.all(np.isfinite(below)):
                below, down = centre, 0.0
            columns[:, i] = (above - below) / (up - down) if up > down else np.nan
        return 2 * numbers.size

    def _gradient_near(self, point: Point) -> np.ndarray:
        point.outer = self.fcn.gradient_at(point.params, point.u.size)
        return self._inner(point)


@quick_jit
def _frames(problem: Problem, points):
    """External values and what the transformation does there, for each row."""
    p = problem.parameters
    slope = jax.vmap(lambda u: transform.dint2ext(u, p.lower, p.upper))(points)
    bend = jax.vmap(lambda u: transform.bend(u, p.lower, p.upper))(points)
    return jax.vmap(problem.external)(points), slope, jnp.asarray(bend)


def plain_numbers(parameters: Parameters) -> Callable[[np.ndarray], Any]:
    """What makes of a vector the user's structure with Python floats and fresh NumPy arrays."""
    treedef = parameters.treedef
    leaves = [
        (first, size, shape) for (_, first, size), shape in zip(parameters.groups, parameters.shapes, strict=True)
    ]

    def structured(vector: np.ndarray) -> Any:
        return treedef.unflatten(
            [float(vector[i]) if not shape else vector[i : i + n].reshape(shape).copy() for i, n, shape in leaves]
        )

    return structured
