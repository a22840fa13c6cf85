"""Between the state of a session and the functions of fit/: problems made of states, states made of results."""

from dataclasses import replace
from typing import TypedDict

import jax.numpy as jnp
import numpy as np

from jaxminuit.command.functions import UserFunction
from jaxminuit.command.state import EPS, Parameter, State, limits, with_errors
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform
from jaxminuit.problem.parameters import Parameters

QUALITY = {
    MatrixStatus.ABSENT: 0,
    MatrixStatus.APPROXIMATE: 1,
    MatrixStatus.ACCURATE: 3,
    MatrixStatus.MADE_POSITIVE_DEFINITE: 2,
    MatrixStatus.NOT_POSITIVE_DEFINITE: 2,
    MatrixStatus.HESSE_FAILED: 1,
    MatrixStatus.INVERT_FAILED: 1,
    MatrixStatus.CALL_LIMIT: 1,
}
ACCURATE_ENOUGH = 0.05  # relative uncertainty below which an updated matrix counts as accurate
CODES = (
    MatrixStatus.ABSENT,
    MatrixStatus.APPROXIMATE,
    MatrixStatus.MADE_POSITIVE_DEFINITE,
    MatrixStatus.ACCURATE,
)


class Options(TypedDict):
    """The arguments that fits share."""

    gradient: str
    precision: float | None


class Engine:
    """The FCN and the start of a fit, from a state.

    Attributes
    ----------
    fcn
        FCN or HostFCN of all defined parameters.
    options
        The arguments that fits share: gradient and precision.
    """

    def __init__(self, state: State, function: UserFunction):
        self.state = state
        own = state.user_gradient
        self.fcn = function.problem(state.parameters, state.vector(), state.up, len(state.variable), own)
        self.options: Options = {
            "gradient": "auto" if own else "finite",
            "precision": None if state.eps == EPS else state.eps,
        }
        if self.options["precision"] is None and not own:
            self.options["precision"] = EPS  # Minuit takes the FCN to be as accurate as its numbers until it is told

    @property
    def parameters(self) -> Parameters:
        """The table for fits: fixed and constant parameters are fixed."""
        table = self.state.parameters
        bounds = np.array([limits(p) for p in table])
        names = Parameters(np.zeros(len(table))).names
        return Parameters(
            np.array([p.value for p in table]),
            step=np.array([p.error if p.error > 0 else 0.1 for p in table]),
            limits={name: pair for name, p, pair in zip(names, table, bounds, strict=True) if p.variable},
            fixed=np.array([not p.variable for p in table]),
        )

    @property
    def start(self) -> Parameters | FunctionMinimum:
        """Where fits begin: from the error matrix if there is one."""
        return self.parameters if self.state.matrix_status < 1 else self.minimum()

    def minimum(self) -> FunctionMinimum:
        """The state as a minimum, valid if it was minimised."""
        state, parameters = self.state, self.parameters
        free = np.array([p.variable for p in state.parameters])
        vector = {name: np.array([getattr(p, name) for p in state.parameters]) for name in ("value", "error")}
        inner = {
            n: np.array([getattr(p, n) for p in state.parameters]) for n in ("internal", "gradient", "g2", "gstep")
        }
        v, covariance = np.zeros((2, len(free), len(free)))
        if state.matrix is not None:
            v[np.ix_(free, free)] = 0.5 * state.matrix
            covariance[np.ix_(free, free)] = state.covariance()
        gradient = np.where(free, inner["gradient"], 0.0)
        number, nan = np.float64, np.nan
        return FunctionMinimum(
            parameters=parameters,
            values=jnp.asarray(vector["value"]),
            errors=jnp.asarray(np.where(free, vector["error"], 0.0)),
            covariance=jnp.asarray(covariance),
            fval=jnp.asarray(number(nan if state.fcn is None else state.fcn)),
            edm=jnp.asarray(number(nan if state.edm is None else state.edm)),
            goal=jnp.asarray(number(1e-4 * state.up)),
            errordef=jnp.asarray(number(state.up)),
            nfcn=jnp.int32(0),
            ngrad=jnp.int32(0),
            nhessian=jnp.int32(0),
            status=jnp.int32(Status.CONVERGED if state.minimised > 0 else Status.ABOVE_EDM_GOAL),
            matrix_status=jnp.int32(CODES[state.matrix_status]),
            dcovar=jnp.asarray(number(state.dcovar)),
            held=jnp.zeros(len(free), jnp.int32),
            noise=jnp.asarray(number(nan)),
            u=jnp.asarray(inner["internal"]),
            inverse_hessian=jnp.asarray(v),
            gradient=jnp.asarray(gradient),
            g2=jnp.asarray(np.where(np.isfinite(inner["g2"]), inner["g2"], 0.0)),
            gstep=jnp.asarray(inner["gstep"]),
            hessian=jnp.full((len(free), len(free)), nan),
            algorithm="Migrad",
        )

    def found(self, minimum: FunctionMinimum, matrix: bool = True) -> State:
        """The state at a minimum; its error matrix is taken over too, if there is one."""
        state = self.state
        table = moved(state, np.asarray(minimum.values), np.asarray(minimum.u))
        checked = float(minimum.dcovar) == 0  # the last steps were those of Hesse

        def last(p, step):
            return {"step": abs(float(step)) if checked else p.step}

        columns = zip(*(np.asarray(getattr(minimum, name)) for name in ("gradient", "g2", "gstep")), strict=True)
        parameters = tuple(
            replace(p, gradient=float(g), g2=float(g2), gstep=abs(float(step)), **last(p, step)) if p.variable else p
            for p, (g, g2, step) in zip(table, columns, strict=True)
        )
        edm = float(minimum.edm)
        state = replace(
            state,
            parameters=parameters,
            fcn=float(minimum.fval),
            edm=edm if np.isfinite(edm) else None,
            nfcn=state.nfcn + int(minimum.nfcn),
        )
        return self.with_matrix(state, minimum) if matrix else state

    def with_matrix(self, state: State, minimum: FunctionMinimum) -> State:
        """The error matrix of a minimum, and the errors from it."""
        code = MatrixStatus(int(minimum.matrix_status))
        free = np.array([p.variable for p in state.parameters])
        v = 2.0 * np.asarray(minimum.inverse_hessian)[np.ix_(free, free)]
        if code == MatrixStatus.ABSENT or not np.all(np.isfinite(v)):
            return state.without_matrix()
        quality, dcovar = QUALITY[code], float(minimum.dcovar)
        if code == MatrixStatus.APPROXIMATE:
            quality = 3 if dcovar < ACCURATE_ENOUGH else 1
        elif quality == 1:
            dcovar = 1.0
        return with_errors(replace(state, matrix=v, matrix_status=quality, dcovar=dcovar))


def moved(state: State, values: np.ndarray, internal: np.ndarray) -> tuple[Parameter, ...]:
    """The parameters at other values; their steps are the ways they went."""
    return tuple(
        replace(p, value=float(x), internal=float(u), step=float(u) - p.internal) if p.variable else p
        for p, x, u in zip(state.parameters, values, internal, strict=True)
    )


def to_internal(value: float, p: Parameter) -> float:
    """The internal value of an external one."""
    lower, upper = limits(p)
    return float(transform.ext2int(value, lower, upper, 2.0 * np.sqrt(EPS))) if p.limited else float(value)


def to_external(internal: float, p: Parameter) -> float:
    """The external value of an internal one."""
    lower, upper = limits(p)
    return float(transform.int2ext(internal, lower, upper)) if p.limited else float(internal)
