"""The interactive fit in a window of its own (needs PySide6)."""

from jaxminuit.minuit.qtwidget import make_widget

__all__ = ["make_widget"]
