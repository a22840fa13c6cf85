"""The function to minimise: a callable, its data as leaves, and the error definition, in one pytree."""

import abc
import numbers
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.types import Scalar
from jaxminuit.problem.columns import as_array
from jaxminuit.problem.returned import real_matrix, real_vector
from jaxminuit.problem.terms import Part, Terms, no_terms

# what JAX raises when a function wants the number behind a tracer
UNTRACEABLE = (
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.ConcretizationTypeError,
    jax.errors.NonConcreteBooleanIndexError,
)


class AbstractFCN(eqx.Module):
    """Anything that can be minimised by a compiled machine. Cost functions are FCNs too."""

    errordef: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def evaluate(self, params: Any) -> Scalar:
        """FCN value at `params`, which has the structure given to Parameters."""

    def terms(self, params: Any) -> Terms:
        """The terms that the value is the sum of; TypeError if the FCN does not show them."""
        raise no_terms(self)

    def parts(self, rows: int) -> tuple[Part, ...]:
        """The FCNs that this one is the sum of; those that can be cut are cut into blocks of about `rows` terms."""
        return (Part(self, 1.0, _same, None),)


def _same(params: Any) -> Any:
    return params


class AbstractFunctionFCN(AbstractFCN):
    """A traced function of the parameters (and of data), whatever its output means."""

    fun: Callable
    data: Any
    errordef: Scalar
    has_data: bool = eqx.field(static=True)

    def _set(self, fun: Callable, data: Any, errordef: Any) -> None:
        if not callable(fun):
            raise TypeError(f"fun must be callable, not {fun!r}")
        self.fun = fun if isinstance(fun, eqx.Module | jax.tree_util.Partial) else StaticFunction(fun)
        self.has_data = data is not None
        self.data = as_data(data)
        self.errordef = as_errordef(errordef)

    def output(self, params: Any) -> Any:
        """fun(params) or fun(params, data); TypeError if fun cannot be traced."""
        try:
            return self.fun(params, self.data) if self.has_data else self.fun(params)
        except UNTRACEABLE as error:
            raise TypeError(
                f"{self.fun!r} cannot be traced by JAX: use jax.numpy in it, or wrap it as jaxminuit.HostFCN "
                "to run it on the host with finite differences"
            ) from error


class FCN(AbstractFunctionFCN):
    """A traced function of the parameters (and of data) with its error definition.

    Parameters
    ----------
    fun
        ``fun(params)``, or ``fun(params, data)`` if `data` is given; returns a real scalar. `params` has the structure
        that was given to Parameters. Must be traceable by JAX. Callable pytrees (equinox Modules) keep their arrays
        as leaves.
    data
        Any pytree of arrays. A leaf of the FCN, never a constant of the compiled program: new data of the same
        shape does not compile again.
    errordef
        UP: the FCN rises by this much at one standard deviation. 1 for chi-square (default), 0.5 for a negative
        log-likelihood. (Minuit manual, section 1.1 and SET ERRordef.)

    Raises
    ------
    TypeError
        If `fun` is not callable, or data contain something that is not an array of numbers.
    ValueError
        If `errordef` is not a positive number.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> import jaxminuit as jm
    >>> fcn = jm.FCN(lambda p, x: jnp.sum((x - p["mu"]) ** 2), data=jnp.array([1.0, 2.0]))
    >>> float(fcn.evaluate({"mu": 1.0}))
    1.0
    """

    def __init__(self, fun: Callable, data: Any = None, errordef: float = 1.0):
        self._set(fun, data, errordef)

    def evaluate(self, params: Any) -> Scalar:
        """The output of fun."""
        return self.output(params)


class HostFCN:
    """A function that JAX cannot trace (NumPy, numba, C++, stateful): called on the host, one point at a time.

    Fits of it run in a Python loop: on the user's gradient if there is one, else with Minuit's finite differences.
    Immutable; compared by identity.

    Parameters
    ----------
    fun
        ``fun(params)`` with the structure that was given to Parameters, its numbers as Python floats and NumPy arrays;
        returns a real scalar. Its exceptions pass through.
    errordef
        UP, as in FCN.
    grad
        ``grad(params)``: first derivatives for all parameters, fixed ones too, as one sequence in their order or in the
        structure of params. Default None: finite differences.
    g2
        ``g2(params)``: second derivatives along each parameter, in the same form. Only with `grad`: the diagonal of a
        Hessian that is made of differences of gradients.
    hessian
        ``hessian(params)``: (n, n) matrix of second derivatives. Only with `grad`. Default None: central differences of
        the gradient, 2n calls of it for n free parameters.

    Raises
    ------
    TypeError
        If one of the functions is not callable.
    ValueError
        If `errordef` is not a positive number, or there are second derivatives without first ones.
    """

    def __init__(
        self,
        fun: Callable,
        errordef: float = 1.0,
        *,
        grad: Callable | None = None,
        g2: Callable | None = None,
        hessian: Callable | None = None,
    ):
        given = {"grad": grad, "g2": g2, "hessian": hessian}
        for name, function in {"fun": fun, **{k: f for k, f in given.items() if f is not None}}.items():
            if not callable(function):
                raise TypeError(f"{name} must be callable, not {function!r}")
        if grad is None and not (g2 is None and hessian is None):
            raise ValueError("g2 and hessian are used together with grad only, but grad is None")
        self.fun, self.grad, self.g2, self.hessian = fun, grad, g2, hessian
        self.errordef = as_errordef(errordef)

    @property
    def has_grad(self) -> bool:
        """Whether there is a gradient."""
        return self.grad is not None

    def evaluate(self, params: Any) -> float:
        """fun(params) as a float; TypeError unless it is a real scalar."""
        value = np.asarray(self.fun(params))
        if value.size != 1:
            raise TypeError(f"the FCN must return a scalar, but it returned an array of shape {value.shape}")
        if value.dtype.kind not in "fiub":
            raise TypeError(f"the FCN must return a real number, but it returned {value.dtype}")
        return float(value.reshape(()))

    def gradient_at(self, params: Any, n: int) -> np.ndarray:
        """grad(params) as n numbers; WrongResultError (a TypeError) if it is something else."""
        return real_vector(_given(self.grad, "grad")(params), n)

    def g2_at(self, params: Any, n: int) -> np.ndarray:
        """g2(params) as n numbers; WrongResultError if it is something else."""
        return real_vector(_given(self.g2, "g2")(params), n)

    def hessian_at(self, params: Any, n: int) -> np.ndarray:
        """hessian(params) as a matrix; WrongResultError if it is something else."""
        return real_matrix(_given(self.hessian, "hessian")(params), n)


def _given(function: Callable | None, name: str) -> Callable:
    """A function that a HostFCN was made with."""
    if function is None:
        raise TypeError(f"the HostFCN was made without {name}")
    return function


AnyFCN = AbstractFCN | HostFCN


class Untraced(AbstractFCN):
    """What stands for a HostFCN in a traced program: its errordef alone."""

    errordef: Scalar

    def evaluate(self, params: Any) -> Scalar:
        """Never called: the host evaluates."""
        raise TypeError("a HostFCN cannot be evaluated in a compiled program")


class StaticFunction(eqx.Module):
    """A plain Python function as part of a pytree: compared by identity, traced once."""

    function: Callable = eqx.field(static=True)

    def __call__(self, *args):
        """Call the function."""
        return self.function(*args)


def as_data(data: Any) -> Any:
    """The pytree with every leaf a JAX array (tracers pass)."""

    def convert(path, leaf):
        if isinstance(leaf, jax.Array):
            return leaf
        where = jax.tree_util.keystr(path)
        array = as_array(leaf, f"data{where}")
        if array.dtype.kind not in "biufc":
            where = where or "data"
            raise TypeError(f"data must be arrays of numbers, but {where} is {leaf!r}")
        return jnp.asarray(array)

    return jax.tree_util.tree_map_with_path(convert, data)


def as_errordef(errordef: Any) -> Scalar:
    """The error definition as a float array; ValueError unless positive."""
    array = errordef if isinstance(errordef, jax.Array) else np.asarray(errordef)
    usable = array.dtype.kind in "iuf"
    if usable and not isinstance(errordef, jax.core.Tracer):
        usable = bool(np.all(np.isfinite(array)) and np.all(np.asarray(array) > 0))
    if not usable:
        raise ValueError(f"errordef must be a positive number, not {errordef!r}")
    return jnp.array(array, jnp.result_type(float))


def check_scalar(value: Any) -> Scalar:
    """`value` if it is a real floating-point scalar, else TypeError that says what the FCN returned."""
    if not isinstance(value, jax.Array | np.ndarray | np.generic | numbers.Number):
        raise TypeError(f"the FCN must return a scalar, but it returned {value!r}")
    array = jnp.asarray(value)
    if array.ndim != 0 and array.size != 1:
        raise TypeError(f"the FCN must return a scalar, but it returned an array of shape {array.shape}")
    if not jnp.issubdtype(array.dtype, jnp.floating):
        raise TypeError(f"the FCN must return a real floating-point number, but it returned {array.dtype}")
    return array.reshape(())
