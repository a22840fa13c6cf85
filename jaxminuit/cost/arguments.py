"""Parameters in any of the forms that a cost accepts, as a tuple in the order of its signature."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np


def gathered(args: tuple) -> Any:
    """Arguments of a call: what was given as one mapping, sequence or array, or the tuple itself."""
    return args[0] if len(args) == 1 else args


def positional(owner: str, names: tuple[str, ...], params: Any) -> tuple:
    """A mapping from names, a sequence, an array or a number as a tuple with one entry for each name.

    With one name, an array or a longer sequence is that one parameter.

    Raises
    ------
    ValueError
        If names or their number do not fit; says which cost (`owner`) has which parameters.
    """
    if isinstance(params, Mapping):
        if set(params) != set(names):
            raise ValueError(f"{owner} has the parameters {list(names)}, not {list(params)}")
        return tuple(params[name] for name in names)
    if hasattr(params, "__len__") and not hasattr(params, "ndim"):  # sequences of other kinds too
        params = tuple(params)
    else:
        params = (params,) if np.ndim(params) == 0 or len(names) == 1 else tuple(params)
    if len(names) == 1 and len(params) > 1:
        return (jnp.stack([jnp.asarray(p, jnp.result_type(float)) for p in params]),)
    if len(params) != len(names):
        raise ValueError(f"{owner} has {len(names)} parameters {list(names)}, not {len(params)}")
    return tuple(params)
