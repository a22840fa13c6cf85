"""Where the tracer of a contour is, and what it is looking for."""

import enum

import equinox as eqx

from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector
from jaxminuit.errors.contour_model import Metric, Node, Pair
from jaxminuit.errors.contour_nodes import Nodes


class Stage(enum.IntEnum):
    """What the next reply is for."""

    RAY = 0  # from the minimum straight to the edge of the region
    LINE = 1  # along a limit, inside the region
    CURVE = 2  # the next node of the contour
    HIT = 3  # where the contour meets a limit
    EXTREME = 4  # where x or y has a maximum or minimum on the contour
    SAMPLE = 5  # the points asked for
    DONE = 6


class Outcome(enum.IntEnum):
    """What follows when a reply has been taken in."""

    AGAIN = 0  # another trial for the same target
    ONWARD = 1  # a node was found: to the next
    SHORTER = 2  # once more from the last node, with a shorter step
    EXTREME = 3  # look first for an extreme of a coordinate on the way
    TOWARD = 4  # look first for the limit on the way
    CLOSED = 5  # back at the first node
    TOLD = 6  # a point asked for is done with


class Verdict(eqx.Module):
    """What a reply means: the next trial for the same target, and the node if it is good."""

    outcome: Count
    target: Vector
    small: Flag  # the target is so near that the Hessian at hand serves once more
    node: Node
    flips: Pair  # 1 for coordinates with an extreme on the way
    stage: Count  # after ONWARD
    vertex: Flag
    end: Flag  # at the end of a line, in a corner


class TraceState(eqx.Module):
    """The trial w, the last node (base), the search on the way from it, the nodes and the points found so far."""

    stage: Count
    w: Vector
    f: Scalar
    g: Vector
    h: Matrix  # the last Hessian, at w or near it
    exact: Flag  # whether the Hessian is wanted at w
    trials: Count  # at this target
    metric: Metric
    # the step from the last node
    base: Node
    along: Pair  # direction of the ray or the line, or of the line that follows a hit
    aimed: Pair  # where the step should end
    across: Pair  # direction on which the contour is looked for
    axis: Pair  # whose extreme is looked for
    skip: Pair  # 1 where no extreme is looked for in this step
    reach: Scalar  # length of the step
    attempt: Count
    nodes: Nodes
    # the points asked for
    node: Count  # (size,) where they lie on the line of nodes
    fraction: Vector
    point: Count
    points: Matrix  # (size + 1, n), the last row for what is not kept
    status: Count  # (size + 1,)
    nfcn: Count
    nhessian: Count
