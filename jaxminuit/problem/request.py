"""What a machine asks for and what it is told: the two messages between an algorithm and whoever calls the FCN."""

import enum

import equinox as eqx
import numpy as np

from jaxminuit.core.types import Count, Mask, Matrix, Scalar, Vector, leaf


class Kind(enum.IntEnum):
    """How much is wanted at a point. More always includes less."""

    VALUE = 0
    GRADIENT = 1
    HESSIAN = 2


class Request(eqx.Module):
    """A point in internal coordinates and what is wanted there.

    f, g, g2 and gstep are what is known already: finite differences take their first steps from them (f is the value
    at u when a gradient is asked for); autodiff ignores them. `calls_left` bounds a finite-difference Hessian.
    """

    kind: Count
    u: Vector
    free: Mask
    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    calls_left: Count


class Reply(eqx.Module):
    """Value and derivatives at the point asked for; `outcome` is the MatrixStatus of the raw Hessian.

    `calls` and `gradients` are how often the FCN was called, and how often its gradient was calculated.
    """

    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    hessian: Matrix
    outcome: Count
    calls: Count
    gradients: Count = leaf(np.int32(0))


class Points(eqx.Module):
    """A set of points at which plain values are wanted: row 0 alone, or every row marked in `wanted`."""

    points: Matrix
    wanted: Mask
    single: Mask
