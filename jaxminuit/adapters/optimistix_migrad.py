"""Migrad as a minimiser of optimistix: one evaluation of the function a step, in optimistix's own loop.

Optimistix differentiates through the solution by the implicit function theorem, as it does for its own minimisers.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.precision import precision
from jaxminuit.core.safe import safe_divide
from jaxminuit.core.status import Status
from jaxminuit.core.tree import select
from jaxminuit.core.types import Flag, Scalar, leaf
from jaxminuit.fit.job import origin_of
from jaxminuit.fit.single import migrad_begin
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.migrad import migrad_machine
from jaxminuit.minimise.migrad_state import MigradState
from jaxminuit.problem.evaluate import exact_answer
from jaxminuit.problem.fcn import AbstractFCN, Untraced
from jaxminuit.problem.parameters import Parameters
from jaxminuit.problem.problem import Problem
from jaxminuit.problem.request import Kind
from jaxminuit.problem.strategy import as_strategy

UP = 0.5  # V is then the inverse Hessian in every respect
ENDLESS = 2**31 - 1  # calls: optimistix counts the steps


class _Objective(AbstractFCN):
    """fn(y, args) of optimistix, without its auxiliary output."""

    arrays: Any
    rest: Any = eqx.field(static=True)
    dtypes: Any = eqx.field(static=True)
    errordef: Scalar

    def evaluate(self, params: Any) -> Scalar:
        """The value at parameters in the user's dtypes."""
        fn, args = eqx.combine(self.arrays, self.rest)
        return fn(jax.tree_util.tree_map(lambda x, dtype: x.astype(dtype), params, self.dtypes), args)[0]


def Migrad(rtol: float, atol: float, *, strategy: int = 1) -> Any:
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
        the start or wherever the search could go; ``nonlinear_divergence`` where there is no minimum, or it could not
        be approached to within the tolerances.

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
        strategy: Any = eqx.field(static=True)  # type: ignore[misc]  # AbstractVars of the base come first
        norm: Callable = eqx.field(static=True, default=optimistix.max_norm)

        def init(self, fn, y, args, options, f_struct, aux_struct, tags):
            return _begin(y, self.strategy)

        def step(self, fn, y, args, options, state, tags):
            state = _step(self, fn, y, args, state)
            return _like(y, state.migrad.x), state, _no_aux(fn, y, args)

        def terminate(self, fn, y, args, options, state, tags):
            s, near = state.migrad, _near(self, state.migrad)
            failed = results.where(s.status == Status.NOT_FINITE, results.nonfinite, results.nonlinear_divergence)
            valid = s.status <= Status.AT_LIMIT
            over = _finished(self, s) & (near | ~valid | state.stalled)
            return over, results.where(over & ~(near & valid), failed, results.successful)

        def postprocess(self, fn, y, aux, args, options, state, tags, result):
            if jax.tree_util.tree_leaves(aux):  # the last trial may have been somewhere else
                aux = fn(y, args)[1]
            s = state.migrad
            stats = {"edm": s.edm, "status": s.status, "num_evaluations": s.nfcn, "num_hessians": s.nhessian}
            return y, aux, stats

    return Migrad


class _State(eqx.Module):
    """Migrad, and whether Newton's steps after it no longer help."""

    migrad: MigradState
    stalled: Flag


def _begin(y, strategy) -> _State:
    problem = Problem(Untraced(jnp.asarray(UP)), Parameters(y))
    zero = jnp.zeros((), problem.parameters.values.dtype)
    _, state = migrad_begin(problem, origin_of(problem.parameters), zero, jnp.int32(ENDLESS), strategy, True)
    return jax.tree_util.tree_map(jnp.asarray, _State(state, leaf(False)))


def _step(solver, fn, y, args, state: _State) -> _State:
    """One question of Migrad answered; when it has finished, one of Newton's steps with its last V.

    Migrad ends some 1e-7 standard deviations from the minimum, which may be more than the tolerances want.
    """
    s, machine = state.migrad, _machine(solver, state.migrad)
    dtypes = jax.tree_util.tree_map(lambda leaf: leaf.dtype, y)
    parts = eqx.partition((fn, args), eqx.is_array)
    problem = Problem(_Objective(*parts, dtypes, jnp.asarray(UP)), Parameters(y))
    finished, request = machine.finished(s), machine.ask(s)
    request = replace(
        request,
        u=jnp.where(finished, s.x - s.error.v @ s.g, request.u),
        kind=jnp.where(finished, Kind.GRADIENT, request.kind).astype(jnp.int32),
    )
    reply = exact_answer(problem, request, solver.strategy.level > 0)
    edm = error_matrix.edm(reply.g, s.error.v)
    better = (edm < 0.5 * s.edm) & jnp.isfinite(reply.f)
    polished = replace(s, x=request.u, f=reply.f, g=reply.g, edm=edm, nfcn=s.nfcn + 1)
    after = select(better, polished, s)
    return _State(select(finished, after, machine.tell(s, reply)), state.stalled | (finished & ~better))


def _finished(solver, s: MigradState) -> Flag:
    return _machine(solver, s).finished(s)


def _tolerances(solver, s: MigradState):
    """atol + rtol |f| and atol + rtol |y|."""
    f = jnp.abs(jnp.where(jnp.isfinite(s.f), s.f, 0.0))
    return solver.atol + solver.rtol * f, solver.atol + solver.rtol * jnp.abs(s.x)


def _near(solver, s: MigradState) -> Flag:
    """Whether the estimated minimum is within the tolerances."""
    of_f, of_y = _tolerances(solver, s)
    return (solver.norm((s.error.v @ s.g) / of_y) < 1.0) & (s.edm < of_f)


def _machine(solver, s: MigradState):
    """Migrad with the goal for the EDM that the tolerances mean at the present point, as far as its floor lets it.

    With d the step to the minimum, EDM = d.H.d / 2, and |d_i| <= sqrt(2 EDM V_ii).
    """
    of_f, of_y = _tolerances(solver, s)
    spread = jnp.diagonal(s.error.v)
    of_steps = jnp.where(spread > 0, 0.5 * of_y * safe_divide(of_y, spread), jnp.inf)
    goal, up = jnp.minimum(of_f, jnp.min(of_steps)), jnp.asarray(UP, s.x.dtype)
    unlimited = jnp.zeros(s.x.shape, bool)
    return migrad_machine(up, goal / (0.002 * up), precision(s.x.dtype), unlimited, solver.strategy, True)


def _like(y: Any, vector) -> Any:
    """A vector in the structure of y, and with the dtypes of its leaves."""
    tree = Parameters(y).unflatten(vector)
    return jax.tree_util.tree_map(lambda new, old: new.astype(old.dtype), tree, y)


def _no_aux(fn, y, args) -> Any:
    """What has the shapes of the auxiliary output; that itself is made at the end."""
    shapes = eqx.filter_eval_shape(lambda: fn(y, args)[1])
    struct = jax.ShapeDtypeStruct
    return jax.tree_util.tree_map(
        lambda x: jnp.zeros(x.shape, x.dtype) if isinstance(x, struct) else x,
        shapes,
        is_leaf=lambda x: isinstance(x, struct),
    )
