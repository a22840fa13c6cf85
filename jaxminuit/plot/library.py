"""matplotlib, which is only needed, and only imported, when a picture is drawn."""

from typing import Any

MISSING = 'drawing needs matplotlib: pip install "jaxminuit[plot]"'


def pyplot() -> Any:
    """matplotlib.pyplot; ImportError that says what to install if there is no matplotlib."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(MISSING) from error
    return plt


def file_figure(size: tuple[float, float]) -> Any:
    """A Figure of some size in inches that is only written to files: pyplot and its windows know nothing of it."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(MISSING) from error
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure
