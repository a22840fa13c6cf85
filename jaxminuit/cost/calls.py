"""Which way a cost is evaluated: inside somebody's trace, compiled, or with a model that only NumPy understands."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np


def can_trace(cost, args: tuple) -> bool:
    """Whether JAX can trace the cost at arguments of these shapes. Asked once for each cost, shapes and dtypes."""
    leaves, treedef = jax.tree_util.tree_flatten((cost, args))
    return _can_trace(treedef, tuple(_kind(leaf) for leaf in leaves))


def _kind(leaf):
    if isinstance(leaf, jax.Array | np.ndarray | np.generic | jax.ShapeDtypeStruct):
        return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype)
    return leaf


@functools.lru_cache(maxsize=1024)
def _can_trace(treedef, kinds) -> bool:
    cost, args = jax.tree_util.tree_unflatten(treedef, kinds)
    try:
        eqx.filter_eval_shape(_value, cost, args)
    except Exception:  # what a foreign model raises when it meets a tracer is up to that model
        return False
    return True


def _value(cost, args):
    return cost.traced_value(args)


def traced_gradient(cost, args):
    """dF/dp by autodiff, one array for each argument."""
    return jax.grad(lambda args: cost.traced_value(args))(args)


def _sensitivity(cost, output):
    return jax.grad(lambda output: cost.reduce(output))(output)


def settled(x):
    """A result as a NumPy array of its own, unless it is being traced."""
    return x if isinstance(x, jax.core.Tracer) else np.array(x)


value = eqx.filter_jit(_value)
gradient = eqx.filter_jit(traced_gradient)
prediction = eqx.filter_jit(lambda cost, args: cost.traced_prediction(args))
reduce = eqx.filter_jit(lambda cost, output: cost.reduce(output))
sensitivity = eqx.filter_jit(_sensitivity)


def numbers(args: tuple) -> tuple:
    """Arguments as float arrays of one dtype for each width, so that int, float and NumPy numbers share a program."""
    return tuple(_float(arg) for arg in args)


def _float(arg):
    if isinstance(arg, jax.Array):
        return arg if arg.dtype == np.float32 else arg.astype(jnp.result_type(float))
    return np.asarray(arg, jnp.result_type(float))  # on the host: what is made on the device takes ten times as long


def on_host(arg):
    """An argument as a NumPy model expects it: a Python float, or a writable float array."""
    array = np.array(arg)
    return float(array) if array.ndim == 0 else array
