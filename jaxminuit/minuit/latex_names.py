"""Parameter names written in LaTeX, as they are shown in tables."""

import warnings

from jaxminuit.minuit.warnings import OptionalDependencyWarning


def shown(name: str) -> str:
    """The name for a table: one between dollar signs in Unicode, if the package unicodeitplus is installed.

    Without it the name stays as it is, with an OptionalDependencyWarning.
    """
    if len(name) < 2 or not (name.startswith("$") and name.endswith("$")):
        return name
    try:
        import unicodeitplus
    except ModuleNotFoundError:
        warnings.warn(
            "rendering simple LaTeX requires optional package 'unicodeitplus': pip install \"jaxminuit[jupyter]\"",
            OptionalDependencyWarning,
            stacklevel=3,
        )
        return name
    return unicodeitplus.parse(name)
