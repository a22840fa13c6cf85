"""What came of a minimisation, an error matrix, a side of Minos: codes that live in arrays, with their messages."""

import enum


class _Code(enum.IntEnum):
    """An integer code with a sentence; the integer is what travels through compiled programs."""

    message: str

    def __new__(cls, value: int, message: str = ""):
        code = int.__new__(cls, value)
        code._value_ = value
        code.message = message
        return code

    def __str__(self) -> str:
        return self.message


class Status(_Code):
    """How a minimisation ended. Those up to AT_LIMIT are valid minima."""

    CONVERGED = 0, "converged: the estimated distance to the minimum is below its goal"
    CONVERGED_TO_NOISE = 1, "converged to noise: the estimated distance to the minimum is below the accuracy of the FCN"
    AT_LIMIT = 2, "converged, with a parameter held at its limit by the FCN, which falls beyond it"
    CALL_LIMIT = 3, "the call limit was reached before the estimated distance to the minimum met its goal"
    ABOVE_EDM_GOAL = 4, "no further improvement, but the estimated distance to the minimum is above its goal"
    NOT_POSITIVE_DEFINITE = 5, "the second-derivative matrix is not positive definite: not a minimum"
    FLAT_DIRECTION = 6, "the FCN does not depend on some combination of the parameters"
    BLOCKED_AT_LIMIT = 7, "a parameter is stuck at its limit although the FCN falls away from it"
    HESSE_FAILED = 8, "the second derivatives could not be calculated"
    NOT_FINITE = 9, "the FCN, or its gradient, is not finite at the start or wherever the fit could go"
    INTERRUPTED = 10, "the fit was interrupted; this is the best point until then"


class MatrixStatus(_Code):
    """How far the error matrix can be trusted."""

    ABSENT = 0, "no error matrix"
    APPROXIMATE = 1, "approximate, not accurate"
    ACCURATE = 2, "accurate"
    MADE_POSITIVE_DEFINITE = 3, "forced positive definite"
    NOT_POSITIVE_DEFINITE = 4, "not positive definite"
    HESSE_FAILED = 5, "second derivatives could not be calculated; the matrix is diagonal"
    INVERT_FAILED = 6, "the matrix of second derivatives could not be inverted; the matrix is diagonal"
    CALL_LIMIT = 7, "call limit reached while calculating second derivatives; the matrix is diagonal"


class SideStatus(_Code):
    """How the search for one end of a Minos interval ended."""

    VALID = 0, "valid"
    AT_LIMIT = 1, "the parameter limit was reached before the FCN rose by the error definition"
    NEW_MINIMUM = 2, "a new, lower minimum was found"
    CALL_LIMIT = 3, "the call limit was reached"
    FAILED = 4, "no crossing was found"
    NOT_RUN = 5, "not calculated (the parameter is fixed, not selected, or the minimum is not valid)"


class SideMethod(_Code):
    """Which search found the end of a Minos interval."""

    NEWTON = 0, "constrained Newton steps"
    CROSSING = 1, "crossing search with a Migrad at each trial value"


class Rung(_Code):
    """Which rung of the ladder of retries led to a result."""

    FIRST = 0, "the first Migrad, as it was asked for"
    ACCURACY = 1, "Migrad again, told how accurate the FCN was seen to be"
    FUMILI = 2, "Fumili, from the start of the first"
    CAREFUL = 3, "Migrad at strategy 2, from the best point so far"
    SIMPLEX = 4, "Simplex around the best point, then Migrad at strategy 2"
