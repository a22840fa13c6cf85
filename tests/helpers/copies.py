"""How many copies of an FCN a traced program holds.

A marker primitive that nothing else uses stands once in the FCN: lgamma. Its derivative is digamma, and the second
derivative polygamma. Counting them in the jaxpr, through every nested one, gives the number of copies that XLA will
compile. (Counting Python calls is not enough: one call may be traced once and stand in two branches.)
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import jax
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr


class Copies(NamedTuple):
    """Copies of the FCN's value, and of its first and second derivative (a Hessian by autodiff holds both)."""

    value: int
    derivative: int
    second: int


def marked(function: Callable) -> Callable:
    """`function(x, ...)` of one array plus 1e-6 lgamma(2 + x[0]^2): the marker, too small to move a minimum much."""

    def with_marker(x, *others):
        return function(x, *others) + 1e-6 * lax.lgamma(2.0 + x[0] * x[0])

    return with_marker


def copies(program: Callable, *arguments) -> Copies:
    """Copies of the marker in `program(*arguments)`, whose FCN must contain it exactly once."""
    counts = Counter()
    _count(jax.make_jaxpr(program)(*arguments).jaxpr, counts)
    return Copies(counts["lgamma"], counts["digamma"], counts["polygamma"])


def equations(program: Callable, *arguments) -> int:
    """Number of equations in `program(*arguments)`, nested ones included."""
    counts = Counter()
    _count(jax.make_jaxpr(program)(*arguments).jaxpr, counts)
    return sum(counts.values())


def _count(jaxpr: Jaxpr, counts: Counter) -> None:
    for equation in jaxpr.eqns:
        counts[equation.primitive.name] += 1
        for inner in equation.params.values():
            for nested in _jaxprs(inner):
                _count(nested, counts)


def _jaxprs(parameter):
    if isinstance(parameter, ClosedJaxpr):
        yield parameter.jaxpr
    elif isinstance(parameter, Jaxpr):
        yield parameter
    elif isinstance(parameter, tuple | list):
        for entry in parameter:
            yield from _jaxprs(entry)
