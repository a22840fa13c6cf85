"""How many calls of the FCN a fit may take unless somebody says otherwise."""

from typing import Any


def default_calls(n: Any) -> Any:
    """Minuit's limit 200 + 100 n + 5 n^2 for n free parameters, a number or an array."""
    return 200 + 100 * n + 5 * n * n
