"""HESSE: the error matrix at a point, what is said about it, and how Minuit makes it positive definite."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from jaxminuit.command.engine import Engine
from jaxminuit.command.report import messages, warning
from jaxminuit.command.report.matrix import eigenvalues
from jaxminuit.command.report.table import Columns
from jaxminuit.command.run import Run
from jaxminuit.command.state import EPS, with_errors
from jaxminuit.core.status import MatrixStatus
from jaxminuit.fit.single import hesse
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.transform import internal_steps

LEAST_EIGENVALUE = 1e-6  # relative, of a matrix that counts as positive definite
FAILURES = (MatrixStatus.HESSE_FAILED, MatrixStatus.INVERT_FAILED, MatrixStatus.CALL_LIMIT)


def run_hesse(run: Run) -> None:
    """HESSE [maxcalls]; the limit is of no effect, as in the original."""
    if not run.state.variable:
        return
    curvatures(run)
    if run.level >= 0:
        run.table(Columns.INTERNAL)
    if run.level >= 1:
        run.matrix()


def curvatures(run: Run, origin: str = "HESSE") -> None:
    """Hesse at the present point: the error matrix, and the messages about it."""
    run.value()
    run.begins(origin, "OK")
    if run.level >= 2:
        run.say(*messages.HESSE_BEGINS)
    engine = Engine(run.state, run.function)
    start = _with_steps(engine.minimum())
    found = hesse(engine.fcn, start, strategy=run.state.strategy, **engine.options)
    before = run.state
    if not np.isfinite(float(found.fval)):
        run.update(nfcn=before.nfcn + int(found.nfcn), result="FAILED")
        return
    state = engine.with_matrix(derivatives_of(before, found), found)
    edm = float(found.edm)
    run.state = replace(state, nfcn=before.nfcn + int(found.nfcn), edm=edm if np.isfinite(edm) else before.edm)
    tell_hesse(run, found)
    run.update(result={3: "OK", 2: "NOT POSDEF"}.get(run.state.matrix_status, "FAILED"))


def _with_steps(start: FunctionMinimum) -> FunctionMinimum:
    """The same; where no derivatives are known the differences of HESSE begin with a tenth of the users' steps."""
    unknown = ~np.isfinite(np.asarray(start.gradient))
    if not np.any(unknown):
        return start
    p, gstep = start.parameters, np.asarray(start.gstep)
    steps = np.asarray(internal_steps(start.values, p.step, p.lower, p.upper, 2.0 * np.sqrt(EPS)))
    return replace(
        start,
        gradient=jnp.where(unknown, 0.0, start.gradient),
        g2=jnp.where(unknown, 2.0 * start.errordef / steps**2, start.g2),
        gstep=jnp.asarray(np.where(unknown & (gstep <= 0), 0.1 * steps, gstep)),
    )


def derivatives_of(state, found):
    """First and second derivatives of a result; the point stays where it is."""
    columns = zip(*(np.asarray(getattr(found, name)) for name in ("gradient", "g2", "gstep")), strict=True)
    return replace(
        state,
        parameters=tuple(
            replace(p, gradient=float(g), g2=float(g2), gstep=abs(float(step)), step=abs(float(step)))
            if p.variable
            else p
            for p, (g, g2, step) in zip(state.parameters, columns, strict=True)
        ),
    )


def tell_hesse(run: Run, found) -> None:
    """The messages about an error matrix; at print level 2 its eigenvalues too."""
    code = MatrixStatus(int(found.matrix_status))
    if code in FAILURES:
        run.warn("HESSE", warning.INVERSION_FAILS if code == MatrixStatus.INVERT_FAILED else _why(run, found))
        if run.level >= 0:
            run.say(*messages.HESSE_FAILS)
        return
    free = np.array([p.variable for p in run.state.parameters])
    least = np.min(np.diagonal(np.asarray(found.hessian))[free], initial=np.inf)
    bad = code in (MatrixStatus.MADE_POSITIVE_DEFINITE, MatrixStatus.NOT_POSITIVE_DEFINITE) or least <= 0
    if bad:
        _mend(run, np.asarray(found.hessian))
    elif run.level >= 2:
        run.say(*eigenvalues(scaled_eigenvalues(np.asarray(found.hessian)[np.ix_(free, free)])))
    if run.state.matrix_status == 3 and run.level >= 1:
        run.say(*messages.HESSE_SUCCESS)


def _mend(run: Run, hessian: np.ndarray) -> None:
    """Make a matrix of second derivatives positive definite as Minuit does, and invert it.

    First so much is added to the diagonal that none of its elements is below 1; then, scaled to a unit diagonal, so
    much that the smallest eigenvalue is a thousandth of the largest.
    """
    free = np.array([p.variable for p in run.state.parameters])
    matrix = hessian[np.ix_(free, free)]
    if not np.all(np.isfinite(matrix)):
        return
    least = np.min(np.diagonal(matrix))
    if least <= 0:
        for i in np.flatnonzero(np.diagonal(matrix) <= 0):
            run.warn("HESSE", warning.negative_diagonal(int(i) + 1))
        added = 1.0 + LEAST_EIGENVALUE - least
        matrix = matrix + added * np.eye(len(matrix))
        run.warn("HESSE", warning.added_to_diagonal(added))
    scale = np.sqrt(np.diagonal(matrix))
    scaled = matrix / scale[:, None] / scale[None, :]
    spectrum = np.linalg.eigvalsh(scaled)
    quality, highest = 3, max(abs(spectrum[-1]), 1.0)
    if spectrum[0] <= LEAST_EIGENVALUE * highest:
        quality, added = 2, 1e-3 * highest - spectrum[0]
        scaled = scaled + added * np.eye(len(scaled))
        run.say(*eigenvalues(spectrum))
        run.warn("HESSE", warning.forced_positive(added))
    inverse = 2.0 * np.linalg.inv(scaled) / scale[:, None] / scale[None, :]
    state = replace(run.state, matrix=inverse, matrix_status=quality, dcovar=0.0 if quality == 3 else run.state.dcovar)
    gradient = np.nan_to_num(np.array([p.gradient for p in state.variable]))
    run.state = replace(with_errors(state), edm=float(0.25 * gradient @ inverse @ gradient))


def _why(run: Run, found) -> str:
    """Which second derivative vanishes."""
    g2 = np.asarray(found.g2)
    for p, curvature in zip(run.state.parameters, g2, strict=True):
        if p.variable and not curvature > 0:
            return warning.no_second_derivative(p.number)
    return "Second derivatives cannot be calculated."


def scaled_eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """Eigenvalues, ascending, of a matrix scaled to a unit diagonal; one 0 where it has none."""
    if not np.all(np.isfinite(matrix)) or not matrix.size:
        return np.zeros(1)
    scale = np.sqrt(np.abs(np.diagonal(matrix)))
    scale = np.where(scale > 0, scale, 1.0)
    return np.linalg.eigvalsh(matrix / scale[:, None] / scale[None, :])
