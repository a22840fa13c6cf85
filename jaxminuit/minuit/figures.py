"""Figures of matplotlib that do not disturb the user's, and pictures made of them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jaxminuit.plot.library import pyplot


@contextmanager
def own_figure(size: tuple[float, float], dpi: float | None = None) -> Iterator[Any]:
    """A new current figure of some size in inches, never shown and closed at the end; the user's is current again."""
    plt = pyplot()
    if not plt.get_fignums():
        plt.draw_if_interactive()  # loads the backend: that of Jupyter turns interactive mode on, which ioff shall find
    with keep_current(), plt.ioff(), plt.rc_context({"figure.max_open_warning": 0}):
        figure = plt.figure(figsize=size, dpi=dpi)
        try:
            yield figure
        finally:
            plt.close(figure)


@contextmanager
def keep_current() -> Iterator[None]:
    """At the end, the figure that was current before is current again, if it is still open."""
    plt = pyplot()
    number = plt.gcf().number if plt.get_fignums() else None
    try:
        yield
    finally:
        if number is not None and plt.fignum_exists(number):
            plt.figure(number)


def as_svg(figure: Any) -> str:
    """The figure as an <svg> element, without the head of an XML file, so that it can stand in HTML."""
    with io.StringIO() as text:
        figure.savefig(text, format="svg")
        content = text.getvalue()
    return content[content.index("<svg") :]


def as_png(figure: Any) -> bytes:
    """The figure as a PNG file."""
    with io.BytesIO() as content:
        figure.savefig(content, format="png")
        return content.getvalue()
