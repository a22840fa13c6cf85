"""The minimum along a line x0 + lam s, as two machines for scalars: parabolas through values, or values with slopes.

`ParabolaSearch` is Minuit's, for finite differences, where a slope costs 2n values. `SlopeSearch` is for autodiff,
where the slope comes with the value: it accepts the first trial that satisfies the Wolfe conditions.
Values that are not finite count as very large. (J. Nocedal, S. Wright, Numerical Optimization, chapter 3; W. Hager,
H. Zhang, SIAM J. Optim. 16 (2005) 170 for the conditions at the level of rounding.)
"""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.parabola import parabola
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Flag, Scalar

LARGE = 1e12  # what a value that is not finite counts as, in units of |f0| + 1


def _finite(f: Scalar, f0: Scalar) -> Scalar:
    return jnp.where(jnp.isfinite(f), f, f0 + LARGE * (jnp.abs(f0) + 1.0))


class ParabolaState(eqx.Module):
    """Three points of the line, the bounds within which to look, and the best point so far."""

    f0: Scalar
    slope: Scalar
    lam: Scalar  # where the next value is wanted
    best_lam: Scalar
    best_f: Scalar
    p: Scalar  # (3,) abscissae
    f: Scalar  # (3,) values
    toler8: Scalar
    slamin: Scalar
    slamax: Scalar
    overall: Scalar
    undral: Scalar
    last: Scalar
    trials: Count
    stage: Count  # 0: first trial, 1: two points and the slope, 2: three points
    done: Flag


class ParabolaSearch(eqx.Module):
    """Minuit's line search: at most eleven values, parabolas through the best three points."""

    eps: Scalar
    eps2: Scalar

    TOLER = 0.05
    MAX_TRIALS = 12
    STEEPEST = 5.0
    GROWTH = 2.0

    def start(self, f0: Scalar, slope: Scalar, smallest: Scalar) -> ParabolaState:
        """`slope` is g.s at lam = 0; `smallest` is min |x_i / s_i|, which with eps2 gives the shortest useful lam."""
        one, zero = jnp.ones_like(f0), jnp.zeros_like(f0)
        smallest = jnp.where(smallest < self.eps, self.eps, smallest) * self.eps2
        three = jnp.zeros(3, f0.dtype)
        return ParabolaState(
            f0, slope, one, zero, f0, three, three, self.TOLER * one, smallest, self.STEEPEST * one,
            1000.0 * one, -100.0 * one, f0, jnp.int32(1), jnp.int32(0), jnp.array(False),
        )  # fmt: skip

    def tell(self, s: ParabolaState, f: Scalar, slope: Scalar) -> ParabolaState:
        """The state after the value at `lam`; the slope there is not used."""
        del slope
        f = _finite(f, s.f0)
        s = replace(s, trials=s.trials + 1)
        return select(s.stage == 2, self._third(s, f), self._second(s, f))

    def _better(self, s: ParabolaState, f: Scalar) -> ParabolaState:
        better = f < s.best_f
        return replace(s, best_f=jnp.where(better, f, s.best_f), best_lam=jnp.where(better, s.lam, s.best_lam))

    def _second(self, s: ParabolaState, f: Scalar) -> ParabolaState:
        """After the first trial, or a trial from two points and the slope."""
        first = s.stage == 0
        s = self._better(s, f)
        no_better = jnp.abs(s.f0 - s.best_f) < jnp.abs(s.best_f) * self.eps
        again = first | no_better
        toler8 = jnp.where(first, s.toler8, self.TOLER * s.lam)
        overall = jnp.where(first, s.overall, s.lam - toler8)
        repeat = replace(
            s,
            p=s.p.at[1].set(s.lam),
            f=s.f.at[0].set(s.f0).at[1].set(f),
            last=f,
            toler8=toler8,
            overall=overall,
            slamax=jnp.where(first, s.slamax, overall),
            stage=jnp.int32(1),
        )
        third = replace(s, p=s.p.at[2].set(s.lam), f=s.f.at[2].set(f), stage=jnp.int32(2))
        out = select(again, self._from_slope(repeat), self._from_parabola(third))
        return replace(out, done=out.done | (s.trials >= self.MAX_TRIALS) & ~first)

    def _from_slope(self, s: ParabolaState) -> ParabolaState:
        curvature = 2.0 * (s.last - s.f0 - s.slope * s.lam) / s.lam**2
        lam = jnp.where(curvature == 0.0, 1.0, safe_divide(-s.slope, curvature))
        lam = jnp.where(lam < 0.0, s.slamax, lam)
        lam = jnp.maximum(jnp.minimum(lam, s.slamax), s.toler8)
        close = jnp.abs(lam - 1.0) < s.toler8
        done = (lam < s.slamin) | (close & (s.f[1] < s.f[0]))
        return replace(s, lam=jnp.where(close & ~done, 1.0 + s.toler8, lam), done=done)

    def _from_parabola(self, s: ParabolaState) -> ParabolaState:
        slamax = jnp.maximum(s.slamax, self.GROWTH * jnp.abs(s.best_lam))
        a, b, _ = parabola(s.p, s.f)
        low, high = s.best_lam - slamax, s.best_lam + slamax
        downhill = jnp.where(2.0 * a * s.best_lam + b < 0.0, high, low)
        lam = jnp.where(a < self.eps2, downhill, jnp.clip(safe_divide(-b, 2.0 * a), low, high))
        lam = jnp.where(lam > 0.0, jnp.minimum(lam, s.overall), jnp.maximum(lam, s.undral))
        return self._unless_known(replace(s, slamax=slamax, lam=lam))

    def _unless_known(self, s: ParabolaState) -> ParabolaState:
        """Finished when a value next to lam is there already."""
        near = jnp.maximum(s.toler8, jnp.abs(s.toler8 * s.lam))
        return replace(s, done=jnp.any(jnp.abs(s.p - s.lam) < near))

    def _third(self, s: ParabolaState, f: Scalar) -> ParabolaState:
        """After a trial from three points."""
        worst_of_all = jnp.all(f > s.f)
        better = f < s.best_f
        shrink = ~better
        overall = jnp.where(shrink & (s.lam > s.best_lam), jnp.minimum(s.overall, s.lam - s.toler8), s.overall)
        undral = jnp.where(shrink & (s.lam < s.best_lam), jnp.maximum(s.undral, s.lam + s.toler8), s.undral)
        s = replace(s, overall=overall, undral=undral)
        half_way = self._unless_known(replace(s, lam=0.5 * (s.lam + s.best_lam)))
        worst = jnp.where(
            (s.f[0] > s.f[1]) & (s.f[0] > s.f[2]), 0, jnp.where((s.f[1] > s.f[0]) & (s.f[1] > s.f[2]), 1, 2)
        )
        replaced = self._better(replace(s, p=s.p.at[worst].set(s.lam), f=s.f.at[worst].set(f)), f)
        out = select(worst_of_all, half_way, self._from_parabola(replaced))
        return replace(out, done=out.done | (s.trials >= self.MAX_TRIALS))


class SlopeState(eqx.Module):
    """A bracket with values and slopes at its ends, and the best point so far; in few arrays, which compile faster."""

    start: Scalar  # (2,) value and slope at lam = 0
    lam: Scalar  # where the next value and slope are wanted
    best: Scalar  # (2,) abscissa and value of the best point
    bracket: Scalar  # (2, 3) abscissa, value, slope of the better end and of the other, at inf while there is none
    trials: Count
    done: Flag

    @property
    def best_lam(self) -> Scalar:
        """Abscissa of the best point."""
        return self.best[0]

    @property
    def best_f(self) -> Scalar:
        """Its value."""
        return self.best[1]


class SlopeSearch(eqx.Module):
    """Bracketing with cubic interpolation until f(lam) <= f0 + 1e-4 lam slope0 and |slope| <= 0.9 |slope0|."""

    eps: Scalar

    DECREASE = 1e-4
    CURVATURE = 0.9
    MAX_TRIALS = 20

    def start(self, f0: Scalar, slope: Scalar, smallest: Scalar) -> SlopeState:
        """`slope` < 0 is the decrease expected per unit of lam at lam = 0; `smallest` is not used."""
        del smallest
        zero = jnp.zeros_like(f0)
        bracket = jnp.stack([zero, f0, slope, zero + jnp.inf, f0, slope]).reshape(2, 3)
        one, start, best = zero + 1.0, jnp.stack([f0, slope]), jnp.stack([zero, f0])
        return SlopeState(start, one, best, bracket, jnp.int32(0), jnp.array(False))

    def tell(self, s: SlopeState, f: Scalar, slope: Scalar) -> SlopeState:
        """The state after value and slope at `lam`."""
        (f0, slope0), (low, high) = s.start, s.bracket
        usable = jnp.isfinite(f) & jnp.isfinite(slope)
        f, slope = _finite(jnp.where(usable, f, jnp.nan), f0), jnp.where(usable, slope, 0.0)
        trials = s.trials + 1
        noise = self.eps * jnp.abs(f0)
        enough = f <= f0 + self.DECREASE * s.lam * slope0
        flatter = jnp.abs(slope) <= self.CURVATURE * jnp.abs(slope0)
        # at the level of rounding the slope tells what the values no longer can
        level = usable & (f <= f0 + noise) & (slope <= -(1.0 - 2.0 * self.DECREASE) * slope0)
        accept = usable & flatter & (enough | level)
        better = accept | (usable & (f < s.best_f))
        best = jnp.where(better, jnp.stack([s.lam, f]), s.best)

        here = jnp.stack([s.lam, f, slope])
        too_high = ~(enough | level) | (f >= low[1] + noise)
        outward = jnp.sign(jnp.where(jnp.isinf(high[0]), 1.0, high[0] - low[0]))
        past = ~too_high & (slope * outward >= 0.0)
        high = jnp.where(too_high, here, jnp.where(past, low, high))
        low = jnp.where(too_high, low, here)
        lam = _next_trial(low, high, usable | ~too_high)
        narrow = jnp.abs(high[0] - low[0]) <= 1e-10 * jnp.maximum(jnp.abs(low[0]), 1e-6)
        done = accept | narrow | (trials >= self.MAX_TRIALS)
        return SlopeState(s.start, lam, best, jnp.stack([low, high]), trials, done)


def _next_trial(low, high, usable: Flag) -> Scalar:
    """Minimum of the cubic through both ends of the bracket, kept inside it; outward while there is no far end."""
    width = jnp.where(jnp.isinf(high[0]), 1.0, high[0] - low[0])
    far = jnp.where(jnp.isinf(high[0]), low, high)
    theta = 3.0 * (low[1] - far[1]) / width + low[2] + far[2]
    root = jnp.sqrt(jnp.maximum(theta * theta - low[2] * far[2], 0.0)) * jnp.sign(width)
    ratio = safe_divide(far[2] + root - theta, far[2] - low[2] + 2.0 * root, 0.5)
    cubic = far[0] - width * ratio
    # the far end had no value: come a long way back
    inside = low[0] + jnp.clip(safe_divide(cubic - low[0], width, 0.5), 0.1, 0.9) * width
    inside = jnp.where(usable & jnp.isfinite(inside), inside, low[0] + 0.1 * width)
    return jnp.where(jnp.isinf(high[0]), 4.0 * low[0], inside)
