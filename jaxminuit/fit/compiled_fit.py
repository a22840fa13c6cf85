"""Fits compiled ahead of time, and kept in files for processes that shall not compile."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
from jax import export

from jaxminuit.core import executable
from jaxminuit.core.cache import no_cache
from jaxminuit.core.compiling import options_for
from jaxminuit.core.signature import Signature, as_array, as_kind, path_name, signature_of
from jaxminuit.core.tree import is_traced
from jaxminuit.fit.fit_file import Saved, read, results_of, write
from jaxminuit.problem.fcn import HostFCN


@dataclass(frozen=True, eq=False, repr=False)
class CompiledFit:
    """A fit compiled for arguments of given shapes. Made by `compiled` and `load_compiled`, called like the function.

    Arguments may hold other numbers than those it was compiled for: other data, start values, limits, fixed flags.
    Their shapes, the model, the names of the parameters and all options are those it was compiled for. Not to be
    called inside `jit`, `vmap` or `grad`: put these into the function that is compiled.

    Attributes
    ----------
    name
        Name of the function.
    """

    name: str
    _signature: Signature
    _returns: Any  # the same of the results
    _program: Any  # from arrays to a list of arrays: compiled here, or from a file
    _lowered: Any  # the function of a list of arrays, and what stands for them; None if it comes from a file
    _accepted: set  # JAX's structures of arguments that are known to be right

    def __call__(self, *arguments: Any) -> Any:
        """What the function returns for these arguments.

        Raises
        ------
        TypeError
            If the arguments are made in another way than those it was compiled for, hold another kind of number, or
            are traced.
        ValueError
            If an array has another shape.
        """
        if is_traced(arguments):
            raise TypeError(f"{self} is compiled already: it cannot be called inside jit, vmap or grad")
        flat, structure = jax.tree_util.tree_flatten_with_path(arguments)
        if structure not in self._accepted:
            self._check(arguments, structure)
        names, wanted = self._signature.paths, self._signature
        arrays = [as_kind(leaf, dtype, name) for (_, leaf), dtype, name in zip(flat, wanted.dtypes, names, strict=True)]
        for array, shape in zip(arrays, wanted.shapes, strict=True):
            if array.shape != shape:
                wanted.check(signature_of(arguments))
        return jax.tree_util.tree_unflatten(self._returns, self._program(*arrays))

    def _check(self, arguments: tuple, structure: Any) -> None:
        """TypeError unless the arguments are made as they should be; what passed once is not looked at again."""
        self._signature.check(signature_of(arguments))
        if self._lowered is not None:
            raise TypeError(f"{self} was compiled for another function: compile one for each function")
        self._accepted.add(structure)

    def save(self, path: str | os.PathLike, *, portable: bool = False) -> Path:
        """Write the program to a file, for `load_compiled` in another process.

        Parameters
        ----------
        path
            The file; written whole or not at all.
        portable
            Also keep a form that JAX can compile on other processors and with later versions of JAX (for half a year;
            for CPUs, and NVIDIA and AMD GPUs if JAX can lower the function for them). Needs flatbuffers
            (``pip install "jaxminuit[export]"``).

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the fit was itself loaded from a file: copy that file.
        """
        if self._lowered is None:
            raise ValueError(f"{self} comes from a file: copy that file")
        saved = Saved(
            name=self.name,
            signature=self._signature,
            outputs=self._returns.num_leaves,
            results=results_of(self._returns),
            code=executable.packed(self._program),
            portable=_portable(*self._lowered) if portable else b"",
        )
        return write(path, saved)

    def __repr__(self) -> str:
        entries = zip(self._signature.paths, self._signature.dtypes, self._signature.shapes, strict=True)
        return (
            f"CompiledFit({self.name}: {', '.join(f'{path} {dtype}{list(shape)}' for path, dtype, shape in entries)})"
        )

    def __str__(self) -> str:
        return f"the compiled fit {self.name}"


def compiled(function: Callable, *arguments: Any, **options: Any) -> CompiledFit:
    """Compile a fit, or any function with fits in it, for arguments of the shapes of these.

    Everything that the function can do is in one program: also what is otherwise compiled only when a fit needs it,
    such as the retries of `minimize_all`. It is compiled anew, whatever `enable_cache` keeps, and a call costs no more
    than handing over the arrays.

    Parameters
    ----------
    function
        `migrad`, `hesse`, `minos`, `minimize_all` ..., or a function of your own that calls them; of pytrees of arrays
        to a pytree of arrays (FCNs, costs, Parameters and all results are such). It is traced once.
    arguments
        Arguments like those of later calls; their numbers do not matter. ``jax.ShapeDtypeStruct`` may stand
        for an array.
    options
        Keyword arguments for the function, the same in every call: ``strategy=2``.

    Returns
    -------
    CompiledFit
        To be called with arguments of the same shapes, or saved.

    Raises
    ------
    TypeError
        A function that is not callable, a HostFCN, or an argument that is not numbers.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> import jaxminuit as jm
    >>> def line(y):
    ...     fcn = jm.ResidualFCN(lambda p, y: p["a"] + p["b"] * jnp.arange(4.0) - y, data=y)
    ...     return jm.migrad(fcn, jm.Parameters({"a": 0.0, "b": 1.0}))
    >>> fit = jm.compiled(line, jnp.zeros(4))
    >>> [round(float(x), 4) for x in fit(jnp.array([1.0, 3.0, 5.0, 7.0])).values]
    [1.0, 2.0]
    """
    if not callable(function):
        raise TypeError(f"function must be callable, not {function!r}")
    for argument in arguments:
        if isinstance(argument, HostFCN):
            raise TypeError(f"a HostFCN runs on the host, where there is nothing to compile: {argument!r}")
    signature = signature_of(arguments)
    flat, structure = jax.tree_util.tree_flatten_with_path(arguments)
    shapes = [_shape(as_array(leaf, path_name(path))) for path, leaf in flat]
    returned = []

    def listed(*leaves):
        results = function(*jax.tree_util.tree_unflatten(structure, leaves), **options)
        arrays, tree = jax.tree_util.tree_flatten(results)
        returned.append(tree)
        return arrays

    lowered = jax.jit(listed, compiler_options=options_for(shapes, safe=True) or None).lower(*shapes)
    with no_cache():
        program = lowered.compile()
    name = getattr(function, "__name__", type(function).__name__)
    return CompiledFit(name, signature, returned[-1], program, (listed, shapes), {structure})


def load_compiled(path: str | os.PathLike) -> CompiledFit:
    """The compiled fit of a file, ready to run: neither the model nor its FCN is traced or compiled.

    Load only files that you trust: a file holds machine code, which runs.

    Parameters
    ----------
    path
        A file that `CompiledFit.save` has written.

    Returns
    -------
    CompiledFit
        The same function of the same arguments.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is something else, is damaged, or was written by another version of jaxminuit, for another version of
        JAX or for another processor; with its portable form only the first three.
    """
    saved, program, returns = read(path)
    return CompiledFit(saved.name, saved.signature, returns, program, None, set())


def _shape(leaf: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype)


def _portable(function: Callable, shapes: list[jax.ShapeDtypeStruct]) -> bytes:
    """The program in the form that JAX can compile elsewhere: for all platforms that can be, else for this one."""
    try:
        import flatbuffers  # noqa: F401
    except ImportError as error:
        raise ImportError('the portable form needs flatbuffers: pip install "jaxminuit[export]"') from error
    exported = partial(export.export, jax.jit(function))
    try:
        return bytes(exported(platforms=("cpu", "cuda", "rocm"))(*shapes).serialize())
    except NotImplementedError:
        return bytes(exported()(*shapes).serialize())
