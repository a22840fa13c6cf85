"""Minuit's finite differences as a machine: a request for derivatives becomes sweeps of FCN values.

Gradient: two-point differences whose step adapts to the second derivative (Minuit manual, section 5.1; F. James,
"The interpretation of errors", section 4). Hessian: second differences with their own step search, the gradient
refined on the way (strategy 1 and 2), mixed derivatives forward. All parameters go through a sweep together; each stops
adapting its step on its own.
"""

import enum
from dataclasses import fields, replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxminuit.core.precision import Precision
from jaxminuit.core.status import MatrixStatus
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Mask, Matrix, Scalar, Vector, leaf
from jaxminuit.problem.request import Points, Reply, Request
from jaxminuit.problem.strategy import Strategy

TRIES = 5  # steps of growing size before the second derivative of a parameter is given up


class Phase(enum.IntEnum):
    """What the values of the next sweep are for."""

    VALUE = 0
    GRADIENT = 1
    CENTRE = 2
    DIAGONAL = 3
    REFINE = 4
    PAIRS = 5
    DONE = 6


class StencilState(eqx.Module):
    """One request on its way to a reply."""

    request: Request
    phase: Count
    # what the reply will hold
    f: Scalar
    g: Vector
    g2: Vector
    gstep: Vector
    hessian: Matrix
    outcome: Count
    calls: Count
    # the sweep: step of every parameter, which still take part, and their own counters
    d: Vector
    active: Mask
    cycle: Vector
    tries: Vector
    # memory of the phase
    scale: Vector  # gradient: epspri;  refine: last relative change
    forward: Vector  # f(u + d_i e_i) of the diagonal, for the mixed derivatives
    dirin: Vector  # steps of the diagonal
    pair: Count


class Care(eqx.Module):
    """The numbers of a Strategy as values: one program serves all."""

    level: Count
    gradient_ncycles: Count
    gradient_step_tolerance: Scalar
    gradient_tolerance: Scalar
    hessian_ncycles: Count
    hessian_step_tolerance: Scalar
    hessian_g2_tolerance: Scalar
    hessian_gradient_ncycles: Count


def _care(strategy: Strategy | Care) -> Care:
    if isinstance(strategy, Care):
        return strategy
    return Care(**{field.name: leaf(np.asarray(getattr(strategy, field.name))) for field in fields(Care)})


class Stencil(eqx.Module):
    """Finite differences around a point; see the module's sentence."""

    errordef: Scalar
    limited: Mask
    precision: Precision
    strategy: Care | Strategy = eqx.field(converter=_care)

    def begin(self, request: Request) -> StencilState:
        """Start on a request; there is always at least one value to ask for."""
        n, dtype = request.u.size, request.u.dtype
        zero, none = jnp.zeros(n, dtype), jnp.zeros(n, jnp.int32)
        first = jnp.array([Phase.VALUE, Phase.GRADIENT, Phase.CENTRE], jnp.int32)[request.kind]
        state = StencilState(
            request, first, request.f, request.g, request.g2, request.gstep, jnp.zeros((n, n), dtype),
            jnp.int32(MatrixStatus.ACCURATE), jnp.int32(0), zero, request.free, none, none,
            self.precision.eps2 * (1.0 + jnp.abs(request.g)), zero, zero, jnp.int32(0),
        )  # fmt: skip
        stepped = self._gradient_step(state)
        return select(first == Phase.GRADIENT, stepped, state)

    def finished(self, state: StencilState) -> Flag:
        """Whether the reply is complete."""
        return state.phase == Phase.DONE

    def reply(self, state: StencilState) -> Reply:
        """The answer to the request."""
        free = state.request.free
        return Reply(
            state.f, jnp.where(free, state.g, 0.0), state.g2, state.gstep, state.hessian, state.outcome, state.calls
        )

    def ask(self, state: StencilState) -> Points:
        """The points of the next sweep."""
        u, n = state.request.u, state.request.u.size
        step = jnp.diag(state.d)
        around = jnp.concatenate([u + step, u - step])
        i, j, exists = self._pairs(state)
        unit = jnp.eye(n, dtype=u.dtype)
        mixed = u + state.dirin[i][:, None] * unit[i] + state.dirin[j][:, None] * unit[j]
        pairs = state.phase == Phase.PAIRS
        single = (state.phase == Phase.VALUE) | (state.phase == Phase.CENTRE)
        points = jnp.where(single, u, jnp.where(pairs, mixed, around))
        both = jnp.concatenate([state.active, state.active])
        wanted = jnp.where(single, jnp.arange(2 * n) == 0, jnp.where(pairs, exists, both))
        return Points(points, wanted, single)

    def tell(self, state: StencilState, values: Vector) -> StencilState:
        """Take the values of a sweep; entries that were not wanted are ignored."""
        n = state.request.u.size
        state = replace(state, calls=state.calls + jnp.sum(self.ask(state).wanted, dtype=jnp.int32))
        plus, minus = values[:n], values[n:]

        def value(s):
            return replace(s, f=values[0], phase=jnp.int32(Phase.DONE))

        def gradient(s):
            return self._gradient_step(self._gradient_told(s, plus, minus))

        def centre(s):
            return self._diagonal_begin(replace(s, f=values[0]))

        def diagonal(s):
            return self._diagonal_told(s, plus, minus)

        def refine(s):
            return self._refine_told(s, plus, minus)

        def pairs(s):
            return self._pairs_told(s, values)

        return lax.switch(state.phase, [value, gradient, centre, diagonal, refine, pairs, lambda s: s], state)

    # ---- two-point gradient -------------------------------------------------------------------------------------

    def _noise(self, f: Scalar, factor: float) -> Scalar:
        return factor * self.precision.eps2 * (jnp.abs(f) + self.errordef)

    def _gradient_step(self, s: StencilState) -> StencilState:
        """The next step of every parameter, and which still need one."""
        eps, eps2 = self.precision.eps, self.precision.eps2
        step = jnp.sqrt(self._noise(s.f, 8.0) / (jnp.abs(s.g2) + s.scale))
        step = jnp.maximum(step, jnp.abs(0.1 * s.gstep))
        step = jnp.where(self.limited, jnp.minimum(step, 0.5), step)
        step = jnp.minimum(step, 10.0 * jnp.abs(s.gstep))
        step = jnp.maximum(step, jnp.maximum(8.0 * eps * eps, 8.0 * jnp.abs(eps2 * s.request.u)))
        settled = jnp.abs((step - s.d) / step) < self.strategy.gradient_step_tolerance
        go = s.active & ~settled & (s.cycle < self.strategy.gradient_ncycles)
        phase = jnp.where(jnp.any(go), Phase.GRADIENT, Phase.DONE).astype(jnp.int32)
        return replace(s, active=go, d=jnp.where(go, step, s.d), gstep=jnp.where(go, step, s.gstep), phase=phase)

    def _gradient_told(self, s: StencilState, plus: Vector, minus: Vector) -> StencilState:
        g = 0.5 * (plus - minus) / s.d
        g2 = (plus + minus - 2.0 * s.f) / s.d**2
        # where the FCN has no value on one side, the other side alone
        g = jnp.where(jnp.isfinite(plus), jnp.where(jnp.isfinite(minus), g, (plus - s.f) / s.d), (s.f - minus) / s.d)
        g2 = jnp.where(jnp.isfinite(g2), g2, s.g2)
        new_g = jnp.where(s.active, g, s.g)
        settled = jnp.abs(s.g - new_g) / (jnp.abs(new_g) + self._noise(s.f, 8.0) / s.d)
        return replace(
            s,
            g=new_g,
            g2=jnp.where(s.active, g2, s.g2),
            active=s.active & ~(settled < self.strategy.gradient_tolerance),
            cycle=s.cycle + 1,
        )

    # ---- Hesse: diagonal ----------------------------------------------------------------------------------------

    def _diagonal_begin(self, s: StencilState) -> StencilState:
        smallest = self._smallest(s)
        return replace(
            s,
            d=jnp.maximum(jnp.abs(s.gstep), smallest),
            active=s.request.free,
            phase=jnp.int32(Phase.DIAGONAL),
        )

    def _smallest(self, s: StencilState) -> Vector:
        eps2 = self.precision.eps2
        return 8.0 * eps2 * (jnp.abs(s.request.u) + eps2)

    def _diagonal_told(self, s: StencilState, plus: Vector, minus: Vector) -> StencilState:
        """One cycle of every parameter's second difference, or one more try with a larger step."""
        sag = 0.5 * (plus + minus - 2.0 * s.f)
        moved = s.active & (sag != 0.0) & jnp.isfinite(sag)
        stuck = s.active & ~moved
        g2 = jnp.where(moved, 2.0 * sag / s.d**2, s.g2)
        aim = jnp.sqrt(self.precision.eps2) * (jnp.abs(s.f) + self.errordef)
        d = jnp.sqrt(2.0 * aim / jnp.abs(g2))
        d = jnp.maximum(jnp.where(self.limited, jnp.minimum(d, 0.5), d), self._smallest(s))
        cycle = s.cycle + moved
        settled = jnp.abs((d - s.d) / d) < self.strategy.hessian_step_tolerance
        settled |= jnp.abs((g2 - s.g2) / g2) < self.strategy.hessian_g2_tolerance
        settled |= cycle >= self.strategy.hessian_ncycles
        d = jnp.clip(d, 0.1 * s.d, 10.0 * s.d)
        larger = jnp.where(self.limited & (10.0 * s.d > 0.5), 0.51, 10.0 * s.d)
        tries = jnp.where(moved, 0, s.tries + stuck)
        failed = jnp.any(stuck & ((tries >= TRIES) | (self.limited & (s.d > 0.5))))
        s = replace(
            s,
            g=jnp.where(moved, 0.5 * (plus - minus) / s.d, s.g),
            g2=g2,
            gstep=jnp.where(moved, s.d, s.gstep),
            dirin=jnp.where(moved, s.d, s.dirin),
            forward=jnp.where(moved, plus, s.forward),
            d=jnp.where(moved, d, larger),
            active=s.active & ~(moved & settled),
            cycle=cycle,
            tries=tries,
        )
        over = ~jnp.any(s.active) & (s.calls > s.request.calls_left)
        outcome = jnp.where(failed, MatrixStatus.HESSE_FAILED, jnp.where(over, MatrixStatus.CALL_LIMIT, s.outcome))
        stop = failed | over
        done = ~jnp.any(s.active)
        s = replace(s, hessian=jnp.diag(s.g2), outcome=outcome.astype(jnp.int32))
        after = select(self.strategy.level > 0, self._refine_begin(s), self._pairs_begin(s))
        s = select(done & ~stop, after, s)
        failed_phase = replace(s, g=s.request.g, gstep=s.request.gstep, phase=jnp.int32(Phase.DONE))
        return select(stop, failed_phase, s)

    # ---- Hesse: refined gradient --------------------------------------------------------------------------------

    def _refine_begin(self, s: StencilState) -> StencilState:
        eps2 = self.precision.eps2
        opt = jnp.sqrt(self._noise(s.f, 4.0) / (jnp.abs(s.g2) + eps2 * (1.0 + jnp.abs(s.g))))
        d = jnp.minimum(0.2 * jnp.abs(s.gstep), opt)
        return replace(
            s,
            d=jnp.maximum(d, 4.0 * eps2 * (s.request.u + eps2)),
            active=s.request.free,
            scale=jnp.full_like(s.d, 1e4),
            cycle=jnp.zeros_like(s.cycle),
            phase=jnp.int32(Phase.REFINE),
        )

    def _refine_told(self, s: StencilState, plus: Vector, minus: Vector) -> StencilState:
        smallest = 4.0 * self.precision.eps2 * (s.request.u + self.precision.eps2)
        g = (plus - minus) / (2.0 * s.d)
        rounding = self.precision.eps * (jnp.abs(plus) + jnp.abs(minus)) / s.d
        change = jnp.abs((s.g - g) / g)
        worse = (g == 0.0) | ((change > s.scale) & (s.cycle > 1)) | ~jnp.isfinite(g)
        take = s.active & ~worse
        settled = worse | (change < 0.05) | (jnp.abs(s.g - g) < rounding) | (s.d < smallest)
        cycle = s.cycle + 1
        s = replace(
            s,
            g=jnp.where(take, g, s.g),
            gstep=jnp.where(take, s.d, s.gstep),
            scale=jnp.where(take, change, s.scale),
            d=jnp.where(take, 0.2 * s.d, s.d),
            active=s.active & ~settled & (cycle < self.strategy.hessian_gradient_ncycles),
            cycle=cycle,
        )
        return select(jnp.any(s.active), s, self._pairs_begin(s))

    # ---- Hesse: mixed derivatives -------------------------------------------------------------------------------

    def _pairs_begin(self, s: StencilState) -> StencilState:
        phase = Phase.PAIRS if s.d.size > 1 else Phase.DONE
        return replace(s, pair=jnp.int32(0), phase=jnp.int32(phase))

    def _pairs(self, s: StencilState):
        """Rows and columns of the next 2n pairs i < j, and which of them exist between free parameters."""
        n = s.d.size
        padding = 2 * n
        pairs = np.triu_indices(n, 1)
        rows, columns = (jnp.asarray(np.concatenate([x, np.zeros(padding, x.dtype)])) for x in pairs)
        k = s.pair + jnp.arange(2 * n)
        i, j = rows[k], columns[k]
        free = s.request.free
        return i, j, (k < n * (n - 1) // 2) & free[i] & free[j]

    def _pairs_told(self, s: StencilState, values: Vector) -> StencilState:
        i, j, exists = self._pairs(s)
        d = jnp.where(exists, s.dirin[i] * s.dirin[j], 1.0)
        h = jnp.where(exists, (values + s.f - s.forward[i] - s.forward[j]) / d, 0.0)
        hessian = s.hessian.at[i, j].add(h).at[j, i].add(h)
        n = s.d.size
        pair = s.pair + 2 * n
        done = pair >= n * (n - 1) // 2
        phase = jnp.where(done, Phase.DONE, Phase.PAIRS).astype(jnp.int32)
        return replace(s, hessian=hessian, pair=pair, phase=phase)
