"""The two forms of an FCN: one JAX array, or the five arguments of the Fortran subroutine."""

import inspect
import io
from collections.abc import Callable
from contextlib import redirect_stdout

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.command.ctrl_c import CtrlC
from jaxminuit.command.failures import in_words
from jaxminuit.command.state import MAX_EXTERNAL, Parameter
from jaxminuit.problem.fcn import FCN, UNTRACEABLE, HostFCN, check_scalar

FORTRAN_ARGUMENTS = 5
UNTOUCHED = -54321.0  # what stands in the gradient before the FCN may fill it


class FunctionError(RuntimeError):
    """The user's FCN raised an exception, or returned something that is no number."""


class UserFunction:
    """An FCN as commands need it: values at all external parameters, and the problem that fits are made of.

    Parameters
    ----------
    fcn
        ``fcn(x)`` of one array, x[i-1] is parameter i; or ``fcn(npar, grad, xval, iflag, futil)`` as in Fortran, which
        fills ``grad`` when ``iflag`` is 2 and returns the value, or None to leave it as it was.
    futil
        Passed on to the FCN as its last argument.
    stand
        Called by the command STANDARD.

    Raises
    ------
    TypeError
        If `fcn` is not callable, or takes neither one nor five arguments.
    """

    def __init__(self, fcn: Callable, futil: Callable | None = None, stand: Callable | None = None):
        self.fortran = takes_five(fcn)
        self.fcn, self.futil, self.stand = fcn, futil, stand
        self.ctrl_c = CtrlC()
        self.printed: list[str] = []
        self._last = 0.0
        self.touched = True  # whether the last call gave a value
        self._traced: dict[int, bool] = {}
        self._compiled = jax.jit(_scalar(fcn))  # not for five arguments

    def traced(self, size: int) -> bool:
        """Whether JAX can trace it for vectors of that size, and for many of them at once, as finite differences do."""
        if self.fortran:
            return False
        if size not in self._traced:
            try:
                points = jax.ShapeDtypeStruct((1, size), jnp.result_type(float))
                with redirect_stdout(io.StringIO()):  # what it prints comes again when it is called
                    jax.eval_shape(jax.vmap(_scalar(self.fcn)), points)
                self._traced[size] = True
            except (*UNTRACEABLE, NotImplementedError):  # the latter from callbacks that take no batches
                self._traced[size] = False
            except (Exception, SystemExit) as error:
                raise FunctionError(in_words(error)) from error
        return self._traced[size]

    def value(self, x: np.ndarray, npar: int, iflag: int = 4) -> float:
        """The FCN at external values by number; what it prints is kept in `printed`. Ctrl-C is heard before it."""
        self.ctrl_c.hear()
        if self.fortran:
            return self._call(x, npar, iflag, np.zeros(MAX_EXTERNAL))
        if self.traced(len(x)):
            return float(self.protected(lambda: self._compiled(jnp.asarray(x))))
        with self.ctrl_c.heard_at_once():
            return self.protected(lambda: real_number(self.fcn(np.asarray(x))))

    def gradient(self, x: np.ndarray, npar: int) -> np.ndarray:
        """The derivatives that the FCN itself gives, by number; UNTOUCHED where it gives none."""
        if self.fortran:
            gradient = np.full(MAX_EXTERNAL, UNTOUCHED)
            self._call(x, npar, 2, gradient)
            return gradient[: len(x)]
        if not self.traced(len(x)):
            return np.full(len(x), UNTOUCHED)
        return np.asarray(self.protected(lambda: jax.grad(_scalar(self.fcn))(jnp.asarray(x))))

    def check_derivatives(self, size: int) -> None:
        """FunctionError if JAX has no first and second derivatives of it for vectors of that size."""
        if not self.fortran and self.traced(size):
            point = jax.ShapeDtypeStruct((size,), jnp.result_type(float))
            self.protected(lambda: jax.eval_shape(jax.hessian(_scalar(self.fcn)), point))

    def problem(self, parameters: tuple[Parameter, ...], constants: np.ndarray, up: float, npar: int, own: bool):
        """The FCN of the vector of all defined parameters, with `own` gradients or without, as fits take it."""
        index = np.array([p.number - 1 for p in parameters])
        if not self.fortran and self.traced(len(constants)):
            return FCN(Scattered(self.fcn, jnp.asarray(index), len(constants)), errordef=up)

        def full(params):
            x = np.array(constants)
            x[index] = params
            return x

        def grad(params):
            gradient = self.gradient(full(params), npar)[index]
            return np.where(gradient == UNTOUCHED, 0.0, gradient)

        return HostFCN(lambda params: self.value(full(params), npar), up, grad=grad if own else None)

    def take_printed(self) -> list[str]:
        """The lines that the FCN printed since the last time."""
        lines, self.printed = self.printed, []
        return lines

    def _call(self, x, npar, iflag, gradient) -> float:
        xval = np.zeros(max(MAX_EXTERNAL, len(x)))
        xval[: len(x)] = x
        with self.ctrl_c.heard_at_once():
            value = self.protected(lambda: self.fcn(npar, gradient, xval, iflag, self.futil))
        self.touched = value is not None
        if value is not None:
            self._last = self.protected(lambda: real_number(value))
        return self._last

    def protected(self, call: Callable):
        """The result of a call of the user's code, its print-out kept, its exceptions as FunctionError."""
        out = io.StringIO()
        try:
            with redirect_stdout(out):
                return call()
        except (Exception, SystemExit) as error:
            raise FunctionError(in_words(error)) from error
        finally:
            if out.tell():
                self.printed += out.getvalue().splitlines()


class Scattered(eqx.Module):
    """The FCN of the defined parameters alone: put in their places among all numbers, 0 elsewhere."""

    fun: Callable = eqx.field(static=True)
    index: jax.Array
    size: int = eqx.field(static=True)

    def __call__(self, values):
        return self.fun(jnp.zeros(self.size, values.dtype).at[self.index].set(values))


def takes_five(fcn: Callable) -> bool:
    """Whether the FCN has the five arguments of Fortran rather than one; TypeError for other numbers."""
    if not callable(fcn):
        raise TypeError(f"fcn must be a function, not {fcn!r}")
    try:
        signature = inspect.signature(fcn)
    except (TypeError, ValueError):
        return False
    for arguments in (1, FORTRAN_ARGUMENTS):
        try:
            signature.bind(*[None] * arguments)
        except TypeError:
            continue
        return arguments == FORTRAN_ARGUMENTS
    raise TypeError(f"fcn must take one array, or npar, grad, xval, iflag, futil; but it takes {signature}")


def real_number(value) -> float:
    """What an FCN returned, as a number; TypeError if it is none."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or array.size != 1:
        kind = f"an array of shape {array.shape}" if array.ndim and array.dtype.kind in "fiub" else repr(value)[:60]
        raise TypeError(f"the FCN must return a real number, but it returned {kind}")
    return float(array.reshape(()))


def _scalar(fcn: Callable) -> Callable:
    return lambda x: check_scalar(fcn(x))
