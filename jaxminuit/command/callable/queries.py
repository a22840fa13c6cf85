"""The routines that only tell: MNPOUT, MNSTAT, MNEMAT, MNERRS."""

import numpy as np

from jaxminuit.command.callable import readout
from jaxminuit.command.callable.opened import Opened, whole
from jaxminuit.command.report import matrix
from jaxminuit.command.run import matrix_of


class Queries(Opened):
    """What a session tells about parameters, minimisation and errors."""

    def mnpout(self, num: int) -> readout.ParameterOut:
        """``CALL MNPOUT(NUM, CHNAM*, VAL*, ERROR*, BND1*, BND2*, IVARBL*)``: a parameter as it is now.

        Parameters
        ----------
        num : int
            Its number; with a minus sign its place among the variable parameters.

        Returns
        -------
        chnam, val, error, bnd1, bnd2, ivarbl : named tuple
            Name (without trailing blanks), value, error (0 if it is not variable), limits (0 if there are none), and
            its place among the variable parameters: 0 if it is not variable, -1 if it is not defined (and named
            "undefined"). For negative `num` the last is its number.
        """
        return readout.parameter(self.state, whole("num", num))

    def mnstat(self) -> readout.Stat:
        """``CALL MNSTAT(FMIN*, FEDM*, ERRDEF*, NPARI*, NPARX*, ISTAT*)``: how the minimisation stands.

        Returns
        -------
        fmin, fedm, errdef, npari, nparx, istat : named tuple
            Best FCN value (0 if none is known); estimated distance to the minimum (UP if unknown); UP; number of
            variable parameters; highest number of a parameter; error matrix: 0 not calculated, 1 approximate, 2 made
            positive definite, 3 accurate.
        """
        return readout.status(self.state)

    def mnemat(self, ndim: int | None = None) -> np.ndarray:
        """``CALL MNEMAT(EMAT*, NDIM)``: the external error matrix, UP included.

        Parameters
        ----------
        ndim : int, optional
            Rows and columns wanted; by default as many as there are variable parameters.

        Returns
        -------
        emat : (ndim, ndim) array
            Rows and columns are the variable parameters in order; NaN for what the original leaves as it was: beyond
            the variable parameters, and everywhere if there is no error matrix.
        """
        state = self.state
        ndim = len(state.variable) if ndim is None else whole("ndim", ndim)
        if ndim < 0:
            raise ValueError(f"ndim must not be negative, but is {ndim}")
        if state.matrix is not None:
            self._deck.say(*matrix.error_matrix(matrix_of(state), state.width, ndim, state.print_level))
        return readout.error_matrix(state, ndim)

    def mnerrs(self, num: int) -> readout.Errors:
        """``CALL MNERRS(NUM, EPLUS*, EMINUS*, EPARAB*, GLOBCC*)``: the errors of a parameter, as far as they are known.

        Parameters
        ----------
        num : int
            Its number; with a minus sign its place among the variable parameters.

        Returns
        -------
        eplus, eminus, eparab, globcc : named tuple
            Minos errors (the second is negative), parabolic error from the error matrix, global correlation
            coefficient; 0 for each that was not calculated or is no longer valid, as after values were redefined.
        """
        return readout.errors(self.state, whole("num", num))
