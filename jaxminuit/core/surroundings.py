"""Where the program runs."""

import sys


def is_jupyter() -> bool:
    """Whether this runs in a Jupyter kernel."""
    module = sys.modules.get("IPython")  # which a kernel has imported
    shell = None if module is None else module.get_ipython()
    return shell is not None and bool(shell.has_trait("kernel"))
