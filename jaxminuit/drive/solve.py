"""A machine, a problem and a crank joined: the state when it is finished."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax

from jaxminuit.core.compiling import quick_jit
from jaxminuit.drive import compiled, host, lanes, vmapped
from jaxminuit.drive.derivatives import HostDerivatives
from jaxminuit.minimise.finite import Finite
from jaxminuit.minimise.machine import Machine
from jaxminuit.minimise.migrad_finite import FiniteMigrad
from jaxminuit.problem.evaluate import (
    exact_answer,
    gradient_answer,
    hessian_answer,
    small_answer,
    value_at,
    values_at,
    values_at_all,
)
from jaxminuit.problem.fcn import HostFCN
from jaxminuit.problem.gauss_newton import gauss_newton_answer, whole_answer
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind
from jaxminuit.problem.stencil import Stencil
from jaxminuit.problem.strategy import Strategy


def _all_of_it(state: Any) -> Any:
    return state


def stencil(problem: Problem, strategy: Strategy) -> Stencil:
    """Minuit's finite differences for a problem."""
    return Stencil(problem.errordef, problem.limited, problem.precision, strategy)


def solve_compiled(
    problem: Problem,
    machine: Machine,
    state: Any,
    strategy: Strategy,
    exact: bool,
    hessian: bool,
    seldom: bool = False,
) -> Any:
    """One `lax.while_loop`, to be called inside a jitted function; under `jax.vmap` one queue for the lanes.

    `seldom`: a large program with branches that few fits take.
    """

    def alone(problem, machine, state):
        if exact:
            return compiled.run(machine, state, lambda request: exact_answer(problem, request, hessian))
        finite = Finite(machine, stencil(problem, strategy))
        return compiled.run(finite, finite.start(state), lambda request: values_at(problem, request)).inner

    def work(problem, start):
        return lanes_work(problem, start, _all_of_it, strategy, exact, hessian)

    return vmapped.run(vmapped.Crank(alone, work, exact, seldom), problem, machine, state)


def solve_answered(problem: Problem, machine: Machine, state: Any, answer: Callable[[Problem, Any], Any]) -> Any:
    """The same for a machine all of whose requests are answered alike, by `answer(problem, request)`."""

    def alone(problem, machine, state):
        return compiled.run(machine, state, lambda request: answer(problem, request))

    def work(problem, start):
        def answered(job, request):
            return answer(problem(job), request)

        return lanes.Work(start, answered, None, None, _all_of_it, answered)

    return vmapped.run(vmapped.Crank(alone, work), problem, machine, state)


def lanes_work(
    problem: Callable[[Any], Problem],
    start: Callable[[Any], tuple[Machine, Any]],
    keep: Callable[[Any], Any],
    strategy: Strategy,
    exact: bool,
    hessian: bool,
) -> lanes.Work:
    """What lanes do with a job that has a problem, and a machine with its first state; `keep` picks from the last one.

    With exact derivatives, Hessians are the rare requests; with finite differences whole stencils are, beside the
    single values of a line search.
    """
    if exact:
        return lanes.Work(
            start,
            lambda job, request: gradient_answer(problem(job), request),
            (lambda job, request: hessian_answer(problem(job), request)) if hessian else None,
            lambda request: request.kind == Kind.HESSIAN,
            keep,
            lambda job, request: exact_answer(problem(job), request, hessian),
        )

    def finite(job):
        machine, state = start(job)
        machine = Finite(machine, stencil(problem(job), strategy))
        return machine, machine.start(state)

    return lanes.Work(
        finite,
        lambda job, request: value_at(problem(job), request),
        lambda job, request: values_at_all(problem(job), request),
        lambda request: ~request.single,
        lambda state: keep(state.inner),
        lambda job, request: values_at(problem(job), request),
        together=True,
    )


def gauss_newton_work(
    problem: Callable[[Any], Problem], start: Callable[[Any], tuple[Machine, Any]], keep: Callable[[Any], Any]
) -> lanes.Work:
    """The same for machines that want Gauss-Newton matrices: every request brings one, for next to all of them do."""
    return lanes.Work(
        start,
        lambda job, request: whole_answer(problem(job), request),
        None,
        None,
        keep,
        lambda job, request: gauss_newton_answer(problem(job), request),
    )


def small_work(
    problem: Callable[[Any], Problem], start: Callable[[Any], tuple[Machine, Any]], keep: Callable[[Any], Any]
) -> lanes.Work:
    """The same for very small problems, whose every request brings the exact Hessian."""

    def answered(job, request):
        return small_answer(problem(job), request)

    return lanes.Work(start, answered, None, None, keep, answered)


_answer = quick_jit(exact_answer, "with_hessian")
_values = quick_jit(values_at)


def solve_on_host(
    problem: Problem, fcn, machine: Machine, state: Any, strategy: Strategy, exact: bool, hessian: bool, watch=None
) -> Any:
    """A Python loop; the FCN may be traced or not. A KeyboardInterrupt brings the machine's last `state` along."""
    on_host = isinstance(fcn, HostFCN)
    if exact:
        answer = HostDerivatives(fcn, problem) if on_host else lambda request: _answer(problem, request, hessian)
        return host.run(machine, state, answer, watch)
    answer = host.values_on_host(fcn, problem.parameters) if on_host else partial(_values, problem)
    sweeping = host.Sweeping(problem if on_host else None, stencil(problem, strategy))
    return host.run(_of_any_level(machine), state, answer, watch, sweeping)


def _of_any_level(machine: Machine) -> Machine:
    """The machine with every Migrad in it serving all strategies: what one algorithm compiles serves the next."""

    def is_migrad(node):
        return isinstance(node, FiniteMigrad)

    return jax.tree_util.tree_map(lambda m: m.of_any_level() if is_migrad(m) else m, machine, is_leaf=is_migrad)
