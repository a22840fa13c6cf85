"""Whether the way around a region is back where it began."""

import jax.numpy as jnp

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.types import Flag
from jaxminuit.errors.contour_model import Node, Plane, length, tangent
from jaxminuit.errors.contour_state import TraceState

SHARPEST = 0.5  # cosine of the turn at which a step is taken back


def passes_first(plane: Plane, s: TraceState, node: Node) -> Flag:
    """Whether the first node lies on the border between the last node and this one."""
    w, *_, from_line = s.nodes.unpacked(0)
    first, here = (plane.T @ (w - s.base.w) for w in (w, node.w))
    way, aside = first @ s.along, first - (first @ s.along) * s.along
    on_line = from_line & (length(aside, s.metric) < 1e-9) & (way > 0) & (way <= here @ s.along)
    at_crossing = ~from_line & (length(here - first, s.metric) < 1e-3) & (s.nodes.count >= 3)
    return on_line | at_crossing


def closes(plane: Plane, s: TraceState, node: Node) -> Flag:
    """Whether the contour passes its first node on the way from the last node to this one."""
    w, _, slope, *_, from_line = s.nodes.unpacked(0)
    chord, first = (plane.T @ (w - s.base.w) for w in (node.w, w))
    passes = (s.nodes.count >= 3) & ~from_line
    # far from the minimum one metric may be nearly blind along some direction: look with two
    for m in (s.metric, jnp.diag(jnp.diagonal(s.metric))):
        x = safe_divide(first @ m @ chord, chord @ m @ chord)
        passes &= (x > 0) & (x < 1.05) & (length(first - x * chord, m) < 0.15 * length(chord, m))
        there, *around = (tangent(g, m) for g in (slope, s.base.slope, node.slope))
        passes &= (there @ m @ around[0] > SHARPEST) & (there @ m @ around[1] > SHARPEST)
    return passes
