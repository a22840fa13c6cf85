"""class Minuit: the interface of iminuit on top of the functional core."""

from collections.abc import Callable, Collection
from typing import Any

from jaxminuit.minuit.clock import Counts
from jaxminuit.minuit.counting import Counting
from jaxminuit.minuit.drawing import Drawing
from jaxminuit.minuit.given import check_enforced, given
from jaxminuit.minuit.results import MErrors, Params
from jaxminuit.minuit.session import Session
from jaxminuit.minuit.starts import starts
from jaxminuit.minuit.target import Target
from jaxminuit.problem.fcn import AbstractFCN


class Minuit(Counting, Drawing):
    """Minimise a function and find the errors of its parameters, as iminuit does.

    Parameters
    ----------
    fcn
        A jaxminuit cost, a function of scalars ``f(a, b)``, or of one array ``f(x)`` (start with one array-like). A
        function that JAX can trace is compiled and differentiated; one that it cannot (NumPy, numba, C++), or that does
        more than return a value, is called as it is, with its own gradient or Minuit's finite differences.
        `gradient_path` says which. A numba cfunc ``double(uintc, CPointer(double))`` is called without Python.
    *args
        Start values in the order of the parameters, or one array-like.
    grad, g2, hessian
        Gradient, diagonal and whole of the second derivatives, called as fcn is. None (default): attributes of that
        name of fcn unless its has_grad, has_g2, has_hessian is False; else by automatic differentiation where possible.
        True: insist on one of these. False: do without; for `grad`, finite differences. Functions that JAX can trace
        become the derivatives of fcn; with others the fit runs on the host. Without `grad` the other two do nothing.
    name
        Names of the parameters instead of those found in the signature.
    **kwds
        Start values by name.

    Raises
    ------
    RuntimeError
        Start values missing, too many, mixed or for an unknown parameter.
    TypeError
        `fcn` not callable, or a start value that is not a number.
    ValueError
        grad, g2 or hessian not callable, or insisted on but not to be had.

    Notes
    -----
    Ctrl-C stops a fit on the host. The best point until then is kept as an invalid minimum; KeyboardInterrupt goes on.
    A compiled fit ends first. Other exceptions of the function pass on too and leave everything as before the fit.

    A compiled function keeps what it read when it was traced. Minuit looks before every fit whether the global
    variables, closures and object attributes that the function uses have changed (arrays by content), and traces again
    if so. It cannot see attributes of modules, nor through functions of other modules.

    References
    ----------
    F. James, MINUIT Reference Manual, version 94.1; the iminuit documentation.

    Examples
    --------
    >>> from jaxminuit import Minuit
    >>> m = Minuit(lambda x, y: (x - 1) ** 2 + (x + y) ** 2, x=0.0, y=0.0)
    >>> m.migrad().hesse().valid
    True
    >>> print(f"{m.values['y']:.3f} +- {m.errors['y']:.3f}")
    -1.000 +- 1.414
    """

    LEAST_SQUARES = 1.0
    LIKELIHOOD = 0.5

    __slots__ = ()

    def __init__(
        self,
        fcn: Callable | AbstractFCN,
        *args: Any,
        grad: Callable | bool | None = None,
        g2: Callable | bool | None = None,
        hessian: Callable | bool | None = None,
        name: Collection[str] | None = None,
        **kwds: Any,
    ):
        asked = {"grad": grad, "g2": g2, "hessian": hessian}
        start, derivatives = starts(fcn, args, kwds, name), given(fcn, **asked)
        self._target = Target(fcn, start.names, start.takes_array, grad is not False, **derivatives)
        self._session = Session.start(start.names, start.values, self._target.errordef or self.LEAST_SQUARES)
        self._initial, self._path = None, None
        self._forced = "finite" if grad is False else None
        self._print_level = 0
        check_enforced(fcn, derivatives, lambda: self.gradient_path, **asked)
        for name, pair in zip(start.names, start.limits, strict=True):
            if pair is not None:
                self.limits[name] = pair

    def reset(self) -> "Minuit":
        """Go back to the state before the first fit; settings stay. Returns self."""
        s = self._session
        first = self._initial or s
        settings = {"errordef": s.errordef, "strategy": s.strategy, "tol": s.tol, "precision": s.precision}
        self._session = first.replace(**settings, nfcn=0, ngrad=0, ng2=0, nhessian=0)
        self._target.counts = Counts()
        self._initial = None
        return self

    @property
    def init_params(self) -> Params:
        """The parameter table before the first fit."""
        return Params.of(self._initial or self._session, MErrors())
