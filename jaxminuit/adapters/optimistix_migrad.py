"""Migrad as a minimiser of optimistix: one evaluation of the function a step, in optimistix's own loop.

Optimistix differentiates through the solution by the implicit function theorem, as it does for its own minimisers.
"""

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import Status
from jaxminuit.core.types import Scalar
from jaxminuit.fit.job import origin_of
from jaxminuit.fit.single import migrad_begin
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.migrad_state import MigradState
from jaxminuit.problem.evaluate import exact_answer
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.strategy import as_strategy

UP = 0.5  # V is then the inverse Hessian in every respect
ENDLESS = 2**31 - 1  # calls: optimistix counts the steps


class _Objective(AbstractFCN):
    """fn(y, args) of optimistix, without its auxiliary output."""

    fn: Callable
    args: Any
    errordef: Scalar

    def evaluate(self, params: Any) -> Scalar:
        """The value."""
        return self.fn(params, self.args)[0]


def Migrad(rtol: float, atol: float, *, strategy: int = 1) -> Any:  # noqa: N802: it stands where a class is expected
    """Migrad for ``optimistix.minimise(fn, jaxminuit.adapters.Migrad(rtol, atol), y0, args)``.

    It has converged when the step to the estimated minimum and the estimated drop of the function are below
    ``atol + rtol |y|`` in every component and ``atol + rtol |f|``. One step of optimistix (`max_steps`) is one
    evaluation of value and gradient; `strategy` 1 and 2 add exact Hessians, at the start, at the end and where the
    quadratic model fails. Under `jax.vmap` all members of a batch step together: for many fits `fit_many` is faster.

    ``solution.stats`` has "edm" (estimated vertical distance to the minimum), "status" (code of `jaxminuit.Status`),
    "num_evaluations" and "num_hessians".

    Parameters
    ----------
    rtol, atol
        Relative and absolute tolerance.
    strategy
        0, 1 (default) or 2, as in `jaxminuit.migrad`.

    Returns
    -------
    optimistix.AbstractMinimiser
        With results ``successful``; ``nonlinear_max_steps_reached``; ``nonfinite`` where the function is not finite at
        the start or wherever the search could go; ``nonlinear_divergence`` where there is no minimum, or it could not be
        approached to within the tolerances.

    Raises
    ------
    ImportError
        If optimistix is not installed.
    ValueError
        A tolerance that is not a positive number, or an unknown strategy.
    """
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not isinstance(value, jax.core.Tracer) and not 0 < value < np.inf:
            raise ValueError(f"{name} must be a positive number, but it is {value!r}")
    return _minimiser()(rtol, atol, as_strategy(strategy))


@functools.cache
def _minimiser() -> type:
    """The class, made when it is first wanted: what it derives from is in an optional package."""
    try:
        import optimistix
    except ImportError as error:
        raise ImportError('Migrad for optimistix needs optimistix: pip install "jaxminuit[optimistix]"') from error
    results = optimistix.RESULTS

    class Migrad(optimistix.AbstractMinimiser):
        """Migrad of jaxminuit."""

        rtol: float
        atol: float
        strategy: Any = eqx.field(static=True)
        norm: Callable = eqx.field(static=True, default=optimistix.max_norm)

        def init(self, fn, y, args, options, f_struct, aux_struct, tags):
            return _begin(fn, y, args, self.strategy)

        def step(self, fn, y, args, options, state, tags):
            state = _step(self, fn, y, args, state)
            aux = jax.eval_shape(lambda: fn(y, args)[1])
            return _like(y, state.x), state, jax.tree_util.tree_map(lambda x: jnp.zeros(x.shape, x.dtype), aux)

        def terminate(self, fn, y, args, options, state, tags):
            machine = _machine(self, state)
            nothing = state.status == Status.NOT_FINITE
            failed = results.where(nothing, results.nonfinite, results.nonlinear_divergence)
            finished = machine.finished(state)
            result = results.where(finished & (state.status > Status.AT_LIMIT), failed, results.successful)
            return finished, result

        def postprocess(self, fn, y, aux, args, options, state, tags, result):
            if jax.tree_util.tree_leaves(aux):  # the last trial may have been somewhere else
                aux = fn(y, args)[1]
            stats = {"edm": state.edm, "status": state.status}
            return y, aux, stats | {"num_evaluations": state.nfcn, "num_hessians": state.nhessian}

    return Migrad


def _problem(fn, y, args) -> Problem:
    parameters = Parameters(y)
    return Problem(_Objective(fn, args, jnp.asarray(UP)), parameters)


def _begin(fn, y, args, strategy) -> MigradState:
    problem = _problem(fn, y, args)
    zero = jnp.zeros((), problem.parameters.values.dtype)
    _, state = migrad_begin(problem, origin_of(problem.parameters), zero, jnp.int32(ENDLESS), strategy, True)
    return jax.tree_util.tree_map(jnp.asarray, state)


def _step(solver, fn, y, args, state: MigradState) -> MigradState:
    """One question answered."""
    problem, machine = _problem(fn, y, args), _machine(solver, state)
    reply = exact_answer(problem, machine.ask(state), solver.strategy.level > 0)
    return machine.tell(state, reply)


def _machine(solver, state: MigradState):
    """Migrad with the goal for the EDM that the tolerances mean at the present point.

    With s the step to the minimum, EDM = s.H.s / 2, and |s_i| <= sqrt(2 EDM V_ii).
    """
    dtype = state.x.dtype
    f = solver.atol + solver.rtol * jnp.abs(jnp.where(jnp.isfinite(state.f), state.f, 0.0))
    y = solver.atol + solver.rtol * jnp.abs(state.x)
    spread = jnp.diagonal(state.error.v)
    steps = jnp.where(spread > 0, 0.5 * y * safe_divide(y, spread), jnp.inf)
    goal = jnp.minimum(f, jnp.min(steps))
    up = jnp.asarray(UP, dtype)
    problem = Parameters(state.x)
    plain = Problem(_Objective(None, None, up), problem)
    return migrad_machine(up, goal / (0.002 * up), plain.precision, plain.limited, solver.strategy, True)


def _like(y: Any, vector) -> Any:
    """A vector in the structure of y, and with the dtypes of its leaves."""
    tree = Parameters(y).unflatten(vector)
    return jax.tree_util.tree_map(lambda new, old: new.astype(old.dtype), tree, y)
