"""An optimizer for pyhf: its fits by Migrad and Hesse, on programs that other data and other fixed values use again."""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxminuit.core.tree import is_traced
from jaxminuit.core.types import Scalar
from jaxminuit.fit.single import hesse, migrad
from jaxminuit.minimise.minimum import FunctionMinimum
from jaxminuit.problem.fcn import AbstractFCN, HostFCN, StaticFunction, as_errordef
from jaxminuit.problem.parameters import Parameters


class _Objective(AbstractFCN):
    """objective(parameters, data, pdf) of pyhf; the data are a leaf."""

    objective: StaticFunction
    pdf: StaticFunction
    data: Any
    errordef: Scalar

    def evaluate(self, params: Any) -> Scalar:
        """Its first number: pyhf has an axis of batches."""
        return jnp.ravel(self.objective(params, self.data, self.pdf.function))[0]


def pyhf_optimizer(
    *,
    errordef: float = 1.0,
    strategy: int | None = None,
    tolerance: float = 0.1,
    maxiter: int = 100_000,
    verbose: int = 0,
) -> "PyhfOptimizer":
    """An optimizer for ``pyhf.set_backend("jax", jaxminuit.adapters.pyhf_optimizer())``.

    It takes the place of pyhf's minuit optimizer: same arguments, same answers. With the jax backend fits are compiled
    once for a model, with exact derivatives; data, start values, bounds and fixed values may change. Any other backend
    is called on the host, with finite differences.

    Parameters
    ----------
    errordef
        UP: 1 (default), as pyhf minimises -2 ln L.
    strategy
        0, 1 or 2, as in `migrad`. Default: 1.
    tolerance
        Converged when EDM < 0.002 tolerance errordef. Default 0.1.
    maxiter
        Limit on calls of the objective. Default 100 000.
    verbose
        1 or more: print every result. Default 0.

    Raises
    ------
    ImportError
        If pyhf is not installed.
    """
    try:
        from pyhf import exceptions, get_backend
    except ImportError as error:
        raise ImportError('an optimizer for pyhf needs pyhf: pip install "jaxminuit[pyhf]"') from error
    return PyhfOptimizer(exceptions, get_backend, errordef, strategy, tolerance, maxiter, verbose)


class PyhfOptimizer:
    """What `pyhf_optimizer` makes: pyhf calls `minimize`.

    Options of one fit (``pyhf.infer.mle.fit(..., maxiter=, strategy=, tolerance=)``) have priority over its own.
    """

    name = "jaxminuit"

    def __init__(self, exceptions: Any, get_backend: Callable, errordef, strategy, tolerance, maxiter, verbose):
        self.exceptions, self.get_backend = exceptions, get_backend
        self.errordef, self.strategy, self.tolerance = errordef, strategy, tolerance
        self.maxiter, self.verbose = maxiter, verbose

    def __repr__(self) -> str:
        own = ", ".join(f"{k}={getattr(self, k)!r}" for k in ("errordef", "strategy", "tolerance", "maxiter"))
        return f"jaxminuit.adapters.pyhf_optimizer({own})"

    def minimize(
        self,
        objective: Callable,
        data: Any,
        pdf: Any,
        init_pars: Sequence[float],
        par_bounds: Sequence[tuple[float, float]],
        fixed_vals: Sequence[tuple[int, float]] | None = None,
        return_fitted_val: bool = False,
        return_result_obj: bool = False,
        return_uncertainties: bool = False,
        return_correlations: bool = False,
        do_grad: bool | None = None,
        do_stitch: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The parameters at the minimum of an objective, and what else is asked for.

        Parameters
        ----------
        objective
            ``objective(parameters, data, pdf)``, as `pyhf.infer.mle.twice_nll`.
        data, pdf
            Its other arguments.
        init_pars, par_bounds
            n start values, and n pairs (lower, upper).
        fixed_vals
            Pairs (index, value) of fixed parameters. Default: none.
        return_fitted_val, return_result_obj, return_uncertainties, return_correlations
            Whether to return the objective at the minimum, a `scipy.optimize.OptimizeResult`, parabolic errors (beside
            the parameters, (n, 2)), correlations (n, n). Fixed parameters have error 0, and zeros there.
        do_grad
            Whether to use exact derivatives. Default: with the jax backend.
        do_stitch
            Of no effect: fixed parameters cost nothing, and never compile again.
        kwargs
            maxiter, strategy, tolerance.

        Returns
        -------
        tensor, or a tuple
            Parameters, correlations, objective, result, as far as asked for, in this order.

        Raises
        ------
        pyhf.exceptions.FailedMinimization
            If the fit did not converge (under `jax.jit`, `vmap` or `grad` its derivatives are NaN instead).
        pyhf.exceptions.Unsupported
            Unknown options, or exact derivatives of another backend than jax.
        """
        tensorlib, _ = self.get_backend()
        minimum = self._fit(tensorlib, objective, data, pdf, init_pars, par_bounds, fixed_vals or [], do_grad, kwargs)
        if self.verbose and not is_traced(minimum):
            print(minimum)
        result = _as_result(minimum, tensorlib)
        if not is_traced(minimum) and not result.success:
            raise self.exceptions.FailedMinimization(result)
        if return_uncertainties:
            result.x = tensorlib.stack([result.x, result.unc], axis=1)
        wanted = ((True, result.x), (return_correlations, result.corr), (return_fitted_val, result.fun))
        returned = tuple(part for asked, part in (*wanted, (return_result_obj, result)) if asked)
        return returned if len(returned) > 1 else returned[0]

    def _fit(
        self, tensorlib, objective, data, pdf, init_pars, par_bounds, fixed_vals, do_grad, kwargs
    ) -> FunctionMinimum:
        options = {name: kwargs.pop(name, getattr(self, name)) for name in ("maxiter", "strategy", "tolerance")}
        if kwargs:
            raise self.exceptions.Unsupported(f"Unsupported options were passed in: {list(kwargs)}.")
        traced = tensorlib.name == "jax"
        if do_grad and not traced:
            raise self.exceptions.Unsupported(f"exact derivatives need the jax backend, not {tensorlib.name}")
        strategy = 1 if options["strategy"] is None else options["strategy"]
        gradient = "finite" if do_grad is False or not traced else "exact"
        dtype = np.float32 if getattr(tensorlib, "precision", "64b") == "32b" else np.float64
        start = _start(dtype, pdf, init_pars, par_bounds, fixed_vals)
        data = tensorlib.astensor(data)
        fcn: AbstractFCN | HostFCN
        if traced:
            functions = {"objective": StaticFunction(objective), "pdf": StaticFunction(pdf)}
            fcn = _Objective(**functions, data=data, errordef=as_errordef(self.errordef))
        else:
            fcn = HostFCN(_on_host(tensorlib, objective, data, pdf), self.errordef)
        tol, max_calls = options["tolerance"], options["maxiter"]
        minimum = migrad(fcn, start, strategy=strategy, tol=tol, gradient=gradient, max_calls=max_calls)
        accurate = gradient == "exact" and strategy > 0  # Migrad ended with a Hessian
        return minimum if accurate or not minimum.valid else hesse(fcn, minimum, strategy=strategy, gradient=gradient)


def _on_host(tensorlib, objective: Callable, data: Any, pdf: Any) -> Callable:
    """The objective of one array of numbers."""
    return lambda params: float(tensorlib.tolist(objective(tensorlib.astensor(params), data, pdf))[0])


def _start(dtype: Any, pdf: Any, init_pars: Any, par_bounds: Any, fixed_vals: Any) -> Parameters:
    """The table of parameters, with the values of fixed ones."""
    traced = is_traced((init_pars, fixed_vals))
    values: Any = jnp.asarray(init_pars, dtype) if traced else np.array(init_pars, dtype)
    fixed = np.zeros(values.size, bool)
    for index, value in fixed_vals:
        fixed[index] = True
        values = values.at[index].set(value) if traced else _put(values, index, value)
    names = getattr(getattr(pdf, "config", None), "par_names", None)
    if names is None or len(set(names)) != values.size:
        names = None
    lower, upper = np.asarray(par_bounds, float).T
    return Parameters(values, limits=dict(enumerate(zip(lower, upper, strict=True))), fixed=fixed, names=names)


def _put(values: np.ndarray, index: int, value: Any) -> np.ndarray:
    values[index] = value
    return values


def _as_result(minimum: FunctionMinimum, tensorlib) -> Any:
    """What pyhf's optimizers answer, with the FunctionMinimum as `minimum`."""
    from scipy.optimize import OptimizeResult  # pyhf brings it

    traced = is_traced(minimum)

    def tensor(array):
        return array if traced or tensorlib.name == "jax" else tensorlib.astensor(np.asarray(array))

    success = minimum.valid if traced else bool(minimum.valid)
    message = "a fit inside a traced function" if traced else str(minimum).splitlines()[0]
    return OptimizeResult(
        x=tensor(minimum.values),
        unc=tensor(minimum.errors),
        corr=tensor(jnp.where(minimum.parameters.fixed, 0.0, minimum.correlation)),
        success=success,
        fun=tensor(minimum.fval),
        hess_inv=minimum.covariance if traced else np.asarray(minimum.covariance),
        message=message,
        nfev=minimum.nfcn if traced else int(minimum.nfcn),
        njev=minimum.ngrad if traced else int(minimum.ngrad),
        minimum=minimum,
    )
