"""What functions of the user's return on the host, as numbers of the right shape."""

from typing import Any

import jax
import numpy as np


class WrongResultError(TypeError, RuntimeError):
    """A function of the user's returned something else than real numbers, or another number of them than it must.

    A TypeError by what it says, and a RuntimeError because that is what iminuit raises.
    """


def real_vector(value: Any, n: int) -> np.ndarray:
    """n real numbers from any sequence or pytree of them; WrongResultError if they are not."""
    array = _real(value) if isinstance(value, np.ndarray | jax.Array) else _joined(value)
    if array.size != n:
        raise WrongResultError(f"result has size {array.size} but expected size is {n}")
    return array.reshape(n)


def real_matrix(value: Any, n: int) -> np.ndarray:
    """An (n, n) matrix of real numbers, made symmetric; WrongResultError if it is none."""
    array = _real(value)
    if array.ndim != 2:
        raise WrongResultError(f"number of dimensions must be 2, but the Hessian has {array.ndim}")
    if array.shape[0] != array.shape[1]:
        raise WrongResultError(f"2D matrix is not square, its shape is {array.shape}")
    if array.shape[0] != n:
        raise WrongResultError(f"result has size {array.size} but expected size is {n * n}")
    return 0.5 * (array + array.T)


def _joined(value: Any) -> np.ndarray:
    """The numbers of a sequence, a mapping or any other pytree, one after the other."""
    leaves = jax.tree_util.tree_leaves(value)
    if value is None or np.isscalar(value):
        raise not_real(value)
    return np.concatenate([np.zeros(0), *(_real(leaf).reshape(-1) for leaf in leaves)])


def _real(value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different length
        raise not_real(value) from None
    if array.dtype.kind not in "fiub":
        raise not_real(value)
    return array.astype(float)


def not_real(value: Any) -> WrongResultError:
    """The error for something that is not made of real numbers."""
    return WrongResultError(f"Unable to cast Python instance of type {type(value)} to real numbers: {value!r}")
