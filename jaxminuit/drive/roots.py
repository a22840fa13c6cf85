"""Where several equations of a problem hold at once, and how that place moves with what is in the equations."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxminuit.core.types import Flag, Matrix, Vector
from jaxminuit.drive.tangents import POLISHING, inverse, solved


class System(NamedTuple):
    """n equations for n unknowns u: `residuals(known, u)` vanish, `matrix(known, u)` holds their derivatives by u."""

    residuals: Callable[[Any, Vector], Vector]
    matrix: Callable[[Any, Vector], Matrix]


@eqx.filter_custom_jvp
def root(system: System, known: Any, u: Vector, ok: Flag) -> Vector:
    """The root u; it moves by -matrix^-1 of what the residuals change when only what is known changes."""
    return u


@root.def_jvp
def _root_jvp(primals, tangents):
    system, known, u, ok = primals
    u = root(system, known, u, ok)
    _, moved = eqx.filter_jvp(lambda known: system.residuals(known, u), (known,), (tangents[1],))
    return u, -solved(system.matrix(known, u), moved, ok)


def root_near(system: System, known: Any, u: Vector) -> Vector:
    """Newton steps towards the root, as long as they get shorter."""

    def closer(_, now):
        u, length, there = now
        matrix = system.matrix(known, there)
        step = inverse(matrix) @ system.residuals(known, there)
        new = jnp.max(jnp.abs(step) * jnp.sqrt(jnp.abs(jnp.diagonal(matrix))))
        better = new < length
        return jnp.where(better, there, u), jnp.where(better, new, length), there - step

    return lax.fori_loop(0, 1 + POLISHING, closer, (u, jnp.full((), jnp.inf, u.dtype), u))[0]
