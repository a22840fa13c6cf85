"""Toys: data generated on the device, fitted many at once, and kept so that nothing gets lost."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import jax

from jaxminuit.batch.chunks import fill
from jaxminuit.batch.columns import columns_of
from jaxminuit.batch.fit_many import fit_many
from jaxminuit.batch.order import chunk_of, key_note, options_of, parameters_of, share_of, start_note
from jaxminuit.batch.progress import check_progress
from jaxminuit.batch.pulls import truth_of
from jaxminuit.batch.recipe import recipe_of
from jaxminuit.batch.store import Manifest, opened
from jaxminuit.batch.study import Study, study_of
from jaxminuit.core.version import __version__
from jaxminuit.fit.checks import as_key, whole
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AbstractFCN
from jaxminuit.problem.parameters import Parameters


def toys(
    generate: Callable,
    fcn: AbstractFCN | Callable,
    start: Parameters | FunctionMinimum,
    *,
    n: int,
    key: Any,
    store: str | os.PathLike | None = None,
    truth: Any = None,
    hesse: bool = False,
    minos: bool | str | Sequence = False,
    cl: float | None = None,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    iterate: int = 5,
    precision: float | None = None,
    lanes: int | str = "auto",
    devices: Any = None,
    chunk: int | str = "auto",
    process: tuple[int, int] | None = None,
    progress: Any = False,
) -> Study:
    """Generate and fit many toy data sets, keep what came of each, and say what that means for the fit.

    Toy number i has the key ``jax.random.fold_in(key, i)``, so it is the same toy for any number of toys, chunks,
    processes, and however often the study was interrupted. Data are generated on the device, for a few thousand toys at
    a time whatever n is, and fitted by `fit_many`; fits that fail go through its retries, and those that still fail
    stand in the ledger `Study.failures`.

    With `store` every chunk is a file that is written under another name, flushed to the disk and renamed. Whatever
    happens costs the chunk that was being worked on; the same call goes on where the study stopped, and ends with the
    same numbers, bit for bit on the same machine. n may then be larger, or smaller: the study is the first n toys.

    Parameters
    ----------
    generate
        ``generate(key) -> data``: a traceable function of a JAX key. Returns a pytree of arrays, always of the same
        shapes: pad samples of different length, and give the padding weight 0 or mask it.
    fcn
        An FCN, whose data are replaced by what `generate` returns (of the same structure, shapes and kinds of numbers);
        or a function that makes the FCN or cost function from the data, as ``lambda x: cost.UnbinnedNLL(x, pdf)``; or
        a cost function, if `generate` returns one of the same kind with other data.
    start
        Parameters, or a FunctionMinimum to go on from, the same for all toys.
    n
        Number of toys.
    key
        JAX key of the study, or a whole number to make one.
    store
        Directory of the results; made if there is none. Default: results are kept in memory only. Needs pyarrow. Other
        programs can read its Parquet files, one a chunk: columns index, fval, edm, status, matrix_status, rung, nfcn,
        key:0, key:1, and for a parameter mu value:mu, error:mu, lower:mu, upper:mu, lower_status:mu, upper_status:mu.
        The last chunk holds a few toys beyond n.
    truth
        True values of the parameters for pulls, bias and coverage: a mapping from names, the structure of the
        parameters, or a vector. Default: the start values.
    hesse, minos, cl, strategy, tol, gradient, max_calls, iterate, precision, lanes, devices
        As in `fit_many`. ``devices="all"`` are those of this process.
    chunk
        Toys that are generated, fitted and stored at once. Default "auto": from n and the size of the data. A store
        that exists keeps its own.
    process
        (number of this process, how many there are): this one does every so many-th chunk. Several processes may
        write to one store at a time. Default: as JAX's distributed runtime says if it was started
        (``jax.distributed.initialize``), else (0, 1).
    progress
        True for rate and expected end (tqdm if it is installed, a bar in Jupyter, or a line on stderr), or a function
        that is called with the number of toys done and that of all, those of this process.

    Returns
    -------
    Study
        All toys that are there at the end, also those of other processes in the same store.

    Raises
    ------
    TypeError, ValueError
        Arguments that cannot be meant, a `generate` that returns other shapes than the FCN has or does not use its
        key: before anything is compiled. A store of another study or with other options, a directory that is no store,
        a file that is damaged.
    OSError
        If results cannot be written, because the disk is full for example; what was written before is kept.
    ImportError
        If `store` is given and pyarrow is not installed.

    Examples
    --------
    >>> import jax
    >>> import jax.numpy as jnp
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p, x: jnp.sum((x - p["mu"]) ** 2), data=jnp.zeros(5))
    >>> study = jm.toys(lambda key: jax.random.normal(key, (5,)), fcn, jm.Parameters({"mu": 0.0}), n=100, key=1)
    >>> len(study.failures())
    0
    """
    check_progress(progress)
    share, key, parameters = share_of(process), as_key(key), parameters_of(start)
    options = options_of(start, hesse, minos, cl, strategy, tol, gradient, max_calls, iterate, precision)
    truth = None if truth is None else truth_of(parameters.names, truth)
    recipe, prints = recipe_of(generate, fcn, parameters, key)
    numbers = recipe.numbers(key)
    n = whole("n", n)
    manifest = Manifest(
        names=list(parameters.names),
        n=n,
        chunk=chunk_of(chunk, n, share[1], numbers),
        key=key_note(key),
        start=start_note(start),
        options=options,
        generate=prints.generate,
        fcn=prints.fcn,
        jaxminuit=__version__,
    )
    kept = opened(store, manifest)
    with_own = options | {"strategy": strategy}  # which may be one that JSON does not have
    if isinstance(devices, str) and devices == "all":
        devices = jax.local_devices()

    def work(first, size, told):
        made, words = recipe.toys(key, first, size)
        fits = fit_many(made, start, in_axes=0, lanes=lanes, devices=devices, progress=told, **with_own)
        return columns_of(fits, first, words, options["minos"])

    fill(kept, share, progress, numbers, work)
    return study_of(kept, truth)
