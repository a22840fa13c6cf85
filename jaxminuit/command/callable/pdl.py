"""PDL::Minuit: the same Minuit behind the functions of the Perl module."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jaxminuit.command.callable import session
from jaxminuit.command.callable.opened import finite, whole
from jaxminuit.command.functions import takes_five

INPUT, STANDARD, LOG = 5, 6, 88  # unit numbers
TITLE = "Minuit Fit"


class Session:
    """PDL::Minuit with a state of its own; ``mn_init`` comes first.

    Attributes
    ----------
    minuit : jaxminuit.fortran.Session
        The Minuit behind it.
    """

    def __init__(self):
        self.minuit = session.Session()
        self._fcn: Callable | None = None

    def mn_init(self, function: Callable, *, Log: Any = None, Title: str = TITLE, Unit: int | None = None) -> None:  # noqa: N803
        """``mn_init(\\&function, {Log, Title, Unit})``: begin a fit; everything about an earlier one is forgotten.

        Parameters
        ----------
        function : callable
            ``function(npar, grad, fval, xval, iflag) -> (fval, grad)``: number of variable parameters; array for the
            gradient, which is wanted when ``iflag`` is 2; the FCN value of the last call; the (n,) parameters; what to
            do, as in Minuit's manual. It returns the value and the gradient, or ``grad`` and ``fval`` as they came. A
            function of one JAX array will do too, and has its gradient by autodiff.
        Log : str or path, optional
            File for the print-out; what it holds is lost. Standard output by default.
        Title : str, default "Minuit Fit"
            Title of the fit, 50 characters at most.
        Unit : int, optional
            Number of the unit of the print-out, by default 88 with `Log` and 6 without.

        Raises
        ------
        TypeError
            If `function` has another number of arguments than one or five.
        OSError
            If `Log` cannot be written.
        """
        fcn = InOrder(function, lambda: self.minuit.state.highest) if takes_five(function) else function
        unit = (STANDARD if Log is None else LOG) if Unit is None else whole("Unit", Unit)
        if Log is not None:
            self.minuit.open_unit(unit, Log, "w")
        else:
            self.minuit.close_unit(unit)
        self.minuit.mninit(INPUT, unit, unit)
        self.minuit.mnseti(Title)
        self._fcn = fcn

    def mn_def_pars(
        self,
        pars: Any,
        steps: Any,
        *,
        Names: Sequence[str] | None = None,  # noqa: N803
        Lower_bounds: Any = None,  # noqa: N803
        Upper_bounds: Any = None,  # noqa: N803
    ) -> int:
        """``mn_def_pars($pars, $steps, {Names, Lower_bounds, Upper_bounds})``: define the parameters 1 to n.

        Parameters
        ----------
        pars, steps : (n,) array
            Start values, and steps; a step of 0 makes a constant.
        Names : sequence of str, optional
            By default Par_0, Par_1, ...
        Lower_bounds, Upper_bounds : (n,) array, optional
            Limits; a parameter has none where both are 0, which is the default.

        Returns
        -------
        iflag : int
            0, or 1 at the first parameter that cannot be defined.

        Raises
        ------
        ValueError
            If the lengths differ, or a number is not finite.
        """
        pars = _vector("pars", pars)
        names = [f"Par_{i}" for i in range(len(pars))] if Names is None else list(Names)
        if len(names) != len(pars):
            raise ValueError(f"Names has {len(names)} entries, but pars has {len(pars)}")
        columns = [_vector("steps", steps, len(pars))]
        for name, bounds in (("Lower_bounds", Lower_bounds), ("Upper_bounds", Upper_bounds)):
            columns.append(_vector(name, np.zeros(len(pars)) if bounds is None else bounds, len(pars)))
        for number, (name, *numbers) in enumerate(zip(names, pars, *columns, strict=True), 1):
            iflag = self.minuit.mnparm(number, name, *numbers)
            if iflag != 0:
                return iflag
        return 0

    def mn_excm(self, command: str, arglis: Any = None) -> int:
        """``mn_excm($command, {$arglis})``: carry out a command of Minuit.

        Parameters
        ----------
        command : str
            The command without its numbers.
        arglis : array or float, optional
            Its numeric arguments.

        Returns
        -------
        iflag : int
            0 upon success; else as ``mnexcm`` of ``jaxminuit.fortran``.
        """
        return self.minuit.mnexcm(self._function, command, arglis)

    def mn_pout(self, par_number: int) -> tuple[float, float, float, float, int, str]:
        """``mn_pout($par_number)``: a parameter as it is now.

        Parameters
        ----------
        par_number : int
            Its number, from 1.

        Returns
        -------
        val, err, bnd1, bnd2 : float
            Value, error (0 if it is not variable), limits (0 if there are none).
        ivarbl : int
            Its place among the variable parameters, 0 if it is constant, negative if it is not defined.
        par_name : str
            Its name.
        """
        name, val, err, bnd1, bnd2, ivarbl = self.minuit.mnpout(par_number)
        return val, err, bnd1, bnd2, ivarbl, name

    def mn_stat(self):
        """``mn_stat()``: how the minimisation stands.

        Returns
        -------
        fmin, fedm, errdef, npari, nparx, istat : named tuple
            As ``mnstat`` of ``jaxminuit.fortran``.
        """
        return self.minuit.mnstat()

    def mn_emat(self) -> np.ndarray:
        """``mn_emat()``: the external error matrix.

        Returns
        -------
        emat : (npari, npari) array
            Rows and columns are the variable parameters in order; NaN if there is no error matrix.
        """
        return self.minuit.mnemat()

    def mn_err(self, par_number: int) -> tuple[float, float, float, float]:
        """``mn_err($par_number)``: the errors of a parameter.

        Parameters
        ----------
        par_number : int
            Its number, from 1.

        Returns
        -------
        eplus, eminus, eparab, globcc : float
            Positive and negative error, parabolic error, global correlation coefficient. Before MINOS has been at this
            parameter the first two are plus and minus the third.
        """
        eplus, eminus, eparab, globcc = self.minuit.mnerrs(par_number)
        p = self.minuit.state.find(whole("par_number", par_number))
        if p is not None and p.plus is None and p.minus is None:
            eplus, eminus = eparab, -eparab
        return eplus, eminus, eparab, globcc

    def mn_contour(self, par_number_1: int, par_number_2: int, npt: int) -> tuple[np.ndarray, np.ndarray, int]:
        """``mn_contour($par_number_1, $par_number_2, $npt)``: points of a contour at Fmin + UP.

        Parameters
        ----------
        par_number_1, par_number_2 : int
            Numbers of the two parameters.
        npt : int
            How many points are wanted, at least 4.

        Returns
        -------
        xpt, ypt : (nfound,) arrays
            The points.
        nfound : int
            How many were found; 0 if fewer than four, negative if an argument is not valid.
        """
        return self.minuit.mncont(self._function, par_number_1, par_number_2, npt)

    @property
    def _function(self) -> Callable:
        if self._fcn is None:
            raise RuntimeError("PDL::Minuit is not initialised: call mn_init first")
        return self._fcn


class InOrder:
    """A function with the arguments of PDL::Minuit as one with those of Fortran."""

    def __init__(self, function: Callable, size: Callable[[], int]):
        self.function, self.size, self.fval = function, size, 0.0

    def __call__(self, npar, grad, xval, iflag, futil):
        """The value; the gradient that is returned is put into `grad`."""
        n = self.size()
        returned = self.function(npar, grad[:n], self.fval, xval[:n], iflag)
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise TypeError(f"the function must return (fval, grad), not {returned!r}")
        fval, gradient = returned
        if gradient is not None:
            grad[:n] = gradient
        self.fval = float(fval)
        return self.fval


def _vector(name: str, values, size: int | None = None) -> list[float]:
    """Numbers as a list; ValueError if there are not `size` of them, or one is not finite."""
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise TypeError(f"{name} must hold numbers, not {values!r}") from None
    if array.ndim != 1 or size not in (None, len(array)):
        raise ValueError(f"{name} has the shape {array.shape}, but pars has the length {size or array.size}")
    return [finite(**{f"{name}[{i}]": value})[0] for i, value in enumerate(array.tolist())]
