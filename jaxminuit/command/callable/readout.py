"""What MNPOUT, MNSTAT, MNEMAT and MNERRS tell about a session."""

from typing import NamedTuple

import numpy as np

from jaxminuit.command.state import Parameter, State, limits

FULL = 2  # the least status of an error matrix that has correlations


class ParameterOut(NamedTuple):
    """Outputs of MNPOUT, in the order of its arguments."""

    chnam: str
    val: float
    error: float
    bnd1: float
    bnd2: float
    ivarbl: int


class Stat(NamedTuple):
    """Outputs of MNSTAT, in the order of its arguments."""

    fmin: float
    fedm: float
    errdef: float
    npari: int
    nparx: int
    istat: int


class Errors(NamedTuple):
    """Outputs of MNERRS, in the order of its arguments."""

    eplus: float
    eminus: float
    eparab: float
    globcc: float


UNDEFINED = ParameterOut("undefined", 0.0, 0.0, 0.0, 0.0, -1)


def chosen(state: State, num: int) -> Parameter | None:
    """The parameter of a number, or of an internal number with a minus sign."""
    if num >= 0:
        return state.find(num)
    return state.variable[-num - 1] if -num <= len(state.variable) else None


def internal_number(state: State, p: Parameter) -> int:
    """Its place among the variable parameters, from 1; 0 if it is not variable."""
    return state.variable.index(p) + 1 if p.variable else 0


def parameter(state: State, num: int) -> ParameterOut:
    """Name, value, error, limits and the other number of a parameter."""
    p = chosen(state, num)
    if p is None:
        return UNDEFINED
    lower, upper = limits(p) if p.limited else (0.0, 0.0)
    other = p.number if num < 0 else internal_number(state, p)
    return ParameterOut(p.name, p.value, p.error if p.variable else 0.0, lower, upper, other)


def status(state: State) -> Stat:
    """How the minimisation stands: without an FCN value nothing is known, and an unknown EDM is told as UP."""
    fcn, edm, matrix = 0.0, state.up, 0
    if state.fcn is not None:
        fcn, matrix = state.fcn, state.matrix_status
        edm = state.up if state.edm is None else state.edm
    return Stat(fcn, edm, state.up, len(state.variable), state.highest, matrix)


def error_matrix(state: State, ndim: int) -> np.ndarray:
    """(ndim, ndim) The corner of the external error matrix; NaN where there is none."""
    matrix = np.full((ndim, ndim), np.nan)
    covariance = state.covariance()
    if covariance is not None:
        n = min(ndim, len(state.variable))
        matrix[:n, :n] = covariance[:n, :n]
    return matrix


def errors(state: State, num: int) -> Errors:
    """Minos errors, parabolic error and global correlation of a parameter; 0 for what is not known."""
    p = chosen(state, num)
    if p is None or not p.variable:
        return Errors(0.0, 0.0, 0.0, 0.0)
    plus, minus = (end if end is not None and np.isfinite(end) else 0.0 for end in (p.plus, p.minus))
    place, parabolic, correlation = internal_number(state, p) - 1, 0.0, 0.0
    covariance = state.covariance()
    if covariance is not None and state.fcn is not None:
        parabolic = float(np.sqrt(np.abs(covariance[place, place])))
        if state.matrix_status >= FULL:
            correlation = state.global_correlations()[place]
    return Errors(plus, minus, parabolic, correlation)
