"""FunctionMinimum: what a minimisation found, as plain data."""

from functools import partial
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from jaxminuit.core import symmetric
from jaxminuit.core.safe import safe_divide, safe_sqrt
from jaxminuit.core.shown import Shown
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.symmetric import correlation, global_correlation
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector, leaf
from jaxminuit.minimise.limits import limit_sides
from jaxminuit.minimise.report import html_of, text_of
from jaxminuit.problem import transform
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem


class FunctionMinimum(Shown):
    """The result of a minimisation: an immutable pytree without a way back to what made it.

    All vectors and matrices are over all n parameters, in the order of `names`. Fixed parameters have error 0 and
    zero rows in the matrices.

    Attributes
    ----------
    parameters
        The Parameters that the fit started from (start values, steps, limits, fixed flags).
    values, errors
        (n,) External values at the minimum, and their parabolic errors (symmetrised inside limits; manual 1.3.3).
    covariance
        (n, n) External covariance, 2 UP J V J, first order in the transformation.
    fval, edm, goal, errordef
        FCN at the minimum, the estimated distance to the true one, its goal 0.002 tol UP, and UP.
    nfcn, ngrad, nhessian
        Calls of the FCN (value, or value and gradient together), those with gradient, and exact Hessians.
    status, matrix_status
        Codes of `Status` and `MatrixStatus` as int32 arrays.
    dcovar
        Estimated relative inaccuracy of the error matrix (0: just calculated).
    held
        (n,) -1 or +1 for a parameter that the FCN holds at its lower or upper limit, because it falls beyond; else 0.
        Its error is one-sided, the way in on which the FCN rises by UP; the covariance of the others is that with it
        fixed.
    noise
        Standard deviation of the noise in the FCN's values, where the fit had to look at it (NaN elsewhere).
    u, inverse_hessian, gradient, g2, gstep
        Internal coordinates, V, and first and second derivatives with the finite-difference steps there.
    hessian
        (n, n) raw internal Hessian, never repaired (NaN if none was calculated; unit rows for fixed parameters).
    rung
        Code of `Rung`: which attempt of `minimize_all` succeeded; 0 for everything else.
    """

    parameters: Parameters
    values: Vector
    errors: Vector
    covariance: Matrix
    fval: Scalar
    edm: Scalar
    goal: Scalar
    errordef: Scalar
    nfcn: Count
    ngrad: Count
    nhessian: Count
    status: Count
    matrix_status: Count
    dcovar: Scalar
    held: Vector
    noise: Scalar
    u: Vector
    inverse_hessian: Matrix
    gradient: Vector
    g2: Vector
    gstep: Vector
    hessian: Matrix
    algorithm: str = eqx.field(static=True)
    rung: Count = leaf(np.int32(0))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return self.parameters.names

    @property
    def params(self) -> Any:
        """The values in the structure that the user gave to Parameters; of a batch, every leaf has its leading axes."""
        return self.parameters.unflatten(self.values)

    def value(self, name: str | int) -> Scalar:
        """The value of a parameter, by its name or number; ValueError if there is none. Of a batch: of all fits."""
        return self.values[..., self.parameters.index(name)]

    def error(self, name: str | int) -> Scalar:
        """The parabolic error of a parameter, by its name or number; ValueError if there is none."""
        return self.errors[..., self.parameters.index(name)]

    @property
    def valid(self) -> Flag:
        """Whether the minimisation converged and left a usable error matrix."""
        return self.status <= Status.AT_LIMIT

    @property
    def accurate(self) -> Flag:
        """Whether the error matrix is positive definite as it came, and accurate."""
        return self.matrix_status == MatrixStatus.ACCURATE

    @property
    def correlation(self) -> Matrix:
        """Correlation coefficients of the parameters (0 in rows of fixed ones, 1 on the diagonal)."""
        return correlation(self.covariance)

    @property
    def global_correlation(self) -> Vector:
        """rho_i = sqrt(1 - 1/(C_ii (C^-1)_ii)), Minuit manual section 7.2.2; 0 for fixed parameters."""
        return global_correlation(self.inverse_hessian, ~self.parameters.fixed)

    @property
    def eigenvalues(self) -> Vector:
        """(n,) Eigenvalues of the raw internal Hessian, ascending; NaN if none was calculated."""
        return jnp.linalg.eigvalsh(self.hessian)

    @property
    def covariance_eigenvalues(self) -> Vector:
        """(n,) Eigenvalues of the covariance, ascending; 0 for every fixed parameter (manual, SHOw EIGenvalues)."""
        return jnp.linalg.eigvalsh(self.covariance)

    @property
    def at_limit(self) -> Vector:
        """Which free parameters lie within half an error of one of their limits."""
        p, margin = self.parameters, 0.5 * self.errors
        near = (self.values - p.lower < margin) | (p.upper - self.values < margin)
        return near & ~p.fixed

    @property
    def flat_direction(self) -> Vector:
        """(n,) External direction along which the FCN changes least, largest component 1; NaN without a Hessian.

        Where `status` is FLAT_DIRECTION the FCN does not fix the parameters with large components: the eigenvector of
        an eigenvalue of 0, or the way out on a plateau that falls off to infinity.
        """
        p = self.parameters
        return _flat_direction(self.hessian, self.inverse_hessian, self.gradient, self.u, p.lower, p.upper, p.fixed)

    def _text(self) -> str:
        return text_of(self)

    def _html(self) -> str:
        return html_of(self)


def minimum_of(problem: Problem, state, goal, status, algorithm: str, curvature=None) -> FunctionMinimum:
    """The result from the last state of a machine: folded, and transformed to external coordinates, once.

    `state` has free, x, f, g, g2, gstep, edm, error, nfcn, ngrad, nhessian. With `curvature`, the second derivatives
    along the axes (NaN where they are not known), a converged fit is looked at where a parameter is at its limit.
    """
    p, error = problem.parameters, state.error
    u, sign = transform.fold(state.x, p.lower, p.upper)
    signs = sign[:, None] * sign[None, :]
    v = symmetric.masked(error.v, state.free) * signs
    spread = safe_sqrt(2.0 * problem.errordef * jnp.diagonal(v))
    errors = jnp.where(state.free, transform.external_errors(u, spread, p.lower, p.upper), 0.0)
    covariance = transform.external_covariance(u, v, problem.errordef, p.lower, p.upper)
    held, status = jnp.zeros(p.size, jnp.int32), jnp.asarray(status, jnp.int32)
    if curvature is not None:
        held, stuck = limit_sides(p, u, sign * state.g, curvature, errors, problem.errordef, goal)
        converged = status == Status.CONVERGED
        held = jnp.where(status <= Status.AT_LIMIT, held, 0)
        status = jnp.where(converged & jnp.any(held != 0), Status.AT_LIMIT, status)
        status = jnp.where(converged & jnp.any(stuck), Status.BLOCKED_AT_LIMIT, status).astype(jnp.int32)
    return FunctionMinimum(
        parameters=p,
        values=problem.external(state.x),
        errors=errors,
        covariance=symmetric.masked(covariance, state.free),
        fval=state.f,
        edm=state.edm,
        goal=goal,
        errordef=problem.errordef,
        nfcn=state.nfcn,
        ngrad=state.ngrad,
        nhessian=state.nhessian,
        status=status,
        matrix_status=error.status.astype(jnp.int32),
        dcovar=error.dcovar,
        held=held,
        noise=jnp.full_like(state.f, jnp.nan),
        u=u,
        inverse_hessian=v,
        gradient=sign * state.g,
        g2=state.g2,
        gstep=state.gstep,
        hessian=jnp.full_like(v, jnp.nan) if error.hessian is None else error.hessian * signs,
        algorithm=algorithm,
        rung=jnp.int32(0),
    )


@partial(jnp.vectorize, signature="(n,n),(n,n),(n),(n),(n),(n),(n)->(n)")
def _flat_direction(hessian, inverse_hessian, gradient, u, lower, upper, fixed):
    """The flattest eigenvector where its eigenvalue is 0 but for rounding, else Newton's step."""
    known = jnp.all(jnp.isfinite(hessian))
    scaled, vectors = symmetric.scaled_eigenvectors(jnp.where(known, hessian, 0.0), ~fixed)
    least = jnp.argmin(jnp.abs(scaled))
    flat = jnp.abs(scaled[least]) <= symmetric.flat_threshold(scaled)
    inner = jnp.where(flat, jnp.where(fixed, 0.0, vectors[:, least]), -inverse_hessian @ gradient)
    outer = inner * transform.dint2ext(u, lower, upper)
    return jnp.where(known, safe_divide(outer, outer[jnp.argmax(jnp.abs(outer))]), jnp.nan)
