"""The Axes to draw on, and checks of what is drawn."""

from typing import Any

import numpy as np

from jaxminuit.plot.library import pyplot

COLOURS = ("#1f5fa8", "#c1440e", "#3c8d40", "#7a4fa3")  # curves, in this order; told apart in grey too
DATA = "#222222"


def get_axes(ax: Any = None) -> Any:
    """`ax`, or the current Axes of matplotlib. ImportError that says what to install if there is no matplotlib."""
    return pyplot().gca() if ax is None else ax


def get_panels(number: int) -> list[Any]:
    """New Axes side by side in the current figure, which is emptied and made wider for them."""
    figure = get_axes().figure
    figure.clear()
    figure.set_figwidth(max(number, 1) ** 0.75 * figure.get_figwidth())
    panels = list(figure.subplots(1, number, squeeze=False)[0]) if number else []
    figure.set_layout_engine("constrained")
    return panels


def set_current(ax: Any) -> None:
    """Make `ax` the current Axes of matplotlib."""
    pyplot().sca(ax)


def vector(name: str, values: Any, size: int | None = None) -> np.ndarray:
    """A one-dimensional NumPy array; ValueError that names it if the shape is another."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or (size is not None and array.size != size):
        wanted = "one dimension" if size is None else f"the shape ({size},)"
        raise ValueError(f"{name} must have {wanted}, not the shape {array.shape}")
    return array


def errors(name: str, values: Any, size: int) -> np.ndarray:
    """Symmetric errors (size,) or lower and upper ones (2, size); a number stands for all."""
    array = np.asarray(values, dtype=float)
    if array.shape not in ((), (size,), (2, size)):
        raise ValueError(f"{name} must be a number or have the shape ({size},) or (2, {size}), not {array.shape}")
    return np.full(size, float(array)) if array.ndim == 0 else array
