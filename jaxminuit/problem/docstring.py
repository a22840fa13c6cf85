"""Parameter names read from the text that documents a callable, as compiled extensions have it."""

import inspect
from collections.abc import Callable


def documented_names(function: Callable) -> list[str]:
    """Names in the first ``name(...)`` of the docstring; empty if there is none.

    Understood are ``f(a, b=1)``, types before or behind the name (``int a``, ``a: int``), and brackets around what is
    optional. Reading ends at ``*args``. The first name of a bound method is left out.
    """
    text, name = inspect.getdoc(function), getattr(function, "__name__", None)
    if not text or not name:
        return []
    _, found, rest = text.partition(f"{name}(")
    if not found:
        return []
    items = _arguments(rest).split(",")
    names = []
    for item in items[1:] if inspect.ismethod(function) else items:
        argument = item.strip(" []")
        if argument.startswith("*") and len(argument) > 1:
            break
        words = argument.partition("=")[0].partition(":")[0].split()
        if words and words[-1].isidentifier():
            names.append(words[-1])
    return names


def _arguments(text: str) -> str:
    """The text up to the parenthesis that closes the one before it."""
    depth = 1
    for k, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return text[:k]
    return text
