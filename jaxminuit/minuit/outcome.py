"""The part of Minuit that shows what was found."""

from collections.abc import Callable
from typing import Any

from jaxminuit.core.status import MatrixStatus, Status
from jaxminuit.minuit.figures import as_svg, own_figure
from jaxminuit.minuit.matrix import Matrix
from jaxminuit.minuit.results import FMin, MErrors, Params
from jaxminuit.minuit.table import Table

PICTURE = (5.0, 4.0)  # inches, of the picture under the tables


class Outcome(Table):
    """Results as properties, and as text and HTML."""

    __slots__ = ()

    @property
    def fmin(self) -> FMin | None:
        """Facts about the minimum; None before a fit."""
        s = self._session
        if s.minimum is None:
            return None
        calls = {"nfcn": s.nfcn, "ngrad": s.ngrad, "ng2": s.ng2, "nhessian": s.nhessian}
        return FMin.of(s.minimum, ndof=self.ndof, **calls, time=s.seconds, compiling=s.compiling)

    @property
    def fval(self) -> float | None:
        """FCN at the minimum; None before a fit."""
        return None if self._session.minimum is None else float(self._session.minimum.fval)

    @property
    def valid(self) -> bool:
        """Whether the fit converged; False before a fit."""
        m = self._session.minimum
        return m is not None and int(m.status) <= Status.AT_LIMIT and float(m.edm) >= 0

    @property
    def accurate(self) -> bool:
        """Whether the covariance is accurate; False before a fit."""
        m = self._session.minimum
        return m is not None and int(m.matrix_status) == MatrixStatus.ACCURATE

    @property
    def covariance(self) -> Matrix | None:
        """Covariance of all parameters (zero rows for fixed ones); None before a fit and where there is none."""
        m = self._session.minimum
        if m is None or int(m.matrix_status) == MatrixStatus.ABSENT:
            return None
        return Matrix(m.covariance, self.parameters)

    @property
    def params(self) -> Params:
        """The parameter table."""
        return Params.of(self._session, self.merrors)

    @property
    def merrors(self) -> MErrors:
        """Minos errors by parameter name."""
        return MErrors.of(self._session.minos)

    def __repr__(self) -> str:
        return "\n".join(repr(part) for part in self._parts())

    def __str__(self) -> str:
        return "\n".join(str(part) for part in self._parts())

    def _repr_html_(self) -> str:
        tables = "".join(part._repr_html_() for part in self._parts())
        return tables if self.fmin is None else tables + self._picture()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("<Minuit ...>" if cycle else str(self))

    def _plotter(self, plot: Callable | None) -> Callable:
        plot = plot or getattr(self._target.function, "visualize", None)
        if plot is None:
            kind = type(self._target.function).__name__
            raise AttributeError(
                f"class {kind} has no visualize method, please use the 'plot' keyword to pass a visualization function"
            )
        return plot

    def _picture(self) -> str:
        """What visualize() draws, as SVG; nothing where that cannot be drawn: the tables are shown all the same."""
        try:
            plot = self._plotter(None)  # before a figure is made in vain
            with own_figure(PICTURE) as figure:
                plot(self.values)
                return as_svg(figure)
        except Exception:  # matplotlib missing, no visualize(), or any error in a user's one
            return ""

    def _parts(self) -> list[Any]:
        parts = (self.fmin, self.params, self.merrors or None, self.covariance)
        return [part for part in parts if part is not None]
