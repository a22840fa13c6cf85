"""Where Migrad is: its phases, and all that it carries from one reply to the next."""

import enum
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.types import Count, Flag, Mask, Scalar, Vector
from jaxminuit.minimise.error_matrix import ErrorMatrix
from jaxminuit.minimise.line_search import ParabolaState, SlopeState


class Phase(enum.IntEnum):
    """What the next reply is for."""

    SEED_VALUE = 0
    SEED_GRADIENT = 1
    LINE = 2
    GRADIENT = 3
    HESSE = 4
    NOISE = 5
    DONE = 6


class Next(enum.IntEnum):
    """What follows when a reply has been taken in."""

    WAIT = 0
    DIRECTION = 1
    END = 2


class MigradState(eqx.Module):
    """Where Migrad is. x, f, g always belong to the best point found."""

    phase: Count
    status: Count
    free: Mask
    # the best point
    x: Vector
    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    error: ErrorMatrix
    edm: Scalar  # as it is reported
    edm_now: Scalar  # enlarged by 1 + 3 dcovar, as the loop judges it
    # the line on which trials lie
    step: Vector
    search: ParabolaState | SlopeState
    trial_g: Vector
    radius: Scalar  # longest step, in the user's step sizes
    capped: Flag  # whether the step was cut to it
    # what has happened so far
    seeding: Flag
    has_matrix: Flag  # V came from outside, or is better than a guess
    fresh: Flag  # V is the Hessian at x itself
    early: Flag  # the loop was left without the usual tests
    doubtful: Flag  # converged, but perhaps on a plateau: the next point will tell
    probes: Vector  # values on a line, to see how noisy they are
    noise: Scalar  # their standard deviation, NaN before all are known
    probe: Count  # how many of them there are
    moves: Count  # along directions of negative second derivative
    passes: Count  # Hessians at the end of the loop
    hessian_at: Count  # nfcn at the last Hessian, 0 if V came from one, -1 if there was none
    nfcn: Count
    ngrad: Count
    nhessian: Count
    max_calls: Count
    limit: Count


def without_matrix(s: MigradState, absent: Flag) -> MigradState:
    """A fit that never began has no error matrix, only the guess from its steps."""
    status = jnp.where(absent, MatrixStatus.ABSENT, s.error.status).astype(jnp.int32)
    return replace(s, error=replace(s.error, status=status))


def nothing_to_do(s: MigradState) -> MigradState:
    """Every parameter is fixed: the start is the minimum."""
    zero = jnp.zeros_like(s.f)
    return replace(s, edm=zero, edm_now=zero, phase=jnp.int32(Phase.DONE), status=jnp.int32(Status.CONVERGED))


def unchanged(s: MigradState, following):
    """The state as it is, before the phase that follows."""
    return s, following
