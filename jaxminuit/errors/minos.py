"""One end of one Minos interval as a machine: constrained Newton steps first, else the classic crossing search."""

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.safe import safe_sqrt
from jaxminuit.core.status import MatrixStatus, SideMethod, SideStatus
from jaxminuit.core.tree import plain, select
from jaxminuit.core.types import Count, Flag, Scalar, Vector, present
from jaxminuit.errors.crossing import Crossing, CrossingState
from jaxminuit.errors.newton import Newton, NewtonState
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem import transform
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Reply, Request
from jaxminuit.problem.strategy import STRATEGIES, Strategy


class SideState(eqx.Module):
    """Both searches, or one; the classic one does not move before the Newton one has failed."""

    newton: NewtonState | None
    crossing: CrossingState | None


class Side(eqx.Module):
    """The end found: error, status, method, all parameters there, and the calls that it took."""

    error: Scalar
    status: Count
    method: Count
    params: Vector
    nfcn: Count


class MinosSide(Machine):
    """One parameter, one side: by Newton steps, by the classic search, or by the one and then the other."""

    newton: Newton | None
    crossing: Crossing | None

    def start(self, m: FunctionMinimum, i: Count, side: Scalar, wanted: Flag, max_calls: Count) -> SideState:
        """For parameter i of a minimum; side is -1 or +1. Not wanted: finished at once."""
        free = ~m.parameters.fixed
        axis = (jnp.arange(free.size) == i).astype(m.u.dtype)
        newton = None
        if self.newton is not None:
            accurate = m.matrix_status == MatrixStatus.ACCURATE
            v = m.inverse_hessian
            newton = self.newton.start(m.u, v, m.fval, m.gradient, free, axis, side, accurate, wanted, max_calls)
        crossing = self._crossing(m, free, axis, side, wanted, max_calls) if self.crossing is not None else None
        return SideState(newton, crossing)

    def _crossing(self, m, free, axis, side, wanted, max_calls) -> CrossingState:
        """The classic search begins one parabolic error away, the others moved along with the correlation.

        Not farther for a higher confidence level: a long first step can end in another valley.
        """
        search = present(self.crossing)
        lower, upper = search.lower, search.upper
        pinned = axis > 0
        rise = jnp.minimum(search.rise, m.errordef)
        errors = self._parabolic(m, rise)
        mid = jnp.where(pinned, jnp.clip(m.values + side * errors, lower, upper), m.values)
        direction = jnp.where(pinned, mid - m.values, 0.0)
        vii = axis @ m.inverse_hessian @ axis
        shift = side * safe_sqrt(2.0 * rise / jnp.where(vii > 0, vii, 1.0)) * (m.inverse_hessian @ axis)
        u = jnp.where(free, m.u + shift, m.u)
        eps2 = search.migrad.precision.eps2
        u = transform.ext2int(transform.int2ext(u, lower, upper), lower, upper, eps2)
        return search.start(
            u, m.inverse_hessian, jnp.where(errors > 0, errors, 0.1), free, pinned, mid, direction, m.fval, max_calls,
            wanted,
        )  # fmt: skip

    def _parabolic(self, m: FunctionMinimum, rise: Scalar) -> Vector:
        """External errors from the error matrix for a rise of the FCN."""
        search = present(self.crossing)
        spread = safe_sqrt(2.0 * rise * jnp.diagonal(m.inverse_hessian))
        return transform.external_errors(m.u, spread, search.lower, search.upper)

    def ask(self, s: SideState) -> Request:
        if s.newton is None:
            return present(self.crossing).ask(present(s.crossing))
        newton = present(self.newton).ask(s.newton)
        if s.crossing is None:
            return newton
        return select(s.newton.failed, present(self.crossing).ask(s.crossing), newton)

    def tell(self, s: SideState, reply: Reply) -> SideState:
        if s.newton is None:
            return self._tell_crossing(s, reply)
        if s.crossing is None:
            return self._tell_newton(s, reply)
        return lax.cond(s.newton.failed, plain(self._tell_crossing), plain(self._tell_newton), s, reply)

    def tell_lower(self, s: SideState, reply: Reply) -> SideState:
        if s.crossing is not None:
            return self.tell(s, reply)
        return replace(s, newton=present(self.newton).tell_lower(present(s.newton), reply))

    def _tell_crossing(self, s: SideState, reply: Reply) -> SideState:
        return replace(s, crossing=present(self.crossing).tell(present(s.crossing), reply))

    def _tell_newton(self, s: SideState, reply: Reply) -> SideState:
        return replace(s, newton=present(self.newton).tell(present(s.newton), reply))

    def finished(self, s: SideState) -> Flag:
        if s.newton is None:
            return present(self.crossing).finished(present(s.crossing))
        if s.crossing is None:
            return s.newton.found | s.newton.failed
        return s.newton.found | (s.newton.failed & present(self.crossing).finished(s.crossing))

    # ---- the result -----------------------------------------------------------------------------------------------

    def result(self, m: FunctionMinimum, s: SideState, i: Count, side: Scalar) -> Side:
        """The end of the interval in external coordinates."""
        if s.newton is None:
            return self._crossing_result(m, present(s.crossing), i, side)
        newton = self._newton_result(m, s.newton, i)
        if s.crossing is None:
            return newton
        classic = self._crossing_result(m, s.crossing, i, side)
        return select(s.newton.failed, replace(classic, nfcn=classic.nfcn + s.newton.trials), newton)

    def _newton_result(self, m: FunctionMinimum, s: NewtonState, i: Count) -> Side:
        """Valid, at the limit, failed, or not run: a search that was found finished has not been asked for."""
        newton = present(self.newton)
        lower, upper = newton.lower, newton.upper
        end = transform.int2ext(s.x + s.step, lower, upper)
        limit = jnp.where(jnp.abs(end - lower) < jnp.abs(end - upper), lower, upper)
        end = jnp.where(s.pinned & (jnp.arange(end.size) == i), limit, end)  # batches keep no axis
        end = jnp.where(s.free, end, m.values)
        status = jnp.where(s.pinned, SideStatus.AT_LIMIT, SideStatus.VALID)
        status = jnp.where(s.failed, SideStatus.FAILED, status)
        status = jnp.where(s.found & (s.trials == 0), SideStatus.NOT_RUN, status).astype(jnp.int32)
        there = (status == SideStatus.VALID) | (status == SideStatus.AT_LIMIT)
        error = jnp.where(there, end[i] - m.values[i], jnp.nan)
        return Side(error, status, jnp.int32(SideMethod.NEWTON), end, s.trials)

    def _crossing_result(self, m: FunctionMinimum, s: CrossingState, i: Count, side: Scalar) -> Side:
        classic = present(self.crossing)
        lower, upper = classic.lower, classic.upper
        limit = jnp.where(side > 0, upper[i], lower[i]) - m.values[i]
        step = s.direction[i]
        crossed = step * (1.0 + s.search.a)
        crossed = jnp.where(side > 0, jnp.minimum(crossed, limit), jnp.maximum(crossed, limit))
        parabolic = side * self._parabolic(m, classic.rise)[i]
        error = jnp.where(s.search.status == SideStatus.VALID, crossed, parabolic)
        error = jnp.where(s.search.status == SideStatus.AT_LIMIT, limit, error)
        error = jnp.where(s.search.status == SideStatus.NOT_RUN, jnp.nan, error)
        inner = transform.int2ext(s.inner.x, lower, upper)
        params = jnp.where(s.pinned, m.values + error, jnp.where(m.parameters.fixed, m.values, inner))
        return Side(error, s.search.status, jnp.int32(SideMethod.CROSSING), params, s.nfcn)


def inner_strategy(strategy: Strategy, exact: bool) -> Strategy:
    """One level lower, as Minuit has it; with exact derivatives level 1, whose Hessian sees a way down at a limit."""
    return STRATEGIES[1] if exact else strategy.lower


def newton_machine(problem: Problem, rise: Scalar, strategy: Strategy) -> Newton:
    """The fast search for a problem with exact derivatives; `rise` is UP scaled to the confidence level."""
    return Newton(problem.parameters.lower, problem.parameters.upper, rise, strategy.level > 0)


def crossing_machine(problem: Problem, rise: Scalar, tol: Scalar, strategy: Strategy, exact: bool) -> Crossing:
    """The classic search: inner fits half as tolerant, with `inner_strategy`."""
    inner = inner_strategy(strategy, exact)
    migrad = migrad_machine(rise, 0.5 * tol, problem.precision, problem.limited, inner, exact)
    return Crossing(migrad, problem.parameters.lower, problem.parameters.upper, rise)
