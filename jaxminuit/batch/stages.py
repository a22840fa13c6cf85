"""What lanes do in each stage of a batch: Migrad or Fumili, the retries, Hesse, the ends of Minos intervals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp

from jaxminuit.core.tree import select
from jaxminuit.core.types import Count, Scalar, Vector
from jaxminuit.errors.minos import MinosSide, crossing_machine, inner_strategy, newton_machine
from jaxminuit.fit.errors import side_begin
from jaxminuit.fit.fumili import fumili_begin, fumili_end
from jaxminuit.fit.job import external_steps, internal_steps, origin_of
from jaxminuit.fit.ladder import CAREFUL, climb_begin, climb_end
from jaxminuit.fit.single import hesse_begin, hesse_end, migrad_begin, migrad_end
from jaxminuit.minimise.free_then_fixed import FreeThenFixed
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.minimum import minimum_of
from jaxminuit.minimise.newton import Newton
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import Strategy


class Options(eqx.Module):
    """The numbers that all fits share."""

    tol: Scalar
    max_calls: Count
    rounds: Count
    rise_factor: Scalar
    eps: Scalar | None


class Item(eqx.Module):
    """One entry of a queue: the row of its fit, and for Minos the parameter and the side.

    For two fits in a row the parameter that the second one fixes, and its value.
    """

    row: Count
    number: Count
    side: Scalar


class Task(NamedTuple):
    """An entry with all that belongs to it; `known` is the origin of the fit, or its minimum so far."""

    problem: Problem
    known: Any
    item: Item
    options: Options


def _own_problem(task: Task) -> Problem:
    return task.problem


class Stage(NamedTuple):
    """A stage as functions of a task (static: another stage is another program).

    `start` gives machine and state, `keep` what is stored of the last state, `end` the result. `strategy` is that of
    the difference stencils, `hessian` whether exact Hessians are asked for. `seldom`: few fits come here, by a large
    program. `gauss_newton`: its second derivatives are those of Gauss and Newton. `once`: with exact derivatives it
    asks for one Hessian and has finished. `small`: every request brings the exact Hessian of a very small problem.
    `problem`: what the machine minimises.
    """

    start: Callable[[Task, Strategy, bool], tuple[Machine, Any]]
    keep: Callable[[Any], Any]
    end: Callable[[Task, Any, Any, bool], Any]
    strategy: Callable[[Strategy, bool], Strategy]
    hessian: Callable[[Strategy], bool]
    seldom: bool = False
    gauss_newton: bool = False
    once: bool = False
    small: bool = False
    problem: Callable[[Task], Problem] = _own_problem

    @property
    def wide(self) -> bool:
        """Whether nothing is left to LAPACK where problems are small, so that many lanes are best."""
        return self.gauss_newton or self.small


def _migrad_start(task: Task, strategy: Strategy, exact: bool):
    return migrad_begin(task.problem, task.known, task.options.tol, task.options.max_calls, strategy, exact)


def _without_line(state):
    """Migrad's state without what only its line search needs."""
    return replace(state, search=None, step=None, trial_g=None, probes=None)


def _hesse_start(task: Task, strategy: Strategy, exact: bool):
    origin = origin_of(task.known)
    return hesse_begin(task.problem, origin, task.options.max_calls, strategy, exact)


def _hesse_end(task: Task, machine: Machine, state: Any, exact: bool):
    minimum = hesse_end(task.problem, origin_of(task.known), state, exact)
    return replace(minimum, algorithm=task.known.algorithm)


def _ladder() -> Stage:
    """Every retry after a first Migrad that failed."""

    def start(task: Task, strategy: Strategy, exact: bool):
        o = task.options
        return climb_begin(task.problem, task.known, o.tol, o.max_calls, o.rounds, True, exact)

    def keep(state):
        return replace(state, migrad=None, simplex=None, best=_without_line(state.best))

    def end(task: Task, machine: Machine, state: Any, exact: bool):
        return climb_end(task.problem, machine, task.known, state)

    return Stage(start, keep, end, lambda strategy, exact: CAREFUL, lambda strategy: True, seldom=True)


def _minos(classic: bool) -> Stage:
    """One end of an interval, by Newton steps or by the classic search."""

    def start(task: Task, strategy: Strategy, exact: bool):
        o, problem = task.options, task.problem
        rise = o.rise_factor * problem.errordef
        if classic:
            machine = MinosSide(None, crossing_machine(problem, rise, o.tol, strategy, exact))
        else:
            machine = MinosSide(newton_machine(problem, rise, strategy), None)
        wanted = jnp.array(True)
        return machine, side_begin(problem, machine, task.known, o.max_calls, task.item.number, task.item.side, wanted)

    def keep(state):
        if classic:
            inner = replace(_without_line(state.crossing.inner), error=None)
            return replace(state, crossing=replace(state.crossing, inner=inner))
        return replace(state, newton=replace(state.newton, v=None, g=None, down=None, axis=None))

    def end(task: Task, machine: MinosSide, state: Any, exact: bool):
        return machine.result(task.known, state, task.item.number, task.item.side)

    return Stage(start, keep, end, inner_strategy, lambda strategy: True, seldom=classic)


class Ends(NamedTuple):
    """What a likelihood ratio needs of a fit."""

    values: Vector
    errors: Vector
    fval: Scalar
    status: Count
    goal: Scalar
    errordef: Scalar


def _tested(task: Task) -> Problem:
    """The problem whose parameter of interest has the tested value, where it does not vary."""
    p = task.problem.parameters
    values = jnp.where(jnp.arange(p.size) == task.item.number, task.item.side, p.values)
    return task.problem.moved_to(values)


def _pair_start(task: Task, strategy: Strategy, exact: bool):
    problem, fixed = task.problem, jnp.arange(task.problem.parameters.size) == task.item.number
    goal = 0.002 * jnp.maximum(task.options.tol * problem.errordef, problem.precision.eps2)
    steps = internal_steps(problem, task.known.values, external_steps(problem, task.known))
    tested = jnp.sum(jnp.where(fixed, problem.internal(_tested(task).parameters.values), 0.0))
    machine = FreeThenFixed(Newton(goal, problem.precision, problem.free, steps), fixed, tested)
    return machine, machine.start(problem.start(task.known.values))


def _pair_end(task: Task, machine: FreeThenFixed, state: Any, exact: bool):
    """Both ends. After a free fit that failed there is no other: the second end is the same, and so has failed too."""

    def ends(problem: Problem, newton: Newton, fit):
        fitted, status = newton.result(fit)
        m = minimum_of(problem, fitted, newton.goal, status, "Newton", fitted.g2)
        return Ends(m.values, m.errors, m.fval, m.status, m.goal, m.errordef)

    problem = _tested(task)
    p = problem.parameters
    held = Problem(problem.fcn, p.replace(fixed=p.fixed | machine.fixed), task.options.eps)
    first = select(state.second, state.first, state.now)
    return ends(task.problem, machine.newton, first), ends(held, machine.fit(state.second), state.now)


PAIR = Stage(
    _pair_start,
    lambda state: replace(state, now=Newton.ended(state.now), done=None),
    _pair_end,
    lambda strategy, exact: strategy,
    lambda strategy: True,
    small=True,
    problem=_tested,
)
MIGRAD = Stage(
    _migrad_start,
    _without_line,
    lambda task, machine, state, exact: migrad_end(task.problem, machine, state),
    lambda strategy, exact: strategy,
    lambda strategy: strategy.level > 0,
)
FUMILI = Stage(
    lambda task, strategy, exact: fumili_begin(task.problem, task.known, task.options.tol, task.options.max_calls),
    lambda state: replace(state, scale2=None, radius=None, step=None, length=None, predicted=None, first=None),
    lambda task, machine, state, exact: fumili_end(task.problem, machine, state),
    lambda strategy, exact: strategy,
    lambda strategy: True,
    gauss_newton=True,
)
HESSE = Stage(
    _hesse_start,
    lambda state: state,
    _hesse_end,
    lambda strategy, exact: strategy,
    lambda strategy: True,
    once=True,
)
LADDER = _ladder()
MINOS_NEWTON, MINOS_CLASSIC = _minos(False), _minos(True)
