"""Searches for a better start: Scan and Seek."""

from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core import symmetric
from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.core.tree import is_traced
from jaxminuit.drive import compiled, host
from jaxminuit.drive.solve import solve_on_host
from jaxminuit.fit.checks import as_key, finite_number, positive_number, whole
from jaxminuit.fit.job import Job, external_steps, internal_steps
from jaxminuit.fit.programs import program
from jaxminuit.minimise import error_matrix
from jaxminuit.minimise.minimum import FunctionMinimum, minimum_of
from jaxminuit.minimise.scan import Scan
from jaxminuit.minimise.seek import Seek
from jaxminuit.problem.evaluate import value_answer, values_at
from jaxminuit.problem.fcn import AnyFCN, HostFCN
from jaxminuit.problem.parameters import Parameters


def scan(
    fcn: AnyFCN,
    start: Parameters | FunctionMinimum,
    parameter: str | int | None = None,
    *,
    size: int = 40,
    low: float | None = None,
    high: float | None = None,
    driver: str = "auto",
) -> FunctionMinimum:
    """Vary one parameter after another over a grid, each time keeping the best point (Minuit manual, SCAn).

    Not a minimisation, but a way to a better start. The start is always one of the points.

    Parameters
    ----------
    fcn, start, driver
        As in `migrad`.
    parameter
        Name or number of one free parameter. Default: all free ones in turn.
    size
        Points a parameter, from 2. Default 40.
    low, high
        Ends of the range in external units, for one parameter. Default: two errors of a minimum, or two steps, to each
        side. Always cut at the limits.

    Returns
    -------
    FunctionMinimum
        Of algorithm "Scan"; `migrad` can go on from it. There is no error matrix, `errors` are the errors or steps of
        the start, `edm` is NaN and the status never better than ABOVE_EDM_GOAL: the best point of a scan is no minimum.
    """
    job = Job(fcn, start, gradient="finite", driver=driver)
    size = whole("size", size, 2)
    p = job.problem.parameters
    wanted, ends = np.ones(p.size, bool), np.full((2, p.size), np.nan)
    if parameter is not None:
        i = p.index(parameter)
        if not is_traced(p.fixed) and p.fixed[i]:
            raise ValueError(f"parameter {p.names[i]} is fixed: there is nothing to scan")
        wanted = np.arange(p.size) == i
        ends[:, i] = [
            np.nan if end is None else finite_number(name, end) for name, end in (("low", low), ("high", high))
        ]
        if ends[0, i] >= ends[1, i]:
            raise ValueError(f"low must be below high, but they are {low!r} and {high!r}")
    elif low is not None or high is not None:
        raise ValueError(f"low and high need one parameter, but parameter is None; they are {low!r} and {high!r}")
    return _scan(job, fcn, wanted, ends[0], ends[1], size, False)


def scan_grid(fcn: AnyFCN, start: Parameters | FunctionMinimum, size: int, *, driver: str = "auto") -> FunctionMinimum:
    """Values on a grid over all free parameters together, `size` points each: size^n calls for n of them.

    The range of a parameter goes from limit to limit; where there is none, one error of a minimum, or one step, from
    the value. Points are asked for in blocks, so memory does not grow with their number. Arguments and result as in
    `scan`.
    """
    job = Job(fcn, start, gradient="finite", driver=driver)
    size = whole("size", size, 2)
    fixed = job.problem.parameters.fixed
    free = fixed.size if is_traced(fixed) else int(np.sum(~np.asarray(fixed)))
    if size**free >= 2**30:
        raise ValueError(f"a grid of {size} points in each of {free} parameters is too large")
    nothing = np.full(fixed.shape, np.nan)
    return _scan(job, fcn, np.ones(fixed.shape, bool), nothing, nothing, size, True)


def seek(
    fcn: AnyFCN,
    start: Parameters | FunctionMinimum,
    *,
    key: Any,
    max_calls: int | None = None,
    devs: float = 3.0,
    driver: str = "auto",
) -> FunctionMinimum:
    """Monte Carlo search by the method of Metropolis (Minuit manual, SEEk and 5.1.4).

    Points are drawn uniformly in a box around the present one; higher points are moved to with probability
    exp((Fbest - F) / UP).

    Parameters
    ----------
    fcn, start, driver
        As in `migrad`.
    key
        Whole number or JAX key: the same key gives the same result, on every driver and in batches.
    max_calls
        The search ends after this many calls that were not lower than the one before, since the best one; and after
        ten times as many in all. Default 100 + 20 n.
    devs
        Half the width of the box, in errors of a minimum, or steps. Default 3.

    Returns
    -------
    FunctionMinimum
        Of algorithm "Seek"; otherwise as from `scan`.
    """
    job = Job(fcn, start, gradient="finite", max_calls=max_calls, driver=driver)
    devs = devs if is_traced(devs) else positive_number("devs", devs)
    machine, state = _seek_begin(job.problem, job.origin, as_key(key), job.max_calls, devs)
    if job.driver == "compiled":
        return _seek(job.problem, job.origin, machine, state)
    state = solve_on_host(job.problem, fcn, machine, state, job.strategy, False, False)
    return _best_of(job.problem, job.origin, state, "Seek")


class _Best(NamedTuple):
    """What `minimum_of` wants to know of a search that has only values."""

    free: jax.Array
    x: jax.Array
    f: jax.Array
    g: jax.Array
    g2: jax.Array
    gstep: jax.Array
    edm: jax.Array
    error: error_matrix.ErrorMatrix
    nfcn: jax.Array
    ngrad: jax.Array
    nhessian: jax.Array


@partial(quick_jit, static_argnames="algorithm")
def _best_of(problem, origin, state, algorithm):
    """The best point of a search, with the steps that it had as errors."""
    steps = external_steps(problem, origin)
    internal = internal_steps(problem, origin.values, steps)
    v = symmetric.diagonal(0.5 * internal**2 / problem.errordef, problem.free)
    error = replace(error_matrix.start(v, 1.0), status=jnp.int32(MatrixStatus.ABSENT))
    finite = jnp.isfinite(state.f)
    nan, none, zero = jnp.full_like(state.f, jnp.nan), jnp.int32(0), jnp.zeros_like(state.x)
    f, unknown = jnp.where(finite, state.f, jnp.nan), jnp.full_like(state.x, jnp.nan)
    best = _Best(problem.free, state.x, f, unknown, zero, zero, nan, error, state.nfcn, none, none)
    status = jnp.where(finite, Status.ABOVE_EDM_GOAL, Status.NOT_FINITE)
    minimum = minimum_of(problem, best, 0.002 * 0.1 * problem.errordef, status, algorithm)
    return replace(minimum, errors=jnp.where(problem.free, steps, 0.0))


def _scan(job, fcn, wanted, low, high, size, together):
    """Run a Scan; NaN ends stand for the default ones."""
    machine, state = _scan_begin(job.problem, job.origin, wanted, low, high, size, together)
    if job.driver == "compiled":
        return _scan_compiled(job.problem, job.origin, machine, state)
    on_host, p = isinstance(fcn, HostFCN), job.problem
    answer = host.values_on_host(fcn, p.parameters) if on_host else partial(_values, p)
    return _best_of(p, job.origin, host.run(machine, state, answer, asking=host.Asking(p if on_host else None)), "Scan")


_values = quick_jit(values_at)


@partial(quick_jit, static_argnames=("size", "together"))
def _scan_begin(problem, origin, wanted, low, high, size, together):
    p, steps = problem.parameters, external_steps(problem, origin)
    if together:
        ends = [jnp.where(jnp.isfinite(p.lower), p.lower, origin.values - steps)]
        ends += [jnp.where(jnp.isfinite(p.upper), p.upper, origin.values + steps)]
    else:
        ends = [origin.values - 2.0 * steps, origin.values + 2.0 * steps]
    low, high = jnp.where(jnp.isnan(low), ends[0], low), jnp.where(jnp.isnan(high), ends[1], high)
    low, high = jnp.clip(low, p.lower, p.upper), jnp.clip(high, p.lower, p.upper)
    dtype = origin.values.dtype
    machine = Scan(
        low.astype(dtype), high.astype(dtype), p.lower, p.upper, problem.precision.eps2, size, together
    )  # fmt: skip
    return machine, machine.start(problem.internal(origin.values), problem.free, wanted)


@program()
def _scan_compiled(problem, origin, machine, state):
    return _best_of(problem, origin, compiled.run(machine, state, partial(values_at, problem)), "Scan")


@quick_jit
def _seek_begin(problem, origin, key, max_calls, devs):
    n = jnp.sum(problem.free, dtype=jnp.int32)
    patience = jnp.where(max_calls > 0, max_calls, 100 + 20 * n).astype(jnp.int32)
    half = devs * internal_steps(problem, origin.values, external_steps(problem, origin))
    half = jnp.where(problem.limited, jnp.minimum(half, jnp.pi), half).astype(origin.values.dtype)
    machine = Seek(problem.errordef, key, half, patience)
    return machine, machine.start(problem.start(origin.values), problem.free)


@program()
def _seek(problem, origin, machine, state):
    return _best_of(problem, origin, compiled.run(machine, state, partial(value_answer, problem)), "Seek")
