"""Scan: values on grids, one parameter after another or all at once, as a machine (Minuit manual, SCAn)."""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Scalar, Vector
from jaxminuit.minimise.machine import Machine
from jaxminuit.problem import transform
from jaxminuit.problem.request import Points

BLOCK = 64  # most points asked for at once


class ScanState(eqx.Module):
    """The best point so far, and where on which grid the scan is."""

    free: Mask
    x: Vector
    f: Scalar  # inf while no finite value has been seen
    left: Mask  # parameters that are still to be scanned
    axes: Mask  # those of the present grid
    first: Count  # number of the next point on it; -1: the start itself
    nfcn: Count


class Scan(Machine):
    """`size` equidistant points from `low` to `high` (external, ends included) along every axis of a grid.

    With `together` there is one grid over all parameters to be scanned; else each has its own, which begins at the best
    point of those before.
    """

    low: Vector
    high: Vector
    lower: Vector
    upper: Vector
    eps2: Scalar
    size: int = eqx.field(static=True)
    together: bool = eqx.field(static=True)

    @property
    def block(self) -> int:
        """Points that are asked for at once."""
        return BLOCK if self.together else min(self.size, BLOCK)

    def start(self, u: Vector, free: Mask, wanted: Mask) -> ScanState:
        """At internal coordinates u, to scan the parameters that are both free and wanted."""
        none = jnp.zeros_like(free)
        return ScanState(
            free, u, jnp.full((), jnp.inf, u.dtype), free & wanted, none, jnp.int32(-1), jnp.int32(0)
        )  # fmt: skip

    def finished(self, s: ScanState) -> Flag:
        return (s.first >= 0) & ~jnp.any(s.axes)

    def ask(self, s: ScanState) -> Points:
        points, wanted = self._points(s)
        start = s.first < 0
        wanted = jnp.where(start, jnp.arange(self.block) == 0, wanted)
        return Points(jnp.where(start, s.x, points), wanted, start)

    def tell(self, s: ScanState, values: Vector) -> ScanState:
        request = self.ask(s)
        f = jnp.where(request.wanted & jnp.isfinite(values), values, jnp.inf)
        low = jnp.argmin(f)
        better = f[low] < s.f
        first = s.first + self.block
        s = replace(
            s,
            x=jnp.where(better, request.points[low], s.x),
            f=jnp.where(better, f[low], s.f),
            nfcn=s.nfcn + jnp.sum(request.wanted, dtype=jnp.int32),
        )
        another = (s.first < 0) | (first >= self._total(s))
        return select(another, self._next_grid(s), replace(s, first=first))

    def _next_grid(self, s: ScanState) -> ScanState:
        axes = s.left if self.together else s.left & (jnp.cumsum(s.left) == 1)
        return replace(s, axes=axes, left=s.left & ~axes, first=jnp.int32(0))

    def _total(self, s: ScanState) -> Count:
        """Number of points of the present grid."""
        return jnp.int32(self.size) ** jnp.sum(s.axes, dtype=jnp.int32)

    def _points(self, s: ScanState) -> tuple:
        """The next points: the digits of their numbers in base `size`, one digit an axis."""
        number = jnp.maximum(s.first, 0) + jnp.arange(self.block, dtype=jnp.int32)
        before = jnp.cumsum(s.axes, dtype=jnp.int32) - s.axes
        digit = number[:, None] // jnp.int32(self.size) ** before % self.size
        value = self.low + (self.high - self.low) * digit.astype(s.x.dtype) / (self.size - 1)
        value = jnp.clip(value, self.low, self.high)
        u = transform.ext2int(value, self.lower, self.upper, self.eps2)
        return jnp.where(s.axes, u, s.x), number < self._total(s)
