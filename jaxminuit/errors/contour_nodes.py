"""The nodes of a traced contour in arrays of fixed size, and points evenly along the line through them."""

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.types import Count, Flag, Matrix, Scalar, Vector
from jaxminuit.errors.contour_model import Metric, Node, Pair, Plane, between, length, tangent

MOST_NODES = 256


class Nodes(eqx.Module):
    """What is kept of each node, a row each: w, lift, slope, along, vertex, line. The last row is for what is not kept.

    A vertex (corner, end of a border, extreme of x or y) is always a point asked for. `line`: a border of the region
    along a limit begins there, in direction `along`; else a piece of contour.
    """

    rows: Float[Array, "m k"]
    count: Count

    @property
    def w(self) -> Float[Array, "m n"]:
        """All parameters."""
        return self.rows[:-1, : (self.rows.shape[1] - 6) // 3]

    @property
    def vertex(self) -> Bool[Array, " m"]:
        """Whether it is a vertex."""
        return self.rows[:-1, -2] > 0

    def unpacked(self, k: Count | int) -> tuple[Vector, Matrix, Pair, Pair, Flag, Flag]:
        """w, lift, slope, along, vertex and line of node k."""
        row, n = self.rows[k], (self.rows.shape[1] - 6) // 3
        return row[:n], row[n : 3 * n].reshape(n, 2), row[-6:-4], row[-4:-2], row[-2] > 0, row[-1] > 0

    def added(self, wanted: Flag, node: Node, vertex: Flag, line: Flag, along: Pair) -> "Nodes":
        """With one more if it is wanted; nothing is kept when there is no room."""
        flags = jnp.stack([vertex, line]).astype(node.w.dtype)
        row = jnp.concatenate([node.w, node.lift.reshape(-1), node.slope, along, flags])
        k = jnp.where(wanted, jnp.minimum(self.count, MOST_NODES), MOST_NODES)
        return Nodes(lax.dynamic_update_index_in_dim(self.rows, row, k, 0), self.count + wanted)

    def area(self, plane: Plane) -> Scalar:
        """Signed area inside: positive if they go around counter-clockwise."""
        p = self.w @ plane
        p = jnp.where(jnp.arange(len(p))[:, None] < self.count, p - p[0], 0.0)
        q = p[following(self.count)]
        return 0.5 * jnp.sum(p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0])

    def chord(self, k: Count, x: Scalar) -> Vector:
        """All parameters at the fraction x of the straight line from node k to the next."""
        w0, w1 = (self.unpacked(j)[0] for j in (k, jnp.where(k + 1 < self.count, k + 1, 0)))
        return (1.0 - x) * w0 + x * w1

    def at(self, k: Count, x: Scalar, plane: Plane, m: Metric) -> tuple[Vector, Pair]:
        """All parameters at the fraction x of the way from node k to the next, and the slope there."""
        w0, lift0, slope0, along, _, line = self.unpacked(k)
        w1, lift1, slope1, *_ = self.unpacked(jnp.where(k + 1 < self.count, k + 1, 0))
        chord = length(plane.T @ (w1 - w0), m)
        edge = safe_divide(along, length(along, m))
        directions = [jnp.where(line, edge, tangent(slope, m)) for slope in (slope0, slope1)]
        speed0, speed1 = (chord * lift @ d for lift, d in zip((lift0, lift1), directions, strict=True))
        held = plane @ jnp.where(line & (along == 0), 1.0, 0.0)
        return jnp.where(held > 0, w0, between(w0, w1, speed0, speed1, x)), (1.0 - x) * slope0 + x * slope1


def no_nodes(w: Vector) -> Nodes:
    """Empty rows for vectors like w."""
    return Nodes(jnp.zeros((MOST_NODES + 1, 3 * w.size + 6), w.dtype), jnp.int32(0))


def following(count: Count) -> Int[Array, " m"]:
    """The number of the next node of each, the first after the last."""
    k = jnp.arange(MOST_NODES)
    return jnp.where(k + 1 < count, k + 1, 0)


def evenly(nodes: Nodes, plane: Plane, size: int, whole: Flag) -> tuple[Int[Array, " size"], Float[Array, " size"]]:
    """Node and fraction of `size` points, evenly spaced in units of the extents of the contour, vertices among them.

    If the line is not `whole`, the last point is not on it (fraction nan) and the others end at the last node.
    """
    k, j = jnp.arange(MOST_NODES), jnp.arange(size + 1)
    real = k < nodes.count
    p = jnp.where(real[:, None], nodes.w @ plane, (nodes.w @ plane)[0])
    extent = jnp.max(p, axis=0) - jnp.min(p, axis=0)
    p = p / jnp.where(extent > 0, extent, 1.0)
    pieces = jnp.where(whole, nodes.count, nodes.count - 1)
    piece = jnp.where(k < pieces, jnp.linalg.norm(p[following(nodes.count)] - p, axis=1), 0.0)
    way = jnp.concatenate([jnp.zeros(1, p.dtype), jnp.cumsum(piece)])
    steps = jnp.where(whole, size, size - 2)
    marked = _marked(way, nodes.vertex & real, steps, size)
    before = lax.cummax(jnp.where(jnp.isnan(marked), 0, j))
    after = lax.cummin(jnp.where(jnp.isnan(marked), size, j), reverse=True)
    ends = marked[before], marked[after]
    where = ends[0] + (ends[1] - ends[0]) * safe_divide((j - before).astype(p.dtype), (after - before).astype(p.dtype))
    node = jnp.clip(jnp.searchsorted(way, where, side="right") - 1, 0, jnp.maximum(pieces - 1, 0))
    x = jnp.clip(safe_divide(where - way[node], piece[node]), 0.0, 1.0)
    return node[:size].astype(jnp.int32), jnp.where(j <= steps, x, jnp.nan)[:size]


def _marked(way, vertex, steps, size: int):
    """For each point the way to the vertex that it has to be, nan where it is free; the end is marked too."""
    total, rank = way[-1], jnp.cumsum(vertex) - 1
    wanted = jnp.round(safe_divide(way[:-1], total) * steps).astype(jnp.int32)
    # in order, one vertex a point, none beyond the end
    number = rank + lax.cummax(jnp.where(vertex, wanted - rank, -MOST_NODES))
    number = jnp.minimum(number, steps - jnp.sum(vertex) + rank)
    number = jnp.where(vertex & (number >= 0), number, size + 1)
    marked = jnp.full(size + 1, jnp.nan, way.dtype).at[number].set(way[:-1], mode="drop")
    marked = marked.at[0].set(0.0)
    return jnp.where(jnp.arange(size + 1) >= steps, total, marked)
