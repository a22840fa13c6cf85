"""Many starts of one fit, for functions with several minima."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxminuit.core.compiling import quick_jit
from jaxminuit.core.html import facts_table, html_table
from jaxminuit.core.numerals import numeral
from jaxminuit.core.shown import Shown
from jaxminuit.core.status import Status
from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import Count, Scalar, Vector
from jaxminuit.fit.checks import as_key, positive_number, whole
from jaxminuit.fit.job import Job
from jaxminuit.fit.programs import program
from jaxminuit.fit.single import migrad
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AnyFCN
from jaxminuit.problem.parameters import Parameters


class DistinctMinimum(NamedTuple):
    """One of several minima: the fit with the lowest value there, and how many fits ended in it."""

    minimum: FunctionMinimum
    count: int  # type: ignore[assignment]  # hides the method of tuples


class MultiStart(Shown):
    """Fits from many starts.

    Attributes
    ----------
    best
        The valid fit with the lowest FCN value; if none is valid, the lowest of all.
    fits
        All fits, in the order of the starts, as a FunctionMinimum with a leading axis.
    """

    best: FunctionMinimum
    fits: FunctionMinimum

    @property
    def nfcn(self) -> Count:
        """FCN calls of all fits together."""
        return jnp.sum(self.fits.nfcn)

    def distinct(self, tol: float = 0.1) -> tuple[DistinctMinimum, ...]:
        """The different valid minima, the lowest first, with the number of fits that ended in each.

        Two fits are in the same minimum if no parameter differs by more than `tol` standard deviations (as the lower of
        the two has them). On plain results only, not inside `jit`.
        """
        values, errors = np.asarray(self.fits.values), np.asarray(self.fits.errors)
        fval, free = np.asarray(self.fits.fval), ~np.asarray(self.fits.parameters.fixed)
        order = [i for i in np.argsort(fval, kind="stable") if self.fits.status[i] <= Status.AT_LIMIT]
        first: list[int] = []
        counts: list[int] = []
        for i in order:
            near = (np.all((np.abs(values[i] - values[k]) <= tol * errors[k]) | ~free[k]) for k in first)
            known = next((number for number, is_near in enumerate(near) if is_near), None)
            if known is None:
                first.append(i)
                counts.append(1)
            else:
                counts[known] += 1
        return tuple(DistinctMinimum(_fit(self.fits, i), count) for i, count in zip(first, counts, strict=True))

    def _text(self) -> str:
        if jnp.ndim(self.best.fval) > 0:
            return f"{self.best.fval.size} times {self.fits.fval.shape[-1]} starts"
        minima = self.distinct()
        lines = [self._title(minima)]
        for m, count in minima:
            where = ", ".join(f"{name} {x}" for name, x in zip(m.names, _places(m), strict=True))
            lines.append(f"  FCN = {numeral(m.fval, 8)}  {count} times  at {where}")
        return "\n".join([*lines, f"best {self.best}"])

    def _html(self) -> str:
        if jnp.ndim(self.best.fval) > 0:
            return facts_table([self._text()])
        minima = self.distinct()
        rows = [["FCN", "times", *self.best.names]]
        rows += [[numeral(m.fval, 8), str(count), *_places(m)] for m, count in minima]
        return html_table(self._title(minima), rows) + self.best._html()

    def _title(self, minima: tuple[DistinctMinimum, ...]) -> str:
        return f"{self.fits.fval.size} starts: {int(jnp.sum(self.fits.valid))} valid, {len(minima)} distinct minima"


def _places(m: FunctionMinimum) -> list[str]:
    return [numeral(x, 5, error) for x, error in zip(m.values, m.errors, strict=True)]


def multi_start(
    fcn: AnyFCN,
    starts: Parameters | tuple[Parameters, Vector],
    *,
    strategy: int = 1,
    tol: float = 0.1,
    gradient: str = "auto",
    max_calls: int | None = None,
    driver: str = "auto",
    precision: float | None = None,
) -> MultiStart:
    """Minimise by Migrad from every one of many starts, and take the best: for functions with several minima.

    Parameters
    ----------
    starts
        Parameters whose values have a leading axis, shape (m, n), as from `random_starts`; or Parameters and an array
        of m start values.
    fcn, strategy, tol, gradient, max_calls, driver, precision
        As in `migrad`, for each fit. All fits are one program, with a queue from which no fit waits for a slow one.

    Returns
    -------
    MultiStart
        The best fit, all fits, and the different minima among them.
    """
    parameters, values = _starts(starts)
    one = _at(parameters, values[0])
    job = Job(fcn, one, strategy, tol, gradient, max_calls, driver, precision)
    options = {"strategy": job.strategy, "tol": job.tol, "max_calls": job.max_calls}
    if job.driver == "compiled":
        gradient = "exact" if job.exact else "finite"
        fits = _fits(fcn, parameters, values, precision=job.problem.precision.eps, gradient=gradient, **options)
    else:
        options |= {"gradient": gradient, "driver": "host", "precision": precision}
        each = [migrad(fcn, _at(parameters, x), **options) for x in values]
        fits = jax.tree_util.tree_map(lambda *leaves: jnp.stack(leaves), *each)
    return MultiStart(_best(fits), fits)


def random_starts(parameters: Parameters, size: int, key: Any, devs: float = 3.0) -> Parameters:
    """Parameters with `size` sets of start values for `multi_start`, the first of them as given.

    Drawn uniformly: between two limits, else within `devs` steps of the value, cut at a limit. Fixed parameters stay.

    Parameters
    ----------
    key
        Whole number or JAX key.
    devs
        Half the width of the range of a parameter without two limits, in steps. Default 3.
    """
    if not isinstance(parameters, Parameters) or parameters.values.ndim != 1:
        raise TypeError(f"parameters must be Parameters with one set of values, not {parameters!r}")
    size, devs = whole("size", size), positive_number("devs", devs)
    p, dtype = parameters, parameters.values.dtype
    both = jnp.isfinite(p.lower) & jnp.isfinite(p.upper)
    low = jnp.where(both, p.lower, jnp.maximum(p.values - devs * p.step, p.lower))
    high = jnp.where(both, p.upper, jnp.minimum(p.values + devs * p.step, p.upper))
    r = jax.random.uniform(as_key(key), (size, p.size), dtype)
    own = p.fixed | (jnp.arange(size)[:, None] == 0)
    return p.replace(values=jnp.where(own, p.values, low + r * (high - low)).astype(dtype))


def _starts(starts) -> tuple[Parameters, Vector]:
    """Parameters and start values of shape (m, n); an error names the first start that cannot be."""
    parameters, values = starts if isinstance(starts, tuple) and len(starts) == 2 else (starts, None)
    if not isinstance(parameters, Parameters):
        raise TypeError(f"starts must be Parameters, or Parameters and an array of values, not {starts!r}")
    values = parameters.values if values is None else jnp.asarray(values, parameters.values.dtype)
    if values.ndim != 2 or values.shape[1] != parameters.size or values.shape[0] == 0:
        raise ValueError(f"start values must have the shape (m, {parameters.size}), but it is {values.shape}")
    if not is_traced((parameters, values)):
        x, free = np.asarray(values), ~np.asarray(parameters.fixed)
        outside = ((x < np.asarray(parameters.lower)) | (x > np.asarray(parameters.upper))) & free
        for k, i in np.argwhere(~np.isfinite(x) | outside)[:1]:
            low, high = float(parameters.lower[i]), float(parameters.upper[i])
            raise ValueError(f"start {k}: {parameters.names[i]} = {x[k, i]:g} is not in ({low:g}, {high:g})")
    return parameters, values


def _at(parameters: Parameters, values: Vector) -> Parameters:
    """The same table with one set of values."""
    return eqx.tree_at(lambda p: p.values, parameters, values)


@program("strategy", "gradient")
def _fits(fcn, parameters, values, tol, max_calls, precision, strategy, gradient):
    options = {"strategy": strategy, "tol": tol, "max_calls": max_calls, "precision": precision}
    return jax.vmap(lambda x: migrad(fcn, _at(parameters, x), gradient=gradient, **options))(values)


def _fit(fits: FunctionMinimum, i: Count | int) -> FunctionMinimum:
    return jax.tree_util.tree_map(lambda leaf: leaf[i], fits)


@quick_jit
def _best(fits: FunctionMinimum) -> FunctionMinimum:
    """Valid before invalid, then the lowest; a value that is not finite comes last."""
    return _fit(fits, jnp.lexsort((_ordered(fits.fval), ~fits.valid))[0])


def _ordered(f: Scalar) -> Scalar:
    return jnp.where(jnp.isfinite(f), f, jnp.inf)
