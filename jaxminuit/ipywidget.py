"""The interactive fit in a Jupyter notebook (needs ipywidgets)."""

from jaxminuit.minuit.ipywidget import make_widget

__all__ = ["make_widget"]
