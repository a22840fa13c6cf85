"""Derivatives that come with a function: given to Minuit, or found as its attributes."""

import warnings
from collections.abc import Callable
from typing import Any

from jaxminuit.minuit.warnings import IMinuitWarning
from jaxminuit.problem.fcn import AbstractFCN

WORDS = {"grad": "gradient", "g2": "g2", "hessian": "hessian"}


def given(function: Any, **arguments: Any) -> dict[str, Callable | None]:
    """The callables for grad, g2, hessian from the arguments of Minuit: callable, None, True (insist) or False (none).

    Raises
    ------
    ValueError
        If an argument is something else.
    """
    found = {}
    for kind, argument in arguments.items():
        if argument is None or argument is True:
            # a cost is differentiated by JAX; where that is impossible, the host asks it for its own gradient
            found[kind] = None if isinstance(function, AbstractFCN) else brought(function, kind)
        elif argument is not False and not callable(argument):
            raise ValueError(f"provided {WORDS[kind]} function is not a CostVector: {argument!r}")
        else:
            found[kind] = argument or None
    if found.get("hessian") is not None and found.get("g2") is not None:
        warnings.warn("hessian overrides g2, passing g2 has no effect", IMinuitWarning, stacklevel=3)
    return found


def brought(function: Any, kind: str) -> Callable | None:
    """The attribute grad, g2 or hessian of a function if it can be called, unless has_grad (...) says no."""
    found = getattr(function, kind, None)
    return found if callable(found) and getattr(function, f"has_{kind}", True) else None


def check_enforced(function: Any, found: dict[str, Callable | None], path: Callable[[], str], **arguments: Any) -> None:
    """ValueError if a derivative that was insisted on (True) neither came with the function nor can JAX make it."""
    for kind, argument in arguments.items():
        if argument is True and found[kind] is None and brought(function, kind) is None and path() != "exact":
            raise ValueError(
                f"{WORDS[kind]} enforced, but iminuit.util.{WORDS[kind]} returned None: the function brings none, and "
                "JAX cannot trace or differentiate it"
            )
