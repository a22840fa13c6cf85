"""Many independent fits: Migrad with its retries, or Fumili, Hesse and Minos, drained from queues by lanes."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from jaxminuit.batch.axes import Batch, batch_of, traced_batch
from jaxminuit.batch.differentiable import with_derivatives
from jaxminuit.batch.fits import Fits
from jaxminuit.batch.measuring import quickest, remembered, seconds
from jaxminuit.batch.progress import check_progress, progress_of
from jaxminuit.batch.queue import AXIS, Plan
from jaxminuit.batch.rounds import Round, Wanted
from jaxminuit.batch.stages import Options
from jaxminuit.batch.tuning import numbers_per_fit, round_length, wide_lanes_for
from jaxminuit.core.levels import rise_factor
from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import leaf
from jaxminuit.drive.tangents import constant
from jaxminuit.drive.tuning import lanes_for, power_of_two, seldom_for, sizes_for
from jaxminuit.errors.minos import Side
from jaxminuit.errors.result import MinosErrors, minos_errors
from jaxminuit.fit.checks import asked_for, whole
from jaxminuit.fit.job import Job
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.closures import opened
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.gauss_newton import check_terms, shows_terms
from jaxminuit.problem.parameters import Parameters

METHODS = ("migrad", "fumili")
# LAPACK's loops over longer stacks of matrices share threads between CPU devices, and could wait for each other
MOST_ON_SHARED_CPU = 128


def fit_many(
    fcn: AbstractFCN,
    start: Parameters | FunctionMinimum,
    *,
    method: str = "migrad",
    hesse: bool = False,
    minos: bool | str | Sequence = False,
    cl: float | None = None,
    in_axes: Any = "auto",
    lanes: int | str = "auto",
    devices: Any = None,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    iterate: int = 5,
    precision: float | None = None,
    progress: Any = False,
) -> Fits:
    """Minimise many FCNs that differ in their data, start values, limits or fixed flags: toys, pixels, scans.

    A fixed number of lanes drains a queue of fits in one compiled loop: a lane whose fit has ended takes the next one,
    so that none waits for a straggler. Every fit is the one that `migrad` makes of it (`minimize_all` with
    `iterate`), or `fumili`, then `hesse` and `minos`: same status, values within the EDM goal. A fit that fails, or
    whose FCN is NaN, leaves the others alone. Results are differentiable (``jax.grad``, ``jvp``, ``jacobian``) like
    those of single fits, but not inside `jit` or `vmap`, where ``jax.vmap(migrad)`` uses the same lanes.

    Parameters
    ----------
    fcn
        FCN whose data have a leading axis of fits, or a cost all of whose arrays have one, as from
        ``jax.vmap(lambda x: cost.UnbinnedNLL(x, pdf))(toys)``.
    start
        Parameters, or a FunctionMinimum to go on from: one for all fits, or with a leading axis. In Parameters each of
        values, steps, limits and fixed flags may have it, shape (fits, n) (see `Parameters.replace`). The minimum of a
        typical fit is a good start: its error matrix saves the other fits their first Hessian.
    method
        "migrad" (default), or "fumili": Gauss-Newton steps as in `fumili`, for FCNs that show their terms. Much faster
        for fits to a few numbers each, above all with strategy 0, where the error matrix is the inverse Gauss-Newton
        matrix. Retries are those of Migrad.
    hesse
        Whether `hesse` follows. From strategy 1 Migrad's own errors come from an exact Hessian already.
    minos
        True for all parameters, or names or numbers of some. Default False.
    cl
        Confidence level of Minos, as in `minos`.
    in_axes
        Axes of fits of the data, as in ``jax.vmap``: a number, None, or a pytree that is a prefix of the data (of the
        whole pytree for a cost). Default: 0 for all data; for a cost 0 where its errordef has an axis, else None.
    lanes
        Fits that are worked on together on each device. Default "auto": by backend and size of the data, from a table
        of measurements, so that a study that is done again has the same numbers to the last bit. "measure": a quarter,
        the same and four times as many are tried on the first fits, once in a process for fits of one kind, and the
        quickest is taken: for long studies, above all on a GPU; it costs two more compilations.
    devices
        None (default) for one device, "all", or a list of any number of JAX devices; each has lanes and a queue of its
        own. On a CPU
        there are several if JAX was told so before it started: in the environment by
        ``XLA_FLAGS=--xla_force_host_platform_device_count=2``, or by ``jax.config.update("jax_num_cpu_devices", 2)``
        before anything else.
    strategy, tol, gradient, max_calls, precision
        As in `migrad`, for every fit. Finite differences take the accuracy of the FCN as it is given: there is no
        second fit where they meet noise.
    iterate
        Rounds of retries for fits that are not valid, as in `minimize_all`; 0 for none, without Fumili and Migrad at
        strategy 2 too. Default 5. They are compiled only when a fit needs them.
    progress
        True for rate and expected end (a bar in Jupyter, tqdm if it is installed, or a line on stderr), or a function
        that is called with the number of fits done and that of all.

    Returns
    -------
    Fits
        A FunctionMinimum with a leading axis, in the order of the fits, with `minos_errors` and `summary()`.

    Raises
    ------
    TypeError, ValueError
        Arguments that cannot be meant, arrays that do not agree on the number of fits, an FCN that does not show its
        terms for "fumili", before anything is compiled.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> import jaxminuit as jm
    >>> samples = jnp.array([[1.0, 2.0, 6.0], [0.0, 1.0, 2.0]])
    >>> fits = jm.fit_many(jm.FCN(lambda p, x: jnp.sum((x - p["mu"]) ** 2), data=samples), jm.Parameters({"mu": 0.0}))
    >>> fits.values[:, 0].round(4).tolist()
    [3.0, 1.0]
    """
    fcn, start, differentiated = _without_tracers(fcn, start)
    batch = batch_of(fcn, start, in_axes)
    one_fcn, one_start, _ = batch.one(0)
    job = Job(one_fcn, one_start, strategy, tol, gradient, max_calls, "compiled", precision)
    rounds = whole("iterate", iterate, 0)
    check_progress(progress)
    by_fumili = _is_fumili(method, job)
    wanted = Wanted(by_fumili, _flag("hesse", hesse), _parameters(one_start, minos), rounds, False)
    if rounds > 0 and job.exact and not by_fumili:
        wanted = wanted._replace(terms=shows_terms(job.problem))
    dtype = one_start.values.dtype
    factor = leaf(np.asarray(rise_factor(cl), dtype))
    options = Options(job.tol, job.max_calls, leaf(np.int32(rounds)), factor, _eps(precision, dtype))
    lanes, devices = checked_lanes(lanes), checked_devices(devices)
    if lanes == "measure":
        lanes = _measured(batch, job, wanted, devices, options)
    plan, length = _plan(batch, job, wanted.fumili, lanes, devices)
    parts = []
    with progress_of(progress, batch.size) as shown:
        for first in range(0, batch.size, length):
            last = min(first + length, batch.size)
            parts.append(Round(batch, first, last, length, plan, options, shown.tell).fitted(wanted))
            shown.add(last - first)
    minimum, ends = _joined(parts)
    if differentiated is not None:
        traced = traced_batch(*differentiated, in_axes)
        minimum, ends = with_derivatives(traced, minimum, ends, options.eps, options.rise_factor, wanted.hesse)
    arrays = {field.name: getattr(minimum, field.name) for field in fields(FunctionMinimum)}
    errors = None if ends is None else _errors(minimum, options, ends)
    return Fits(**arrays, minos_errors=errors, trips=sum(part.trips for part in parts))


def _without_tracers(fcn: Any, start: Any) -> tuple[Any, Any, tuple[Any, Any] | None]:
    """FCN and start without derivatives; and as they are, if somebody differentiates."""
    if not isinstance(fcn, AbstractFCN) or not isinstance(start, Parameters | FunctionMinimum):
        return fcn, start, None  # which `batch_of` refuses
    fcn = opened(fcn)
    if not is_traced((fcn, start)):
        return fcn, start, None
    return constant(fcn), constant(start), (fcn, start)


def _measured(batch: Batch, job: Job, wanted: Wanted, used: list, options: Options) -> int:
    """The quickest number of lanes, by fitting the first few fits with several."""
    plan, _ = _plan(batch, job, wanted.fumili, "auto", used)
    alone = wanted._replace(retries=0, minos=[])
    most = MOST_ON_SHARED_CPU if plan.mesh is not None and used[0].platform == "cpu" else power_of_two(batch.size)

    def timed(lanes: int, fits: int) -> float:
        plan, length = _plan(batch, job, wanted.fumili, lanes, used)
        last = min(fits * plan.devices, length, batch.size)
        first = Round(batch, 0, last, length, plan, options, lambda _: None)
        return seconds(lambda: first.fitted(alone))

    def measure(automatic: int) -> int:
        return quickest(automatic, batch.size, most, timed)

    sizes = plan.wide if wanted.fumili and plan.wide is not None else plan.sizes
    static = (job.strategy, job.exact, wanted.fumili, wanted.hesse, tuple(used))
    return remembered((batch.one(0), options), static, min(sizes.lanes, most), measure)


def _plan(batch: Batch, job: Job, fumili: bool, lanes: int | str, used: list) -> tuple[Plan, int]:
    """What the programs are made for, and how many fits go through them at once."""
    numbers = numbers_per_fit(batch.stacked, batch.shared, batch.size)
    backend = used[0].platform if used else jax.default_backend()
    each, automatic = -(-batch.size // max(1, len(used))), lanes == "auto"
    lanes = lanes_for(backend, numbers, each, job.exact) if automatic else min(int(lanes), power_of_two(each))
    mesh = Mesh(np.array(used), (AXIS,)) if len(used) > 1 else None
    wide = wide_lanes_for(backend, numbers, job.problem.parameters.size, each, int(lanes)) if fumili else None
    length = round_length(batch.size, numbers, wide or int(lanes), max(1, len(used)), wide is not None)
    seldom = sizes_for(seldom_for(backend, int(lanes)))
    if mesh is not None and backend == "cpu" and lanes > MOST_ON_SHARED_CPU:
        raise ValueError(f"lanes must not be above {MOST_ON_SHARED_CPU} on each of several CPU devices, not {lanes}")
    wide_sizes = None if wide is None else sizes_for(wide if automatic else int(lanes))
    return Plan(job.strategy, job.exact, sizes_for(int(lanes)), mesh, seldom, wide_sizes), length


def checked_lanes(lanes: Any) -> int | str:
    """The number of lanes, "auto" or "measure"; ValueError for anything else."""
    if isinstance(lanes, str) and lanes in ("auto", "measure"):
        return lanes
    if isinstance(lanes, bool) or not isinstance(lanes, int | np.integer) or lanes < 1:
        raise ValueError(f"lanes must be 'auto', 'measure' or a whole number from 1, not {lanes!r}")
    return int(lanes)


def _is_fumili(method: Any, job: Job) -> bool:
    """Whether the method is Fumili; ValueError for no method at all, TypeError for an FCN without terms."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, not {method!r}")
    if method == "migrad":
        return False
    if not job.exact:
        raise ValueError("method 'fumili' needs exact derivatives: leave gradient as it is, or use 'migrad'")
    check_terms(job.problem)
    return True


def checked_devices(devices: Any) -> list:
    """The devices to use; none for the default one."""
    if devices is None:
        return []
    used = jax.devices() if isinstance(devices, str) and devices == "all" else devices
    listed = isinstance(used, Sequence) and not isinstance(used, str) and len(used) > 0
    if not listed or not all(isinstance(d, jax.Device) for d in used):
        raise ValueError(f"devices must be None, 'all', or a list of JAX devices, not {devices!r}")
    if len(set(used)) < len(used):
        raise ValueError(f"a device may not be twice in devices: {devices!r}")
    return list(used)


def _parameters(start: Parameters, minos: Any) -> list[int]:
    """Numbers of the parameters that Minos shall do."""
    if minos is None or isinstance(minos, bool):
        return list(range(start.size)) if minos else []
    return asked_for(start, minos)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def _eps(precision: float | None, dtype):
    return None if precision is None else np.asarray(precision, dtype)


def _joined(parts: list) -> tuple[FunctionMinimum, Side | None]:
    """Minima and ends of all rounds behind each other, on the device."""

    def joined(*leaves):
        return jnp.asarray(leaves[0] if len(leaves) == 1 else np.concatenate(leaves))

    minimum = jax.tree_util.tree_map(joined, *[part.minimum for part in parts])
    return minimum, jax.tree_util.tree_map(joined, *[part.ends for part in parts])


def _errors(minimum: FunctionMinimum, options: Options, ends: Side) -> MinosErrors:
    sides_first = jax.tree_util.tree_map(lambda x: jnp.moveaxis(x, 1, 0), ends)
    return minos_errors(minimum, options.rise_factor * minimum.errordef, sides_first)
