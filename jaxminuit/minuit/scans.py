"""The part of Minuit that looks at the function around its minimum: scans, profiles and contours."""

import warnings
from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from jaxminuit import fit
from jaxminuit.errors.profile import Profile
from jaxminuit.minuit.algorithms import Algorithms
from jaxminuit.minuit.clock import Counts
from jaxminuit.minuit.views import as_limits
from jaxminuit.minuit.warnings import IMinuitWarning
from jaxminuit.problem.parameters import Parameters

Bound = float | tuple[float, float]


class Scans(Algorithms):
    """Values of the function along one parameter or two, the others held or minimised over."""

    __slots__ = ()

    def profile(
        self, vname: int | str, *, size: int = 100, bound: Bound = 2, grid: Any = None, subtract_min: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """The function along one parameter, the others kept.

        Parameters
        ----------
        vname
            Name or number.
        size
            Number of points. Default 100.
        bound
            Half the range in errors (default 2), or the range (low, high).
        grid
            The values of the parameter themselves, instead of size and bound.
        subtract_min
            Whether the smallest value is subtracted from all.

        Returns
        -------
        tuple
            (size,) values of the parameter and (size,) of the function.

        Raises
        ------
        ValueError
            If the parameter is unknown, or the range is not finite.
        """
        i = self._position(vname)
        x = self._axis(i, size, bound, grid, "grid")
        at = self._unlimited()
        _, y = jax.device_get(fit.profile(self._fcn(), at, i, grid=x))
        self._count(x.size)
        return x, _less_minimum(y, subtract_min)

    def contour(
        self,
        x: int | str,
        y: int | str,
        *,
        size: Any = 50,
        bound: Any = 2,
        grid: Any = None,
        subtract_min: bool = False,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The function on a grid of two parameters, the others kept.

        Parameters
        ----------
        x, y
            Names or numbers.
        size
            Points along each, or a pair of numbers. Default 50.
        bound
            Half the range in errors (default 2), or a pair with one entry for each parameter, as in `profile`.
        grid
            A pair of vectors, the values of the parameters themselves, instead of size and bound.
        subtract_min
            Whether the smallest value is subtracted from all.

        Returns
        -------
        tuple
            (nx,) values of x, (ny,) values of y, and (nx, ny) values of the function, f[i, j] at x[i], y[j].
        """
        i, j = self._position(x), self._position(y)
        sizes = size if isinstance(size, Iterable) else (size, size)
        bounds = bound if isinstance(bound, Iterable) else (bound, bound)
        grids = (None, None) if grid is None else grid
        rows = zip((i, j), sizes, bounds, grids, strict=True)
        first, second = (self._axis(k, n, reach, entries, "grid per parameter") for k, n, reach, entries in rows)
        _, _, values = jax.device_get(fit.contour(self._fcn(), self._unlimited(), i, j, grid=[first, second]))
        self._count(values.size)
        return first, second, _less_minimum(values, subtract_min)

    def mnprofile(
        self,
        vname: int | str,
        *,
        size: int = 30,
        bound: Bound = 2,
        grid: Any = None,
        subtract_min: bool = False,
        ncall: int = 0,
        iterate: int = 5,
        use_simplex: bool = True,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The function along one parameter, minimised over all others at each point.

        Parameters
        ----------
        vname, size, bound, grid, subtract_min
            As in `profile`; the default size is 30, and a range is cut at the limits of the parameter.
        ncall
            Limit on FCN calls for each minimisation. 0 (default): 200 + 100 n + 5 n^2.
        iterate, use_simplex
            As in `migrad`, for points whose first minimisation fails.

        Returns
        -------
        tuple
            (size,) values of the parameter, (size,) of the function, and (size,) whether the minimisation converged.
            There is a warning for each that did not.

        Raises
        ------
        ValueError
            If the parameter is unknown, the range is not finite, or a grid leaves the limits of the parameter.
        """
        i = self._position(vname)
        name, s = self._session.names[i], self._session
        x = self._axis(i, size, bound, grid, "grid")
        x = x if grid is not None else np.linspace(*np.clip(x[[0, -1]], s.lower[i], s.upper[i]), x.size)  # type: ignore[call-overload]
        options = {**self._options(ncall), "tol": s.tol}
        scan = jax.device_get(fit.mnprofile(self._fcn(), self._here(), i, grid=x, **options))
        y, ok, nfcn = np.array(scan.fval), np.array(scan.valid), int(np.sum(scan.nfcn))
        for k in np.flatnonzero(~ok) if iterate > 1 else ():
            again = {"iterate": iterate - 2, "use_simplex": use_simplex, **options}
            found = jax.device_get(fit.minimize_all(self._fcn(), self._held(i, scan, int(k)), **again))
            nfcn += int(found.nfcn)
            if found.valid or not np.isfinite(y[k]):
                y[k], ok[k] = found.fval, found.valid
        self._count(nfcn)
        for value in x[~ok]:
            warnings.warn(f"MIGRAD fails to converge for {name}={value}", IMinuitWarning, stacklevel=2)
        return x, _less_minimum(y, subtract_min), ok

    def mncontour(
        self,
        x: int | str,
        y: int | str,
        *,
        cl: float | None = None,
        size: int = 100,
        interpolated: int = 0,
        experimental: bool = False,
        ncall: int = 0,
        iterate: int = 5,
        use_simplex: bool = True,
    ) -> np.ndarray:
        """Points around the joint confidence region of two parameters, the function minimised over all others.

        Parameters
        ----------
        x, y
            Names or numbers of two different free parameters.
        cl
            Joint confidence level. None (default): 0.68. Below 1: a probability. From 1: the number of standard
            deviations whose probability, for one parameter, is meant.
        size
            Number of points, from 4. Default 100.
        interpolated
            If more than `size`: so many points on a periodic cubic spline through those found.
        experimental, iterate, use_simplex
            Taken for compatibility. The contour is always followed by continuation (see `jaxminuit.mncontour`), which
            needs no other algorithm for regions that are not convex.
        ncall
            Limit on FCN calls for the whole contour. 0 (default): 100 (size + 5) (n + 1).

        Returns
        -------
        numpy.ndarray
            (size + 1, 2) points in counter-clockwise order; the last one is the first. Points that could not be found
            are left out, with a warning.

        Raises
        ------
        ValueError
            If a parameter is unknown or fixed, both are the same, or cl is not positive.
        RuntimeError
            If the minimum is not valid.
        """
        i, j = self._position(x), self._position(y)
        s = self._session
        held = {s.names[k] for k in (i, j) if s.fixed[k]}
        if held:
            raise ValueError(f"mncontour can only be run on free parameters, not on {held}")
        minimum = self._valid_minimum(ncall)
        options = {**self._options(ncall), "tol": self._session.tol}
        found = jax.device_get(fit.mncontour(self._fcn(), minimum, i, j, cl=cl, size=size, **options))
        self._count(int(found.nfcn), nhessian=int(found.nhessian))
        points = found.points[found.valid]
        if len(points) < size:
            names = f"{s.names[i]} and {s.names[j]}"
            message = f"{size - len(points)} of {size} points of the contour of {names} were not found"
            warnings.warn(message, IMinuitWarning, stacklevel=2)
        points = np.concatenate([points, points[:1]])
        return _smooth(points, interpolated) if interpolated > size and len(points) > 3 else points

    def _axis(self, i: int, size: int, bound: Any, grid: Any, what: str) -> np.ndarray:
        """Values of parameter i in a scan."""
        if grid is not None:
            x = np.array(grid, dtype=float)
            if x.ndim != 1:
                raise ValueError(f"{what} must be 1D array-like")
            return x
        if not isinstance(size, int | np.integer) or isinstance(size, bool) or size < 1:
            raise ValueError(f"size must be a whole number from 1, not {size!r}")
        low, high = self._range(i, bound)
        if not (np.isfinite(low) and np.isfinite(high)):
            raise ValueError(f"the range of {self._session.names[i]} must be finite, not ({low:g}, {high:g})")
        return np.linspace(low, high, size)

    def _range(self, i: int, bound: Any) -> tuple[float, float]:
        s = self._session
        if isinstance(bound, Iterable):
            return as_limits(bound, s.names[i], "bound")
        if not self.accurate:
            message = "Specified nsigma bound, but error matrix is not accurate"
            warnings.warn(message, IMinuitWarning, stacklevel=4)
        return s.values[i] - bound * s.errors[i], s.values[i] + bound * s.errors[i]

    def _unlimited(self) -> Parameters:
        """The table without limits: a scan of plain values may leave them."""
        p = self._session.parameters()
        return p.replace(lower=np.full(p.size, -np.inf), upper=np.full(p.size, np.inf))

    def _held(self, i: int, scan: Profile, k: int) -> Parameters:
        """Where to try point k of a profile again: from the nearest point that was found."""
        s = self._session
        near = [m for m in np.argsort(np.abs(scan.x - scan.x[k])) if scan.valid[m]]
        values = np.where(np.arange(len(s.names)) == i, scan.x[k], scan.params[near[0]] if near else s.values)
        return s.parameters().replace(values=values, fixed=s.fixed | (np.arange(len(s.names)) == i))

    def _count(self, nfcn: int, nhessian: int = 0) -> None:
        """Calls of a compiled function; the host counts for itself."""
        if not self._on_host:
            self._session = self._session.with_counts(Counts(nfcn=nfcn, nhessian=nhessian))


def _less_minimum(y: np.ndarray, subtract_min: bool) -> np.ndarray:
    return y - np.min(y) if subtract_min else np.array(y)


def _smooth(points: np.ndarray, size: int) -> np.ndarray:
    """Points on the periodic cubic spline through a closed line."""
    from scipy.interpolate import CubicSpline  # half a second to import

    spline = CubicSpline(np.linspace(0, 1, len(points)), points, bc_type="periodic")
    return spline(np.linspace(0, 1, size))
