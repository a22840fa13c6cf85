"""FunctionMinimum: what a minimisation found, as plain data."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from jaxminuit.core import symmetric
from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.status import MatrixStatus, Rung, Status
from jaxminuit.core.symmetric import correlation, global_correlation
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector
from jaxminuit.problem import transform
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem


class FunctionMinimum(eqx.Module):
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
    u, inverse_hessian, gradient, g2, gstep
        Internal coordinates, V, and first and second derivatives with the finite-difference steps there.
    hessian, eigenvalues
        (n, n) raw internal Hessian, never repaired (NaN if none was calculated; unit rows for fixed parameters), and
        (n,) its eigenvalues in ascending order.
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
    u: Vector
    inverse_hessian: Matrix
    gradient: Vector
    g2: Vector
    gstep: Vector
    hessian: Matrix
    eigenvalues: Vector
    algorithm: str = eqx.field(static=True)
    rung: Count = np.int32(0)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return self.parameters.names

    @property
    def params(self) -> Any:
        """The values in the structure that the user gave to Parameters."""
        return self.parameters.unflatten(self.values)

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
    def at_limit(self) -> Vector:
        """Which free parameters lie within half an error of one of their limits."""
        p, margin = self.parameters, 0.5 * self.errors
        near = (self.values - p.lower < margin) | (p.upper - self.values < margin)
        return near & ~p.fixed

    def __str__(self) -> str:
        return _text(self)


def minimum_of(problem: Problem, state, goal, status, algorithm: str) -> FunctionMinimum:
    """The result from the last state of a machine: folded, and transformed to external coordinates, once.

    `state` has free, x, f, g, g2, gstep, edm, error, nfcn, ngrad, nhessian.
    """
    p, error = problem.parameters, state.error
    u, sign = transform.fold(state.x, p.lower, p.upper)
    signs = sign[:, None] * sign[None, :]
    v = symmetric.masked(error.v, state.free) * signs
    spread = safe_sqrt(2.0 * problem.errordef * jnp.diagonal(v))
    errors = jnp.where(state.free, transform.external_errors(u, spread, p.lower, p.upper), 0.0)
    covariance = transform.external_covariance(u, v, problem.errordef, p.lower, p.upper)
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
        status=jnp.asarray(status, jnp.int32),
        matrix_status=error.status.astype(jnp.int32),
        dcovar=error.dcovar,
        u=u,
        inverse_hessian=v,
        gradient=sign * state.g,
        g2=state.g2,
        gstep=state.gstep,
        hessian=error.hessian * signs,
        eigenvalues=jnp.linalg.eigvalsh(error.hessian),
        algorithm=algorithm,
        rung=jnp.int32(0),
    )


def _text(m: FunctionMinimum) -> str:
    """A few lines for one minimum, one line for a batch."""
    if jnp.ndim(m.fval) > 0:
        return f"{m.fval.size} fits by {m.algorithm}, {int(jnp.sum(m.valid))} valid"
    status, matrix = Status(int(m.status)), MatrixStatus(int(m.matrix_status))
    lines = [
        f"{m.algorithm}: {'valid' if m.valid else 'INVALID'} minimum ({status})",
        f"FCN = {float(m.fval):.10g}   EDM = {float(m.edm):.3g} (goal {float(m.goal):.3g})   calls = {int(m.nfcn)}",
        f"error matrix: {matrix}",
    ]
    if int(m.rung) > 0:
        lines.append(f"found by: {Rung(int(m.rung))}")
    width = max(len(name) for name in m.names)
    for name, value, error, fixed in zip(
        m.names, np.asarray(m.values), np.asarray(m.errors), np.asarray(m.parameters.fixed), strict=True
    ):
        lines.append(f"  {name:<{width}}  {value: .8g}" + ("  fixed" if fixed else f"  +- {error:.4g}"))
    return "\n".join(lines)
